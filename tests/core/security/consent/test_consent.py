"""What was not agreed to is not done: not wider, not elsewhere, not later, not after a withdrawal."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.database.session import Database
from core.security.consent.consent import (
    Consent,
    ConsentExpired,
    ConsentMissing,
    ConsentRevoked,
    ConsentScope,
    Wording,
    check_consent,
    find_consent,
    missing_permissions,
    record_consent,
    withdraw_consent,
)
from core.security.consent.consent_text import ConsentTexts, NoConsentText
from core.security.origin import Origin
from core.security.people.people import People, Visitor
from tests.fakes.clock import MovedClock

TEXTS = Path(__file__).parents[4] / "data" / "consent"
SHOP = Origin.of("https://tea.example")
SCOPE = ConsentScope("woocommerce", "api_key_generation", SHOP, frozenset({"read_products", "create_api_keys"}))
TEXT = ConsentTexts.from_folder(TEXTS, "1.0").current(["It reads."])


@pytest.fixture
async def visitor(database: Database, clock: MovedClock) -> Visitor:
    people = People(database, clock)
    return await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", "a long enough one")


@pytest.fixture
async def given(database: Database, clock: MovedClock, visitor: Visitor) -> Consent:
    give = partial(record_consent, visitor=visitor, scope=SCOPE, wording=Wording(TEXT), at=clock.now())
    return await database.run(visitor.customer_id, give)


async def checked(
    database: Database, customer_id: UUID, consent_id: UUID, scope: ConsentScope, clock: MovedClock
) -> None:
    await database.read(customer_id, partial(check_consent, consent_id=consent_id, scope=scope, at=clock.now()))


async def test_what_was_given_allows_that_and_less(
    database: Database, clock: MovedClock, visitor: Visitor, given: Consent
) -> None:
    for scope in (SCOPE, replace(SCOPE, permissions=frozenset({"read_products"}))):
        await checked(database, visitor.customer_id, given.id, scope, clock)
        found = await database.read(visitor.customer_id, partial(find_consent, scope=scope, at=clock.now()))
        assert found == given


@pytest.mark.parametrize(
    "wanted",
    [
        replace(SCOPE, permissions=SCOPE.permissions | {"update_products"}),
        replace(SCOPE, origin=Origin.of("https://other.example")),
        replace(SCOPE, origin=Origin.of("https://tea.example:8443")),
        replace(SCOPE, origin=Origin.of("http://tea.example")),
        replace(SCOPE, operation="another"),
        replace(SCOPE, service="another"),
    ],
    ids=["wider", "another shop", "another port", "another scheme", "another operation", "another service"],
)
async def test_anything_else_is_refused(
    database: Database, clock: MovedClock, visitor: Visitor, given: Consent, wanted: ConsentScope
) -> None:
    assert await database.read(visitor.customer_id, partial(find_consent, scope=wanted, at=clock.now())) is None
    with pytest.raises(ConsentMissing):
        await checked(database, visitor.customer_id, given.id, wanted, clock)


async def test_what_is_missing_is_named(
    database: Database, clock: MovedClock, visitor: Visitor, given: Consent
) -> None:
    wider = replace(SCOPE, permissions=SCOPE.permissions | {"update_products"})
    missing = await database.read(visitor.customer_id, partial(missing_permissions, scope=wider, at=clock.now()))
    assert missing == {"update_products"}


async def test_it_ends_on_its_day(database: Database, clock: MovedClock, visitor: Visitor, given: Consent) -> None:
    clock.move(timedelta(days=30))
    with pytest.raises(ConsentExpired):
        await checked(database, visitor.customer_id, given.id, SCOPE, clock)


async def test_it_ends_when_it_is_withdrawn(
    database: Database, clock: MovedClock, visitor: Visitor, given: Consent
) -> None:
    withdraw = partial(withdraw_consent, visitor=visitor, consent_id=given.id, at=clock.now(), because="enough")
    await database.run(visitor.customer_id, withdraw)
    with pytest.raises(ConsentRevoked):
        await checked(database, visitor.customer_id, given.id, SCOPE, clock)


async def test_another_customers_consent_is_nobodys(database: Database, clock: MovedClock, given: Consent) -> None:
    stranger = await People(database, clock).add_customer("Stranger")
    with pytest.raises(ConsentMissing):
        await checked(database, stranger, given.id, SCOPE, clock)


async def test_one_that_never_was_is_refused(database: Database, clock: MovedClock, visitor: Visitor) -> None:
    with pytest.raises(ConsentMissing):
        await checked(database, visitor.customer_id, uuid4(), SCOPE, clock)


def test_other_words_have_another_hash() -> None:
    texts = ConsentTexts.from_folder(TEXTS, "1.0")
    hashes = {texts.current(words).sha256 for words in (["It reads."], ["It writes."], ["It", " reads."], [])}
    assert len(hashes) == 4


@pytest.mark.parametrize("version", ["9.9", "", "../consent/1.0"])
def test_nothing_starts_without_a_text(version: str) -> None:
    with pytest.raises(NoConsentText):
        ConsentTexts.from_folder(TEXTS, version)
