"""Whatever pretix's API answers, there are products and rights, or a sentence."""

import pytest

from core.integrations.calling import ShopApiRefused
from core.integrations.pretix.api import ORGANIZERS, Event, Organizer, PretixApi, said_in_any
from core.integrations.pretix.catalog import TicketCatalog, events_of
from core.integrations.pretix.rights import CHANGES_PRODUCTS
from tests.core.integrations.pretix.conftest import TASTING, TEA_HOUSE, listed, says
from tests.fakes.web import Answer, Web

HERE = Organizer("Tea House", "teahouse")
EVENT = Event("Tasting", TASTING, None)
NO_LIST = "It answered with something other than a list."


async def test_the_token_is_in_the_header_and_nowhere_in_an_address(web: Web, api: PretixApi) -> None:
    assert await api.organizer() == HERE
    assert web.requests == [f"GET {ORGANIZERS} HTTP/1.1"]


@pytest.mark.parametrize("slugs", [[], ["one", "other"], [""], [None]])
async def test_a_token_of_no_or_several_organizers_is_not_understood(
    web: Web, api: PretixApi, slugs: list[str | None]
) -> None:
    says(web, ORGANIZERS, listed(*({"name": "Tea", "slug": slug} for slug in slugs)))
    with pytest.raises(ShopApiRefused, match="A token is of one organizer"):
        await api.organizer()


@pytest.mark.parametrize(
    ("said", "status", "because"),
    [
        ({"detail": "Token <b>inactive</b> or deleted."}, 401, "It said 401: Token inactive or deleted."),
        ({"detail": 5}, 429, "It said 429: 5"),
        ([], 500, "It said 500: no reason"),
        ([], 200, NO_LIST),
        ({}, 200, NO_LIST),
        ({"results": [], "count": "many", "next": None}, 200, NO_LIST),
        ("<html>", 200, NO_LIST),
    ],
)
async def test_what_is_no_list_is_told_in_a_sentence(
    web: Web, api: PretixApi, said: object, status: int, because: str
) -> None:
    says(web, ORGANIZERS, said, status)
    with pytest.raises(ShopApiRefused) as refused:
        await api.organizer()
    assert refused.value.because == because


@pytest.mark.parametrize(("status", "is_refused"), [(200, False), (401, True)])
async def test_a_token_is_refused_if_pretix_does_not_know_it(
    web: Web, api: PretixApi, status: int, is_refused: bool
) -> None:
    says(web, ORGANIZERS, {}, status)
    assert await api.is_refused() is is_refused


@pytest.mark.parametrize("status", [302, 403, 404, 429, 500])
async def test_what_says_neither_is_no_refusal(web: Web, api: PretixApi, status: int) -> None:
    says(web, ORGANIZERS, {"detail": "Not now."}, status)
    with pytest.raises(ShopApiRefused, match=f"It said {status}: Not now"):
        await api.is_refused()


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        (Answer('{"detail": "You do not have permission."}', 403), False),
        (Answer('{"detail": "No Item matches the given query."}', 404), True),
        (Answer('{"detail": "Method not allowed."}', 405), True),
        (Answer('{"name": ["This field is required."]}', 400), True),
        (Answer("{}", 200), True),
        (Answer('<html><link href="/static/pretixbase/img/favicon.ico">', 404), False),
    ],
)
async def test_a_right_is_seen_by_how_pretix_answers(web: Web, api: PretixApi, answer: Answer, has: bool) -> None:
    web.pages[f"{TASTING}/items/0/"] = answer
    assert await api.has(CHANGES_PRODUCTS, HERE, EVENT) is has
    assert web.requests == [f"PUT {TASTING}/items/0/ HTTP/1.1"]
    assert web.bodies == [""]


@pytest.mark.parametrize("status", [201, 302, 401, 429, 500])
async def test_an_answer_that_shows_no_right_and_no_lack_of_it_is_none(web: Web, api: PretixApi, status: int) -> None:
    says(web, f"{TASTING}/items/0/", {"detail": "Something else."}, status)
    with pytest.raises(ShopApiRefused, match=f"may change products: It said {status}: Something else"):
        await api.has(CHANGES_PRODUCTS, HERE, EVENT)


@pytest.mark.parametrize("status", [200, 403, 404])
async def test_what_stands_in_front_of_it_shows_no_right(web: Web, api: PretixApi, status: int) -> None:
    web.pages[f"{TASTING}/items/0/"] = Answer("<html>Are you human?</html>", status)
    with pytest.raises(ShopApiRefused, match=f"It said {status}: no reason"):
        await api.has(CHANGES_PRODUCTS, HERE, EVENT)


async def test_products_of_all_events_are_one_catalog(web: Web, api: PretixApi) -> None:
    events = [{"name": "Tasting", "slug": "tasting"}, {"name": None, "slug": "a b/c"}, {"name": "Nowhere"}]
    says(web, f"{TEA_HOUSE}/events/", listed(*events))
    says(web, f"{TASTING}/items/", listed(*({"id": number, "default_price": "1.00"} for number in range(1, 4))))
    says(web, f"{TEA_HOUSE}/events/a%20b%2Fc/items/", listed({"id": 9, "name": {"en": "", "de": "Platz"}}))
    found = await events_of(api, HERE)
    assert [event.name for event in found] == ["Tasting", "a b/c"]
    catalog = TicketCatalog(api, found)
    first, second, third = [await catalog.page(number, 3) for number in (1, 2, 3)]
    assert [product.name for product in first.products] == [f"Tasting: Product {number}" for number in (1, 2, 3)]
    assert [product.name for product in second.products] == ["a b/c: Platz"]
    assert (first.total, second.total, third.products) == (4, 4, ())
    assert sum(TASTING in line for line in web.requests) == 1


async def test_how_many_there_are_is_what_pretix_says_and_not_what_it_gave(web: Web, api: PretixApi) -> None:
    says(web, f"{TASTING}/items/", listed({"id": 1}, count=7))
    assert (await TicketCatalog(api, (EVENT,)).page(1, 100)).total == 7


async def test_a_list_that_never_ends_is_left_in_the_end(
    web: Web, api: PretixApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.integrations.pretix.catalog.MOST_PAGES", 3)
    says(web, f"{TASTING}/items/", listed({"id": 1}, goes_on=True))
    says(web, f"{TEA_HOUSE}/events/", listed({"slug": "tasting"}, goes_on=True))
    assert len(await events_of(api, HERE)) == 3
    assert len((await TicketCatalog(api, (EVENT,)).page(1, 100)).products) == 3


async def test_what_an_item_leaves_out_is_left_out(web: Web, api: PretixApi) -> None:
    full = {
        "id": 5,
        "name": {"de": "Sitz", "en": "Seat &amp; <b>cup</b>"},
        "admission": True,
        "active": True,
        "default_price": "24.50",
        "description": {"en": "<p>By the window</p>"},
        "picture": "/media/seat.png",
    }
    says(web, f"{TASTING}/items/", listed(full, {"id": 6, "name": ["x"], "default_price": "much", "picture": {}}))
    (seat, other), _ = await api.products(Event("Tasting", TASTING, f"{web.origin}/t/"), 1)
    assert (seat.name, seat.kind, seat.stock_status) == ("Tasting: Seat & cup", "ticket", "instock")
    assert (seat.price_hundredths, seat.description, seat.categories) == (2450, "By the window", ("Tasting",))
    assert (seat.image_url, seat.page_url) == (f"{web.origin}/media/seat.png", f"{web.origin}/t/")
    assert (other.name, other.kind, other.stock_status) == ("Tasting: Product 6", "product", "outofstock")
    assert (other.price_hundredths, other.image_url) == (None, None)


@pytest.mark.parametrize("number", [None, 0, -3, "x", 2**70, {}])
async def test_an_item_without_a_number_is_no_product(web: Web, api: PretixApi, number: object) -> None:
    says(web, f"{TASTING}/items/", listed({"id": number}))
    with pytest.raises(ShopApiRefused, match="list of products"):
        await api.products(EVENT, 1)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"de": "Tee"}, "Tee"),
        ({"de": "Tee", "en": "Tea"}, "Tea"),
        ({}, ""),
        ({"en": None}, ""),
        ("Tea", "Tea"),
        (None, ""),
    ],
)
def test_a_text_in_several_languages_is_one(said: object, text: str) -> None:
    assert said_in_any(said) == text
