"""The commands as people run them: where it is the process that matters, in one of its own, and otherwise in this one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli import main
from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from tests.pages.served import AS_PEOPLE_DO, ROOT, environment, is_alive, processes_below

COMMAND = [sys.executable, *AS_PEOPLE_DO]


def of_its_own(folder: Path) -> dict[str, str]:
    """A data folder and a key of its own."""
    return {"AUTOPILOT_DATA_DIR": str(folder / "data"), "AUTOPILOT_KEY_FILE": str(folder / "key" / "k")}


def run_alone(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """One command, in a process of its own."""
    environment = os.environ | of_its_own(folder)
    return subprocess.run([*COMMAND, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def run(folder: Path, *words: str, given: str = "", **more: str) -> Result:
    """One command, in this process: what a process imports costs more than what most commands do."""
    done = CliRunner().invoke(main, words, input=given, env=of_its_own(folder) | more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_a_demo_of_a_fault_says_why_and_fails(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--once", "--fault", "wrong_password")
    assert done.exit_code == 1
    assert "The shop refused the password" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["error"] == "wrong_password"


def test_a_demo_that_was_interrupted_in_the_middle_leaves_no_process_and_begins_anew(tmp_path: Path) -> None:
    """And one that may end by itself ends with the object of the contract."""
    command = [*COMMAND, "demo", "--latency-ms", "300"]
    settings = environment() | of_its_own(tmp_path)
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as interrupted:
        assert interrupted.stdout is not None
        assert any("Sign in as" in line for line in interrupted.stdout)
        group = processes_below(interrupted.pid)
        assert group
        interrupted.send_signal(signal.SIGINT)
        assert interrupted.wait(30) == 0
    assert [pid for pid in group if is_alive(pid)] == []

    done = run_alone(tmp_path, "demo", "--once")
    assert done.returncode == 0, done.stderr
    assert "Done! 47 products synced. Try: Show me your best sellers" in done.stdout
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told) == {"status", "operationId", "productCount", "seconds", "steps"}
    assert (told["status"], told["productCount"]) == ("completed", 47)


def test_setup_asks_shows_and_tells(tmp_path: Path) -> None:
    shop = PracticeShop()
    with serve_in_thread(shop) as address:
        hosts = {"AUTOPILOT_ALLOWED_HOSTS": address.removeprefix("http://")}
        words = ("setup", "woocommerce", "--store-url", address, "--username", "admin", "--password-stdin")
        password = shop.password_of("admin")

        refused = run(tmp_path, *words, given=f"{password}\nn\n", **hosts)
        assert refused.exit_code == 1
        assert "Create one WooCommerce API key that can read" in refused.stdout
        assert "Nothing was done." in refused.stdout
        assert shop.keys == ()

        grants = ("--grant", "create_api_keys", "--grant", "read_products", "--json")
        done = run(tmp_path, *words, *grants, given=f"{password}\n", **hosts)
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["productCount"] == 47
        assert password not in done.stdout + done.stderr


def test_setup_refuses_what_is_no_shop(tmp_path: Path) -> None:
    words = ("setup", "woocommerce", "--store-url", "http://127.0.0.1:1", "--username", "admin", "--password-stdin")
    done = run(tmp_path, *words, "--grant", "create_api_keys", "--grant", "read_products", given="x\n")
    assert done.exit_code == 1
    assert len(done.stderr.strip()) > 20


def test_what_the_owner_approves_is_led_to_the_dashboard_before_a_password_is_asked_for(tmp_path: Path) -> None:
    words = ("setup", "woocommerce", "--store-url", "https://tea.example", "--username", "admin")
    done = run(tmp_path, *words, "--operation", "api_key_authorization")
    assert (done.exit_code, done.stdout) == (1, "")
    assert " ".join(done.stderr.split()) == (
        "The shop's owner approves this in their own browser, and comes back to the dashboard. "
        "Run `autopilot serve`, and begin it there under “Set up”."
    )


def test_people_and_tokens_are_added_and_told_once(tmp_path: Path) -> None:
    added = run(tmp_path, "users", "add", "me@x.example", "--customer", "X")
    assert added.exit_code == 0, added.stderr
    assert "shown once" in added.stdout
    again = run(tmp_path, "users", "add", "me@x.example", "--customer", "X")
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    token = run(tmp_path, "tokens", "add", "me@x.example")
    assert token.stdout.startswith("omni_live_")
    nobody = run(tmp_path, "tokens", "add", "nobody@x.example")
    assert (nobody.exit_code, "autopilot users add" in nobody.stderr) == (1, True)


def test_doctor_names_what_is_missing_and_what_mends_it(tmp_path: Path) -> None:
    well = run(tmp_path, "doctor")
    assert well.exit_code == 0, well.stdout
    assert "Chromium" in well.stdout
    ill = run(tmp_path, "doctor", AUTOPILOT_CHROMIUM="/nowhere", CONSENT_VERSION="9.9")
    assert ill.exit_code == 1
    assert "mend it with" in ill.stdout


def test_workflows_are_listed_and_shown(tmp_path: Path) -> None:
    listed = run(tmp_path, "workflows", "list")
    assert "should-revoke-the-woocommerce-api-key" in listed.stdout
    shown = run(tmp_path, "workflows", "show", "should-revoke-the-woocommerce-api-key")
    assert "Sign in as" in shown.stdout
    assert run(tmp_path, "workflows", "show", "nothing").exit_code == 1
