"""A shop that asks for something in between: a person answers while the run waits, or the authenticator's key does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.practice_shop.faults import Fault
from app.practice_shop.shop import PracticeShop
from core.agents.keys import PASSWORD, USERNAME
from core.agents.person import QuestionKind
from core.clock import SystemClock
from core.database.states import OperationStatus
from core.integrations.woocommerce.key import KEY
from core.operations.answers import Given
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.planner.planner import Rung
from core.security.audit.audit_log import AuditAction
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret
from tests.app.running import Stage, stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, shop_with
from tests.app.watching import until
from tests.fakes.clock import MovedClock

OPERATION = ("woocommerce", "api_key_generation")


def code_of(shop: PracticeShop, play: Stage) -> Secret:
    """What the authenticator shows now."""
    return OneTimeCodes.of(Secret(shop.totp_seed)).at(play.services.clock.now())


async def who_decided(play: Stage, operation: OperationView) -> set[str]:
    """Who decided on what was about to be done, as the audit tells it."""
    entries = await play.services.trail.read(play.visitor, operation.id, limit=500)
    return {one.detail["decidedBy"] for one in entries if one.action == AuditAction.STEP_INTENDED and one.detail}


async def asking(play: Stage, operation: OperationView) -> OperationView:
    """The operation, once it asks or is over."""
    return await until(play.services, play.visitor, operation.id, lambda one: bool(one.question or one.status.is_over))


async def answered(play: Stage, operation: OperationView, given: Given) -> OperationView:
    """How it ended, after its one question was answered."""
    view = await asking(play, operation)
    assert view.question is not None, view.failure
    assert view.status is OperationStatus.AWAITING_INPUT
    await play.services.questions.answer(play.visitor, view.id, view.question.id, given)
    return await play.ended(operation)


@pytest.mark.parametrize(
    ("fault", "kind", "say"),
    [
        (Fault.TWO_FACTOR, QuestionKind.CODE, lambda shop, play: Given(typed=code_of(shop, play))),
        (Fault.CAPTCHA, QuestionKind.CAPTCHA, lambda shop, play: Given(typed=Secret(shop.captcha_answer))),
        (Fault.CHOOSE_ACCOUNT, QuestionKind.CHOICE, lambda shop, play: Given(chosen=0)),
    ],
    ids=str,
)
async def test_a_person_is_asked_and_the_run_goes_on_where_it_was(
    tmp_path: Path, said: Said, fault: Fault, kind: QuestionKind, say: Callable[[PracticeShop, Stage], Given]
) -> None:
    shop = shop_with(fault)
    async with stage(tmp_path, shop) as play:
        operation = await play.begin()
        view = await asking(play, operation)
        assert view.question is not None
        assert view.question.kind is kind
        assert view.question.picture_id
        ended = await answered(play, operation, say(shop, play))
        assert ended.result is not None, ended.failure
        assert ended.result.product_count == 47
        assert Rung.PERSON in await who_decided(play, ended)
        assert shop.requests.count("POST /wp-login.php") <= 2
        await nothing_secret_is_anywhere(play, said)


async def test_with_the_authenticators_key_nobody_is_asked(tmp_path: Path, said: Said) -> None:
    shop = shop_with(Fault.TWO_FACTOR)
    async with stage(tmp_path, shop) as play:
        ended = await play.ended(await begun_with_seed(play, shop.totp_seed))
        assert ended.result is not None, ended.failure
        assert shop.totp_seed not in said()
        assert await play.services.credentials.list(play.visitor) == () or all(
            one.field != "totp_seed" for one in await play.services.credentials.list(play.visitor)
        )


async def test_a_second_setup_signs_in_twice_and_takes_another_code_each_time(tmp_path: Path) -> None:
    this_minute = SystemClock().now().replace(second=0, microsecond=0)  # what signs requests has the machine's clock
    shop, clock = shop_with(Fault.TWO_FACTOR), MovedClock(this_minute)
    shop.clock = clock
    async with stage(tmp_path, shop, clock=clock) as play:
        began = clock.now()
        first = await asking(play, await begun_with_seed(play, shop.totp_seed))
        assert first.result is not None, (first.failure, first.question)
        assert clock.now() == began
        second = await asking(play, await begun_with_seed(play, shop.totp_seed))
        assert second.result is not None, (second.failure, second.question)
        assert second.result.left_behind == ""
        assert [key.description for key in shop.keys] == [KEY.name(second.id)]
        assert clock.now() == began + timedelta(minutes=1)


async def begun_with_seed(play: Stage, seed: str) -> OperationView:
    """A setup whose sign-in has an authenticator's key."""
    sign_in = {
        USERNAME: Secret("admin"),
        PASSWORD: Secret(play.shop.password_of("admin")),
        "totp_seed": Secret(seed),
    }
    await play.services.credentials.store(play.visitor, OPERATION[0], play.store_url, sign_in)
    await play.services.consents.grant(play.visitor, ConsentRequest(*OPERATION, play.store_url, ()))
    return await play.services.operations.initiate(play.visitor, NewOperation(*OPERATION, play.store_url, ()))


async def test_a_wrong_code_is_asked_for_again(tmp_path: Path) -> None:
    shop = shop_with(Fault.TWO_FACTOR)
    async with stage(tmp_path, shop) as play:
        operation = await play.begin()
        first = await asking(play, operation)
        assert first.question is not None
        await play.services.questions.answer(
            play.visitor, operation.id, first.question.id, Given(typed=Secret("000000"))
        )
        second = await until(
            play.services,
            play.visitor,
            operation.id,
            lambda one: one.status.is_over or (one.question is not None and one.question.id != first.question.id),  # type: ignore[union-attr]  # it was asked
        )
        assert second.question is not None, second.failure
        await play.services.questions.answer(
            play.visitor, operation.id, second.question.id, Given(typed=code_of(shop, play))
        )
        ended = await play.ended(operation)
        assert ended.result is not None, ended.failure


async def test_who_says_no_ends_it_and_nothing_is_left(tmp_path: Path) -> None:
    shop = shop_with(Fault.TWO_FACTOR)
    async with stage(tmp_path, shop) as play:
        operation = await play.begin()
        view = await asking(play, operation)
        assert view.question is not None
        await play.services.questions.decline(play.visitor, operation.id, view.question.id)
        ended = await play.ended(operation)
        assert ended.failure is not None
        assert ended.failure.code == "person_declined"
        assert shop.keys == ()
        assert await play.services.credentials.list(play.visitor) == ()


async def test_a_run_that_waits_is_stopped_at_once(tmp_path: Path) -> None:
    shop = shop_with(Fault.TWO_FACTOR)
    async with stage(tmp_path, shop) as play:
        operation = await play.begin()
        await asking(play, operation)
        await play.services.operations.cancel(play.visitor, operation.id, because="You stopped it.")
        assert (await play.ended(operation)).status is OperationStatus.CANCELLED
