"""A bearer token is its person's alone, until it is revoked or too old; scanners know it by its form."""

import asyncio
import re
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.tables import ApiToken, User
from core.errors import NotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction
from core.security.people.authorize import ScopeMissing
from core.security.people.people import People, Visitor, WrongSignIn
from core.security.people.proof import Proof
from core.security.people.sessions import digest
from core.security.people.tokens import USED_AGAIN_AFTER, BadToken, Tokens
from core.security.people.visitor import Scope
from core.security.secret import Secret
from tests.core.operations.house import visitor
from tests.fakes.clock import MovedClock

DAY = timedelta(days=1)
FORM = re.compile(r"omni_live_([0-9a-f]{32}_[0-9a-f]{64})_([0-9a-f]{8})")


@pytest.fixture
async def owner(sqlite_database: Database, clock: MovedClock) -> Visitor:
    return await visitor(sqlite_database, clock)


@pytest.fixture
def tokens(sqlite_database: Database, clock: MovedClock) -> Tokens:
    return Tokens(sqlite_database, clock, People(sqlite_database, clock))


async def test_every_token_has_the_form_that_scanners_know(tokens: Tokens, owner: Visitor) -> None:
    made = [await tokens.add(owner, "shop tool", DAY) for _ in range(5)]
    assert len(set(made)) == 5
    for text in made:
        form = FORM.fullmatch(text)
        assert form is not None
        assert form[2] == f"{zlib.crc32(form[1].encode()):08x}"


async def test_only_its_hash_is_kept_and_its_making_recorded(
    sqlite_database: Database, tokens: Tokens, owner: Visitor
) -> None:
    text = await tokens.add(owner, "  shop tool  ", DAY)
    assert await tokens.visitor_of(text) == owner
    rows = await sqlite_database.read(owner.customer_id, lambda session: session.exec(select(ApiToken)).all())
    entries = await sqlite_database.read(owner.customer_id, audit_log.read)
    assert [row.name for row in rows] == ["shop tool"]
    assert [entry.action for entry in entries] == [AuditAction.TOKEN_ADDED]
    secret = text.split("_")[3]
    assert secret not in f"{rows!r} {entries!r} {await tokens.list(owner)!r}"


async def test_a_token_that_can_not_be_recorded_is_not_made(
    tokens: Tokens, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any, **named: Any) -> int:
        raise RuntimeError("the chain is broken")

    monkeypatch.setattr(audit_log, "record", fail)
    with pytest.raises(RuntimeError):
        await tokens.add(owner, "shop tool", DAY)
    assert await tokens.list(owner) == ()


async def test_a_mistyped_token_is_not_even_looked_up(
    sqlite_database: Database, tokens: Tokens, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = await tokens.add(owner, "shop tool", DAY)

    def look(*given: Any, **named: Any) -> None:
        raise AssertionError("it was looked up")

    monkeypatch.setattr(sqlite_database, "run_across_customers", look)
    other = "0" if text[12] != "0" else "1"
    wrong = (
        text[:12] + other + text[13:],
        text[:-1],
        text.upper(),
        text.removeprefix("omni_"),
        f" {text}",
        "",
        "_",
        "é",
    )
    assert [await tokens.visitor_of(one) for one in wrong] == [None] * len(wrong)


async def test_a_well_formed_token_that_was_never_made_is_nobodys(tokens: Tokens, owner: Visitor) -> None:
    await tokens.add(owner, "shop tool", DAY)
    (known,) = await tokens.list(owner)
    for named in ("ab" * 32, f"{known.id.hex}_{'ab' * 32}", f"{uuid4().hex}_{'ab' * 32}", f"no-id_{'ab' * 32}"):
        assert await tokens.visitor_of(f"omni_live_{named}_{zlib.crc32(named.encode()):08x}") is None


async def test_it_is_good_until_its_last_moment(tokens: Tokens, owner: Visitor, clock: MovedClock) -> None:
    text = await tokens.add(owner, "shop tool", DAY)
    clock.move(DAY - timedelta(microseconds=1))
    assert await tokens.visitor_of(text) == owner
    (told,) = await tokens.list(owner)
    assert told.last_used_at == clock.now()
    clock.move(timedelta(microseconds=1))
    assert await tokens.visitor_of(text) is None


async def test_its_use_is_noted_once_a_minute_and_else_it_waits_for_no_writer(
    sqlite_database: Database, tokens: Tokens, owner: Visitor, clock: MovedClock
) -> None:
    """A program may ask two hundred times a second."""
    text, first = await tokens.add(owner, "shop tool", DAY), clock.now()
    assert await tokens.visitor_of(text) == owner
    clock.move(USED_AGAIN_AFTER - timedelta(microseconds=1))
    with closing(sqlite3.connect(str(sqlite_database.url.database), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert await asyncio.wait_for(tokens.visitor_of(text), 10) == owner
    assert [one.last_used_at for one in await tokens.list(owner)] == [first]
    clock.move(timedelta(microseconds=1))
    assert await tokens.visitor_of(text) == owner
    assert [one.last_used_at for one in await tokens.list(owner)] == [clock.now()]


async def test_revoked_is_revoked_and_recorded(sqlite_database: Database, tokens: Tokens, owner: Visitor) -> None:
    text, kept = await tokens.add(owner, "lost", DAY), await tokens.add(owner, "kept", DAY)
    lost = next(one for one in await tokens.list(owner) if one.name == "lost")
    await tokens.revoke(owner, lost.id)
    assert [await tokens.visitor_of(one) for one in (text, kept)] == [None, owner]
    newest = (await sqlite_database.read(owner.customer_id, audit_log.read))[0]
    assert (newest.action, newest.detail) == (AuditAction.TOKEN_REVOKED, {"token": str(lost.id)})


async def test_a_token_is_its_persons_alone(
    sqlite_database: Database, tokens: Tokens, owner: Visitor, clock: MovedClock
) -> None:
    colleague = replace(owner, user_id=uuid4(), email="colleague@tea.example")

    def hire(session: CustomerSession) -> None:
        user = User(customer_id=owner.customer_id, email=colleague.email, password_hash="-", created_at=clock.now())
        user.id = colleague.user_id
        session.add(user)

    await sqlite_database.run(owner.customer_id, hire)
    text = await tokens.add(owner, "shop tool", DAY)
    (mine,) = await tokens.list(owner)
    for somebody_else in (colleague, await visitor(sqlite_database, clock)):
        assert await tokens.list(somebody_else) == ()
        with pytest.raises(NotFound, match="no such token"):
            await tokens.revoke(somebody_else, mine.id)
    assert await tokens.visitor_of(text) == owner


async def test_a_token_of_who_was_disabled_is_nobodys(
    sqlite_database: Database, tokens: Tokens, owner: Visitor, clock: MovedClock
) -> None:
    text = await tokens.add(owner, "shop tool", DAY)

    def disable(session: CustomerSession) -> None:
        user = session.get_one(User, (owner.customer_id, owner.user_id))
        user.disabled_at = clock.now()
        session.add(user)

    await sqlite_database.run(owner.customer_id, disable)
    assert await tokens.visitor_of(text) is None


async def test_it_is_good_for_the_scopes_it_was_made_with(tokens: Tokens, owner: Visitor) -> None:
    text = await tokens.add(owner, "reader", DAY, [Scope.READ, Scope.AUDIT])
    found = await tokens.visitor_of(text)
    assert found
    assert found.scopes == frozenset({Scope.READ, Scope.AUDIT})
    assert [one.scopes for one in await tokens.list(owner)] == [{Scope.READ, Scope.AUDIT}]


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 1), ([Scope.READ], 0), ([Scope.READ], -1), ([Scope.READ], 366)], ids=str
)
async def test_one_that_is_good_for_nothing_or_for_ever_is_not_made(
    tokens: Tokens, owner: Visitor, scopes: list[Scope], days: int
) -> None:
    with pytest.raises(BadToken):
        await tokens.add(owner, "x", days * DAY, scopes)
    assert await tokens.list(owner) == ()


async def test_an_open_browser_makes_none_without_the_password(
    sqlite_database: Database, tokens: Tokens, clock: MovedClock
) -> None:
    people = People(sqlite_database, clock)
    who = await people.add_user(await people.add_customer("Tea Shop"), "o@tea.example", "a long enough one")
    here = replace(who, session_id=uuid4())
    for given in ([], [Proof(Secret("not the one"))]):
        with pytest.raises(WrongSignIn):
            await tokens.add(here, "shop tool", DAY, [Scope.PRIVACY], *given)
    assert await tokens.list(here) == ()
    text = await tokens.add(here, "shop tool", DAY, [Scope.PRIVACY], Proof(Secret("a long enough one")))
    assert await tokens.visitor_of(text) == who


async def test_no_token_makes_another(tokens: Tokens, owner: Visitor) -> None:
    by_token = await tokens.visitor_of(await tokens.add(owner, "everything", DAY))
    assert by_token
    with pytest.raises(ScopeMissing):
        await tokens.add(by_token, "another", DAY)


async def test_a_token_of_the_version_before_goes_on(
    sqlite_database: Database, tokens: Tokens, owner: Visitor, clock: MovedClock
) -> None:
    secret = "ab" * 32
    text = f"omni_live_{secret}_{zlib.crc32(secret.encode()):08x}"

    def add(session: CustomerSession) -> None:
        row = ApiToken(
            customer_id=owner.customer_id,
            user_id=owner.user_id,
            name="old",
            token_sha256=digest(text),
            created_at=clock.now(),
            expires_at=clock.now() + DAY,
        )
        session.add(row)

    await sqlite_database.run(owner.customer_id, add)
    found = await tokens.visitor_of(text)
    assert found == owner
    assert found.scopes == frozenset(Scope)


async def test_the_id_of_one_opens_nothing_with_the_secret_of_another(tokens: Tokens, owner: Visitor) -> None:
    one, two = await tokens.add(owner, "one", DAY), await tokens.add(owner, "two", DAY)
    named = f"{one.split('_')[2]}_{two.split('_')[3]}"
    assert await tokens.visitor_of(f"omni_live_{named}_{zlib.crc32(named.encode()):08x}") is None


async def test_of_two_revocations_one_is_recorded(sqlite_database: Database, tokens: Tokens, owner: Visitor) -> None:
    await tokens.add(owner, "lost", DAY)
    (lost,) = await tokens.list(owner)
    await tokens.revoke(owner, lost.id)
    await tokens.revoke(owner, lost.id)
    entries = await sqlite_database.read(owner.customer_id, audit_log.read)
    assert [one.action for one in entries].count(AuditAction.TOKEN_REVOKED) == 1
