"""Every line that is logged for a request carries its id, which is also that of the error it is answered with."""

import asyncio
import json
import logging
from typing import Any

import pytest

from app.log_choices import LogFormat
from tests.app.api.calling import API, Caller
from tests.app.logging_as_served import written

log = logging.getLogger("core.operations.service")


async def test_an_error_is_found_by_the_id_it_was_answered_with(
    call: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def breaks(*_: Any) -> None:
        await asyncio.to_thread(log.warning, "in a thread")
        raise RuntimeError("a bug")

    monkeypatch.setattr(type(call.stage.services.operations), "status", breaks)
    operation = await call.initiate()
    with written(LogFormat.JSON):
        answer = await call.client.get(f"{API}/status/{operation}")
        refused = await call.anonymous.get(f"{API}/history")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    request_id = answer.json()["request_id"]
    assert answer.status_code == 500
    assert {"core.operations.service", "app.api.errors"} <= {one["logger"] for one in lines}
    for one in lines:
        assert one["request"] == request_id
        assert one["route"] == f"GET {API}/status/{{operationId}}"
        assert one["customer"] == str(call.stage.visitor.customer_id)
        assert operation not in json.dumps(one)
    assert refused.json()["request_id"] != request_id
