"""Over HTTP a company takes its data along, or has it deleted; the proof is signed, and the door is shut afterwards."""

import io
from zipfile import ZipFile

from core.privacy.certificate import Certificate
from core.security.people.sessions import COOKIE
from tests.app.api.calling import API, OUR_PAGE, PASSWORD, Caller, problem


async def test_all_data_comes_as_one_zip(call: Caller) -> None:
    await call.store("canary-password-of-the-shop")
    answer = await call.client.post(f"{API}/privacy/export", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="omniops-export.zip"'
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"README.txt", "audit.zip", "data/users.jsonl"} <= set(archive.namelist())
        assert all(b"canary" not in archive.read(name) for name in archive.namelist())
        assert b"admin_password" in archive.read("data/autonomous_credentials.jsonl")


async def test_a_deletion_takes_two_calls_and_ends_every_way_in(call: Caller) -> None:
    await call.store("a password of the shop")
    cookie = await call.cookie()
    asked = await call.client.post(f"{API}/privacy/delete", json={})
    assert (asked.status_code, asked.json().keys()) == (202, {"requestId", "confirmation", "confirmBefore"})
    assert (await call.client.get(f"{API}/credentials")).json() != []
    refused = await call.client.post(f"{API}/privacy/delete", json={"confirmation": "guessed"})
    assert (refused.status_code, problem(refused)["code"]) == (403, "not_confirmed")

    done = await call.client.post(f"{API}/privacy/delete", json={"confirmation": asked.json()["confirmation"]})
    assert done.status_code == 200
    certificate = Certificate.from_json(done.text)
    assert certificate is not None
    assert certificate.is_by(call.stage.autopilot.checkpoints.keys.known())
    assert certificate.deletion.customer_id == call.stage.visitor.customer_id
    assert (await call.client.get(f"{API}/history")).status_code == 401
    assert (await call.anonymous.get(f"{API}/history", headers=cookie)).status_code == 401


async def test_a_browser_gives_its_password_once_more(call: Caller) -> None:
    headers = await call.cookie(await call.somebody()) | OUR_PAGE
    for body in ({}, {"password": "not the right one"}):
        for what in ("export", "delete"):
            answer = await call.anonymous.post(f"{API}/privacy/{what}", json=body, headers=headers)
            assert (answer.status_code, problem(answer)["code"]) == (403, "wrong_sign_in")
    answer = await call.anonymous.post(f"{API}/privacy/export", json={"password": PASSWORD}, headers=headers)
    assert answer.status_code == 200


async def test_forms_of_the_page_do_the_same(call: Caller) -> None:
    cookie = await call.cookie(await call.somebody())
    form = {"Sec-Fetch-Site": "same-origin"} | cookie
    wrong = await call.anonymous.post("/privacy/export", data={"password": "wrong"}, headers=form)
    assert (wrong.status_code, wrong.headers["location"]) == (303, "/settings/privacy?error=wrong_sign_in")
    right = await call.anonymous.post("/privacy/export", data={"password": PASSWORD}, headers=form)
    assert (right.status_code, right.headers["content-type"]) == (200, "application/zip")

    guessed = await call.anonymous.post("/privacy/delete", data={"confirmation": "guessed"}, headers=form)
    assert (guessed.status_code, guessed.headers["location"]) == (303, "/settings/privacy?error=not_confirmed")
    who = await call.stage.services.sessions.visitor_of(cookie["Cookie"].partition("=")[2])
    assert who is not None
    body = {"password": PASSWORD}
    asked = await call.anonymous.post(f"{API}/privacy/delete", json=body, headers=cookie | OUR_PAGE)
    done = await call.anonymous.post(
        "/privacy/delete", data={"confirmation": asked.json()["confirmation"]}, headers=form
    )
    assert done.headers["content-disposition"] == 'attachment; filename="omniops-deletion.json"'
    assert Certificate.from_json(done.text) is not None
    assert f'{COOKIE}=""' in done.headers["set-cookie"]


async def test_another_site_can_not_have_it_done(call: Caller) -> None:
    cookie = await call.cookie()
    for path in ("/privacy/delete", "/privacy/export", f"{API}/privacy/delete"):
        answer = await call.anonymous.post(path, data={}, headers=cookie | {"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


async def test_a_body_that_is_none_is_refused(call: Caller) -> None:
    for body in ({"password": 1}, {"password": "x" * 1000}, {"confirmation": ["x"]}, {"more": 1}):
        answer = await call.client.post(f"{API}/privacy/delete", json=body)
        assert (answer.status_code, problem(answer)["code"]) == (422, "bad_request")
