"""A token is taken out of the sentence it is said in, and used only if it can do what was allowed and nothing else."""

from dataclasses import replace

import pytest

from core.agents.agent import StepFailed
from core.errors import CoreError
from core.integrations.pretix.agent import PretixSetupAgent
from core.integrations.pretix.api import Event, Organizer, PretixApi
from core.integrations.pretix.key import API_TOKEN, KEY, token_in
from core.integrations.pretix.rights import CHANGES_PRODUCTS, OTHERS, Right
from core.integrations.pretix.words import CHANGE_PRODUCTS, CREATE_TOKEN, READ_EVENTS
from core.security.secret import Secret
from tests.core.integrations.pretix.conftest import TASTING, TEA_HOUSE, TOKEN, says
from tests.fakes.page import FakePage
from tests.fakes.step_log import MemoryStepLog
from tests.fakes.task import fake_task
from tests.fakes.web import Web

REQUIRED = frozenset({CREATE_TOKEN, READ_EVENTS})
SAID = f"Ein neuer API-Token: {TOKEN.reveal()}\nBitte kopieren Sie diesen Schlüssel."


@pytest.fixture
def agent(web: Web, api: PretixApi) -> PretixSetupAgent:
    """An agent whose token was read already, sees one event, and may do nothing but look."""
    for right in (*OTHERS, CHANGES_PRODUCTS):
        answers(web, right, 403)
    return agent_of(web, api)


def agent_of(web: Web, api: PretixApi, *allowed: str) -> PretixSetupAgent:
    task = fake_task(FakePage(web.origin), MemoryStepLog())
    agent = PretixSetupAgent(replace(task, permissions=REQUIRED | set(allowed), proxy_url=api._proxy_url))
    agent._key = {API_TOKEN: TOKEN}
    agent._organizer, agent._events = Organizer("Tea House", "teahouse"), (Event("Tasting", TASTING, None),)
    return agent


def answers(web: Web, right: Right, status: int) -> None:
    path = right.path.format(organizer=TEA_HOUSE, event=TASTING).split("?")[0]
    says(web, path, {"detail": "As it is."}, status)


async def measured(agent: PretixSetupAgent) -> str:
    """What the step says in which the token is measured."""
    return await agent.proof()[2].do()


async def test_only_the_token_is_kept_of_the_sentence(agent: PretixSetupAgent) -> None:
    await agent.take_over({API_TOKEN: Secret(SAID)})
    assert (await agent.key())[API_TOKEN] == TOKEN


@pytest.mark.parametrize("said", ["Saved.", "x" * 63, "x" * 65, "X" * 64, ""])
async def test_a_sentence_without_a_token_is_refused(agent: PretixSetupAgent, said: str) -> None:
    assert token_in(Secret(said)).reveal() == said
    with pytest.raises(StepFailed) as failed:
        await agent.take_over({API_TOKEN: Secret(said)})
    assert failed.value.because == "What stands on the page is no pretix token."


async def test_what_was_not_read_is_refused(agent: PretixSetupAgent) -> None:
    with pytest.raises(StepFailed, match="could not be read"):
        await agent.take_over({})


async def test_a_token_that_may_only_look_is_what_was_allowed(agent: PretixSetupAgent) -> None:
    assert await measured(agent) == "it can read events and products; 20 other rights were asked for, and refused"
    assert agent.permission == "view"


@pytest.mark.parametrize("right", [*OTHERS, CHANGES_PRODUCTS], ids=lambda right: right.words)
async def test_each_right_that_was_not_allowed_is_too_much(web: Web, agent: PretixSetupAgent, right: Right) -> None:
    answers(web, right, 200)
    with pytest.raises(CoreError) as wide:
        await measured(agent)
    assert wide.value.code == "key_too_wide"
    assert f"may also: {right.words}. " in wide.value.because


async def test_of_many_rights_that_are_too_much_three_are_told(web: Web, agent: PretixSetupAgent) -> None:
    for right in OTHERS:
        answers(web, right, 200)
    with pytest.raises(
        CoreError, match=r"may also: change teams, change the organizer's settings, create events, and more\."
    ):
        await measured(agent)


async def test_who_allows_changes_gets_a_token_that_can_change(
    web: Web, api: PretixApi, agent: PretixSetupAgent
) -> None:
    wider = agent_of(web, api, CHANGE_PRODUCTS)
    with pytest.raises(CoreError) as narrow:
        await measured(wider)
    assert narrow.value.code == "key_too_narrow"
    answers(web, CHANGES_PRODUCTS, 404)
    assert (await measured(wider)).startswith("it can read events and products, and change products; ")
    assert wider.permission == "view and change"


async def test_how_wide_a_token_is_can_not_be_seen_without_an_event(web: Web, agent: PretixSetupAgent) -> None:
    agent._events = ()
    with pytest.raises(CoreError) as narrow:
        await measured(agent)
    assert (narrow.value.code, "sees no event" in narrow.value.because) == ("key_too_narrow", True)


def test_the_words_for_how_wide_it_is_fit_where_they_are_kept(web: Web, api: PretixApi) -> None:
    for allowed in ((), (CHANGE_PRODUCTS,)):
        assert len(agent_of(web, api, *allowed).permission) <= 20
    assert len(KEY.hint({API_TOKEN: TOKEN})) == 6
