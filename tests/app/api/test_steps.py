"""Signing in step by step over HTTP: codes for staff, the first admin, another password; each with a token of its own."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.database.roles import Role, SignedIn
from core.security.audit import audit_log
from core.security.one_time_codes import OneTimeCodes
from core.security.people.sessions import COOKIE
from core.security.people.visitor import Scope, Visitor
from tests.app.api.calling import API, OUR_PAGE, PASSWORD, Caller, problem
from tests.fakes.clock import MovedClock

FROM_US = {"Sec-Fetch-Site": "same-origin"}
PERIOD = timedelta(seconds=30)


class Browser:
    """A browser: it keeps the cookie, which httpx would not send over plain http, and follows nothing."""

    def __init__(self, call: Caller) -> None:
        self.call = call
        self.token = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.token}"} if self.token else {}

    async def post(self, path: str, **form: str) -> httpx.Response:
        answer = await self.call.anonymous.post(path, data=form, headers=self.headers | FROM_US)
        self.call.anonymous.cookies.clear()
        if COOKIE in answer.cookies:
            self.token = answer.cookies[COOKIE]
        return answer

    async def history(self) -> httpx.Response:
        return await self.call.anonymous.get(f"{API}/history", headers=self.headers)


@pytest.fixture
async def browser(call: Caller) -> Browser:
    return Browser(call)


@pytest.fixture
async def ana(call: Caller) -> Visitor:
    """An admin, who has no second factor yet."""
    people = call.stage.services.people
    return await people.add_user(await people.add_customer("OmniOps"), "ana@omniops.example", PASSWORD, Role.ADMIN)


def error_of(answer: httpx.Response) -> tuple[str, str]:
    to = urlsplit(answer.headers["location"])
    return to.path, parse_qs(to.query).get("error", [""])[0]


async def codes_of(browser: Browser) -> OneTimeCodes:
    """The app that scans what this browser is shown."""
    services = browser.call.stage.services
    standing = await services.sessions.standing_of(browser.token)
    assert standing
    return OneTimeCodes.of((await services.second_factors.begin(standing.visitor)).seed)


async def test_staff_come_in_with_a_second_step_alone(
    call: Caller, browser: Browser, ana: Visitor, clock: MovedClock
) -> None:
    signed_in = await browser.post("/auth/sign-in", email=ana.email, password=PASSWORD, next="/audit")
    assert signed_in.headers["location"] == "/second-factor"
    assert problem(await browser.history())["code"] == "second_factor_needed"
    page = await call.anonymous.get("/statistics", headers=browser.headers)
    assert page.headers["location"] == "/second-factor"

    codes, by_password = await codes_of(browser), browser.token
    assert error_of(await browser.post("/auth/second-factor", code="000000")) == ("/second-factor", "wrong_code")
    assert error_of(await browser.post("/auth/second-factor", code=codes.at(clock.now()).reveal())) == (
        "/second-factor",
        "",
    )
    assert browser.token != by_password  # more may be done with it: it is another
    assert (await browser.history()).status_code == 200
    assert await call.stage.services.sessions.standing_of(by_password) is None

    clock.move(2 * PERIOD)
    again = Browser(call)
    answer = await again.post("/auth/sign-in", email=ana.email, password=PASSWORD, next="/audit")
    assert answer.headers["location"] == "/sign-in/code?next=%2Faudit"
    assert problem(await again.history())["code"] == "second_factor_needed"
    page = await call.anonymous.get("/statistics?days=7", headers=again.headers)
    assert page.headers["location"] == "/sign-in/code?next=%2Fstatistics%3Fdays%3D7"
    wrong = await again.post("/auth/code", code="000000", next="/audit")
    assert wrong.headers["location"] == "/sign-in/code?error=wrong_code&next=%2Faudit"
    right = await again.post("/auth/code", code=codes.at(clock.now()).reveal(), next="/audit")
    assert right.headers["location"] == "/audit"
    assert (await again.history()).status_code == 200


async def test_enrolment_is_no_way_round_a_factor_that_is_on(
    call: Caller, browser: Browser, ana: Visitor, clock: MovedClock
) -> None:
    """Whoever has the password alone can't enrol an app of their own."""
    hers = Browser(call)
    await hers.post("/auth/sign-in", email=ana.email, password=PASSWORD)
    codes = await codes_of(hers)
    await hers.post("/auth/second-factor", code=codes.at(clock.now()).reveal())
    clock.move(2 * PERIOD)
    await browser.post("/auth/sign-in", email=ana.email, password=PASSWORD)
    answer = await browser.post("/auth/second-factor", code=codes.at(clock.now()).reveal())
    assert answer.headers["location"] == "/sign-in"
    assert problem(await browser.history())["code"] == "second_factor_needed"


@pytest.mark.parametrize("path", ["/auth/code", "/auth/second-factor", "/auth/password"])
async def test_nobody_takes_a_later_step_first(call: Caller, browser: Browser, path: str) -> None:
    answer = await browser.post(path, code="123456", old=PASSWORD, new=PASSWORD)
    assert answer.headers["location"].startswith("/sign-in?next=")
    assert "set-cookie" not in answer.headers


async def test_a_code_does_nothing_for_who_is_in_already(call: Caller, browser: Browser) -> None:
    await browser.post("/auth/sign-in", email=call.stage.visitor.email, password=PASSWORD)
    assert (await browser.post("/auth/code", code="123456")).headers["location"] == "/sign-in"


async def test_customers_may_have_a_second_step(call: Caller, browser: Browser, clock: MovedClock) -> None:
    owner = call.stage.visitor
    await browser.post("/auth/sign-in", email=owner.email, password=PASSWORD)
    codes = await codes_of(browser)
    by_who_passes = await browser.post("/auth/second-factor", code=codes.at(clock.now()).reveal())
    assert error_of(by_who_passes) == ("/second-factor", "wrong_sign_in")
    assert not await call.stage.services.second_factors.is_on(owner)
    await browser.post("/auth/second-factor", code=codes.at(clock.now()).reveal(), password=PASSWORD)
    clock.move(2 * PERIOD)
    again = Browser(call)
    await again.post("/auth/sign-in", email=owner.email, password=PASSWORD)
    assert problem(await again.history())["code"] == "second_factor_needed"
    recovery = (await call.stage.services.second_factors.recovery_codes(owner))[0]
    await again.post("/auth/code", code=recovery.reveal())
    assert (await again.history()).status_code == 200


async def test_another_password_gives_this_browser_another_session_and_ends_the_others(
    call: Caller, browser: Browser
) -> None:
    other, email = Browser(call), call.stage.visitor.email
    for one in (browser, other):
        await one.post("/auth/sign-in", email=email, password=PASSWORD)
    before = browser.token
    wrong = await browser.post("/auth/password", old="not the one", new="quite another thing")
    assert error_of(wrong) == ("/settings/security", "wrong_sign_in")
    weak = await browser.post("/auth/password", old=PASSWORD, new="password12345")
    assert error_of(weak) == ("/settings/security", "weak_password")
    assert (await other.history()).status_code == 200
    await browser.post("/auth/password", old=PASSWORD, new="quite another thing")
    assert browser.token != before
    assert [(await one.history()).status_code for one in (browser, other)] == [200, 401]


async def test_the_first_admin_comes_in_by_the_consoles_code(call: Caller, browser: Browser, clock: MovedClock) -> None:
    code = await call.stage.services.first_admin.code()
    assert code
    form = {"email": "ana@omniops.example", "password": PASSWORD}
    assert error_of(await browser.post("/auth/first-admin", code="x", **form)) == ("/first-admin", "wrong_first_code")
    made = await browser.post("/auth/first-admin", code=code.reveal(), **form)
    assert made.headers["location"] == "/sign-in"
    assert browser.token == ""
    signed_in = await browser.post("/auth/sign-in", **form)
    assert signed_in.headers["location"] == "/second-factor"
    again = await browser.post("/auth/first-admin", code=code.reveal(), email="x@x.example", password=PASSWORD)
    assert error_of(again) == ("/first-admin", "wrong_first_code")


@pytest.mark.parametrize("host", ["192.168.1.20:8080", "autopilot.lan", "127.0.0.1.evil.example", "localhost.evil"])
async def test_over_plain_http_elsewhere_a_sentence_says_why_it_can_not_work(call: Caller, host: str) -> None:
    form = {"email": call.stage.visitor.email, "password": PASSWORD}
    answer = await call.anonymous.post("/auth/sign-in", data=form, headers={"Host": host})
    assert error_of(answer) == ("/sign-in", "needs_https")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "demo.localhost"])
async def test_on_the_machine_itself_it_works_without_tls(call: Caller, host: str) -> None:
    form = {"email": call.stage.visitor.email, "password": PASSWORD}
    answer = await call.anonymous.post("/auth/sign-in", data=form, headers={"Host": host})
    assert answer.headers["location"] == "/"
    assert answer.headers["set-cookie"].startswith("__Host-sid=")


async def test_a_browsers_call_has_to_be_json_even_without_a_body(call: Caller) -> None:
    operation = await call.initiate()
    cancel = f"{API}/operations/{operation}/cancel"
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""):
        headers = await call.cookie() | FROM_US | ({"Content-Type": kind} if kind else {})
        answer = await call.anonymous.post(cancel, headers=headers)
        assert (answer.status_code, problem(answer)["code"]) == (415, "not_json"), kind
    assert (await call.anonymous.post(cancel, headers=await call.cookie() | OUR_PAGE)).status_code == 200


async def test_what_was_refused_is_told_in_the_audit(call: Caller) -> None:
    people, services = call.stage.services.people, call.stage.services
    member = await people.add_user(call.stage.visitor.customer_id, "m@tea.example", PASSWORD, Role.MEMBER)
    reader = await services.tokens.add(call.stage.visitor, "reader", timedelta(days=1), [Scope.READ])
    body = {"action": "revoke", "consentId": str(member.user_id)}
    by_role = await call.anonymous.post(f"{API}/consent", json=body, headers=await call.cookie(member) | FROM_US)
    by_scope = await call.anonymous.post(f"{API}/consent", json=body, headers={"Authorization": f"Bearer {reader}"})
    forged = await call.anonymous.post(
        f"{API}/consent", json=body, headers=await call.cookie() | {"Origin": "https://evil.example"}
    )
    assert [one.status_code for one in (by_role, by_scope, forged)] == [403, 403, 403]
    entries = await services.database.read(call.stage.visitor.customer_id, audit_log.read)
    told = [(one.actor, (one.detail or {})["code"]) for one in entries if one.action == "access_refused"]
    owner = call.stage.visitor.actor
    assert told == [(owner, "cross_site"), (owner, "scope_missing"), (member.actor, "not_allowed")]


async def test_sign_ins_stand_in_the_audit_with_their_network(call: Caller, browser: Browser) -> None:
    email = call.stage.visitor.email
    await browser.post("/auth/sign-in", email=email, password="wrong")
    await call.stage.services.people.settled()
    await browser.post("/auth/sign-in", email=email, password=PASSWORD)
    entries = await call.stage.services.database.read(call.stage.visitor.customer_id, audit_log.read)
    told = [(one.action, (one.detail or {}).get("network")) for one in entries if "sign" in one.action]
    assert told == [("signed_in", "127.0.0.0/24"), ("sign_in_refused", "127.0.0.0/24")]


async def test_a_session_half_way_opens_nothing_but_its_next_step(call: Caller, ana: Visitor) -> None:
    for so_far in (SignedIn.NEEDS_CODE, SignedIn.NEEDS_ENROLMENT):
        token = await call.stage.services.sessions.begin(ana, so_far)
        headers = {"Cookie": f"{COOKIE}={token}"}
        described = (await call.client.get("/openapi.json")).json()["paths"]
        for path in ("/", "/audit", "/settings", "/people", "/docs", "/openapi.json", *described):
            address = path.replace("{size}", "full").replace("{", "").replace("}", "")
            answer = await call.anonymous.get(address, headers=headers)
            if path not in {"/healthz", "/readyz"} and "/callbacks/" not in path:
                assert answer.status_code in {401, 303}, path
