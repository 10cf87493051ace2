"""How a run ends is written once, by who has it, and the shop's sign-in goes with it."""

from functools import partial

import pytest

from core.agents.agent import AgentResult
from core.database.states import OperationStatus
from core.operations.ending import Ending
from core.operations.lease import LeaseLost
from core.operations.views import view_of
from core.security.audit.audit_log import AuditAction
from core.security.consent.agreement import Purpose
from core.security.secret import Secret
from tests.core.operations.house import OTHER_SHOP, House
from tests.fakes.agents import RESULT

ENDINGS = (
    (Ending.of(RESULT), AuditAction.OPERATION_COMPLETED),
    (Ending.failed("wrong_password", "The shop refused it."), AuditAction.OPERATION_FAILED),
    (Ending.stopped("not today"), AuditAction.OPERATION_CANCELLED),
)
each_ending = pytest.mark.parametrize(("ending", "action"), ENDINGS, ids=[ending.status for ending, _ in ENDINGS])


@each_ending
async def test_an_ending_is_written_recorded_and_forgets_the_sign_in(
    home: House, ending: Ending, action: AuditAction
) -> None:
    lease = await home.claimed()
    await home.sign_in(OTHER_SHOP)
    await home.run(partial(home.endings.write, lease, ending))
    row = await home.row(lease.operation_id)
    assert (row.status, row.finished_at) == (ending.status, home.clock.now())
    assert (row.lease_owner, row.lease_until) == (None, None)
    assert await home.signed_in_at() == {OTHER_SHOP}
    deleted = [AuditAction.SECRET_DELETED, AuditAction.SECRET_DELETED, AuditAction.CONSENT_EXPIRED]
    assert (await home.actions())[-4:] == [*deleted, action]
    assert (await home.given(Purpose.STORE_SIGN_IN)).store_url == OTHER_SHOP


@each_ending
async def test_who_lost_the_operation_ends_nothing(home: House, ending: Ending, action: AuditAction) -> None:
    lost = await home.claimed()
    held = await home.take_over(lost)
    before = await home.actions()
    with pytest.raises(LeaseLost):
        await home.run(partial(home.endings.write, lost, ending))
    row = await home.row(lost.operation_id)
    assert (row.status, row.fence, row.failure_code) == (OperationStatus.IN_PROGRESS, held.fence, None)
    assert await home.actions() == before
    assert len(await home.credentials.list(home.visitor)) == 2


async def test_a_result_is_told_with_its_key_masked(cottage: House) -> None:
    lease = await cottage.claimed()
    await cottage.run(partial(cottage.endings.write, lease, Ending.of(RESULT)))
    view = view_of(await cottage.row(lease.operation_id))
    assert view.failure is None
    assert view.result is not None
    assert (view.result.success, view.result.api_key, view.result.product_count) == (True, RESULT.api_key, 47)


async def test_a_failure_says_why_and_what_is_left(cottage: House) -> None:
    lease = await cottage.claimed()
    ending = Ending.failed("shop_error", "The shop met an error.").leaving("A key may still be there.")
    await cottage.run(partial(cottage.endings.write, lease, ending))
    view = view_of(await cottage.row(lease.operation_id))
    assert view.result is None
    assert view.failure is not None
    assert (view.failure.code, view.failure.left_behind) == ("shop_error", "A key may still be there.")
    detail = (await cottage.entries())[-1].detail
    assert detail == {"code": "shop_error", "leftBehind": "A key may still be there."}


async def test_the_key_that_was_made_stays_in_the_vault(cottage: House) -> None:
    lease = await cottage.claimed()
    secrets = cottage.secrets_of(lease)
    await cottage.run(partial(secrets.keep, field="consumer_key", secret=Secret("ck_1")))
    await cottage.run(partial(cottage.endings.write, lease, Ending.of(RESULT)))
    assert await secrets.stored() == {"consumer_key"}


async def test_a_sign_in_that_is_gone_already_is_no_hindrance(cottage: House) -> None:
    await cottage.allow()
    lease = await cottage.claim((await cottage.ask()).id)
    await cottage.run(partial(cottage.endings.write, lease, Ending.stopped("not today")))
    assert (await cottage.row(lease.operation_id)).status == OperationStatus.CANCELLED


def test_only_a_result_is_a_completion() -> None:
    assert Ending.of(AgentResult("", "")).completed
    assert not Ending.failed("internal", "").completed
    assert not Ending.stopped("").completed
    assert Ending.stopped("").leaving("a key").left_behind == "a key"
