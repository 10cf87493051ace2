"""Errors: each kind has its status, and what broke is told to the log and to nobody else."""

import logging
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from app.api.errors import problem_of
from core.agents.integration import UnknownService
from core.browser.find_browser import NoBrowser
from core.errors import BadInput, Conflict, CoreError, NotFound, NotSignedIn, Refused, Unavailable
from core.integrations.looking import NotThere
from core.security.addresses import ShopNotFound
from core.security.keys.data_keys import WornOut
from core.security.keys.envelope import CannotOpen
from core.security.keys.key_ring import UnknownKey
from core.security.people.people import TooManyTries
from core.security.vault.rollback import RolledBack
from tests.app.api.calling import API, Caller, problem


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (NotSignedIn(), 401),
        (Refused(), 403),
        (BadInput(), 422),
        (UnknownService(), 422),
        (Conflict(), 409),
        (Unavailable(), 503),
        (NoBrowser(), 503),
        (ShopNotFound(), 422),
        (NotThere(), 422),
        (TooManyTries(), 429),
        (CannotOpen(), 500),
        (UnknownKey(), 500),
        (WornOut(), 500),
        (RolledBack(), 409),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, CoreError) else str(value),
)
def test_each_kind_has_its_status(error: CoreError, status: int) -> None:
    assert problem_of(error).status_code == status


def test_what_broke_on_our_side_is_not_told() -> None:
    told = bytes(problem_of(CannotOpen(because="row 7 of the vault")).body)
    assert b"row 7" not in told
    assert b'"code":"internal"' in told


async def test_a_bug_is_answered_as_a_problem_and_found_in_the_log(
    call: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: Any) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(type(call.stage.services.runs), "page", breaks)
    with caplog.at_level(logging.ERROR, logger="app.api.errors"):
        answer = await call.client.get(f"{API}/history")
    assert answer.json()["instance"] in caplog.text
    assert "hunter2" not in answer.text
    assert (answer.status_code, problem(answer)["code"]) == (500, "internal")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("error", [OperationalError("SELECT", {}, OSError("disk of machine 7")), TimeoutError()])
async def test_without_a_database_it_is_not_well(
    call: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def breaks(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(type(call.stage.services.database), "run_across_customers", breaks)
    answer: httpx.Response = await call.anonymous.get("/healthz")
    assert (answer.status_code, problem(answer)["code"]) == (503, "no_database")
    assert "machine 7" not in answer.text
