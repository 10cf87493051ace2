"""Consents from the terminal: listed, shown by a receipt that verifies, and withdrawn while nothing else is running."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.bootstrap import build
from app.cli import main
from app.commands.people import terminal_visitor
from app.settings import Settings
from core.operations.consents import ConsentRequest
from core.security.secret import Secret

RUN = CliRunner()
SHOP = "https://tea.example"


@pytest.fixture
def consent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A consent of this terminal's customer; its id."""
    for name, value in {"DATA_DIR": "data", "KEY_FILE": "key/master.key"}.items():
        monkeypatch.setenv(f"AUTOPILOT_{name}", str(tmp_path / value))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    async def agree() -> str:
        autopilot = build(Settings.read())
        await autopilot.open()
        who, services = await terminal_visitor(autopilot), autopilot.services
        secrets = {"admin_username": Secret("admin"), "admin_password": Secret("a shop's password")}
        await services.credentials.store(who, "woocommerce", SHOP, secrets)
        request = ConsentRequest("woocommerce", "api_key_generation", SHOP)
        return str((await services.consents.grant(who, request)).id)

    return asyncio.run(agree())


def test_a_receipt_is_printed_and_verifies_until_it_is_changed(consent: str, tmp_path: Path) -> None:
    printed = RUN.invoke(main, ["consents", "receipt", consent])
    assert printed.exit_code == 0, printed.output
    file = tmp_path / "receipt.json"
    file.write_text(printed.stdout, "utf-8")
    verified = RUN.invoke(main, ["consents", "verify", str(file)])
    assert (verified.exit_code, "It was signed here" in verified.output) == (0, True)
    changed = json.loads(printed.stdout)
    changed["receipt"]["permissions"].append("update_products")
    file.write_text(json.dumps(changed), "utf-8")
    refused = RUN.invoke(main, ["consents", "verify", str(file)])
    assert (refused.exit_code, "not as it was signed" in refused.output) == (1, True)


def test_it_is_withdrawn_without_a_reason_and_a_shop(consent: str) -> None:
    withdrawn = RUN.invoke(main, ["consents", "revoke", consent])
    assert withdrawn.exit_code == 0, withdrawn.output
    assert "withdrawn" in withdrawn.output
    listed = RUN.invoke(main, ["consents", "list"]).output
    assert [line.split()[-1] for line in listed.splitlines()] == ["withdrawn", "expired"]  # the sign-in went with it
