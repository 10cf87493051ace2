"""Who signs in, how often it may be tried, and how long it lasts."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from core.database.session import Database
from core.errors import BadInput
from core.security.people.passwords import WeakPassword
from core.security.people.people import EmailTaken, People, WrongSignIn
from core.security.people.sessions import IDLE, LONGEST, Sessions
from core.security.people.throttle import TooManyTries
from core.security.people.tokens import Tokens
from core.security.people.visitor import Visitor
from tests.fakes.clock import MovedClock

ROOT = Path(__file__).parents[4]
PASSWORD = "a long enough one"


@pytest.fixture
def people(sqlite_database: Database, clock: MovedClock) -> People:
    return People(sqlite_database, clock)


@pytest.fixture
async def owner(people: People) -> Visitor:
    return await people.add_user(await people.add_customer("Tea Shop"), "Owner@Tea.example", PASSWORD)


async def test_the_right_password_says_who_it_is(people: People, owner: Visitor) -> None:
    assert await people.check_password(" owner@tea.EXAMPLE ", PASSWORD) == owner


@pytest.mark.parametrize(
    ("email", "password"), [("owner@tea.example", "wrong"), ("nobody@tea.example", PASSWORD), ("", "")]
)
async def test_anything_else_gets_the_same_answer(people: People, owner: Visitor, email: str, password: str) -> None:
    with pytest.raises(WrongSignIn) as refused:
        await people.check_password(email, password)
    assert refused.value.sentence == "E-mail or password is not right. Try again."


async def test_guessing_gets_slow_and_stays_possible(people: People, owner: Visitor, clock: MovedClock) -> None:
    for _ in range(5):
        with pytest.raises(WrongSignIn):
            await people.check_password(owner.email, "wrong")
    with pytest.raises(TooManyTries):
        await people.check_password(owner.email, PASSWORD)
    clock.move(timedelta(seconds=61))
    assert await people.check_password(owner.email, PASSWORD) == owner


async def test_an_address_is_one_persons(people: People, owner: Visitor) -> None:
    with pytest.raises(EmailTaken):
        await people.add_user(await people.add_customer("Other"), "OWNER@tea.example", PASSWORD)


@pytest.mark.parametrize("password", ["short", "x" * 129, ""])
async def test_a_weak_password_is_refused(people: People, owner: Visitor, password: str) -> None:
    with pytest.raises(WeakPassword):
        await people.add_user(owner.customer_id, "second@tea.example", password)


@pytest.mark.parametrize(
    "email",
    [
        *("no address", "@x.example", "a@", "a b@x.example", "a@@x.example"),
        *("a@x.example,evil@y.example", "a:b;@x.example", "a@[1", "<a@x.example>", "a@x.example(b)", '"a"@x.example'),
    ],
)
async def test_what_is_no_address_or_could_be_read_as_two_is_refused(
    people: People, owner: Visitor, email: str
) -> None:
    with pytest.raises(BadInput):
        await people.add_user(owner.customer_id, email, PASSWORD)


@pytest.mark.parametrize("email", ["o'neil+tea@x.example", "a@b", "ü.b@tea-shop.example"])
async def test_an_unusual_address_is_one(people: People, owner: Visitor, email: str) -> None:
    assert (await people.add_user(owner.customer_id, email, PASSWORD)).email == email


async def test_a_session_ends_by_sign_out_by_rest_and_by_age(
    sqlite_database: Database, owner: Visitor, clock: MovedClock
) -> None:
    sessions = Sessions(sqlite_database, clock)
    signed_out, idle, old = [await sessions.begin(owner) for _ in range(3)]
    await sessions.end(signed_out)
    assert await sessions.visitor_of(signed_out) is None
    for _ in range(int(LONGEST / (IDLE / 2)) - 1):
        clock.move(IDLE / 2)
        assert await sessions.visitor_of(old) == owner
    assert await sessions.visitor_of(idle) is None
    clock.move(IDLE / 2)
    assert await sessions.visitor_of(old) is None


async def test_a_token_is_good_until_it_is_revoked_or_too_old(
    sqlite_database: Database, owner: Visitor, clock: MovedClock
) -> None:
    tokens = Tokens(sqlite_database, clock, People(sqlite_database, clock))
    text = await tokens.add(owner, "shop tool", timedelta(days=1))
    assert await tokens.visitor_of(text) == owner
    assert await tokens.visitor_of(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
    assert await tokens.visitor_of("") is None
    clock.move(timedelta(days=1))
    assert await tokens.visitor_of(text) is None
    second = await tokens.add(owner, "another", timedelta(days=1))
    (newest, _) = await tokens.list(owner)
    await tokens.revoke(owner, newest.id)
    assert await tokens.visitor_of(second) is None


def test_a_password_costs_what_the_standard_asks_for() -> None:
    """Seen from outside, for in here the tests have made it cheap."""
    shown = "from core.security.people.passwords import HASHER; print(HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism)"
    told = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.split() == ["3", "65536", "4"]  # RFC 9106, section 4
