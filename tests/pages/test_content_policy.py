"""No page needs a script that its policy forbids, and none that somebody has put in runs."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.pages.conftest import WIDE
from tests.pages.served import Demo
from tests.pages.test_screens import ready

NO_SCREENS = (
    "/second-factor",
    "/docs",
    "/nowhere",
)  # whatever is one is looked at with all others, in test_every_screen
FOR_ANYBODY = ("/sign-in", "/sign-in?error=wrong_sign_in", "/first-admin")
LISTEN = """
window.violations = []
document.addEventListener('securitypolicyviolation', event => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
})
"""
TRICKS = {
    "a handler in an attribute": "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked=1\">')",
    "a link that is a script": "document.body.insertAdjacentHTML('beforeend', '<a id=evil href=\"javascript:window.hacked=1\">x</a>');"
    "document.getElementById('evil').click()",
}

FRAME = """
() => new Promise(resolve => {
  const frame = document.createElement('iframe')
  frame.srcdoc = '<script>parent.hacked = 1</scr' + 'ipt>'
  frame.onload = () => resolve('loaded')
  document.body.append(frame)
})
"""


@pytest.fixture
def watched(screen: Page) -> Page:
    """A page of somebody who is signed in, that notes what its policy has blocked."""
    screen.add_init_script(LISTEN)
    return screen


@pytest.fixture
def stranger(chromium: Browser, running: Demo) -> Iterator[Page]:
    """One of somebody who is not."""
    with chromium.new_context(viewport=WIDE, base_url=running.dashboard) as context:
        page = context.new_page()
        page.add_init_script(LISTEN)
        yield page


@pytest.mark.parametrize("address", NO_SCREENS)
def test_no_other_page_needs_what_its_policy_forbids(watched: Page, address: str) -> None:
    visit(watched, address)
    assert watched.evaluate("window.violations") == []


def test_nor_does_an_operations(watched: Page, running: Demo) -> None:
    visit(watched, f"/operations/{running.operation}")
    assert watched.evaluate("window.violations") == []


@pytest.mark.parametrize("address", FOR_ANYBODY)
def test_nor_one_for_anybody(stranger: Page, address: str) -> None:
    visit(stranger, address)
    assert stranger.evaluate("window.violations") == []


@pytest.mark.parametrize("trick", TRICKS)
def test_what_was_put_into_a_page_does_not_run(watched: Page, trick: str) -> None:
    ready(watched, "/settings")
    watched.evaluate(f"() => {{ {TRICKS[trick]} }}")
    watched.wait_for_function("window.violations.length > 0")
    assert watched.evaluate("window.hacked") is None
    assert watched.evaluate("window.violations")[0].startswith("script-src")


def test_a_script_that_came_in_as_text_does_not_run(watched: Page) -> None:
    """In a frame, whose text is parsed as that of a page is, under the same policy."""
    ready(watched, "/settings")
    loaded = watched.evaluate(FRAME)
    assert loaded == "loaded"
    assert watched.evaluate("window.hacked") is None


def test_every_answer_has_a_nonce_of_its_own_and_only_our_scripts_have_it(running: Demo) -> None:
    seen = set()
    for _ in range(3):
        answer = httpx.get(f"{running.dashboard}/sign-in")
        policy = answer.headers["content-security-policy"]
        found = re.search(r"script-src 'nonce-([\w-]{22})' 'strict-dynamic' 'unsafe-eval';", policy)
        assert found, policy
        seen.add(found[1])
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert len(scripts) > 5
        assert all(f'nonce="{found[1]}"' in one for one in scripts)
        assert "object-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy
    assert len(seen) == 3


def test_the_server_does_not_say_what_it_is(running: Demo) -> None:
    for address in ("/sign-in", "/healthz", "/api/autonomous/history", "/_nicegui/x.js"):
        assert "server" not in httpx.get(f"{running.dashboard}{address}").headers


def visit(page: Page, address: str) -> None:
    page.goto(address)
    if address != "/docs":
        page.wait_for_function("window.did_handshake === true")
    page.wait_for_load_state("networkidle")
