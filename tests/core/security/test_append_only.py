"""A file that only grows has all of what was added, or none of it and a refusal."""

import subprocess
import sys
from pathlib import Path

FULL_DISK = """
import resource, sys
from pathlib import Path
from core.errors import CoreError
from core.security.append_only import AppendOnlyFile

class Full(CoreError):
    "The file is full."

file = AppendOnlyFile(Path(sys.argv[1]), Full)
file.append(["a line that fits"])
resource.setrlimit(resource.RLIMIT_FSIZE, (30, 30))  # bytes: as on a full disk, a part of what comes is taken
try:
    file.append(["another that does not fit", "and one more"])
except Full as refused:
    print(refused)
"""


def test_a_disk_that_takes_a_part_of_a_line_is_a_refusal_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, file], check=True, capture_output=True, text=True, cwd=Path.cwd()
    )
    assert done.stdout == f"The file is full. {file}: File too large.\n"
    assert file.read_text() == "a line that fits\n"
