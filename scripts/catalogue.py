"""Gathers the texts of the screens into one catalogue, the same on every machine: sorted by file, without dates and lines."""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "data" / "texts" / "messages.pot"
TOLD_BY = {"t": None, "tn": (1, 2), "later": None}  # of pages/texts.py, with the places of singular and plural
# Gettext's tools take a text for ASCII where no character set is named.
HEADER = """\
# Texts of OmniOps Autopilot's screens, written by scripts/texts.
msgid ""
msgstr ""
"Project-Id-Version: OmniOps Autopilot\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def gathered() -> str:
    """The catalogue as it has to be now."""
    catalogue = Catalog()
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for line, text, comments, _ in extract_from_file("python", path, keywords=TOLD_BY):
            catalogue.add(text, None, [(path.relative_to(ROOT).as_posix(), line)], auto_comments=comments)
    told = BytesIO()
    write_po(told, catalogue, width=120, omit_header=True, sort_by_file=True, include_lineno=False)
    return HEADER + told.getvalue().decode().strip() + "\n"


def main(*asked: str) -> int:
    """Write it, or say whether it is current."""
    now = gathered()
    is_current = CATALOGUE.exists() and CATALOGUE.read_text("utf-8") == now
    if "--check" not in asked:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_text(now, "utf-8")
        return 0
    sys.stdout.write("The catalogue is current.\n" if is_current else "It is not current: run scripts/texts.\n")
    return 0 if is_current else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
