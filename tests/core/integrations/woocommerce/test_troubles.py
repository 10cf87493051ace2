"""How a shop says no in a language nobody learnt: by what it shows."""

import pytest

from core.agents.agent import StepFailed, planned
from core.agents.keys import KeyAgent, KeyKind
from core.agents.revoking import RevokingAgent
from core.agents.slots import Slots
from core.integrations.woocommerce.key import KEY as WOOCOMMERCE
from core.integrations.woocommerce.words import FORM_UNANSWERED
from core.integrations.wordpress.key import KEY as WORDPRESS
from core.integrations.wordpress.words import AMONG_CUSTOMERS, DIED, SIGN_IN_REFUSED, WAY_BACK
from core.security.origin import Origin
from core.workflows.locator import Locator
from core.workflows.step import ActionKind
from tests.core.agents.learnt import css, learnt, shows, workflow
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.step_log import MemoryStepLog
from tests.fakes.task import fake_task

SHOP = Origin("https", "tea.example", 443)
SIGN_IN = learnt("Sign in", ActionKind.CLICK, "#submit", checks=shows("#toolbar"))


async def code_of(kind: KeyKind, said: str, *signs: Locator) -> str:
    """How it ends if the shop says this, and shows this besides."""
    elements = [FakeElement((css("#submit"),)), *(FakeElement((sign,)) for sign in (kind.notices, *signs))]
    page = FakePage(SHOP, Screen("/", notice=said, elements=elements))
    page.go("/")
    agent: KeyAgent = RevokingAgent(fake_task(page, MemoryStepLog(planned=[planned(SIGN_IN)])), kind)
    with pytest.raises(StepFailed) as failed:
        await agent.replay(page, workflow(SIGN_IN), Slots({}), 1)
    assert failed.value.because.endswith(".")
    return failed.value.failure_code


@pytest.mark.parametrize("kind", [WOOCOMMERCE, WORDPRESS], ids=lambda kind: kind.service)
@pytest.mark.parametrize(
    ("said", "signs", "code"),
    [
        ("Fehler: Das stimmt so nicht.", [SIGN_IN_REFUSED], "wrong_password"),
        ("the shop answered 403; Diese Seite darfst du nicht sehen.", [DIED], "no_rights"),
        ("the shop answered 403; Das gilt nicht mehr.", [DIED, WAY_BACK], "link_expired"),
        ("the shop answered 404; Da ist nichts.", [DIED], "page_not_recognised"),
        ("Mein Konto", [AMONG_CUSTOMERS], "no_rights"),
        ("Etwas ganz anderes.", [], "page_not_recognised"),
    ],
)
async def test_a_no_is_known_in_any_language(kind: KeyKind, said: str, signs: list[Locator], code: str) -> None:
    assert await code_of(kind, said, *signs) == code


async def test_a_key_form_that_stays_covered_had_no_answer() -> None:
    assert await code_of(WOOCOMMERCE, "", FORM_UNANSWERED) == "shop_error"
