"""A page that is left open can do nothing once its person has signed out."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pages.conftest import let_in
from tests.pages.served import Demo, opened
from tests.pages.test_screens import ready

RECORDED = "SELECT count(*) FROM api_tokens WHERE name = ?"


@contextmanager
def two_tabs(chromium: Browser, running: Demo) -> Iterator[tuple[BrowserContext, Page, Page]]:
    """Two tabs of one browser that is signed in, both on the settings."""
    with chromium.new_context(base_url=running.dashboard) as context:
        page, other = context.new_page(), context.new_page()
        let_in(context, running)
        ready(other, "/settings/security")
        ready(page, "/settings/security")
        yield context, page, other


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_in_one_tab_leads_every_other_to_the_sign_in(chromium: Browser, running: Demo) -> None:
    with two_tabs(chromium, running) as (_, page, other):
        sign_out(page)
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
        assert other.url.endswith("/sign-in?next=%2Fsettings%2Fsecurity")


def test_a_tab_that_does_not_go_has_nothing_left_and_does_nothing(chromium: Browser, running: Demo) -> None:
    """As a browser would that an attacker has made: it stays, and sends the event of the button that it still knows."""
    with two_tabs(chromium, running) as (_, page, other):
        other.get_by_label("What the token is for").fill("after the sign-out")
        other.evaluate(STAY)
        sign_out(page)
        expect(other.get_by_role("button", name="Make a token")).to_have_count(0)
        other.evaluate("window.sendAgain()")
        other.wait_for_timeout(500)
        assert count(running, "after the sign-out") == 0


def test_a_session_that_another_process_ended_does_nothing_more(chromium: Browser, running: Demo) -> None:
    """Nobody tells this process of it; the page's own events ask."""
    with two_tabs(chromium, running) as (_, page, _other):
        page.get_by_label("What the token is for").fill("ended elsewhere")
        with closing(opened(running.database)) as database, database:
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
            database.execute("UPDATE user_sessions SET ended_at = ? WHERE ended_at IS NULL", (now,))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert count(running, "ended elsewhere") == 0


def count(running: Demo, name: str) -> int:
    with closing(opened(running.database)) as database:
        return int(database.execute(RECORDED, (name,)).fetchone()[0])


# The event of the form's submission, kept before the page is cleared, with the connection it went over.
STAY = """
() => {
  const socket = window.socket, form = document.querySelector('form:has(input[aria-label="What the token is for"])')
  let sent = null
  const emit = socket.emit.bind(socket)
  socket.emit = (name, message, ...rest) => { if (name === 'event') { sent = message; return } return emit(name, message, ...rest) }
  form.dispatchEvent(new Event('submit', {cancelable: true}))
  socket.emit = emit
  socket.off('open')
  window.sendAgain = () => { if (!sent) throw new Error('nothing was kept'); socket.emit('event', sent) }
}
"""
