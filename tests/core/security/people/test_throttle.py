"""Guessing gets slow, for an account and from a network, over restarts and processes; nobody is locked out by it."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from core.database.session import Database
from core.database.tables import SignInTries
from core.errors import CoreError
from core.security.people import throttle
from core.security.people.people import People
from core.security.people.throttle import (
    ACCOUNT_QUIET,
    FREE_TRIES,
    FREE_TRIES_OF_NETWORK,
    MOST_IN_A_ROW,
    NETWORK_QUIET,
    network_of,
)
from core.security.people.visitor import Visitor
from tests.fakes.clock import MovedClock

PASSWORD = "a long enough one"
MINUTE = timedelta(seconds=60)


@pytest.fixture
def people(database: Database, clock: MovedClock) -> People:
    return People(database, clock)


@pytest.fixture
async def owner(people: People) -> Visitor:
    return await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", PASSWORD)


async def outcome(people: People, email: str, password: str, address: str = "") -> str:
    """How a try to sign in went, in a word."""
    try:
        await people.check_password(email, password, address)
    except CoreError as error:
        return error.code
    return "signed_in"


async def outcomes(people: People, email: str, tries: int, address: str = "") -> list[str]:
    return [await outcome(people, email, "wrong", address) for _ in range(tries)]


@pytest.mark.parametrize("email", ["owner@tea.example", "nobody@tea.example"])
async def test_many_guesses_at_once_are_no_more_than_one_after_another(
    people: People, owner: Visitor, email: str
) -> None:
    guesses = [*["wrong"] * 24, PASSWORD]
    found = await asyncio.gather(*(outcome(people, email, guess) for guess in guesses))
    assert Counter(found) == {"wrong_sign_in": FREE_TRIES, "too_many_tries": len(guesses) - FREE_TRIES}


@pytest.mark.parametrize("email", ["owner@tea.example", "nobody@tea.example"])
async def test_each_wait_is_twice_the_one_before_and_none_is_longer_than_a_minute(
    people: People, owner: Visitor, clock: MovedClock, email: str
) -> None:
    assert await outcomes(people, email, FREE_TRIES) == ["wrong_sign_in"] * FREE_TRIES
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.move(timedelta(seconds=wait) - timedelta(milliseconds=1))
        assert await outcome(people, email, "wrong") == "too_many_tries", wait
        clock.move(timedelta(milliseconds=1))
        assert await outcome(people, email, "wrong") == "wrong_sign_in", wait


async def test_a_restart_and_another_process_change_nothing(
    database: Database, people: People, owner: Visitor, clock: MovedClock
) -> None:
    await outcomes(people, owner.email, FREE_TRIES)
    assert await outcome(People(database, clock), owner.email, PASSWORD) == "too_many_tries"


async def test_who_gets_it_right_begins_anew(people: People, owner: Visitor) -> None:
    for _ in range(2):
        found = [*await outcomes(people, owner.email, 4), await outcome(people, owner.email, PASSWORD)]
        assert found == [*["wrong_sign_in"] * 4, "signed_in"]


async def test_after_a_quiet_day_tries_are_free_again(people: People, owner: Visitor, clock: MovedClock) -> None:
    for email in (owner.email, "nobody@tea.example"):
        await outcomes(people, email, FREE_TRIES)
    clock.move(ACCOUNT_QUIET)
    for email in (owner.email, "nobody@tea.example"):
        assert await outcomes(people, email, FREE_TRIES + 1) == ["wrong_sign_in"] * FREE_TRIES + ["too_many_tries"]


async def test_a_network_is_slow_whichever_accounts_it_tries(people: People, owner: Visitor, clock: MovedClock) -> None:
    found = [
        await outcome(people, f"{number}@tea.example", "wrong", f"203.0.113.{number}")
        for number in range(FREE_TRIES_OF_NETWORK + 1)
    ]
    assert found == ["wrong_sign_in"] * FREE_TRIES_OF_NETWORK + ["too_many_tries"]
    assert await outcome(people, owner.email, PASSWORD, "203.0.113.99") == "too_many_tries"
    assert await outcome(people, owner.email, PASSWORD, "203.0.114.1") == "signed_in"
    clock.move(NETWORK_QUIET)
    assert await outcome(people, owner.email, PASSWORD, "203.0.113.99") == "signed_in"


async def test_an_own_account_makes_no_guesses_free(people: People, owner: Visitor) -> None:
    """Who signs in between two guesses at others takes only that one sign-in off their network's count."""
    found = []
    for number in range(FREE_TRIES_OF_NETWORK):
        found.append(await outcome(people, f"{number}@tea.example", "wrong", "203.0.113.7"))
        await outcome(people, owner.email, PASSWORD, "203.0.113.7")
    assert set(found) == {"wrong_sign_in"}
    assert await outcome(people, "one@tea.example", "wrong", "203.0.113.7") == "too_many_tries"


async def test_after_a_hundred_wrong_ones_a_password_is_of_no_use_until_another_is_set(
    people: People, owner: Visitor, clock: MovedClock
) -> None:
    for _ in range(MOST_IN_A_ROW):
        assert await outcome(people, owner.email, "wrong") == "wrong_sign_in"
        clock.move(MINUTE)
    assert await outcome(people, owner.email, PASSWORD) == "wrong_sign_in"
    await people.set_password(owner, "quite another one", by="system")
    assert await outcome(people, owner.email, "quite another one") == "signed_in"


async def test_a_hundred_less_one_are_no_end(people: People, owner: Visitor, clock: MovedClock) -> None:
    for _ in range(MOST_IN_A_ROW - 1):
        await outcome(people, owner.email, "wrong")
        clock.move(MINUTE)
    assert await outcome(people, owner.email, PASSWORD) == "signed_in"


async def test_made_up_addresses_fill_no_table_and_forget_no_real_one(
    database: Database, people: People, owner: Visitor, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MOST_MADE_UP", 2)
    for email in (owner.email, "nobody@tea.example"):
        assert (await outcomes(people, email, FREE_TRIES + 1))[-1] == "too_many_tries"
    for number in range(3):
        clock.move(timedelta(milliseconds=1))  # so that it is clear which was tried longest ago
        await outcome(people, f"flood-{number}@tea.example", "wrong")
    assert await outcome(people, owner.email, PASSWORD) == "too_many_tries"
    assert await outcome(people, "nobody@tea.example", "wrong") == "wrong_sign_in"  # it was forgotten to make room
    assert len(await rows(database)) == 3


async def test_what_was_typed_is_not_kept(database: Database, people: People, owner: Visitor) -> None:
    await outcome(people, "my-password-in-the-wrong-field", "wrong", "203.0.113.7")
    kept = repr(await rows(database))
    assert "wrong-field" not in kept
    assert "203.0" not in kept


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:22ff::1", "2001:db8:1:2200::/56"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


async def rows(database: Database) -> list[SignInTries]:
    return await database.run_across_customers(
        lambda session: list(session.exec(select(SignInTries))), because="a test looks"
    )
