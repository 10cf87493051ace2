"""A shop that was just looked at is not looked at once more by what begins on the same page; all else is."""

import asyncio
from dataclasses import replace

import pytest

from core.agents.integration import Seen
from core.errors import Unavailable
from core.operations import seen_shops
from core.security.origin import Origin
from tests.core.operations.house import OTHER_SHOP, SHOP, House, visitor
from tests.fakes.integration import SERVICE


async def test_what_begins_right_after_a_look_does_not_look_again(cottage: House) -> None:
    await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    await cottage.ask()
    assert [str(origin) for origin in cottage.probe.asked] == [SHOP]


async def test_another_shop_or_another_customer_looks_for_itself(cottage: House) -> None:
    await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    await cottage.ask(OTHER_SHOP)
    stranger = replace(cottage, visitor=await visitor(cottage.database, cottage.clock))
    await stranger.ask()
    assert [str(origin) for origin in cottage.probe.asked] == [SHOP, OTHER_SHOP, SHOP]


async def test_a_look_holds_for_a_moment(cottage: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_shops, "SEEN_FOR", 0.0)
    await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    await cottage.ask()
    assert len(cottage.probe.asked) == 2


async def test_a_shop_that_was_not_there_is_looked_at_again(cottage: House) -> None:
    cottage.probe.refusal = Unavailable(because="There is no WooCommerce.")
    with pytest.raises(Unavailable):
        await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    cottage.probe.refusal = None
    await cottage.ask()
    assert len(cottage.probe.asked) == 2


async def test_the_version_that_is_told_is_kept_with_what_begins_and_with_its_next_try(cottage: House) -> None:
    first = await cottage.ask()
    assert (await cottage.row(first.id)).service_version == "Shop 1.0"
    await cottage.operations.cancel(cottage.visitor, first.id, because="not today")
    again = await cottage.retries.retry(cottage.visitor, first.id)
    assert (await cottage.row(again.id)).service_version == "Shop 1.0"


async def test_a_version_that_somebody_has_just_asked_for_is_not_asked_for_again(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    await cottage.operations.versions(cottage.visitor, SERVICE, origin)
    monkeypatch.setattr(cottage.probe, "versions", None)
    assert (await cottage.row((await cottage.ask()).id)).service_version == "Shop 1.0"


async def test_a_version_that_was_told_is_not_asked_for_again_because_the_shop_was_looked_at_again(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    await cottage.operations.versions(cottage.visitor, SERVICE, origin)
    await cottage.operations.check_shop(cottage.visitor, SERVICE, SHOP)
    monkeypatch.setattr(cottage.probe, "versions", None)
    assert (await cottage.row((await cottage.ask()).id)).service_version == "Shop 1.0"


async def test_nothing_is_asked_any_more_of_a_shop_that_is_not_there_and_the_reason_is_told_plainly(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks, ended = asyncio.Event(), asyncio.Event()

    async def slowly(origin: Origin) -> tuple[Seen, ...]:
        try:
            asks.set()
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ()

    async def not_there(origin: Origin) -> None:
        await asks.wait()
        raise Unavailable(because="There is no WooCommerce.")

    monkeypatch.setattr(cottage.probe, "versions", slowly)
    monkeypatch.setattr(type(cottage.probe), "__call__", lambda _, origin: not_there(origin))
    with pytest.raises(Unavailable, match=r"There is no WooCommerce\."):
        await cottage.ask()
    assert ended.is_set()


async def test_a_version_that_is_told_too_slowly_is_done_without(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(origin: Origin) -> tuple[Seen, ...]:
        await asyncio.Event().wait()
        return (Seen("Shop", "1.0"),)

    monkeypatch.setattr(seen_shops, "TOLD_WITHIN", 0.05)
    monkeypatch.setattr(cottage.probe, "versions", never)
    assert (await cottage.row((await cottage.ask()).id)).service_version is None
