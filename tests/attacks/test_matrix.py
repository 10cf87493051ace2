"""Every route of the API by everybody who may call: each cell has the one status that it should have.

The routes are those that the API itself describes, so that one added without a row here turns this red.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from app.api.rights import RIGHTS
from core.database.roles import Role, SignedIn
from core.database.session import CustomerSession
from core.database.tables import ConnectionRow, ProductRow, ScheduleRow
from core.security.people.sessions import COOKIE
from core.security.people.visitor import Scope, Visitor
from tests.app.api.calling import API, OUR_PAGE, PASSWORD, Caller, desk
from tests.attacks.matrix import FORMS, PUBLIC, ROUTES, Cell, address
from tests.fakes.clock import MovedClock
from tests.fakes.page import FakePicture

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = timedelta(days=1)
WHO = ["nobody", "made-up token", "made-up session", "signed out", "half-way", "disabled", "revoked token"]
WHO += ["token of a disabled"]
LATER = ["idle too long", "too old", "token too old"]


@pytest_asyncio.fixture(loop_scope="module")
async def call(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Caller]:
    """Somebody who may call; nothing that is asked for is carried out."""
    async with desk(tmp_path, sqlite_template, clock) as somebody:
        yield somebody


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> AsyncIterator[Caller]:
    """The same for all tests after which it is as it was, but for who is known there: its clock stands."""
    async with desk(tmp_path_factory.mktemp("matrix"), sqlite_template, MovedClock()) as somebody:
        yield somebody


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={token}"} | OUR_PAGE


async def person(call: Caller, role: Role) -> Visitor:
    """Somebody of our company in a role."""
    company = call.stage.visitor.customer_id
    return await call.stage.services.people.add_user(company, f"{uuid4().hex}@tea.example", PASSWORD, role)


async def statuses(call: Caller, headers: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """What each route answers."""
    found = {}
    for (method, path), cell in ROUTES.items():
        answer = await sent(call, method, address(path), headers, cell)
        found[method, path] = answer.status_code
    return found


async def sent(call: Caller, method: str, to: str, headers: Mapping[str, str], cell: Cell) -> httpx.Response:
    return await call.anonymous.request(method, to, headers=dict(headers), json=cell.body)


def expected(role: Role, scopes: frozenset[Scope] = frozenset(Scope)) -> dict[tuple[str, str], int]:
    return {
        route: cell.status if role in cell.roles and cell.scope in scopes else 403 for route, cell in ROUTES.items()
    }


async def test_every_route_that_is_described_has_its_row_here_and_its_right(place: Caller) -> None:
    described = (await place.client.get("/openapi.json")).json()["paths"]
    routes = {(method.upper(), path) for path, calls in described.items() for method in calls}
    assert routes == ROUTES.keys() | PUBLIC.keys()
    assert RIGHTS.keys() == ROUTES.keys() | FORMS


async def test_every_route_says_that_it_asks_for_a_sign_in(place: Caller) -> None:
    described = (await place.client.get("/openapi.json")).json()["paths"]
    for path, calls in described.items():
        for method, one in calls.items():
            secured = [next(iter(way)) for way in one.get("security", [])]
            assert secured == ([] if (method.upper(), path) in PUBLIC else ["token", "session"]), path


@pytest.mark.parametrize("who", WHO)
async def test_who_is_not_signed_in_gets_401_everywhere(place: Caller, clock: MovedClock, who: str) -> None:
    headers = await not_signed_in(place, clock, who)
    assert await statuses(place, headers) == dict.fromkeys(ROUTES, 401)


@pytest.mark.parametrize("who", LATER)
async def test_who_is_not_signed_in_any_more_gets_401_everywhere(call: Caller, clock: MovedClock, who: str) -> None:
    headers = await not_signed_in(call, clock, who)
    assert await statuses(call, headers) == dict.fromkeys(ROUTES, 401)


async def not_signed_in(call: Caller, clock: MovedClock, who: str) -> dict[str, str]:
    if who == "nobody":
        return dict(OUR_PAGE)
    if "token" in who:
        return bearer(await token_of_nobody(call, clock, who))
    return cookie(await session_of_nobody(call, clock, who))


async def session_of_nobody(call: Caller, clock: MovedClock, who: str) -> str:
    services, owner = call.stage.services, await person(call, Role.OWNER)
    session = await services.sessions.begin(owner)
    match who:
        case "made-up session":
            return "x" * 43
        case "signed out":
            await services.sessions.end(session)
        case "idle too long":
            clock.move(timedelta(minutes=31))
        case "too old":
            for _ in range(25):
                clock.move(timedelta(minutes=29))
                await services.sessions.visitor_of(session)
        case "half-way":
            return await services.sessions.begin(owner, SignedIn.NEEDS_CODE)
        case "disabled":
            await disabled(call, owner)
    return session


async def token_of_nobody(call: Caller, clock: MovedClock, who: str) -> str:
    services, owner = call.stage.services, await person(call, Role.OWNER)
    token = await services.tokens.add(owner, who, DAY)
    match who:
        case "made-up token":
            return token[:-10] + ("0" if token[-10] != "0" else "1") + token[-9:]
        case "revoked token":
            mine = await services.tokens.list(owner)
            await services.tokens.revoke(owner, next(one.id for one in mine if one.name == who))
        case "token too old":
            clock.move(DAY)
        case "token of a disabled":
            await disabled(call, owner)
    return token


async def disabled(call: Caller, who: Visitor) -> None:
    await call.stage.services.members.disable(await person(call, Role.ADMIN), who.user_id)


@pytest.mark.parametrize("by", ["session", "token"])
@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_what_is_its_own(place: Caller, role: Role, by: str) -> None:
    who = await person(place, role)
    if by == "session":
        headers = cookie(await place.stage.services.sessions.begin(who))
    else:
        headers = bearer(await token_for(place, who, frozenset(Scope)))
    assert await statuses(place, headers) == expected(role)


@pytest.mark.parametrize("scope", Scope)
async def test_a_token_with_one_scope_opens_what_needs_it_alone(place: Caller, scope: Scope) -> None:
    admin = await person(place, Role.ADMIN)
    headers = bearer(await token_for(place, admin, frozenset({scope})))
    assert await statuses(place, headers) == expected(Role.ADMIN, frozenset({scope}))


@pytest.mark.parametrize("scope", Scope)
async def test_a_token_without_a_scope_opens_all_but_that(place: Caller, scope: Scope) -> None:
    admin, others = await person(place, Role.ADMIN), frozenset(Scope) - {scope}
    headers = bearer(await token_for(place, admin, others))
    assert await statuses(place, headers) == expected(Role.ADMIN, others)


async def token_for(call: Caller, who: Visitor, scopes: frozenset[Scope]) -> str:
    """A token of theirs: made as an admin would be allowed to, since not every role may make one."""
    as_admin = Visitor(who.customer_id, who.user_id, who.email, Role.ADMIN)
    return await call.stage.services.tokens.add(as_admin, "x", DAY, scopes)


@pytest.mark.parametrize("role", [Role.OWNER, Role.MEMBER])
async def test_another_companys_things_are_as_if_they_were_not_there(call: Caller, role: Role) -> None:
    """For every route with an id: the answers for a foreign and for an absent one are the same but for their ids."""
    people = call.stage.services.people
    stranger = await people.add_user(await people.add_customer("Other"), "s@x.example", PASSWORD, role)
    headers = cookie(await call.stage.services.sessions.begin(stranger))
    ours = await things(call)
    before = await state(call)
    for (method, path), cell in ROUTES.items():
        if "{" not in path or "workflowId" in path:  # workflows are everybody's
            continue
        foreign = await sent(call, method, address(path, next(i for n, i in ours.items() if n in path)), headers, cell)
        absent = await sent(call, method, address(path), headers, cell)
        assert told(foreign) == told(absent), path
        assert foreign.status_code == (cell.status if role in cell.roles else 403), path
    assert await state(call) == before


async def schedule(call: Caller) -> str:
    """Something of ours that is done again and again."""
    who, now = call.stage.visitor, call.stage.services.clock.now()
    row = ScheduleRow(
        customer_id=who.customer_id,
        service="woocommerce",
        operation="check",
        store_origin="https://tea.example",
        every_seconds=3600,
        next_at=now + DAY,
        created_by=who.user_id,
        created_at=now,
    )
    made = row.id
    await call.stage.services.database.run(who.customer_id, lambda session: session.add(row))
    return str(made)


async def things(call: Caller) -> dict[str, str]:
    """The ids of what is ours."""
    operation = await call.initiate()
    await call.store("hunter2hunter2")
    credential = (await call.client.get(f"{API}/credentials")).json()[0]["credentialId"]
    taken = await FakePicture("https://tea.example/").ready()
    picture = (await call.stage.services.pictures.save(call.stage.visitor.customer_id, taken)).id
    assert (await call.client.get(f"/pictures/{picture}/full")).status_code == 200
    hook = await call.client.post(f"{API}/webhooks", json={"url": f"{call.stage.store_url}/hook"})
    return {
        "operationId": operation,
        "credentialId": credential,
        "pictureId": str(picture),
        "changeId": operation,
        "scheduleId": await schedule(call),
        "productId": await product(call, UUID(operation)),
        "webhookId": hook.json()["webhookId"],
        "consentId": str(await call.consent()),
        "customerId": str(call.stage.visitor.customer_id),
    }


async def product(call: Caller, operation_id: UUID) -> str:
    """The id of a product of ours, in a shop that is connected."""
    whose, now = call.stage.visitor.customer_id, call.stage.services.clock.now()
    shop = ConnectionRow(
        customer_id=whose, operation_id=operation_id, service="woocommerce", store_origin="https://tea.example",
        key_hint="1234567", key_permission="read", created_at=now,
    )  # fmt: skip
    row = ProductRow(customer_id=whose, connection_id=shop.id, remote_id=1, name="Earl Grey", synced_at=now)

    def put(session: CustomerSession) -> None:
        session.add(shop)
        session.flush()
        session.add(row)

    await call.stage.services.database.run(whose, put)
    assert (await call.client.get(f"/pictures/product/{row.id}/thumb")).status_code == 200
    return str(row.id)


async def state(call: Caller) -> tuple[Any, ...]:
    paths = ("history", "credentials", "webhooks", "consent", "audit")
    return tuple([(await call.client.get(f"{API}/{path}")).json() for path in paths])


def told(answer: httpx.Response) -> tuple[Any, ...]:
    """All of an answer that is not new each time."""
    body = json.loads(answer.text)
    assert body.pop("instance") == f"urn:uuid:{body.pop('request_id')}"
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, body, headers


@pytest.mark.parametrize("route", PUBLIC, ids=str)
async def test_what_is_public_tells_nothing_of_anybody(place: Caller, route: tuple[str, str]) -> None:
    answer = await place.anonymous.request(*route, json={} if route[0] == "POST" else None)
    assert answer.status_code == PUBLIC[route]
    assert "Tea Shop" not in answer.text


async def test_a_route_that_nobody_gave_a_right_lets_nobody_through(
    place: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for route in list(RIGHTS):
        monkeypatch.delitem(RIGHTS, route)
    assert set((await statuses(place, place.client.headers)).values()) == {403}
