"""A receipt that was changed in any place is no receipt, and the key that it brings along proves nothing."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.database.tables import ConsentRow
from core.operations.consents import ConsentRequest
from core.security.consent.agreement import Circumstances, session_digest
from core.security.consent.receipts import FIRST_LINE, BadReceipt, receipt_of, signed, verify_receipt
from core.security.keys.signing import by_id
from core.security.people.sessions import digest
from tests.core.operations.house import SHOP, House, house
from tests.fakes.clock import MovedClock
from tests.fakes.integration import OPERATION, SERVICE
from tests.fakes.keys import FixedSigningKey

KEY, OTHER = FixedSigningKey().signing_key(), FixedSigningKey("another").signing_key()
KEYS = by_id([KEY.public])


@pytest.fixture
async def home(sqlite_database: Any, clock: MovedClock) -> House:
    return await house(sqlite_database, clock)


@pytest.fixture
async def document(home: House) -> dict[str, Any]:
    given = await home.consents.grant(home.visitor, ConsentRequest(SERVICE, OPERATION, SHOP))
    return json.loads(json.dumps(await home.receipts.receipt(home.visitor, given.id)))  # type: ignore[no-any-return]


def places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every single value."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from places(value, (*way, name))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from places(value, (*way, number))
    else:
        yield way


def changed(document: dict[str, Any], way: tuple[Any, ...]) -> dict[str, Any]:
    other = copy.deepcopy(document)
    part: Any = other["receipt"]
    for step in way[:-1]:
        part = part[step]
    part[way[-1]] = f"{part[way[-1]]} "
    return other


async def test_it_verifies_as_it_was_signed_and_by_hand(document: dict[str, Any]) -> None:
    assert verify_receipt(document, KEYS) == document["receipt"]
    text = json.dumps(document["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert KEY.public.has_signed(f"{FIRST_LINE}\n{text}", document["signature"]["value"])


async def test_every_field_that_is_changed_is_noticed(document: dict[str, Any]) -> None:
    every = list(places(document["receipt"]))
    assert len(every) > 40
    for way in every:
        with pytest.raises(BadReceipt):
            verify_receipt(changed(document, way), KEYS)


async def test_a_field_that_is_left_out_or_added_is_noticed(document: dict[str, Any]) -> None:
    for name in document["receipt"]:
        less = copy.deepcopy(document)
        del less["receipt"][name]
        with pytest.raises(BadReceipt):
            verify_receipt(less, KEYS)
    with pytest.raises(BadReceipt):
        verify_receipt(document | {"receipt": document["receipt"] | {"more": 1}}, KEYS)


async def test_one_that_somebody_else_has_signed_is_refused_with_their_key_in_it(document: dict[str, Any]) -> None:
    forged = signed(document["receipt"], OTHER)
    with pytest.raises(BadReceipt, match="another key"):
        verify_receipt(forged, KEYS)
    forged["signature"]["keyId"] = KEY.public.id
    with pytest.raises(BadReceipt, match="does not fit"):
        verify_receipt(forged, KEYS)


@pytest.mark.parametrize("rubbish", [None, [], {}, {"receipt": {}}, {"receipt": {}, "signature": {"keyId": 1}}, "x"])
def test_what_is_no_receipt_is_said_to_be_none(rubbish: Any) -> None:
    with pytest.raises(BadReceipt):
        verify_receipt(rubbish, KEYS)


async def test_no_receipt_tells_what_a_session_is_looked_up_by(home: House) -> None:
    token = "a session's token"
    given = Circumstances(session_sha256=session_digest(token))
    (one,) = await home.consents.agree(home.visitor, ConsentRequest(SERVICE, OPERATION, SHOP), given)
    row = await home.database.read(
        home.visitor.customer_id, lambda session: session.get_one(ConsentRow, (home.visitor.customer_id, one.id))
    )
    assert row.session_sha256 not in {None, digest(token)}
    assert receipt_of(row, at=home.clock.now())["event"]["sessionSha256"] == row.session_sha256
    row.terms = {**(row.terms or {}), "schemaVersion": "2"}  # versions before this one recorded the very same
    assert receipt_of(row, at=home.clock.now())["event"]["sessionSha256"] is None
