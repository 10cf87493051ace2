"""A setup from consent to products, in a real browser, on a real database, with everything that can go wrong in a shop."""

from pathlib import Path

import pytest

from app.practice_shop.faults import Fault
from app.practice_shop.shop import PracticeShop
from core.database.states import OperationStatus, StepState
from core.errors import CoreError
from core.integrations.woocommerce.key import KEY
from core.operations.consents import ConsentRequest
from core.operations.service import AlreadyRunning, NewOperation
from core.operations.views import OperationView
from core.security.secret import Secret
from tests.app.api.calling import desk
from tests.app.running import PERMITTED, SOON, Stage, stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, secrets_shown, shop_with
from tests.app.stored_setup import StoredSetup
from tests.app.watching import until
from tests.fakes.clock import MovedClock

AT_ONCE = 15  # seconds; what is not recognised as a no is waited for longer


@pytest.mark.parametrize(
    "faults",
    [
        (Fault.DIALOG, Fault.SLOW, Fault.EXPIRED_NONCE),
        (Fault.GERMAN, Fault.INTERSTITIAL, Fault.OLD_VERSION),
        (Fault.RENAMED_LABELS,),
    ],
    ids=str,
)
async def test_it_ends_with_47_products_and_one_key(tmp_path: Path, said: Said, faults: tuple[Fault, ...]) -> None:
    async with stage(tmp_path, shop_with(*faults), patience=SOON) as play:
        ended = await play.ended(await play.begin())

        assert ended.failure is None
        assert ended.result is not None
        assert ended.result.product_count == 47
        assert [(key.permission, key.login) for key in play.shop.keys] == [("read", "admin")]
        assert ended.result.api_key == f"ck_…{play.shop.keys[0].truncated}"
        assert secrets_shown(play.shop)
        answer = await play.services.catalog.search(play.visitor, "Show me your best sellers")
        assert [product.name for product in answer.products[:2]] == ["Earl Grey", "Cast Iron Teapot"]
        assert (await play.services.trail.verify(play.visitor)).intact
        await nothing_secret_is_anywhere(play, said)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.WRONG_PASSWORD, "wrong_password"),
        (Fault.ERROR_500, "shop_error"),
        (Fault.KEY_LIMIT, "key_limit"),
    ],
)
async def test_it_fails_with_a_reason_and_leaves_no_key(tmp_path: Path, said: Said, fault: Fault, code: str) -> None:
    async with stage(tmp_path, shop_with(fault)) as play:
        ended = await play.ended(await play.begin())

        assert (ended.status, ended.result) == (OperationStatus.FAILED, None)
        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.left_behind) == (code, "")
        assert ended.failure.sentence.endswith((".", "!"))
        failed = [step for step in ended.steps if step.state is StepState.FAILED]
        assert len(failed) == 1
        assert failed[0].seen
        assert failed[0].picture_id
        assert play.shop.keys == ()
        assert (ended.retried_by is not None) is (fault is Fault.ERROR_500)  # which may pass; the sign-in stays for it
        if ended.retried_by:
            await play.services.operations.cancel(play.visitor, ended.retried_by, because="Not today.")
        assert await play.services.credentials.list(play.visitor) == ()
        if fault is not Fault.ERROR_500:  # only a person can mend it
            again = await play.services.retries.retry(play.visitor, ended.id)
            assert again.status is OperationStatus.AWAITING_CONSENT
        await nothing_secret_is_anywhere(play, said)


async def test_what_nobody_finds_is_asked_for_and_a_no_ends_it_with_the_reason(tmp_path: Path, said: Said) -> None:
    async with stage(tmp_path, shop_with(Fault.MOVED_MENU), patience=SOON) as play:
        operation = await play.begin()
        asking = await until(play.services, play.visitor, operation.id, lambda view: view.question is not None)
        assert asking.status is OperationStatus.AWAITING_INPUT
        assert asking.question is not None
        assert asking.question.words.startswith("I can't tell where to do this: Open the advanced settings.")
        assert asking.question.picture_id
        await play.services.questions.decline(play.visitor, operation.id, asking.question.id)

        ended = await play.ended(operation)
        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.left_behind, play.shop.keys) == ("person_declined", "", ())
        assert await play.services.credentials.list(play.visitor) == ()
        await nothing_secret_is_anywhere(play, said)


async def test_an_earlier_key_is_found_behind_many_others(tmp_path: Path, connected: StoredSetup) -> None:
    async with connected.gone_on_from(tmp_path, Fault.GERMAN) as play:
        others = [play.shop.make_key(f"Till {number}", "admin", "read").record for number in range(25)]
        second = await play.ended(await play.begin())
        assert second.result is not None
        assert second.result.left_behind == ""
        assert [key.description for key in play.shop.keys] == [
            *(one.description for one in others),
            KEY.name(second.id),
        ]
        (connection,) = await play.services.catalog.connections(play.visitor)
        assert connection.key_hint == play.shop.keys[-1].truncated


async def test_every_step_is_recorded_before_and_after(tmp_path: Path, connected: StoredSetup) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        ended = connected.ended
        entries = await play.services.trail.read(play.visitor, ended.id, limit=500)
        told = {
            (entry.action, entry.detail["step"]): entry for entry in entries if entry.detail and "step" in entry.detail
        }
        for step in ended.steps:
            if step.state is StepState.DONE:
                intended, concluded = (told[action, step.position] for action in ("step_intended", "step_concluded"))
                assert intended.seq < concluded.seq
                assert concluded.detail is not None
                assert concluded.detail["decidedBy"] in {"recorded", "alternative", "code"}
                assert (concluded.detail["pictureSha256"] is None) == (step.action == "code")


async def test_a_second_one_for_the_same_shop_is_refused_while_one_runs(tmp_path: Path) -> None:
    async with stage(tmp_path) as play, play.held_at("Sign in as") as running:
        assert running.status is OperationStatus.IN_PROGRESS
        with pytest.raises(AlreadyRunning):
            await play.begin()
        await play.services.operations.cancel(play.visitor, running.id, because="It was refused.")


async def test_it_waits_for_consent_and_goes_when_it_is_given(tmp_path: Path) -> None:
    async with stage(tmp_path) as play:
        wanted = NewOperation("woocommerce", "api_key_generation", play.store_url)
        asked = await play.services.operations.initiate(play.visitor, wanted)
        assert asked.status is OperationStatus.AWAITING_CONSENT
        assert await play.services.operations.missing(play.visitor, asked.id) == set(PERMITTED)
        assert play.shop.requests.count("GET /wp-login.php") == 0

        await play.services.consents.grant(
            play.visitor, ConsentRequest(wanted.service, wanted.operation, play.store_url)
        )
        ended = await play.ended(asked)
        assert ended.failure is not None
        assert ended.failure.code == "credentials_missing"


@pytest.mark.parametrize(
    ("login", "code", "shops"),
    [
        ("reader", "no_rights", [(), (Fault.GERMAN,), (Fault.OWN_ACCOUNT, Fault.GERMAN)]),
        ("nobody", "wrong_password", [(), (Fault.GERMAN,)]),
    ],
    ids=["reader", "nobody"],
)
async def test_who_may_not_make_keys_is_told_so(
    tmp_path: Path, login: str, code: str, shops: list[tuple[Fault, ...]]
) -> None:
    async with stage(tmp_path, shop_with()) as play:
        for faults in shops:
            play.shop.switch(faults)
            ended = await play.ended(await begun_by(login, play))
            assert ended.failure is not None
            assert (ended.failure.code, ended.failure.left_behind) == (code, ""), faults
            assert ended.seconds is not None
            assert ended.seconds < AT_ONCE


async def begun_by(login: str, play: Stage) -> OperationView:
    """A setup with the sign-in of somebody who is no admin."""
    sign_in = {"admin_username": Secret(login), "admin_password": Secret(play.shop.password_of("reader"))}
    request = ConsentRequest("woocommerce", "api_key_generation", play.store_url)
    await play.services.credentials.store(play.visitor, "woocommerce", play.store_url, sign_in)
    await play.services.consents.grant(play.visitor, request)
    wanted = NewOperation(request.service, request.operation, play.store_url)
    return await play.services.operations.initiate(play.visitor, wanted)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "bad_address"),
        ("ftp://shop.example", "bad_address"),
        ("https://admin:secret@shop.example", "bad_address"),
        ("https://10.0.0.1", "address_refused"),
        ("https://169.254.169.254", "address_refused"),
        ("http://127.0.0.1:1", "address_refused"),
        ("https://localhost", "address_refused"),
    ],
)
async def test_an_address_that_is_no_shop_is_refused_with_a_reason(
    tmp_path: Path, sqlite_template: Path, clock: MovedClock, address: str, code: str
) -> None:
    async with desk(tmp_path, sqlite_template, clock) as call:
        with pytest.raises(CoreError) as refused:
            await call.stage.services.operations.check_shop(call.stage.visitor, "woocommerce", address)
        assert refused.value.code == code
        assert len(refused.value.sentence) > 20


@pytest.mark.parametrize(
    ("shop", "code"),
    [
        (PracticeShop(wordpress=False), "not_wordpress"),
        (PracticeShop(woocommerce=False), "woocommerce_missing"),
    ],
    ids=["not WordPress", "no WooCommerce"],
)
async def test_a_site_without_the_service_is_told_apart(
    tmp_path: Path, sqlite_template: Path, clock: MovedClock, shop: PracticeShop, code: str
) -> None:
    async with desk(tmp_path, sqlite_template, clock, shop) as call:
        play = call.stage
        with pytest.raises(CoreError) as refused:
            await play.services.operations.check_shop(play.visitor, "woocommerce", play.store_url)
        assert refused.value.code == code
