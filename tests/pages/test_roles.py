"""Every page by every role, with the buttons that are for it: in a real browser, on the running product."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from nicegui import Client
from playwright.sync_api import Browser, Page, expect

from core.catalog.sync import Product
from core.database.roles import Role
from core.operations.consents import ConsentRequest
from core.security.secret import Secret
from tests.attacks.matrix import EVERYBODY, OPERATE, OWNERS, PAGES
from tests.fakes.clock import MovedClock
from tests.pages.conftest import somebody
from tests.pages.served import Demo, opened
from tests.pages.simulation import Person, simulated
from tests.pages.test_behaviour import ASKED, connect
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready

# What the pages offer that is not for everybody, and to whom.
BUTTONS = {
    "/": {"Set up a service": OPERATE},
    "/shops": {"Set up a service": OPERATE, "Revoke there": OPERATE, "Forget": OWNERS},
    "/operations": {"Set up a shop": OPERATE},
    "/operations/{id}": {"revoke": OWNERS},
    "/consents": {"Withdraw": OWNERS},
    "/settings/security": {"Change the password": EVERYBODY, "Make a token": OWNERS},
    "/settings/credentials": {"Set an end": OWNERS, "Delete": OWNERS},
    "/settings/notifications": {"Add a webhook": OWNERS},
    "/settings/privacy": {"Export all data": OWNERS, "Delete all data": OWNERS},
    "/audit": {"Verify the chain": EVERYBODY, "Download export": EVERYBODY},
}
NOT_SIGNED_IN = ("/sign-in", "/first-admin")


@pytest.fixture(scope="module")
def people(running: Demo) -> None:
    """Somebody in each role, with the demo's password."""
    with closing(opened(running.database)) as database, database:
        for role in Role:
            copy(database, "users", {"email": address_of(role), "role": role.value}, "email LIKE 'demo@%'")


def address_of(role: Role) -> str:
    return f"{role.value}@roles.example"


@pytest.fixture(scope="module")
def pages(chromium: Browser, running: Demo, people: None) -> Iterator[dict[Role, Page]]:
    """A page of somebody in each role."""
    with ExitStack() as stack:
        yield {role: stack.enter_context(somebody(chromium, running, address_of(role))) for role in Role}


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_the_pages_that_are_for_it(pages: dict[Role, Page], role: Role) -> None:
    window = pages[role].context.request
    statuses = {address: window.get(address, max_redirects=0).status for address in PAGES}
    assert statuses == {address: 200 if role in roles else 403 for address, roles in PAGES.items()}


def test_nobody_opens_any_without_signing_in(chromium: Browser, running: Demo) -> None:
    with chromium.new_context(base_url=running.dashboard) as context:
        for address in PAGES:
            answer = context.request.get(address, max_redirects=0)
            assert (answer.status, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), address
        for address in NOT_SIGNED_IN:
            assert context.request.get(address, max_redirects=0).status == 200


@pytest.mark.usefixtures("stocked")
async def test_every_page_there_is_stands_in_the_matrix() -> None:
    """By the product's own list of pages."""
    listed = set(Client.page_routes.values())
    assert listed - {"/operations/{operation_id}", "/sign-in/code", *NOT_SIGNED_IN} == PAGES.keys()


def test_a_handler_refuses_who_may_no_longer_do_it(pages: dict[Role, Page], running: Demo) -> None:
    """The page was drawn for an owner; whoever acts on it is a member by now."""
    page = pages[Role.OWNER]
    ready(page, "/consents")
    with become(running, Role.OWNER, Role.MEMBER):
        page.get_by_role("button", name="Withdraw").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
        expect(page.get_by_role("alert").filter(has_text="You may not do this")).to_be_visible()
    ready(page, "/consents")
    expect(page.get_by_role("button", name="Withdraw").first).to_be_visible()


@contextmanager
def become(running: Demo, role: Role, other: Role) -> Iterator[None]:
    """The person in a role is in another for a while, without the sign-out that comes with it."""
    change = "UPDATE users SET role = ? WHERE email = ?"
    with closing(opened(running.database)) as database:
        with database:
            database.execute(change, (other.value, address_of(role)))
        yield
        with database:
            database.execute(change, (role.value, address_of(role)))


@pytest.fixture
async def stocked(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[tuple[Person, UUID]]:
    """A company with a shop, a consent, secrets, and an operation under way; without a browser."""
    async with simulated(tmp_path, sqlite_template, clock) as person:
        await connect(person, Product(1, "Earl Grey"))
        services, who, shop = person.services, person.stage.visitor, person.stage.store_url
        sign_in = {"admin_username": Secret("admin"), "admin_password": Secret("not shown here")}
        await services.credentials.store(who, "woocommerce", shop, sign_in)
        await services.consents.grant(who, ConsentRequest(*ASKED, shop))
        (queued,) = await services.operations.history(who)
        yield person, queued.id


@pytest.mark.parametrize("role", Role)
async def test_a_button_is_drawn_for_who_may_press_it_and_for_nobody_else(
    stocked: tuple[Person, UUID], role: Role
) -> None:
    person, operation_id = stocked
    if role is not Role.OWNER:  # who they are already
        await person.become(role)
    for address, names in BUTTONS.items():
        await person.open(address.replace("{id}", str(operation_id)))
        drawn = person.buttons()
        assert {name for name in names if any(name in one for one in drawn)} == {
            name for name, roles in names.items() if role in roles
        }, (address, drawn)


def test_a_member_sees_no_credentials_tokens_or_people(pages: dict[Role, Page]) -> None:
    page = pages[Role.MEMBER]
    for section, headings in {
        "credentials": ("Stored credentials",),
        "security": ("API tokens",),
        "notifications": ("By webhook",),
        "privacy": ("Your company's data",),
    }.items():
        ready(page, f"/settings/{section}")
        expect(page.get_by_text("An owner of your company")).to_be_visible()
        for heading in headings:
            expect(page.get_by_role("heading", name=heading)).to_have_count(0)
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_role("link", name="People")).to_have_count(0)


def test_an_auditor_sees_what_staff_see_and_no_button_that_decides(pages: dict[Role, Page]) -> None:
    page = pages[Role.AUDITOR]
    ready(page, "/statistics")
    expect(page.get_by_text("all customers")).to_be_visible()
    for role, shown in ((Role.OWNER, True), (Role.AUDITOR, False)):
        for address, name in (("/shops", "Forget"), ("/settings/credentials", "Set an end")):
            ready(pages[role], address)
            assert bool(pages[role].get_by_role("button", name=name).count()) is shown


def test_an_owner_lets_somebody_in_and_out_again(pages: dict[Role, Page], chromium: Browser, running: Demo) -> None:
    """Whose open page ends with it."""
    owner = pages[Role.OWNER]
    ready(owner, "/people")
    owner.get_by_label("E-mail").fill("new@roles.example")
    owner.get_by_role("button", name="Let in", exact=True).click()
    dialog = owner.get_by_role("dialog")
    password = dialog.locator(".mono").inner_text()
    dialog.get_by_role("button", name="I have kept it").click()
    with chromium.new_context(base_url=running.dashboard) as context:
        theirs = context.new_page()
        theirs.goto("/operations")
        theirs.get_by_label("E-mail").fill("new@roles.example")
        theirs.get_by_label("Password").fill(password)
        theirs.get_by_role("button", name="Sign in").click()
        expect(theirs.get_by_role("heading", name="Operations")).to_be_visible()
        theirs.wait_for_function("window.did_handshake === true")

        line = owner.locator(".item").filter(has_text="new@roles.example")
        line.get_by_role("button", name="Disable").click()
        owner.get_by_role("dialog").get_by_role("button", name="Disable").click()
        expect(line.get_by_text("disabled")).to_be_visible()
        expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
        theirs.get_by_label("E-mail").fill("new@roles.example")
        theirs.get_by_label("Password").fill(password)
        theirs.get_by_role("button", name="Sign in").click()
        expect(theirs.get_by_role("alert")).to_contain_text("not right")


def test_an_owner_is_offered_no_role_of_staff(pages: dict[Role, Page]) -> None:
    owner = pages[Role.OWNER]
    ready(owner, "/people")
    owner.locator(".card").filter(has_text="Let somebody in").get_by_role("combobox").click()
    expect(owner.get_by_role("option", name="Member")).to_be_visible()
    expect(owner.get_by_role("option", name="staff")).to_have_count(0)
