"""Webhooks by HTTP: added with a secret that is answered once, listed without it, and removed; signed calls come from the running product."""

from uuid import uuid4

from core.security.people.sessions import COOKIE
from tests.app.api.calling import API, OUR_PAGE, PASSWORD, Caller, problem

HOOKS = f"{API}/webhooks"


def address_of(call: Caller) -> str:
    """The one place that a test may have called: the practice shop."""
    return f"{call.stage.store_url}/wp-login.php"


async def test_it_is_added_with_a_secret_listed_without_and_removed(call: Caller) -> None:
    answer = await call.client.post(HOOKS, json={"url": address_of(call), "events": ["failed", "failed", "needs_you"]})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert (made["url"], made["events"]) == (address_of(call), ["failed", "needs_you"])
    assert (made["lastAt"], made["lastFailure"], made["undelivered"]) == (None, None, 0)
    listed = await call.client.get(HOOKS)
    assert (listed.json(), secret in listed.text) == ([made], False)
    assert (await call.client.delete(f"{HOOKS}/{made['webhookId']}")).status_code == 204
    assert (await call.client.get(HOOKS)).json() == []
    assert (await call.client.delete(f"{HOOKS}/{uuid4()}")).status_code == 404


async def test_without_events_it_is_told_of_all_that_happens_to_operations(call: Caller) -> None:
    made = (await call.client.post(HOOKS, json={"url": address_of(call)})).json()
    assert made["events"] == ["finished", "failed", "needs_you"]


async def test_what_may_not_be_called_is_refused_with_a_reason(call: Caller) -> None:
    for url, code in (
        ("https://127.0.0.1/", "bad_webhook"),
        ("https://localhost/", "bad_webhook"),
        ("gopher://x", "bad_webhook"),
    ):
        refused = await call.client.post(HOOKS, json={"url": url})
        assert (refused.status_code, problem(refused)["code"]) == (422, code), refused.text
    nothing = await call.client.post(HOOKS, json={"url": address_of(call), "events": ["test"]})
    assert (nothing.status_code, problem(nothing)["code"]) == (422, "nothing_chosen")
    assert (await call.client.get(HOOKS)).json() == []


async def test_a_browser_shows_that_it_is_they(call: Caller) -> None:
    """A session alone adds none: it would outlast it."""
    owner = await call.somebody("hooks@x.example", "Hooks")
    token = await call.stage.services.sessions.begin(owner)
    headers = OUR_PAGE | {"Cookie": f"{COOKIE}={token}"}
    body = {"url": address_of(call)}
    refused = await call.anonymous.post(HOOKS, json=body, headers=headers)
    assert (refused.status_code, problem(refused)["code"]) == (403, "wrong_sign_in")
    added = await call.anonymous.post(HOOKS, json=body | {"password": PASSWORD}, headers=headers)
    assert added.status_code == 201
