"""After a crash, what was running goes on from the table, and the shop holds one key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.bootstrap import build
from app.commands.people import terminal_visitor
from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from core.database.states import OperationStatus
from tests.app.running import settings
from tests.app.watching import until

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("killed_after", ["Generate the key", "Put the WooCommerce key into the vault"])
async def test_a_killed_setup_is_finished_by_the_next_process(tmp_path: Path, killed_after: str) -> None:
    shop = PracticeShop(latency_seconds=0.2)
    with serve_in_thread(shop) as address:
        configured = settings(tmp_path, int(address.rpartition(":")[2]))
        run_until(killed_after, address, configured.data_dir, configured.key_path, shop.password_of("admin"))

        autopilot = build(configured)
        async with autopilot.running() as services:
            visitor = await terminal_visitor(autopilot)
            (left,) = await services.operations.history(visitor)
            ended = await until(services, visitor, left.id, lambda view: view.status.is_over)
            verified = await services.trail.verify(visitor)

        assert (ended.status, ended.failure) == (OperationStatus.COMPLETED, None)
        assert ended.result is not None
        assert ended.result.product_count == 47
        assert [f"ck_…{key.truncated}" for key in shop.keys] == [ended.result.api_key]
        assert verified.intact


def run_until(words: str, address: str, data: Path, key: Path, password: str) -> None:
    """Begin a setup in a process of its own, and kill it with no warning once it has printed these words."""
    environment = os.environ | {
        "AUTOPILOT_DATA_DIR": str(data),
        "AUTOPILOT_KEY_FILE": str(key),
        "AUTOPILOT_ALLOWED_HOSTS": address.removeprefix("http://"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", "setup", "woocommerce", "--store-url", address]
    command += ["--username", "admin", "--password-stdin", "--grant", "create_api_keys", "--grant", "read_products"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{password}\n")
    process.stdin.close()
    printed = ""
    for line in process.stdout:
        printed += line
        if words in line:
            break
    else:
        raise AssertionError(printed)
    process.kill()
    process.wait(10)
