"""A shop that asks for something in between: a person answers while the run waits, or the authenticator's key does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

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


async def asking(play: Stage, operation: OperationView, before: UUID | None = None) -> OperationView:
    """The operation, once it asks something else than before or is over."""

    def asks(view: OperationView) -> bool:
        return view.status.is_over or (view.question is not None and view.question.id != before)

    return await until(play.services, play.visitor, operation.id, asks)


async def test_a_person_is_asked_and_the_run_goes_on_where_it_was(tmp_path: Path, said: Said) -> None:
    """For three things one after the other; for the code again, as it was wrong."""
    shop = shop_with(Fault.TWO_FACTOR, Fault.CAPTCHA, Fault.CHOOSE_ACCOUNT)
    async with stage(tmp_path, shop) as play:
        say: list[tuple[QuestionKind, Callable[[], Given]]] = [
            (QuestionKind.CAPTCHA, lambda: Given(typed=Secret(shop.captcha_answer))),
            (QuestionKind.CODE, lambda: Given(typed=Secret("000000"))),
            (QuestionKind.CODE, lambda: Given(typed=code_of(shop, play))),
            (QuestionKind.CHOICE, lambda: Given(chosen=0)),
        ]
        operation, before = await play.begin(), None
        for kind, given in say:
            view = await asking(play, operation, before)
            assert view.question is not None, view.failure
            assert (view.status, view.question.kind) == (OperationStatus.AWAITING_INPUT, kind)
            assert view.question.picture_id
            before = view.question.id
            await play.services.questions.answer(play.visitor, view.id, before, given())
        ended = await play.ended(operation)
        assert ended.result is not None, ended.failure
        assert ended.result.product_count == 47
        assert Rung.PERSON in await who_decided(play, ended)
        assert shop.requests.count("POST /wp-login.php") == 1 + len(say)  # the password was not sent again
        await nothing_secret_is_anywhere(play, said)


async def test_with_the_authenticators_key_nobody_is_asked_and_each_sign_in_takes_another_code(
    tmp_path: Path, said: Said
) -> None:
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
        assert shop.totp_seed not in said()
        assert "totp_seed" not in {one.field for one in await play.services.credentials.list(play.visitor)}


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


async def test_a_run_that_waits_is_stopped_at_once(tmp_path: Path) -> None:
    shop = shop_with(Fault.TWO_FACTOR)
    async with stage(tmp_path, shop) as play:
        operation = await play.begin()
        await asking(play, operation)
        await play.services.operations.cancel(play.visitor, operation.id, because="You stopped it.")
        assert (await play.ended(operation)).status is OperationStatus.CANCELLED
