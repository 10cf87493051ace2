"""A look at a place before anybody is asked for a password: is it a pretix?"""

import pytest

from core.integrations.pretix.probe import NotPretix, PretixProbe
from core.security.addresses import AddressGuard, SystemResolver
from tests.fakes.web import Answer, Web, serving

SIGN_IN = "/control/login"
PAGE = '<html><img src="/static/pretixbase/img/pretix-logo.svg">'


async def look(answer: Answer) -> Web:
    """Look at a place that answers this where one signs in."""
    async with serving() as web:
        web.pages[SIGN_IN] = answer
        await PretixProbe(AddressGuard(SystemResolver(), frozenset({web.origin.host_port})))(web.origin)
        return web


async def test_a_pretix_is_known_by_its_sign_in_page_and_asked_once() -> None:
    assert (await look(Answer(PAGE))).requests == [f"GET {SIGN_IN} HTTP/1.1"]


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (Answer("<html>"), "has no page of pretix"),
        (Answer(PAGE, 404), "has no page of pretix"),
        (
            Answer("", 301, headers=(("Location", "https://tickets.example/"),)),
            "sends us to https://tickets.example/. Use",
        ),
    ],
)
async def test_another_place_is_told_why(answer: Answer, because: str) -> None:
    with pytest.raises(NotPretix, match=because):
        await look(answer)
