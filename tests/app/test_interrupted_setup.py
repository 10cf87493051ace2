"""A setup in the terminal that is interrupted leaves nothing there; one that is killed goes on when it is asked for again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop

ROOT = Path(__file__).parents[2]
GRANTS = ("--grant", "create_api_keys", "--grant", "read_products")
LONGEST = 60  # seconds
# What a shell starts in the background does not hear Ctrl-C; as in front of somebody, it does.
IN_FRONT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from app.cli import main; main()"


def begun(folder: Path, address: str, password: str) -> "subprocess.Popen[str]":
    """`autopilot setup`, in a process of its own."""
    environment = os.environ | {
        "AUTOPILOT_DATA_DIR": str(folder / "data"),
        "AUTOPILOT_KEY_FILE": str(folder / "key"),
        "AUTOPILOT_ALLOWED_HOSTS": address.removeprefix("http://"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-c", IN_FRONT, "setup", "woocommerce", "--json", *GRANTS]
    process = subprocess.Popen(
        [*command, "--store-url", address, "--username", "admin", "--password-stdin"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(f"{password}\n")
    process.stdin.flush()
    return process


def sent_after(words: str, process: "subprocess.Popen[str]", what: signal.Signals) -> tuple[int, str, str]:
    """Send a signal once it has said this; exit code, and what it printed from then on."""
    assert process.stderr is not None
    assert any(words in line for line in process.stderr)
    process.send_signal(what)
    told, said = process.communicate(timeout=LONGEST)
    return process.returncode, told, said


def test_what_was_killed_goes_on_and_what_is_interrupted_leaves_no_key_and_both_can_be_asked_for_again(
    tmp_path: Path,
) -> None:
    shop = PracticeShop(latency_seconds=0.5)  # a step is told once its picture is ready, which may be a while after it
    with serve_in_thread(shop) as address:
        password = shop.password_of("admin")
        code, told, _ = sent_after("Enter the password", begun(tmp_path, address, password), signal.SIGKILL)
        assert (code, told) == (-signal.SIGKILL, "")

        again = begun(tmp_path, address, password)
        assert again.stderr is not None
        assert any("It was begun before, and goes on." in line for line in again.stderr)
        code, told, _ = sent_after("Enter the user name", again, signal.SIGINT)
        assert (code, json.loads(told)["status"]) == (1, "cancelled")
        assert shop.keys == ()

        told, said = begun(tmp_path, address, password).communicate(timeout=LONGEST)
        assert "It was begun before" not in said
        assert json.loads(told)["status"] == "completed", said
        assert len(shop.keys) == 1
