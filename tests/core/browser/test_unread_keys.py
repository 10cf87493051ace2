"""A key that nobody has read yet is covered wherever it stands, and what is drawn beside it; what only looks alike is not."""

import pytest

from core.browser.page import Box
from core.browser.sessions import BrowserRun
from core.browser.unread_keys import may_hold_a_key
from tests.core.browser.shown import show
from tests.core.browser.test_pictures import STYLE, covers, flat, taken
from tests.fakes.web import Web

KEYS = [
    "ck_0123456789abcdef0123456789abcdef01234567",
    "Your key: cs_0123456789abcdef0123456789abcdef01234567, shown once",
    "abcd EFGH ijkl MNOP qrst uvwx",
    "6f2a 11bc 9d3e 77aa 0b1c 2d3e",
    "k3y" * 21,
]
NO_KEYS = [
    "organic-green-tea-2023-edition",
    "T-Shirt-with-Logo-2024",
    "Consumer key ending in …1a2b3c4",
    "OmniOps · op 1a2b3c4d",
    "a-rather-long-name-of-somebody@tea-and-coffee.example2",
    "https://shop.example/wp-admin/admin.php?page=wc-settings&tab=advanced",
    "earl-grey-2024-edition-scaled-1280x800.jpg",
    "Darjeeling First Flush 2024, 100 g, loose leaf tea in a tin",
    "this also went fine last week",
    "2026-12-01T10:00:00+00:00",
    "internationalization-and-localization",
    "4006381333931 4006381333948",
]


@pytest.mark.parametrize("text", KEYS)
def test_a_key_is_known_by_its_look(text: str) -> None:
    assert may_hold_a_key(text)


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_shops_show_is_no_key(text: str) -> None:
    assert not may_hold_a_key(text)


@pytest.mark.timeout(20)  # seconds; what grew with the square of the text took minutes
@pytest.mark.parametrize(
    "piece", ["abcd ", "abcd abcd abcd abcd abcde ", "a-", "1a", "aaaa Aaaa", f"{'a' * 25}/", "x" * 19 + " "]
)
def test_a_page_of_any_text_is_looked_through_at_once(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert may_hold_a_key(text) == (piece == "1a")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("key", [KEYS[0], KEYS[2]])
async def test_a_key_in_a_field_of_any_name_and_the_code_beside_it_are_covered(
    run: BrowserRun, web: Web, key: str
) -> None:
    page = (
        f"{STYLE}<input id=a value='{key}'><p id=b>Tea in a tin</p><canvas id=c style='height:80px'></canvas>"
        "<canvas style='position:absolute;left:700px;top:300px;width:16px;height:16px'></canvas>"
    )
    await show(run.page, web, page)
    picture = await taken(run)
    hidden, seen, drawn, icon = (
        Box(100, 100, 400, 40),
        Box(100, 200, 400, 40),
        Box(100, 300, 400, 80),
        Box(700, 300, 16, 16),
    )
    for box in (hidden, drawn):
        assert covers(picture, box)
        assert flat(picture, box)
    assert not covers(picture, seen)
    assert not covers(picture, icon)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_that_the_page_itself_hides_covers_nothing(run: BrowserRun, web: Web) -> None:
    token = f"<input type=hidden value={KEYS[0]}><p style='display:none'>{KEYS[0]}</p>"
    await show(run.page, web, f"{STYLE}{token}<canvas id=c style='height:80px'></canvas>")
    assert (await taken(run)).covered == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_drawn_where_no_key_is_stays_to_be_seen(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, f"{STYLE}<p id=a>Earl Grey</p><canvas id=b></canvas>")
    assert (await taken(run)).covered == ()
