"""A try that waits for its time says when it is; it can be begun at once, or stopped."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo, opened
from tests.pages.test_screens import ready

AT = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def waiting(screen: Page, running: Demo) -> Iterator[str]:
    """As if the second try by itself waited for its time, after an operation that had failed."""
    service: dict[str, object] = {"service": "woocommerce", "operation": "api_key_generation"}
    service |= {"metadata": {"storeUrl": running.shop}, "permissions": ["update_products"]}  # which nobody consented to
    headers = {"Origin": running.dashboard}

    def post(address: str, data: object = None) -> str:
        answer = screen.request.post(f"/api/autonomous/{address}", data=data, headers=headers)
        assert answer.ok, answer.text()
        return str(answer.json()["operationId"])

    first = post("initiate", service)
    post(f"operations/{first}/cancel", {"because": "The shop met an error of its own."})
    again = post(f"operations/{first}/retry", {})
    with closing(opened(running.database)) as database, database:
        database.execute(
            "UPDATE autonomous_operations SET status = 'pending', tries = 2, not_before = ? WHERE id = ?",
            (f"{AT:%Y-%m-%d %H:%M:%S.%f}", UUID(again).hex),
        )
    yield again
    screen.request.post(f"/api/autonomous/operations/{again}/cancel", data={}, headers=headers)


def test_it_is_told_when_it_is_tried_and_can_be_stopped(screen: Page, running: Demo, waiting: str) -> None:
    told = f"Will try again at {AT:%H:%M} (2 of 3)"
    ready(screen, "/operations")
    expect(screen.get_by_text(f"{told}.")).to_be_visible()
    ready(screen, f"/operations/{waiting}")
    expect(screen.get_by_role("heading", name=told)).to_be_visible()
    expect(screen.get_by_text("This is the third try.")).to_be_visible()
    expect(screen.get_by_text("The try before did not work: The shop met an error of its own.")).to_be_visible()
    keep(screen, "waiting-to-try-again")

    screen.get_by_role("link", name="See the one before").click()
    expect(screen.get_by_text(f"{told}.")).to_be_visible()
    keep(screen, "will-be-tried-again")
    screen.get_by_role("link", name="See that try").click()

    screen.get_by_role("button", name="Stop").click()
    screen.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(screen.get_by_role("heading", name="It was stopped")).to_be_visible()
    expect(screen.get_by_role("button", name="Try now")).to_have_count(0)


def test_who_does_not_want_to_wait_has_it_tried_now(screen: Page, running: Demo, waiting: str) -> None:
    ready(screen, f"/operations/{waiting}")
    screen.get_by_role("button", name="Try now").click()
    # Nobody consented to this one, so that is what it says.
    expect(screen.get_by_role("heading", name="It could not be done")).to_be_visible(timeout=30_000)
