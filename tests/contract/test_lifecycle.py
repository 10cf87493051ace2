"""What every integration keeps: one key, proven and no secret anywhere; taken back, none; and none after a failure."""

from typing import Any

import pytest

from core.agents.integration import Integration
from core.agents.keys import KeyKind
from core.browser.redaction import forms_of
from core.database.states import OperationStatus, StepState
from core.operations.views import OperationView
from core.security.audit.audit_log import AuditAction
from core.security.secret import Secret
from core.workflows.step import ActionKind, Parameter
from tests.app.secret_scan import places_holding
from tests.contract.place import Place
from tests.contract.running import Run


def revoking(run: Run) -> Integration:
    """The operation that takes the key back."""
    found = run.services.integrations.ending(run.setup.service)
    assert found is not None
    return found


def outputs(run: Run, kind: KeyKind) -> tuple[Parameter, ...]:
    """What the setup reads off the page."""
    return run.services.workflows.get(kind.makes).outputs


async def test_a_key_is_made_proven_and_taken_back(
    run: Run, place: Place, kind: KeyKind, capfd: pytest.CaptureFixture[Any]
) -> None:
    made = await run.done(run.setup)
    assert made.failure is None
    assert {step.state for step in made.steps} <= {StepState.DONE, StepState.SKIPPED}
    [name] = place.keys()
    assert f"OmniOps · op {made.id.hex[:8]}" in name
    key = await in_use(run, kind, made)
    assert run.planner.refused == []
    await nothing_secret_is_anywhere(run, kind, key, f"{made}{capfd.readouterr()}")

    ended = await run.done(revoking(run))
    assert ended.failure is None
    assert run.planner.refused, "what revokes the key is not among what can't be taken back"
    assert place.keys() == []
    assert await run.services.connections.list(run.visitor) == ()
    assert await run.in_the_vault() == frozenset()
    await everything_is_on_record(run, made, ended)


async def in_use(run: Run, kind: KeyKind, made: OperationView) -> dict[str, Secret]:
    """The key in the vault, which is just the one that the result and the connection tell of."""
    assert await run.in_the_vault() == set(kind.parts)
    key = {part: Secret(await run.unsealed(part)) for part in kind.parts}
    assert kind.fits(key)
    assert made.result is not None
    assert made.result.api_key == kind.masked(key)
    assert made.result.said.endswith(".")
    assert made.result.key_can
    assert [one.key_hint for one in await run.services.connections.list(run.visitor)] == [kind.hint(key)]
    return key


async def nothing_secret_is_anywhere(run: Run, kind: KeyKind, key: dict[str, Secret], said: str) -> None:
    """Neither password nor key, in no form, in no file, not in the audit and nothing that was said or printed."""
    secrets = [key[one.name].reveal() for one in outputs(run, kind) if one.secret]
    assert secrets
    told = f"{said}{await run.services.trail.read(run.visitor, limit=500)}"
    for secret in (run.place.password, *secrets):
        forms = forms_of(secret)
        assert places_holding(run.folder, forms) == []
        assert [form for form in forms if form in told] == []


async def everything_is_on_record(run: Run, made: OperationView, ended: OperationView) -> None:
    """From consent to the end, in an unbroken chain."""
    began = [AuditAction.OPERATION_ASKED, AuditAction.OPERATION_STARTED]
    brought = [AuditAction.PRODUCTS_SYNCED] if made.result and made.result.product_count else []
    assert await run.recorded(made) == [*began, *brought, AuditAction.CONNECTION_SAVED, AuditAction.OPERATION_COMPLETED]
    assert await run.recorded(ended) == [*began, AuditAction.CONNECTION_FORGOTTEN, AuditAction.OPERATION_COMPLETED]
    entries = await run.services.trail.read(run.visitor, limit=500)
    granted = [entry.action for entry in entries].count(AuditAction.CONSENT_GRANTED)
    assert granted == 4  # to act and to keep the sign-in, for each
    assert (await run.services.trail.verify(run.visitor)).intact


async def test_a_second_setup_leaves_exactly_its_own_key_and_what_can_not_be_taken_back_is_named(
    run: Run, place: Place, kind: KeyKind
) -> None:
    await run.done(run.setup)
    again = await run.done(run.setup)
    assert again.result is not None
    assert again.result.left_behind == ""
    [name] = place.keys()
    assert again.id.hex[:8] in name

    ended = await run.done(revoking(run), password="certainly-not-this")
    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.left_behind) == ("wrong_password", kind.what_is_left(again.id))
    assert place.keys() == [name]
    assert await run.in_the_vault() == set(kind.parts)
    await taken_back_though_it_is_not_kept_here_any_more(run, place)


async def taken_back_though_it_is_not_kept_here_any_more(run: Run, place: Place) -> None:
    """Its consent is withdrawn, and the key gone from the vault."""
    for given in await run.services.consents.list(run.visitor):
        if given.in_force:
            await run.services.consents.revoke(run.visitor, given.id, because="enough")
    assert await run.in_the_vault() == frozenset()
    assert len(place.keys()) == 1

    ended = await run.done(revoking(run))
    assert ended.failure is None
    assert place.keys() == []
    assert await run.services.connections.list(run.visitor) == ()


async def test_what_can_not_be_done_is_told_as_such_and_leaves_nothing(run: Run, place: Place) -> None:
    for wanted, password, code in (
        (run.setup, "certainly-not-this", "wrong_password"),
        (revoking(run), None, "not_found"),  # nothing was made that could be taken back
    ):
        ended = await run.done(wanted, password=password)
        assert (ended.status, ended.result) == (OperationStatus.FAILED, None)
        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.left_behind) == (code, "")
        assert place.keys() == []
        assert await run.in_the_vault() == frozenset()


async def test_what_is_stopped_once_the_key_is_made_leaves_none(run: Run, place: Place, kind: KeyKind) -> None:
    workflow = run.services.workflows.get(kind.makes)
    reads = next(step.intent for step in workflow.steps if step.action is ActionKind.CAPTURE)
    begun = await run.begin(run.setup)
    await run.at_step(begun, reads)
    await run.services.operations.cancel(run.visitor, begun.id, because="enough")
    ended = await run.ended(begun)
    assert ended.status is OperationStatus.CANCELLED
    assert ended.failure is not None
    assert ended.failure.left_behind == ""
    assert place.keys() == []
