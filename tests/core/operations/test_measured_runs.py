"""What happens to runs is counted, and what is logged of one says which it is."""

import asyncio
import logging
from datetime import timedelta

import pytest

from core.log_context import fields
from core.operations import attempt as attempt_module
from core.operations import lease as leases
from core.operations import worker as worker_module
from tests.core.operations.house import House
from tests.core.operations.runs import begun, worker_of
from tests.fakes.agents import FakeAgents, Held, raising
from tests.fakes.measures import Remembered


async def test_a_run_is_woken_begun_and_ended(home: House) -> None:
    measures = Remembered()
    await home.ask()
    home.clock.move(timedelta(days=1))
    await home.sign_in()
    await home.allow()  # only now it may begin
    home.clock.move(timedelta(seconds=7))
    worker = worker_of(home, FakeAgents(), measures=measures)
    await worker.run_free()
    assert (measures.wake_ups, measures.waits, measures.runs, measures.lost) == (1, [7.0], ["completed"], 0)
    await worker.run_free()
    assert (measures.wake_ups, len(measures.runs)) == (2, 1)


async def test_what_is_begun_again_has_waited_once(cottage: House) -> None:
    asked, measures = await cottage.pending(), Remembered()
    lease = await cottage.claim(asked.id)
    await cottage.run(lambda session: leases.give_back(session, lease))
    worker = worker_of(cottage, FakeAgents(raising(KeyError("a bug"))), measures=measures)
    await worker.run(cottage.visitor.customer_id, asked.id)
    assert (measures.waits, measures.runs) == ([], ["failed"])


@pytest.mark.parametrize("by", ["another worker", "the customer"])
async def test_a_lease_is_lost_to_another_worker_alone(
    cottage: House, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(worker_module, "RENEW_EVERY", timedelta(seconds=0.01))
    deed, measures = Held(), Remembered()
    worker = worker_of(cottage, FakeAgents(deed), measures=measures)
    running, operation_id = await begun(worker, cottage, deed)
    if by == "another worker":
        cottage.clock.move(2 * leases.LEASE)
        monkeypatch.setattr(worker_module, "RENEW_EVERY", timedelta(hours=1))
        await cottage.put(operation_id, fence=99)
    else:
        consent = (await cottage.consents.list(cottage.visitor))[0]
        await cottage.consents.revoke(cottage.visitor, consent.id, because="not any more")
    await asyncio.wait_for(running, 10)
    assert measures.lost == (1 if by == "another worker" else 0)


async def test_every_line_of_a_run_is_about_its_operation(cottage: House, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[dict[str, str]] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(dict(fields()))

    listening = Listening()
    logging.getLogger(attempt_module.__name__).addHandler(listening)
    asked = await cottage.pending()
    await worker_of(cottage, FakeAgents(raising(KeyError("a bug")))).run(cottage.visitor.customer_id, asked.id)
    logging.getLogger(attempt_module.__name__).removeHandler(listening)
    assert [(one["operation"], one["customer"]) for one in heard] == [(str(asked.id), str(cottage.visitor.customer_id))]
    assert heard[0]["worker"]
    assert fields() == {}
