"""The practice shop as the demo's seam has it: every fault is shown, is switched at once, and a reset is as at first."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.bootstrap import build
from app.practice_room import ShopRoom
from app.practice_shop.faults import Fault
from app.practice_shop.shop import PracticeShop
from app.practice_shop.showing import SHOWN, not_with
from core.demo.practice_room import FaultGroup
from core.errors import NotFound
from core.security.one_time_codes import OneTimeCodes
from core.security.secret import Secret
from tests.app.practice_shop.visiting import FORM, ask_for_key, nonce_of_form, sign_in, visited
from tests.app.running import settings
from tests.fakes.clock import MovedClock

ADDRESS = "http://127.0.0.1:8081"


@pytest.fixture
def shop() -> PracticeShop:
    return PracticeShop()


@pytest.fixture
def room(shop: PracticeShop) -> ShopRoom:
    return ShopRoom(shop, ADDRESS)


def on(room: ShopRoom) -> set[str]:
    return {one.name for one in room.faults() if one.is_on}


def test_every_fault_is_shown_once_with_what_it_does_and_what_to_expect(room: ShopRoom) -> None:
    shown = room.faults()
    assert sorted(one.name for one in shown) == sorted(one.value for one in Fault)
    assert {one.group for one in shown} == set(FaultGroup)
    assert all(text.strip() for one in shown for text in (one.title, one.does, one.expected))
    assert len({one.title for one in shown}) == len(Fault) == len(SHOWN)


def test_what_does_not_fit_is_so_both_ways_and_never_itself() -> None:
    for fault in Fault:
        assert fault not in not_with(fault)
        assert all(fault in not_with(other) for other in not_with(fault))


def test_several_are_on_at_once_where_they_fit(room: ShopRoom, shop: PracticeShop) -> None:
    for name in ("slow", "dialog", "renamed_labels", "captcha"):
        room.set_fault(name, True)
    assert on(room) == {"slow", "dialog", "renamed_labels", "captcha"}
    room.set_fault("german", True)
    assert on(room) == {"slow", "dialog", "german", "captcha"}
    room.set_fault("slow", False)
    assert shop.faults == {Fault.DIALOG, Fault.GERMAN, Fault.CAPTCHA}
    with pytest.raises(NotFound):
        room.set_fault("no such fault", True)


async def test_a_fault_holds_from_the_next_answer_on(room: ShopRoom, shop: PracticeShop) -> None:
    async with visited(shop) as visitor:
        await sign_in(visitor, shop)
        assert "Generate API key" in (await visitor.get(FORM)).text
        room.set_fault("renamed_labels", True)
        assert "Create credentials" in (await visitor.get(FORM)).text
        room.set_fault("renamed_labels", False)
        assert "Generate API key" in (await visitor.get(FORM)).text


async def test_what_happens_once_happens_once_in_each_run(room: ShopRoom, shop: PracticeShop) -> None:
    room.set_fault("expired_nonce", True)
    async with visited(shop) as visitor:
        await sign_in(visitor, shop)
        assert (await ask_for_key(visitor, await nonce_of_form(visitor))).status_code == 403
        room.set_fault("slow", False)  # another switch does not make it happen again in the same run
        assert (await ask_for_key(visitor, await nonce_of_form(visitor))).json()["success"]
        room.begin_anew()
        assert (await ask_for_key(visitor, await nonce_of_form(visitor))).status_code == 403


async def test_a_reset_is_as_at_first(room: ShopRoom, shop: PracticeShop) -> None:
    async with visited(shop) as visitor:
        await sign_in(visitor, shop)
        assert (await ask_for_key(visitor, await nonce_of_form(visitor))).json()["success"]
        room.set_fault("two_factor", True)
        room.pace.change(2.0)
        room.reset()
        assert (shop.keys, shop.faults, on(room), room.pace.seconds) == ((), set(), set(), 0.0)
        assert (await visitor.get(FORM)).status_code == 302  # to the sign-in
        await sign_in(visitor, shop)
        assert (await ask_for_key(visitor, await nonce_of_form(visitor))).json()["success"]
        assert [key.id for key in shop.keys] == [1]


def test_the_code_is_the_one_that_the_shop_takes(room: ShopRoom, shop: PracticeShop, clock: MovedClock) -> None:
    shop.clock = clock
    codes = OneTimeCodes.of(Secret(shop.totp_seed))
    assert room.one_time_code() == codes.at(clock.now()).reveal()
    clock.move(timedelta(seconds=codes.period))
    assert room.one_time_code() == codes.at(clock.now()).reveal()


def test_only_a_demo_has_a_room_and_a_pace(tmp_path: Path, room: ShopRoom) -> None:
    product = build(settings(tmp_path / "product", 8081))
    shown = build(settings(tmp_path / "demo", 8081), demo=room)
    assert product.services.demo is None
    assert shown.services.demo is not None
    assert shown.services.demo.setup.store_url == ADDRESS
    paces = [one.worker._attempts._agents.pace for one in (product, shown)]  # type: ignore[attr-defined]  # the real factory
    assert (paces[0].seconds, paces[1] is room.pace, paces[0] is room.pace) == (0.0, True, False)
