"""What is withdrawn while a real run goes on holds at once: the permission to ask the model, and the account itself."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from app.practice_shop.faults import Fault
from core.browser.redaction import forms_of
from core.operations.consents import ConsentRequest
from core.operations.views import OperationView
from core.operations.worker import OperationWorker
from core.security.audit.audit_log import AuditAction
from core.security.consent.agreement import BY_PROGRAM, Purpose
from core.security.people.proof import Proof
from core.security.people.visitor import Scope
from core.security.secret import Secret
from tests.app.running import PERMITTED, SOON, Stage, stage
from tests.app.secret_scan import places_holding, shop_with
from tests.app.watching import LONGEST, until
from tests.core.privacy.forgetting import rows_of
from tests.fakes.messages_api import Saying, message, messages_api, text

PROMISED = 1.0  # seconds after which nothing of a run arrives any more
CHAIN = {"audit_checkpoints", "audit_chain_heads", "autonomous_operations_audit"}
UNFIT = message(text("I would look under Advanced."))  # no command: the model is asked once more, if it may be


async def begun(play: Stage, *apart: str) -> OperationView:
    """A setup that gets lost in a shop whose menu has moved, and would ask the model."""
    if apart:
        request = ConsentRequest("woocommerce", "api_key_generation", play.store_url, apart)
        await play.services.consents.agree(play.visitor, request, BY_PROGRAM)
    return await play.begin()


async def asked_or_over(play: Stage, operation: OperationView) -> OperationView:
    """The operation, once it asks a person or is over."""
    return await until(play.services, play.visitor, operation.id, lambda one: bool(one.question or one.status.is_over))


async def ends_with_a_person(play: Stage, operation: OperationView) -> None:
    """Without the model the run goes on: it asks a person, and a no of theirs ends it in a clear sentence."""
    view = await asked_or_over(play, operation)
    assert view.question is not None, view.failure
    assert view.question.words.startswith("I can't tell where to do this: Open the advanced settings.")
    await play.services.questions.decline(play.visitor, operation.id, view.question.id)
    ended = await play.ended(operation)
    assert ended.failure is not None
    assert (ended.failure.code, play.shop.keys) == ("person_declined", ())


async def told_that_nobody_asked(play: Stage) -> int:
    entries = await play.services.trail.read(play.visitor, limit=500)
    return sum(one.action == AuditAction.MODEL_NOT_ASKED for one in entries)


def once(released: asyncio.Event, then: Saying) -> Saying:
    """Think until it is released, and say this then."""

    async def say(writer: asyncio.StreamWriter) -> None:
        await released.wait()
        await then(writer)

    return say


async def test_a_permission_withdrawn_while_the_model_thinks_is_the_last_that_it_was_asked(tmp_path: Path) -> None:
    async with (
        messages_api() as api,
        stage(tmp_path, shop_with(Fault.MOVED_MENU), model_url=api.url, patience=SOON) as play,
    ):
        answers = asyncio.Event()
        api.says(once(answers, UNFIT), UNFIT)
        operation = await begun(play, Purpose.ASK_MODEL.value)
        await api.asked(within=LONGEST)
        given = await play.services.consents.list(play.visitor)
        (permission,) = (one for one in given if one.purpose is Purpose.ASK_MODEL and one.in_force)
        await play.services.consents.revoke(play.visitor, permission.id, because="enough")
        answers.set()
        await ends_with_a_person(play, operation)
        assert len(api.requests) == 1
        assert await told_that_nobody_asked(play) == 1


async def test_where_the_model_was_refused_from_the_beginning_nothing_reaches_it(tmp_path: Path) -> None:
    async with (
        messages_api() as api,
        stage(tmp_path, shop_with(Fault.MOVED_MENU), model_url=api.url, patience=SOON) as play,
    ):
        await ends_with_a_person(play, await begun(play))
        assert api.requests == []
        assert await told_that_nobody_asked(play) == 1


@pytest.fixture
def handed_back(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once no worker has anything in its hands any more."""
    told, at_work = asyncio.Event(), list[object]()
    run = OperationWorker.run

    async def noted(worker: OperationWorker, customer_id: UUID, operation_id: UUID) -> bool:
        at_work.append(operation_id)
        try:
            return await run(worker, customer_id, operation_id)
        finally:
            at_work.pop()
            if not at_work:
                told.set()

    monkeypatch.setattr(OperationWorker, "run", noted)
    return told


async def test_deleting_the_account_stops_its_run_within_a_second_and_leaves_nothing(
    tmp_path: Path, handed_back: asyncio.Event
) -> None:
    async with stage(tmp_path, shop_with(Fault.SLOW)) as play:
        operation = await play.begin(permissions=PERMITTED)
        await play.at_step(operation, "Sign in")
        owner = replace(play.visitor, scopes=frozenset({Scope.PRIVACY}))
        asked = await play.services.privacy.ask_to_delete(owner, Proof(Secret("")))
        certificate = await play.services.privacy.delete(owner, asked.confirmation)
        async with asyncio.timeout(PROMISED):
            await handed_back.wait()
        arrived = len(play.shop.requests)
        database, customer_id = play.services.database, play.visitor.customer_id
        assert rows_of(database, customer_id).keys() == CHAIN
        assert certificate.deletion.rows["autonomous_operations"] == 1
        pictures = play.autopilot.settings.data_dir / "pictures" / customer_id.hex
        assert not await asyncio.to_thread(pictures.exists)
        assert places_holding(tmp_path, forms_of(play.shop.password_of("admin"))) == []
        assert (await play.services.trail.verify(play.visitor)).intact
        assert len(play.shop.requests) == arrived
