"""Passwords are long, hard to guess, and kept by today's parameters."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from core.database.roles import Role, SignedIn
from core.database.session import CustomerSession, Database
from core.database.tables import User
from core.errors import CoreError
from core.security.audit import audit_log
from core.security.people import passwords
from core.security.people.passwords import WeakPassword, check
from core.security.people.people import People, WrongSignIn
from core.security.people.sessions import Sessions
from core.security.people.tokens import Tokens
from core.security.people.visitor import Visitor
from tests.fakes.clock import MovedClock

PASSWORD, ANOTHER = "a long enough one", "quite another thing"


@pytest.fixture
def sessions(sqlite_database: Database, clock: MovedClock) -> Sessions:
    return Sessions(sqlite_database, clock)


@pytest.fixture
def people(sqlite_database: Database, clock: MovedClock, sessions: Sessions) -> People:
    return People(sqlite_database, clock, sessions=sessions)


@pytest.fixture
async def owner(people: People) -> Visitor:
    return await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "",
        "x" * 128,
        "password12345",
        "qwertyuiop12",
        "111111111111",
        "omniopsautopilot",
        "Passw0rd!2345",
    ],
)
def test_what_is_short_or_common_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check(password)
    assert not password or password not in refused.value.sentence


def test_what_others_know_of_somebody_is_no_password() -> None:
    check("wilhelmine.kaltenbrunner")
    with pytest.raises(WeakPassword):
        check("wilhelmine.kaltenbrunner", about=("wilhelmine.kaltenbrunner@tea.example", "wilhelmine.kaltenbrunner"))


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "zwölf Größen über Öl",
        "正しい馬のバッテリーとホチキス",
        "violet anchors sing of seven muddy gardens ".ljust(128, "z"),
        "\U0001f600 tea kettle on fire",
    ],
)
def test_any_characters_and_any_length_up_to_128_will_do(password: str) -> None:
    check(password)


async def test_a_password_is_hashed_anew_when_parameters_have_changed(
    sqlite_database: Database, people: People, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await hash_of(sqlite_database, owner)
    await people.check_password(owner.email, PASSWORD)
    assert await hash_of(sqlite_database, owner) == before
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    with pytest.raises(WrongSignIn):
        await people.check_password(owner.email, "wrong")
    assert await hash_of(sqlite_database, owner) == before
    await people.check_password(owner.email, PASSWORD)
    after = await hash_of(sqlite_database, owner)
    assert "t=2" in after
    await people.check_password(owner.email, PASSWORD)
    assert await hash_of(sqlite_database, owner) == after


async def test_changing_it_needs_the_old_one_and_signs_out_every_other_browser(
    sqlite_database: Database, people: People, sessions: Sessions, owner: Visitor
) -> None:
    here, elsewhere = await sessions.begin(owner), await sessions.begin(owner)
    who = await sessions.visitor_of(here)
    assert who
    with pytest.raises(WrongSignIn):
        await people.change_password(who, "not the old one", ANOTHER)
    with pytest.raises(WeakPassword):
        await people.change_password(who, PASSWORD, "short")
    assert await sessions.visitor_of(elsewhere) == owner
    await people.change_password(who, PASSWORD, ANOTHER)
    assert [await sessions.visitor_of(one) for one in (here, elsewhere)] == [owner, None]
    assert await people.check_password(owner.email, ANOTHER) == owner
    with pytest.raises(WrongSignIn):
        await people.check_password(owner.email, PASSWORD)
    entries = await sqlite_database.read(owner.customer_id, audit_log.read)
    assert "password_changed" in [entry.action for entry in entries]
    assert PASSWORD not in repr(entries)


async def test_a_sign_in_under_way_ends_with_the_password_that_it_began_with(
    people: People, sessions: Sessions, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has typed the old one; before they come in, an owner sets another."""
    fits = people._passwords.fits

    async def fits_and_is_replaced(known: str | None, password: str) -> bool:
        found = await fits(known, password)
        await people.set_password(owner, ANOTHER, by="system")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(people._passwords, "fits", fits_and_is_replaced)
        with pytest.raises(WrongSignIn):
            await people.sign_in(owner.email, PASSWORD, "", lambda session, visitor: SignedIn.WHOLLY)
        with pytest.raises(WrongSignIn):
            await people.check_password(owner.email, PASSWORD)
    begun = await people.sign_in(owner.email, ANOTHER, "", lambda session, visitor: SignedIn.WHOLLY)
    assert await sessions.visitor_of(begun.token) == owner


async def test_a_refused_sign_in_is_recorded_beside_the_answer_and_not_before_it(
    sqlite_database: Database, people: People, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time that it takes would tell whether somebody has this address."""
    may_write, record = asyncio.Event(), people._record

    async def held_up(*given: Any) -> None:
        await may_write.wait()
        await record(*given)

    monkeypatch.setattr(people, "_record", held_up)
    with pytest.raises(WrongSignIn):
        await asyncio.wait_for(people.check_password(owner.email, "wrong"), timeout=30)
    may_write.set()
    await people.settled()
    newest = (await sqlite_database.read(owner.customer_id, audit_log.read))[0]
    assert newest.action == "sign_in_refused"


@pytest.mark.parametrize("who_says_so", ["themselves", "themselves, and revoke", "another"])
async def test_tokens_end_with_a_password_that_others_set_and_else_if_one_says_so(
    sqlite_database: Database, people: People, owner: Visitor, clock: MovedClock, who_says_so: str
) -> None:
    tokens = Tokens(sqlite_database, clock, people)
    token = await tokens.add(owner, "shop tool", timedelta(days=1))
    if who_says_so == "another":
        await people.set_password(owner, ANOTHER, by="user:another")
    else:
        await people.change_password(owner, PASSWORD, ANOTHER, revoke_tokens="revoke" in who_says_so)
    assert await tokens.visitor_of(token) == (owner if who_says_so == "themselves" else None)


async def test_an_account_of_the_demo_lets_nobody_in_elsewhere(
    sqlite_database: Database, people: People, sessions: Sessions, owner: Visitor, clock: MovedClock
) -> None:
    demo = await people.add_user(owner.customer_id, "demo@tea.example", PASSWORD, Role.ADMIN, demo_only=True)
    with pytest.raises(CoreError) as refused:
        await people.check_password("demo@tea.example", PASSWORD)
    assert refused.value.sentence == "E-mail or password is not right. Try again."
    assert await sessions.visitor_of(await sessions.begin(demo)) is None


async def hash_of(database: Database, visitor: Visitor) -> str:
    def find(session: CustomerSession) -> str:
        return session.exec(select(User)).one().password_hash

    return await database.read(visitor.customer_id, find)
