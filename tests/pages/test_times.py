"""Times are told by the viewer's own clock, whatever their browser says that it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from nicegui import ui
from playwright.sync_api import Browser, expect

from pages.parts import times
from tests.pages.conftest import sign_in
from tests.pages.served import Demo

NEW_YEAR = datetime(2026, 12, 31, 18, 30, tzinfo=UTC)


@contextmanager
def viewed_from(monkeypatch: pytest.MonkeyPatch, cookie: str | None) -> Iterator[None]:
    """As if a page were drawn for a browser with this cookie."""
    cookies = {} if cookie is None else {times.COOKIE: cookie}
    client = SimpleNamespace(request=SimpleNamespace(cookies=cookies))
    with monkeypatch.context() as patched:
        patched.setattr(ui, "context", SimpleNamespace(client=client))
        yield


def test_a_moment_is_told_in_the_zone_of_the_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    with viewed_from(monkeypatch, quote("Asia/Kathmandu", safe="")):
        assert times.minute(NEW_YEAR) == "1 Jan 2027, 00:15"
        assert times.day(NEW_YEAR) == "1 Jan 2027"
        assert times.time_of_day(NEW_YEAR) == "00:15"
        assert times.zone_name() == "Asia/Kathmandu"


@pytest.mark.parametrize("cookie", [None, "", "Nowhere/AtAll", "../../etc/passwd", "/etc/passwd", "Europe", "a" * 5000])
def test_without_a_zone_that_there_is_a_moment_is_told_in_utc(
    cookie: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with viewed_from(monkeypatch, cookie):
        assert times.minute(NEW_YEAR) == "31 Dec 2026, 18:30 UTC"
        assert times.zone_name() == "UTC"


def test_what_never_was_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with viewed_from(monkeypatch, None):
        assert (times.day(None), times.minute(None), times.time_of_day(None)) == ("never", "never", "once")


def test_who_has_come_to_another_zone_is_shown_its_times_at_once_and_loads_no_more(
    chromium: Browser, running: Demo
) -> None:
    with chromium.new_context(base_url=running.dashboard, timezone_id="Asia/Tokyo") as context:
        page = context.new_page()
        sign_in(page, running)
        context.add_cookies([{"name": "zone", "value": "UTC", "url": running.dashboard}])
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)
        page.goto("/audit")
        expect(page.get_by_role("columnheader", name="When (Asia/Tokyo)")).to_be_visible()
        page.wait_for_function("window.did_handshake === true")
        assert len(asked) == 2
        page.reload()
        page.wait_for_function("window.did_handshake === true")
        assert len(asked) == 3


def test_a_browser_tells_its_zone_before_the_first_screen(chromium: Browser, running: Demo) -> None:
    with chromium.new_context(base_url=running.dashboard, timezone_id="Asia/Tokyo") as context:
        page = context.new_page()
        sign_in(page, running)
        page.goto("/audit")
        expect(page.get_by_role("columnheader", name="When (Asia/Tokyo)")).to_be_visible()
