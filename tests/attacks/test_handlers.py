"""Every handler of every page by who may not press it: found on the page as it was drawn, so that a new one is tried by itself."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from tests.attacks.live_page import QUIET_FOR, Attacker, LivePage
from tests.attacks.pressing import Dashboard, dashboard

# What happens between drawing a page and pressing what is on it, when it leads to the sign-in.
ENDS = {
    "session expired": "UPDATE user_sessions SET expires_at = :now WHERE user_id = :user",
    "session rested too long": "UPDATE user_sessions SET last_seen_at = :now WHERE user_id = :user",
    "session ended": "UPDATE user_sessions SET ended_at = created_at WHERE user_id = :user",
    "disabled": "UPDATE users SET disabled_at = created_at WHERE id = :user",
}
# A shop is forgotten once nothing is under way there: what was tried again by these presses ends first.
FORGOTTEN = "connections"
OVER = """UPDATE autonomous_operations SET status = 'cancelled'
    WHERE customer_id = (SELECT customer_id FROM users WHERE id = :user)"""
LOWERED = "UPDATE users SET role = 'auditor' WHERE id = :user"  # who may look at everything and change nothing
OTHERS = ("nobody", "somebody of another company")
OWNERS = (*ENDS, *OTHERS, "role lowered", "nothing happened")
# What an owner's presses change; a token asks for the password, too, which nobody types here.
OF_EVERYBODY = {"email_choices"}  # each chooses for themselves what they are told, whatever else they may
DONE = OF_EVERYBODY | {"users", "autonomous_consent", "autonomous_credentials", "autonomous_operations"}
SHOPS = "/shops"
REFUSED = "You may not do this"


@pytest.fixture
async def running(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Dashboard]:
    async with dashboard(tmp_path, sqlite_template, OWNERS) as shown:
        yield shown


async def drawn(running: Dashboard, owner: str, *addresses: str) -> list[LivePage]:
    """These pages, or every page, as an owner has it."""
    cookie = running.owners[owner].cookie
    return [await LivePage.drawn(running.web, address, cookie) for address in addresses or running.addresses]


async def pressed(pages: list[LivePage], cookie: str, quiet_for: float = QUIET_FOR) -> list[Attacker]:
    """Everything on these pages is pressed, on all of them at once."""

    async def press(page: LivePage) -> Attacker:
        async with Attacker(page, cookie, quiet_for) as attacker:
            await attacker.press_everything()
        return attacker

    return await asyncio.gather(*(press(page) for page in pages))


def changed(running: Dashboard, before: dict[str, str]) -> set[str]:
    """The tables that are not as they were."""
    return {table for table, digest in running.digests().items() if digest != before[table]}


@pytest.mark.timeout(400)  # seconds: every button of every page, for each who may not press it
async def test_a_handler_does_nothing_for_who_may_not_press_it(running: Dashboard) -> None:
    """One running product for all of it, and at last an owner to whom nothing happened: for them, the same presses do a lot."""
    for happened, statement in ENDS.items():
        # How a session ends is looked at in one place for every page: one end is tried on all of them, each on one.
        tried_on = () if happened == "session ended" else (SHOPS,)
        owner, pages = running.owners[happened], await drawn(running, happened, *tried_on)
        running.change(statement, owner.user)
        before = running.digests()
        tried = await pressed(pages, owner.cookie)
        assert running.digests() == before, happened
        assert all(one.is_let_in and one.presses > 3 and "/sign-in?next=" in one.said_in("open") for one in tried)

    for other in OTHERS:
        pages, before = await drawn(running, other), running.digests()
        tried = await pressed(pages, running.stranger.cookie if other == OTHERS[1] else "")
        assert running.digests() == before, other
        assert not [one.said for one in tried if one.is_let_in or one.said]

    owner, pages = running.owners["role lowered"], await drawn(running, "role lowered")
    running.change(LOWERED, owner.user)
    before = running.digests()
    tried = await pressed(pages, owner.cookie)
    assert changed(running, before) <= OF_EVERYBODY
    assert sum(REFUSED in one.said_in("notify") for one in tried) >= 4

    owner, pages = running.owners["nothing happened"], await drawn(running, "nothing happened")
    before = running.digests()
    await pressed(pages, owner.cookie)
    assert changed(running, before) >= DONE
    running.change(OVER, owner.user)
    for patience in count(1):  # a busy machine may show a question only once nobody waits for it: then wait for longer
        if FORGOTTEN in changed(running, before):
            return
        await pressed(await drawn(running, "nothing happened", SHOPS), owner.cookie, patience * QUIET_FOR)
