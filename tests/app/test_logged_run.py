"""A real run in a real browser, logged for programs: every line parses, and those of the run name it."""

import json
import logging
from pathlib import Path

import pytest

from app.log_choices import LogFormat
from core.database.states import OperationStatus
from core.integrations.woocommerce.agent import WooCommerceSetupAgent
from tests.app.logging_as_served import written
from tests.app.running import stage
from tests.app.secret_scan import nothing_secret_is_anywhere, shop_with


async def test_the_lines_of_a_run_carry_its_operation_and_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    async def breaks(*_: object) -> None:
        logging.getLogger("core.agents.agent").info("the last step")
        raise RuntimeError("the page says sk-ant-api03-abcdefgh")

    def told() -> str:
        said.append(capsys.readouterr().err)
        return "".join(said)

    monkeypatch.setattr(WooCommerceSetupAgent, "finish", breaks)
    async with stage(tmp_path, shop_with()) as play:
        with written(LogFormat.JSON):
            ended = await play.ended(await play.begin())
        lines = [json.loads(line) for line in told().splitlines()]
        assert ended.status is OperationStatus.FAILED
        of_the_run = [one for one in lines if one["logger"].startswith(("core.operations", "core.agents"))]
        assert {one["operation"] for one in of_the_run} == {str(ended.id)}
        assert {one["customer"] for one in of_the_run} == {str(play.visitor.customer_id)}
        assert any("RuntimeError: the page says •••" in one.get("exception", "") for one in of_the_run)
        await nothing_secret_is_anywhere(play, told)
