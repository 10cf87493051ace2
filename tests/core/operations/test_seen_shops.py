"""A shop that was just looked at is not looked at once more by what begins on the same page; all else is."""

from dataclasses import replace

import pytest

from core.errors import Unavailable
from core.operations import seen_shops
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
