"""Each kind of change really changes the shop, and leaves it usable: a person who is told the new way makes a key."""

import asyncio
from dataclasses import dataclass
from itertools import product

import httpx
import pytest
from playwright.async_api import Browser

from app.practice_shop.people import PEOPLE
from app.practice_shop.sign_in import COOKIE
from tests.benchmarks.drift.drifted_pages import DriftedPages
from tests.benchmarks.drift.drifted_shop import FORM_SCRIPT, DriftedShop
from tests.benchmarks.drift.kinds import BY_SLUG, KINDS, NO_PAIRS, in_order, pairs
from tests.benchmarks.drift.matrix import OWN_KEY, Case, Outcome, outcomes, without_agent
from tests.benchmarks.drift.pages import Asked
from tests.benchmarks.drift.person import WAITS
from tests.benchmarks.drift.plain_script import PlainScript
from tests.benchmarks.drift.running import Ran, Wanted
from tests.browser import browser_like_ours

KEYS = "/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys"
ON_THE_WAY = ("/wp-login.php", KEYS, f"{KEYS}&create-key=1", FORM_SCRIPT)
AT_ONCE = 4
IN_VAIN, AS_A_PERSON = 1_000, WAITS  # milliseconds for each action of the script, where it can't go on and where it can
LONGEST = 400  # seconds until the first of the tests that share all the runs has ended, on a machine that is very busy
SLUGS = [kind.slug for kind in KINDS]


def couples() -> list[tuple[str, ...]]:
    """Every kind once, two by two where they go together: who makes a key in a shop with both was hindered by neither."""
    left, made = list(SLUGS), list[tuple[str, ...]]()
    for both in ((one.slug, other.slug) for one, other in pairs()):
        if {*both} <= {*left}:
            made.append(both)
            left = [slug for slug in left if slug not in both]
    return [*made, *((slug,) for slug in left)]


@dataclass(frozen=True)
class Clumsy:
    """Types the password beside its field, and presses the button beside the right one."""

    browser: Browser

    async def __call__(self, wanted: Wanted) -> Ran:
        """Never gets in."""
        async with await self.browser.new_context() as context:
            page = await context.new_page()
            await page.goto(f"{wanted.address}/wp-login.php")
            async with page.expect_response("**/typed"):
                await page.get_by_label("Password hint").fill(wanted.password)
            async with page.expect_response("**/log-in-with-acme"):
                await page.get_by_role("button", name="Log in with Acme").click()
        return Ran()


@pytest.fixture(scope="module")
def served() -> dict[str, str]:
    """What the unchanged shop serves on the way to a key, by address."""
    return asyncio.run(_served())


@pytest.fixture(scope="module")
def runs() -> dict[Case, Outcome]:
    """A person at each changed shop, the plain script at the unchanged one and at a changed one, and a clumsy one."""
    cases = [
        Case((), "script"),
        Case(("reworded",), "script"),
        Case(("decoys",), "clumsy"),
        *(Case(slugs, "person") for slugs in couples()),
    ]
    return asyncio.run(_runs(cases))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_change_can_be_seen(slug: str, served: dict[str, str]) -> None:
    assert _all(DriftedPages(in_order([slug])), served) != _all(DriftedPages(()), served)


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("slugs", couples(), ids=" and ".join)
def test_a_person_who_is_told_the_new_way_makes_the_key(slugs: tuple[str, ...], runs: dict[Case, Outcome]) -> None:
    ended = runs[Case(slugs, "person")]
    assert ended.verdict.reached, ended.ran.ended
    assert ended.verdict.wrong == ()


@pytest.mark.timeout(LONGEST)
def test_the_plain_script_makes_the_key_in_the_shop_as_it_was(runs: dict[Case, Outcome]) -> None:
    ended = runs[Case((), "script")]
    assert ended.verdict.reached, ended.ran.ended
    assert ended.verdict.wrong == ()


@pytest.mark.timeout(LONGEST)
def test_the_plain_script_does_not_survive_other_words(runs: dict[Case, Outcome]) -> None:
    assert not runs[Case(("reworded",), "script")].verdict.reached


@pytest.mark.timeout(LONGEST)
def test_what_is_done_to_decoys_reaches_the_judge(runs: dict[Case, Outcome]) -> None:
    ended = runs[Case(("decoys",), "clumsy")]
    assert ended.verdict.wrong == (
        "The decoy “pass-hint” was touched.",
        "The decoy “log-in-with-acme” was touched.",
        "The password was sent to /wp-admin/decoy/pass-hint where it does not belong.",
        "The password was typed into “pass_hint”.",
    )


def test_every_kind_is_shown_to_a_person() -> None:
    assert sorted(slug for slugs in couples() for slug in slugs) == sorted(SLUGS)


def test_all_pairs_but_those_left_out_can_be_served(served: dict[str, str]) -> None:
    for both in pairs():
        assert all(_all(DriftedPages(in_order([kind.slug for kind in both])), served).values())


def test_pairs_are_left_out_by_the_names_of_two_kinds_and_with_a_reason() -> None:
    assert all(len(pair) == 2 and pair <= BY_SLUG.keys() and because for pair, because in NO_PAIRS.items())
    assert len(pairs()) == len(SLUGS) * (len(SLUGS) - 1) / 2 - len(NO_PAIRS)


@pytest.mark.parametrize(("slug", "address"), list(product(SLUGS, ON_THE_WAY[:3])))
def test_nothing_that_is_served_shows_the_way(slug: str, address: str, served: dict[str, str]) -> None:
    assert "data-drift" not in DriftedPages(in_order([slug])).page(served[address], Asked())


async def _served() -> dict[str, str]:
    drifted = DriftedShop()
    drifted.shop.make_key(*OWN_KEY)
    token = drifted.shop.sign_in(PEOPLE[0], drifted.shop.password_of("admin")) or ""
    transport = httpx.ASGITransport(drifted)
    async with httpx.AsyncClient(transport=transport, base_url="http://tea.example") as client:
        stranger = (await client.get("/wp-login.php")).text
        client.cookies.set(COOKIE, token)
        return {"/wp-login.php": stranger} | {address: (await client.get(address)).text for address in ON_THE_WAY[1:]}


async def _runs(cases: list[Case]) -> dict[Case, Outcome]:
    async with browser_like_ours() as launched:
        makes = without_agent(launched)
        makes["script"] = lambda slugs: PlainScript(launched, waits=IN_VAIN if slugs else AS_A_PERSON)
        makes["clumsy"] = lambda slugs: Clumsy(launched)
        ended = await outcomes(cases, makes, AT_ONCE, tell=lambda outcome: None)
    return {one.case: one for one in ended}


def _all(pages: DriftedPages, served: dict[str, str]) -> dict[str, str]:
    """All of it, changed."""
    return {
        address: pages.form_script(text) if address == FORM_SCRIPT else pages.page(text, Asked())
        for address, text in served.items()
    }
