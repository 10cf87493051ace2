"""In the browser an owner takes all along, and has it deleted in two steps, with a certificate in the downloads."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from core.privacy.certificate import Certificate
from tests.pages.conftest import keep, somebody
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready

OWNER = "owner@forgotten.example"


@pytest.fixture
def company(running: Demo) -> str:
    """Another company, whose owner has the demo's password; its id."""
    with closing(opened(running.database)) as database, database:
        company_id = copy(database, "customers", {"name": "Forgotten Ltd"})
        zero = {"seq": "0", "hash": "0" * 64, "checkpoint_number": "0", "checkpoint_seq": "0", "outside_number": "0"}
        add_head(database, company_id, zero)
        theirs = {"customer_id": company_id, "email": f"{uuid4().hex}.{OWNER}"}
        copy(database, "users", theirs, "email LIKE 'demo@%'")
    return theirs["email"]


def add_head(database: sqlite3.Connection, company_id: str, values: dict[str, str]) -> None:
    names = ", ".join(("customer_id", *values))
    marks = ", ".join("?" * (len(values) + 1))
    database.execute(f"INSERT INTO audit_chain_heads ({names}) VALUES ({marks})", (company_id, *values.values()))


@pytest.fixture
def settings(chromium: Browser, running: Demo, company: str) -> Iterator[Page]:
    """The settings of its owner."""
    with somebody(chromium, running, company, accept_downloads=True) as page:
        ready(page, "/settings/privacy")
        yield page


def test_all_data_is_exported_for_the_password(settings: Page, running: Demo) -> None:
    card = settings.locator(".card", has=settings.get_by_role("heading", name="Your company's data"))
    card.get_by_label("Your password").fill("not the right one")
    card.get_by_role("button", name="Export all data").click()
    expect(settings.get_by_role("alert")).to_contain_text("E-mail or password is not right")
    card.get_by_label("Your password").fill(running.password)
    keep(settings, "own-data")
    with settings.expect_download() as download:
        card.get_by_role("button", name="Export all data").click()
    with ZipFile(download.value.path()) as archive:
        assert b"Forgotten Ltd" in archive.read("data/customers.jsonl")


def test_all_data_is_deleted_in_two_steps(settings: Page, running: Demo) -> None:
    settings.get_by_role("button", name="Delete all data").click()
    dialog = settings.get_by_role("dialog")
    expect(dialog).to_contain_text("What runs is stopped at once.")
    dialog.get_by_label("Your password").fill("not the right one")
    dialog.get_by_role("button", name="Go on").click()
    expect(settings.get_by_text("E-mail or password is not right")).to_be_visible()
    dialog.get_by_label("Your password").fill(running.password)
    keep(settings, "delete-all")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_contain_text("This can't be undone")
    keep(settings, "delete-all-now")
    with settings.expect_download() as download:
        dialog.get_by_role("button", name="Delete everything now").click()
    told = download.value.path().read_text()
    assert Certificate.from_json(told) is not None
    assert json.loads(told)["text"].startswith("autopilot/deletion/v1\n")
    settings.goto("/settings/privacy")
    expect(settings.get_by_role("heading", name="Sign in")).to_be_visible()
