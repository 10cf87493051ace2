"""What is refused before it is tried: any address outside the shop, and any step that was not understood to the end."""

import pytest

from core.agents.policy import Policy
from core.browser.actions import Click, Open, Reload
from core.security.origin import Origin
from core.workflows.step import ActionKind, Resolution
from tests.core.agents.learnt import css, learnt

POLICY = Policy(Origin.of("https://tea.example"))
GOTO = learnt("Open it", ActionKind.GOTO)


@pytest.mark.parametrize(
    "address", ["https://tea.example", "https://tea.example:443/wp-admin/?a=b", "https://TEA.example./", "tea.example"]
)
def test_the_shop_itself_may_be_opened(address: str) -> None:
    assert POLICY.objection(GOTO, Open(address)) == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "http://tea.example/",
        "https://tea.example:8443/",
        "https://tea.example.evil.example/",
        "https://sub.tea.example/",
        "//evil.example/",
        "https://tea.example@evil.example/",
        "https://tea.example\\@evil.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,hello",
        "",
        "{{password}}",
    ],
)
def test_no_other_address_may_be_opened(address: str) -> None:
    assert POLICY.objection(GOTO, Open(address))


def test_the_objection_names_where_it_would_have_gone() -> None:
    objection = POLICY.objection(GOTO, Open("https://evil.example/path?secret=1"))
    assert objection == "https://evil.example is not the shop this was allowed for."


@pytest.mark.parametrize("resolution", [Resolution.LITERAL, Resolution.BOUND, Resolution.UNBOUND])
def test_a_step_that_was_understood_may_be_done(resolution: Resolution) -> None:
    step = learnt("Click", ActionKind.CLICK, "a", resolution=resolution)
    assert POLICY.objection(step, Click(css("a"))) == ""
    assert POLICY.objection(step, Reload()) == ""


@pytest.mark.parametrize(
    ("resolution", "why", "told"),
    [
        (Resolution.PARTIAL, "only if store.practice", "only if store.practice"),
        (Resolution.OPAQUE, None, "opaque"),
    ],
)
def test_a_step_that_was_not_understood_may_not(resolution: Resolution, why: str | None, told: str) -> None:
    step = learnt("Click", ActionKind.CLICK, "a", resolution=resolution, why=why)
    assert POLICY.objection(step, Click(css("a"))) == f"This step was not understood to the end: {told}."
