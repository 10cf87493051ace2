"""What an API says no with: for good, or only just now, and then for how long."""

import httpx
import pytest

from core.integrations.calling import Answer, ShopApiBusy, asked_to_wait, refusal

NOW = "Mon, 30 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 30 Nov 2026 09:02:00 GMT", 120.0),
        ("Mon, 30 Nov 2026 08:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
        ("٣", None),
    ],
)
def test_a_time_to_wait_is_a_number_or_a_moment(said: str, seconds: float | None) -> None:
    assert asked_to_wait(httpx.Headers([(b"Retry-After", said.encode()), (b"Date", NOW.encode())])) == seconds


def test_a_moment_without_the_present_one_says_nothing() -> None:
    assert asked_to_wait(httpx.Headers({"Retry-After": NOW})) is None
    assert asked_to_wait(httpx.Headers()) is None


@pytest.mark.parametrize("status", [429, 500, 503, 599])
def test_one_that_is_busy_may_answer_later(status: int) -> None:
    error = refusal(Answer(status, httpx.Headers({"Retry-After": "90"}), b'{"message": "Come back"}'))
    assert isinstance(error, ShopApiBusy)
    assert (error.retry, error.retry_after, error.code) == (True, 90.0, "api_busy")
    assert str(status) in error.sentence


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_one_that_refuses_does_so_for_good(status: int) -> None:
    error = refusal(Answer(status, httpx.Headers({"Retry-After": "90"}), b""))
    assert (error.retry, error.retry_after, error.code) == (False, None, "api_refused")
