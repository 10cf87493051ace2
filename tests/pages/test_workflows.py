"""Everybody reads what was learnt; staff decide on what healed steps propose, and see whom it serves."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.settings import KNOWLEDGE_BASE
from core.workflows.locator import Locator as Learnt
from core.workflows.overlay import locator_sha256, step_sha256
from core.workflows.registry import WorkflowRegistry
from tests.pages.conftest import as_new, keep, somebody
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready

WORKFLOW = "should-complete-woocommerce-setup-and-enable-product-search"
NEW_KEY = [{"role": "button", "name": "Create an API key"}]
OWN = [{"role": "link", "name": "Keys of shop.example", "description": "https://shop.example"}]
STAFF, CUSTOMER = "ana@omniops.example", "buyer@tea.example"


@pytest.fixture(scope="module")
def proposed(running: Demo) -> None:
    """Changes seen in the demo's own setup; somebody of the staff, and of the customer, with the demo's password."""
    with closing(opened(running.database)) as database, database:
        us = copy(database, "customers", {"name": "OmniOps"})
        copy(database, "users", {"customer_id": us, "email": STAFF, "role": "admin"})
        copy(database, "users", {"email": CUSTOMER, "role": "owner"}, "email LIKE 'demo@%'")
        propose(database, "Name the key", [{"label": "What is this key for?"}])
        propose(database, "Begin a new key", NEW_KEY)
        propose(database, "Generate the key", OWN)


def propose(database: sqlite3.Connection, intent: str, after: list[dict[str, Any]]) -> None:
    """Have the demo's setup have healed this step."""
    learnt = WorkflowRegistry.from_file(KNOWLEDGE_BASE).get(WORKFLOW)
    step = next(one for one in learnt.steps if one.intent.startswith(intent))
    found = (
        "SELECT customer_id, operation_id, position, picture_id, finished_at FROM operation_steps WHERE intent LIKE ?"
    )
    customer, operation, position, picture, at = database.execute(f"{found} LIMIT 1", (f"{intent}%",)).fetchone()
    before = step.locator.to_json() if step.locator else []
    row = {
        "customer_id": customer,
        "id": uuid4().hex,
        "operation_id": operation,
        "position": position,
        "workflow_id": WORKFLOW,
        "step_order": step.order,
        "step_sha256": step_sha256(WORKFLOW, step),
        "intent": step.intent,
        "rung": "likeness",
        "before": json.dumps(before),
        "after": json.dumps(after),
        "after_sha256": locator_sha256(Learnt.from_json(after)),
        "evidence": json.dumps({"score": 0.831, "names": ["Add key"], "sameForm": True}),
        "picture_id": picture,
        "created_at": at,
        "state": "proposed",
    }
    places = ", ".join("?" * len(row))
    database.execute(f"INSERT INTO workflow_changes ({', '.join(row)}) VALUES ({places})", tuple(row.values()))


@pytest.fixture(scope="module")
def office_window(chromium: Browser, running: Demo, proposed: None) -> Iterator[Page]:
    """The window of somebody of the staff, who is of another company than the customer."""
    with somebody(chromium, running, STAFF) as page:
        yield page


@pytest.fixture
def office(office_window: Page) -> Iterator[Page]:
    """Their page, as it is opened."""
    cookies = office_window.context.cookies()
    ready(office_window, "/workflows")
    yield office_window
    as_new(office_window, cookies)


@pytest.fixture(scope="module")
def reader(chromium: Browser, running: Demo, proposed: None) -> Iterator[Page]:
    """The window of a customer's own person, who is no staff."""
    with somebody(chromium, running, CUSTOMER) as page:
        yield page


def card(page: Page, step: str) -> Locator:
    """The proposal about this step."""
    return page.locator(".proposal", has=page.get_by_role("heading", name=step))


def line(page: Page, step: str) -> Locator:
    """What was decided about this step."""
    return page.locator(".decided .item", has_text=step)


def press(page: Page, place: Locator, button: str, sure: str = "") -> None:
    """Press a button, and say that it is meant."""
    place.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=sure or button).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_everybody_reads_what_was_learnt_and_customers_nothing_else(reader: Page) -> None:
    ready(reader, "/operations")
    reader.get_by_role("link", name="Workflows").locator("visible=true").click()
    expect(reader.get_by_role("heading", name="Workflows", level=1)).to_be_visible()
    learnt = reader.locator(".card", has_text="Complete the WooCommerce setup")
    expect(learnt).to_contain_text(re.compile(r"Learnt from tests/e2e/woocommerce/test_woocommerce_setup\.py:\d+"))
    expect(learnt).to_contain_text(re.compile(r"\d+ of \d+ steps are replayed in the browser"))
    expect(learnt.get_by_text("Begin a new key")).to_be_hidden()
    learnt.locator("summary").click()
    expect(learnt.get_by_text("Begin a new key")).to_be_visible()
    expect(learnt.get_by_text("Enter the user name [username]")).to_be_visible()
    expect(reader.get_by_text("Proposed changes")).to_have_count(0)
    assert "Create an API key" not in reader.content()
    keep(reader, "workflows")


def test_workflows_are_searched(reader: Page) -> None:
    ready(reader, "/workflows")
    reader.get_by_label("Search workflows").fill("revoke")
    reader.get_by_role("button", name="Search").click()
    expect(reader.get_by_role("status")).to_contain_text("workflows with these words")
    expect(reader.locator(".card h2").first).to_contain_text("Revoke")
    reader.get_by_label("Search workflows").fill("zeppelin")
    reader.get_by_role("button", name="Search").click()
    expect(reader.get_by_role("heading", name="Nothing fits")).to_be_visible()
    reader.get_by_role("link", name="all of them").click()
    expect(reader.get_by_text("Complete the WooCommerce setup")).to_be_visible()


def test_staff_see_what_was_looked_for_what_was_found_and_why(office: Page) -> None:
    proposal = card(office, "Name the key")
    expect(proposal).to_contain_text("found by likeness")
    expect(proposal).to_contain_text("“Description”")
    expect(proposal).to_contain_text("“What is this key for?”")
    expect(proposal).to_contain_text("Why it is the same: score 0.83 · names “Add key” · same form yes")
    picture = proposal.get_by_role("img")
    picture.scroll_into_view_if_needed()
    office.wait_for_function("image => image.naturalWidth === 1280", arg=picture.element_handle())
    expect(proposal.locator(".touched")).to_be_visible()
    expect(card(office, "Begin a new key").locator(".touched")).to_have_count(0)
    keep(office, "workflow-changes")


def test_a_change_is_accepted_for_its_customer_then_for_all_then_withdrawn(office: Page) -> None:
    proposal = card(office, "Begin a new key")
    proposal.get_by_role("button", name="Accept for all").click()
    expect(office.get_by_role("dialog")).to_contain_text("only the step, and button “Create an API key”")
    keep(office, "workflow-change-for-all")
    office.get_by_role("dialog").get_by_role("button", name="Go back").click()
    expect(office.get_by_role("dialog")).to_have_count(0)

    press(office, proposal, "Accept for Tea Shop", "Accept")
    expect(proposal).to_have_count(0)
    decided = line(office, "Begin a new key")
    expect(decided).to_contain_text("accepted for Tea Shop")
    expect(decided).to_contain_text(re.compile(rf"on \d+ \w+ \d+ by {STAFF}"))
    press(office, decided, "Accept for all")
    expect(decided).to_contain_text("accepted for all")
    press(office, decided, "Withdraw")
    expect(decided).to_contain_text("refused")
    expect(decided.get_by_role("button")).to_have_count(0)


def test_what_is_the_customers_own_is_not_shared_and_that_is_said(office: Page) -> None:
    proposal = card(office, "Generate the key")
    press(office, proposal, "Accept for all")
    expect(office.get_by_text("This can't serve every customer")).to_contain_text("holds a web address")
    expect(proposal).to_be_visible()
    press(office, proposal, "Refuse")
    expect(line(office, "Generate the key")).to_contain_text("refused")


def test_who_decides_too_late_is_told(office: Page) -> None:
    with office.context.expect_page() as opened:
        office.evaluate("open('/workflows')")
    other = opened.value
    other.wait_for_function("window.did_handshake === true")
    press(office, card(office, "Name the key"), "Refuse")
    expect(line(office, "Name the key")).to_contain_text("refused")
    press(other, card(other, "Name the key"), "Accept for Tea Shop", "Accept")
    expect(other.get_by_text("Somebody has decided on this change already. It is refused now.")).to_be_visible()
    expect(line(other, "Name the key")).to_contain_text("refused")
    expect(other.get_by_text("None. A step that is found on another element")).to_be_visible()
