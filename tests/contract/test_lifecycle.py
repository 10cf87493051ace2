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
from tests.contract.place import THE_QUICKEST, Place
from tests.contract.running import Run

NOT_IT = "certainly-not-this"
TO_ACT_AND_TO_KEEP = 2  # consents: to act, and to keep the sign-in


def revoking(run: Run) -> Integration:
    """The operation that takes the key back."""
    found = run.services.integrations.ending(run.setup.service)
    assert found is not None
    return found


def outputs(run: Run, kind: KeyKind) -> tuple[Parameter, ...]:
    """What the setup reads off the page."""
    return run.services.workflows.get(kind.makes).outputs


@pytest.mark.timeout(240)
async def test_a_key_is_made_proven_made_anew_and_taken_back(
    run: Run, place: Place, kind: KeyKind, capfd: pytest.CaptureFixture[Any]
) -> None:
    await nothing_comes_of_what_does_not_fit(run, place)
    before = await consents_given(run)
    made = await run.done(run.setup)
    assert made.failure is None
    assert await consents_given(run) == before + TO_ACT_AND_TO_KEEP
    assert {step.state for step in made.steps} <= {StepState.DONE, StepState.SKIPPED}
    [name] = place.keys()
    assert f"OmniOps · op {made.id.hex[:8]}" in name
    key = await in_use(run, kind, made)
    assert run.planner.refused == []
    await nothing_secret_is_anywhere(run, kind, key, f"{made}{capfd.readouterr()}")

    await it_is_kept_up(run, place)
    again = await it_is_made_anew(run, place)
    await what_can_not_be_taken_back_is_named(run, place, kind, again)
    before = await consents_given(run)
    ended = await run.done(revoking(run))
    assert ended.failure is None
    assert await consents_given(run) == before + TO_ACT_AND_TO_KEEP
    assert run.planner.refused, "what revokes the key is not among what can't be taken back"
    assert place.keys() == []
    assert await run.services.connections.list(run.visitor) == ()
    assert await run.in_the_vault() == frozenset()
    await everything_is_on_record(run, made, ended)


async def nothing_comes_of_what_does_not_fit(run: Run, place: Place) -> None:
    """It is told as such, and leaves nothing."""
    for wanted, password, code in (
        (run.setup, NOT_IT, "wrong_password"),
        (revoking(run), None, "not_found"),  # nothing was made that could be taken back
    ):
        ended = await run.done(wanted, password=password)
        assert (ended.status, ended.result) == (OperationStatus.FAILED, None)
        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.left_behind) == (code, "")
        assert place.keys() == []
        assert await run.in_the_vault() == frozenset()


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
    assert (await run.services.trail.verify(run.visitor)).intact


async def consents_given(run: Run) -> int:
    """How often this customer has agreed."""
    entries = await run.services.trail.read(run.visitor, limit=5000)
    return [entry.action for entry in entries].count(AuditAction.CONSENT_GRANTED)


async def it_is_kept_up(run: Run, place: Place) -> None:
    """The key is used again: looked whether it still works, and the products brought over; none is made for that."""
    keys = place.keys()
    for one in run.services.integrations.upkeep(run.setup.service):
        await run.agree(one)
        ended = await run.ended(await run.start(one))
        assert ended.failure is None, one.operation
    (connected,) = await run.services.connections.list(run.visitor)
    assert (connected.trouble, place.keys()) == (None, keys)


async def it_is_made_anew(run: Run, place: Place) -> OperationView:
    """A second setup leaves exactly its own key."""
    again = await run.done(run.setup)
    assert again.result is not None
    assert again.result.left_behind == ""
    [name] = place.keys()
    assert again.id.hex[:8] in name
    return again


async def what_can_not_be_taken_back_is_named(run: Run, place: Place, kind: KeyKind, made: OperationView) -> None:
    """The key is where it was, and here as well."""
    keys = place.keys()
    ended = await run.done(revoking(run), password=NOT_IT)
    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.left_behind) == ("wrong_password", kind.what_is_left(made.id))
    assert place.keys() == keys
    assert await run.in_the_vault() == set(kind.parts)


@pytest.mark.parametrize("service", [THE_QUICKEST], indirect=True)
async def test_a_key_is_taken_back_though_it_is_not_kept_here_any_more(run: Run, place: Place) -> None:
    """Its consent is withdrawn, and the key gone from the vault. No integration has a part in how it is found."""
    await run.done(run.setup)
    for given in await run.services.consents.list(run.visitor):
        if given.in_force:
            await run.services.consents.revoke(run.visitor, given.id, because="enough")
    assert await run.in_the_vault() == frozenset()
    assert len(place.keys()) == 1

    ended = await run.done(revoking(run))
    assert ended.failure is None
    assert place.keys() == []
    assert await run.services.connections.list(run.visitor) == ()


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
