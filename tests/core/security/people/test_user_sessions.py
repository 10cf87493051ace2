"""A session ends by rest, by age, by sign-out and with its person; its token is kept nowhere."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from core.database.roles import Role, SignedIn
from core.database.session import CustomerSession, Database
from core.database.tables import User, UserSession
from core.errors import NotFound
from core.security.people.people import People, Visitor
from core.security.people.seen_from import SeenFrom
from core.security.people.sessions import IDLE, LONGEST, Sessions, digest
from tests.core.operations.house import visitor
from tests.fakes.clock import MovedClock

MOMENT = timedelta(microseconds=1)


@pytest.fixture
async def owner(sqlite_database: Database, clock: MovedClock) -> Visitor:
    return await visitor(sqlite_database, clock)


@pytest.fixture
def sessions(sqlite_database: Database, clock: MovedClock) -> Sessions:
    return Sessions(sqlite_database, clock)


async def test_a_token_says_who_it_is_and_only_its_hash_is_kept(
    sqlite_database: Database, sessions: Sessions, owner: Visitor
) -> None:
    token, another = await sessions.begin(owner), await sessions.begin(owner)
    assert token != another
    assert len(token) >= 43  # 256 bits
    assert await sessions.visitor_of(token) == owner
    rows = await sqlite_database.read(owner.customer_id, lambda session: session.exec(select(UserSession)).all())
    assert {row.token_sha256 for row in rows} == {digest(token), digest(another)}
    assert token not in repr(rows)


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "x" * 10_000])
async def test_any_other_token_is_nobodys(sessions: Sessions, owner: Visitor, token: str) -> None:
    begun = await sessions.begin(owner)
    assert await sessions.visitor_of(token) is None
    assert await sessions.visitor_of(digest(begun)) is None


async def test_many_pages_that_ask_at_once_are_answered_in_one_transaction_each_for_its_own(
    sqlite_database: Database, sessions: Sessions, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await visitor(sqlite_database, clock) for _ in range(3)]
    tokens = [await sessions.begin(one) for one in people]
    await sessions.end(tokens[2])
    transactions, read = [], sqlite_database.read_across_customers

    async def counted(use_case: Any, because: str) -> Any:
        transactions.append(because)
        return await read(use_case, because)

    monkeypatch.setattr(sqlite_database, "read_across_customers", counted)
    asked = [*tokens, "nobody's", *tokens]
    assert await asyncio.gather(*map(sessions.visitor_of, asked)) == [*people[:2], None, None, *people[:2], None]
    assert len(transactions) == 1


async def test_whose_it_is_waits_for_no_writer(sqlite_database: Database, sessions: Sessions, owner: Visitor) -> None:
    """Every event of every page asks."""
    token = await sessions.begin(owner)
    with closing(sqlite3.connect(str(sqlite_database.url.database), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert await asyncio.wait_for(sessions.visitor_of(token), 10) == owner


async def test_it_ends_after_a_rest_and_not_before(sessions: Sessions, owner: Visitor, clock: MovedClock) -> None:
    token = await sessions.begin(owner)
    clock.move(IDLE - MOMENT)
    assert await sessions.visitor_of(token) == owner
    clock.move(IDLE)
    assert await sessions.visitor_of(token) is None


async def test_it_ends_at_its_age_however_busy(sessions: Sessions, owner: Visitor, clock: MovedClock) -> None:
    token, steps = await sessions.begin(owner), int(LONGEST / (IDLE / 2))
    for _ in range(steps - 1):
        clock.move(IDLE / 2)
        assert await sessions.visitor_of(token) == owner
    clock.move(IDLE / 2 - MOMENT)
    assert await sessions.visitor_of(token) == owner
    clock.move(MOMENT)
    assert await sessions.visitor_of(token) is None


async def test_signing_out_ends_this_one_for_good(sessions: Sessions, owner: Visitor, clock: MovedClock) -> None:
    token, another = await sessions.begin(owner), await sessions.begin(owner)
    await sessions.end(token)
    await sessions.end(token)
    await sessions.end("nobody's")
    assert await sessions.visitor_of(token) is None
    assert await sessions.visitor_of(another) == owner


async def test_who_was_disabled_is_nobody(
    sqlite_database: Database, sessions: Sessions, owner: Visitor, clock: MovedClock
) -> None:
    token = await sessions.begin(owner)

    def disable(session: CustomerSession) -> None:
        user = session.get_one(User, (owner.customer_id, owner.user_id))
        user.disabled_at = clock.now()
        session.add(user)

    await sqlite_database.run(owner.customer_id, disable)
    assert await sessions.visitor_of(token) is None


async def test_not_every_request_writes(
    sqlite_database: Database, sessions: Sessions, owner: Visitor, clock: MovedClock
) -> None:
    token, begun_at = await sessions.begin(owner), clock.now()
    for moved, seen in ((timedelta(seconds=59), begun_at), (timedelta(seconds=1), begun_at + timedelta(minutes=1))):
        clock.move(moved)
        await sessions.visitor_of(token)
        (row,) = await sqlite_database.read(owner.customer_id, lambda session: session.exec(select(UserSession)).all())
        assert row.last_seen_at == seen


@pytest.mark.parametrize("role", Role)
async def test_staffs_sessions_end_after_half_the_rest(
    sqlite_database: Database, sessions: Sessions, clock: MovedClock, role: Role
) -> None:
    people = People(sqlite_database, clock)
    who = await people.add_user(await people.add_customer("x"), "x@x.example", "a long enough one", role)
    token, rest = await sessions.begin(who), timedelta(minutes=15 if role.is_staff else 30)
    clock.move(rest - MOMENT)
    assert await sessions.visitor_of(token) == who
    clock.move(rest)
    assert await sessions.visitor_of(token) is None


@pytest.mark.parametrize("so_far", [SignedIn.NEEDS_CODE, SignedIn.NEEDS_ENROLMENT])
async def test_a_password_alone_makes_nobody_a_visitor_where_more_is_asked_for(
    sessions: Sessions, owner: Visitor, so_far: SignedIn
) -> None:
    token = await sessions.begin(owner, so_far)
    assert await sessions.visitor_of(token) is None
    found = await sessions.standing_of(token)
    assert found
    assert (found.visitor, found.signed_in, found.is_whole) == (owner, so_far, False)


async def test_who_listens_is_told_of_sessions_that_end_once_and_of_no_quiet_end(
    sessions: Sessions, owner: Visitor
) -> None:
    told: list[frozenset[UUID]] = []
    sessions.endings.subscribe(told.append)
    token, replaced = await sessions.begin(owner), await sessions.begin(owner)
    who = await sessions.visitor_of(token)
    await sessions.end(replaced, quietly=True)
    await sessions.end(token)
    await sessions.end(token)
    assert who
    assert told == [frozenset({who.session_id})]
    assert await sessions.visitor_of(replaced) is None


async def test_a_session_that_is_looked_at_while_it_ends_stays_ended(
    sqlite_database: Database, sessions: Sessions, owner: Visitor, clock: MovedClock
) -> None:
    token = await sessions.begin(owner)
    clock.move(timedelta(minutes=2))
    await asyncio.gather(sessions.end(token), *(sessions.visitor_of(token) for _ in range(5)))
    assert await sessions.visitor_of(token) is None


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


async def test_a_person_sees_where_they_are_signed_in(sessions: Sessions, owner: Visitor, clock: MovedClock) -> None:
    since = clock.now()
    here = await sessions.begin(owner, seen_from=SeenFrom.of("203.0.113.77", FIREFOX))
    await sessions.begin(owner, SignedIn.NEEDS_CODE, SeenFrom.of("2001:db8:1:2::3", CHROME))
    clock.move(timedelta(minutes=5))
    who = await sessions.visitor_of(here)
    assert who
    this, other = await sessions.list(who)
    assert (this.is_this, this.is_whole, this.since, this.last_used_at) == (True, True, since, clock.now())
    assert (this.seen_from.network, this.seen_from.browser) == ("203.0.113.0/24", "Firefox on Linux")
    assert (other.is_this, other.is_whole, other.last_used_at) == (False, False, since)
    assert other.seen_from.browser == "Chrome on Windows"
    assert "2001:db8:1:2::3" not in repr(other)


async def test_what_has_ended_rests_too_long_or_is_somebody_elses_is_not_among_them(
    sqlite_database: Database, sessions: Sessions, owner: Visitor, clock: MovedClock
) -> None:
    await sessions.begin(await visitor(sqlite_database, clock))
    await sessions.begin(owner)
    clock.move(IDLE)
    await sessions.end(await sessions.begin(owner))
    here = await sessions.visitor_of(await sessions.begin(owner))
    assert here
    assert [one.is_this for one in await sessions.list(here)] == [True]


async def test_one_is_ended_and_who_listens_is_told(sessions: Sessions, owner: Visitor) -> None:
    told: list[frozenset[UUID]] = []
    sessions.endings.subscribe(told.append)
    here, there = await sessions.begin(owner), await sessions.begin(owner)
    who, far = await sessions.visitor_of(here), await sessions.visitor_of(there)
    assert who
    assert far
    assert far.session_id
    for _ in range(2):
        await sessions.end_one(who, far.session_id)
    assert told == [frozenset({far.session_id})]
    assert (await sessions.visitor_of(there), await sessions.visitor_of(here)) == (None, owner)


async def test_all_others_are_ended_and_this_one_stays(sessions: Sessions, owner: Visitor) -> None:
    here, others = await sessions.begin(owner), [await sessions.begin(owner) for _ in range(3)]
    who = await sessions.visitor_of(here)
    assert who
    await sessions.end_others(who)
    assert [await sessions.visitor_of(one) for one in others] == [None] * 3
    assert await sessions.visitor_of(here) == owner


async def test_nobody_ends_somebody_elses(sqlite_database: Database, sessions: Sessions, clock: MovedClock) -> None:
    """Neither of another company, nor of the same."""
    people = People(sqlite_database, clock)
    company = await people.add_customer("x")
    ours, colleague = [await people.add_user(company, f"{n}@x.example", "a long enough one") for n in "ab"]
    stranger = await visitor(sqlite_database, clock)
    token = await sessions.begin(ours)
    found = await sessions.visitor_of(token)
    assert found
    assert found.session_id
    for other in (colleague, stranger):
        with pytest.raises(NotFound):
            await sessions.end_one(other, found.session_id)
        await sessions.end_others(other)
    assert await sessions.visitor_of(token) == ours


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("something on Windows", "a browser on Windows"),
        ("<script>alert(1)</script>", None),
        ("", None),
    ],
)
def test_of_a_user_agent_two_words_are_kept(user_agent: str, told: str | None) -> None:
    assert SeenFrom.of("", user_agent) == SeenFrom(None, told)
