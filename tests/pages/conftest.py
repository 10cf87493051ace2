"""A running demo and a browser for all tests of the screens; and for each module a window of somebody who is signed in.

The browser is closed before any test outside of this folder: a synchronous Playwright that lives on breaks every asynchronous
test after it. So those of this folder come first. And the window is called `screen`: overriding pytest-playwright's `page`
would draw its session fixtures in.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect, sync_playwright

from pages.parts import times
from tests.browser import browser_of
from tests.pages.served import BRACKETED, ROOT, Demo, demo

HERE = Path(__file__).parent
LAUNCHED = pytest.StashKey[tuple[Browser, ExitStack]]()
PICTURES = ROOT / "test-artifacts"

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
DEMO_EMAIL = "demo@tea.example"
NARROWEST = 120  # pixels of a field to write in; in fewer nobody reads what they wrote
ZONE = "UTC"  # of the people of these tests, wherever they run

# What every field to write in that is to be seen is called, and how wide it is.
FIELDS = """() => [...document.querySelectorAll('input, textarea')]
  .filter(field => !/^(checkbox|radio|range|file|hidden|submit)$/.test(field.type) && !field.readOnly && field.checkVisibility())
  .map(field => [field.ariaLabel || field.labels?.[0]?.innerText || field.name, field.getBoundingClientRect().width])"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of this folder that are asynchronous come before those that have the browser; what is elsewhere stays where it is."""
    places = [place for place, item in enumerate(items) if HERE in item.path.parents]
    ours = sorted(
        (items[place] for place in places), key=lambda item: not iscoroutinefunction(getattr(item, "obj", None))
    )
    for place, item in zip(places, ours, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as shown:
        yield shown


@pytest.fixture(scope="session")
def spent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Another, that may be changed for good: tests reset it, and in the end delete its company."""
    with demo(tmp_path_factory.mktemp("spent")) as shown:
        yield shown


@pytest.fixture(scope="session")
def in_brackets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One where every text that is told stands in brackets."""
    with demo(tmp_path_factory.mktemp("brackets"), BRACKETED) as shown:
        yield shown


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Browser:
    """The browser, launched by whoever needs it first."""
    stash = request.config.stash
    if LAUNCHED not in stash:
        with ExitStack() as stack:
            playwright = stack.enter_context(sync_playwright())
            found = browser_of(playwright)
            browser = playwright.chromium.launch(executable_path=found.executable, channel=found.channel)
            stack.callback(browser.close)
            stash[LAUNCHED] = (browser, stack.pop_all())
    return stash[LAUNCHED][0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Close it after the last test of this folder."""
    yield
    if LAUNCHED in item.config.stash and (nextitem is None or HERE not in nextitem.path.parents):
        _, closing = item.config.stash[LAUNCHED]
        del item.config.stash[LAUNCHED]
        closing.close()


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, running: Demo) -> Any:
    """The cookies of somebody who has signed in."""
    with a_context(chromium, running) as context:
        let_in(context, running)
        return context.storage_state()


def a_context(chromium: Browser, running: Demo, **options: Any) -> BrowserContext:
    """A session of a browser, of somebody who wants no movement: what turns for as long as a run goes on is drawn sixty times a second."""
    usual = {"viewport": WIDE, "base_url": running.dashboard, "timezone_id": ZONE, "reduced_motion": "reduce"}
    return chromium.new_context(**usual | options)


@contextmanager
def somebody(chromium: Browser, running: Demo, email: str = DEMO_EMAIL, **options: Any) -> Iterator[Page]:
    """A page of a session of its own, for tests that end it or need another person."""
    with a_context(chromium, running, **options) as context:
        let_in(context, running, email)
        yield context.new_page()


@pytest.fixture(scope="module")
def window(chromium: Browser, running: Demo, signed_in: Any) -> Iterator[Page]:
    """One window for all tests of a module: a new one would load all scripts again."""
    with a_context(chromium, running, storage_state=signed_in) as context:
        yield context.new_page()


@pytest.fixture
def screen(window: Page, signed_in: Any) -> Iterator[Page]:
    """A page of somebody who has signed in, as if it were new; no script of it may fail."""
    broken: list[str] = []

    def note(error: Error) -> None:
        broken.append(str(error))

    window.on("pageerror", note)
    yield window
    window.remove_listener("pageerror", note)
    as_new(window, signed_in["cookies"])
    assert broken == []


def as_new(window: Page, cookies: Any) -> None:
    """Nothing is left of a test: no other tab, route, cookie, nor anything that was typed or set."""
    for other in window.context.pages[1:]:
        other.close()
    window.context.set_offline(False)
    window.unroute_all(behavior="ignoreErrors")
    if window.url.startswith("http"):
        window.evaluate("sessionStorage.clear(); localStorage.clear()")
    window.context.clear_cookies()
    window.context.add_cookies(cookies)
    window.set_viewport_size(WIDE)
    window.emulate_media(color_scheme="light")


def keep(page: Page, name: str, *, dark: bool = False) -> None:
    """See that a screen fits, wide and on a phone, and has room to write in; keep a picture of both among the tests' artifacts; by night, too."""
    PICTURES.mkdir(exist_ok=True)
    for size, viewport in (("phone", PHONE), ("wide", WIDE)):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide: {size}"
        narrow = [field for field, width in page.evaluate(FIELDS) if width < NARROWEST]
        assert narrow == [], f"there is no room to write in {name}: {size}"
        page.screenshot(path=PICTURES / f"{name}-{size}.png")
        if dark:
            page.emulate_media(color_scheme="dark")
            page.screenshot(path=PICTURES / f"{name}-{size}-dark.png")
            page.emulate_media(color_scheme="light")


def let_in(context: BrowserContext, running: Demo, email: str = DEMO_EMAIL) -> None:
    """Somebody signs in here by what the form sends, and its page tells: it is drawn and filled in where a test shows that."""
    context.add_cookies([{"name": times.COOKIE, "value": quote(ZONE, safe=""), "url": running.dashboard}])
    form: dict[str, str | float | bool] = {"email": email, "password": running.password, "next": "/"}
    answer = context.request.post("/auth/sign-in", form=form, headers={"Origin": running.dashboard}, max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (303, "/")


def sign_in(page: Page, running: Demo) -> None:
    """Sign in as a person does."""
    page.goto("/consents")
    page.get_by_label("E-mail").fill(DEMO_EMAIL)
    page.get_by_label("Password").fill(running.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Consents")).to_be_visible()
