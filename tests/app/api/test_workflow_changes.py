"""Changes of learnt workflows by HTTP: staff see and decide, nobody else does."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from core.agents.task import Healing
from core.browser.pictures import encoded
from core.database.roles import Role
from core.operations.changes import HealedAt, propose
from core.planner.planner import Rung
from core.security.people.people import Visitor
from core.workflows.locator import Locator
from tests.app.api.calling import API, Caller, problem

LEARNT = "should-complete-woocommerce-setup-and-enable-product-search"
CHANGES = f"{API}/workflows/changes"
NEW_KEY = [{"role": "button", "name": "Create an API key"}]


@dataclass(frozen=True)
class Office:
    """Somebody of the staff, in a browser, and a change that was proposed at a customer's."""

    call: Caller
    staff: Visitor
    headers: dict[str, str]
    change: str

    async def get(self, address: str = CHANGES) -> httpx.Response:
        return await self.call.anonymous.get(address, headers=self.headers)

    async def decide(self, change: str | UUID, **body: Any) -> httpx.Response:
        return await self.call.anonymous.post(f"{CHANGES}/{change}", json=body, headers=self.headers)

    async def state(self) -> str:
        return str((await self.get()).json()[0]["state"])


async def propose_at(call: Caller, after: list[dict[str, Any]]) -> str:
    """Have a run of the caller heal the step that begins a new key."""
    services, who = call.stage.services, call.stage.visitor
    picture = await services.pictures.save(who.customer_id, encoded(Image.new("RGB", (1280, 800)), (), "x"))
    step = next(one for one in services.workflows.get(LEARNT).steps if one.intent == "Begin a new key")
    healing = Healing(LEARNT, step, Rung.LIKENESS, Locator.from_json(after), {"score": 0.83})
    healed_at = HealedAt(who.customer_id, UUID(await call.initiate()), 9, "agent", picture.id)
    now = services.clock.now()
    await services.database.run(who.customer_id, lambda session: propose(session, healing, healed_at, at=now))
    return str(picture.id)


@pytest.fixture
async def office(call: Caller) -> Office:
    picture = await propose_at(call, NEW_KEY)
    people = call.stage.services.people
    staff = await people.add_user(
        await people.add_customer("OmniOps"), "ana@x.example", "a long enough one", Role.ADMIN
    )
    headers = await call.cookie(staff) | {"Sec-Fetch-Site": "same-origin"}
    (one,) = (await call.anonymous.get(CHANGES, headers=headers)).json()
    assert (await call.anonymous.get(f"/pictures/{picture}/full", headers=headers)).status_code == 404
    return Office(call, staff, headers, one["changeId"])


async def test_staff_see_what_is_proposed(office: Office) -> None:
    (one,) = (await office.get()).json()
    assert (one["workflowId"], one["intent"], one["healedBy"]) == (LEARNT, "Begin a new key", "likeness")
    assert one["before"]["words"] == "link “Add key”"
    assert one["after"] == {"words": "button “Create an API key”", "locator": NEW_KEY}
    assert (one["state"], one["holds"], one["decidedBy"], one["evidence"]) == ("proposed", True, None, {"score": 0.83})
    assert one["seenAt"]["customer"] == "Tea Shop"
    assert one["seenAt"]["storeUrl"] == office.call.stage.store_url


async def test_the_picture_is_for_staff_and_its_customer_is_told(office: Office) -> None:
    address = (await office.get()).json()[0]["picture"]
    picture = await office.get(address)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert picture.content[8:12] == b"WEBP"
    assert (await office.call.client.get(f"{API}/audit")).json()[0]["action"] == "change_picture_seen"
    assert problem(await office.call.client.get(address))["status"] == 403


async def test_decisions_are_carried_out_and_audited(office: Office) -> None:
    for decision, state in (("accept", "accepted"), ("share", "shared"), ("withdraw", "refused")):
        answer = await office.decide(office.change, decision=decision, because="as seen")
        assert (answer.status_code, answer.content) == (204, b"")
        (one,) = (await office.get()).json()
        assert (one["state"], one["decidedBy"]) == (state, office.staff.email)
    newest = (await office.call.client.get(f"{API}/audit")).json()[0]
    assert (newest["action"], newest["detail"]["because"]) == ("change_withdrawn", "as seen")
    again = problem(await office.decide(office.change, decision="refuse"))
    assert (again["status"], again["code"]) == (409, "change_decided")
    assert again["detail"] == "Somebody has decided on this change already. It is refused now."


async def test_what_is_the_customers_own_is_not_shared(call: Caller, office: Office) -> None:
    assert (await office.decide(office.change, decision="refuse")).status_code == 204
    (operation,) = (await call.client.get(f"{API}/history")).json()
    await call.client.post(f"{API}/operations/{operation['operationId']}/cancel")
    await propose_at(call, [{"role": "link", "name": "Keys of the Tea Shop"}])
    change = (await office.get()).json()[0]["changeId"]
    told = problem(await office.decide(change, decision="share"))
    assert (told["status"], told["code"]) == (409, "not_for_all")
    assert await office.state() == "proposed"


@pytest.mark.parametrize("decision", ["accept", "share", "refuse", "withdraw"])
async def test_customers_are_refused_with_their_own_changes_too(office: Office, decision: str) -> None:
    client = office.call.client
    answers = [await client.get(CHANGES), await client.post(f"{CHANGES}/{office.change}", json={"decision": decision})]
    for answer in answers:
        assert (answer.status_code, problem(answer)["code"]) == (403, "not_allowed")
    assert await office.state() == "proposed"


async def test_what_is_not_there_and_what_can_not_be_decided(office: Office) -> None:
    assert problem(await office.decide(uuid4(), decision="accept"))["status"] == 404
    assert problem(await office.decide("x", decision="accept"))["status"] == 422
    assert problem(await office.decide(office.change, decision="delete"))["status"] == 422
    assert problem(await office.decide(office.change, decision="accept", customerId=str(uuid4())))["status"] == 422
    assert await office.state() == "proposed"
