"""Every integration has one shape: the same files, and in them what a customer, an agent and an engineer rely on."""

import re
from dataclasses import replace

import pytest

from core.agents.integration import Integration, Integrations, ShopProbe
from core.agents.keys import PASSWORD, USERNAME, KeyKind
from core.agents.policy import READY
from core.agents.task import AgentTask
from core.browser.egress import EgressProxy
from core.errors import CoreError
from core.integrations.calling import ShopApiRefused, ShopApiUnreachable
from core.integrations.every import every_integration
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.security.secret import Secret
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import ActionKind, TaskStep, Workflow
from tests.app.running import free_port
from tests.contract.place import INTEGRATIONS, ROOT, SERVICES, TESTS
from tests.fakes.page import FakePage
from tests.fakes.raw_web import listening, says
from tests.fakes.step_log import MemoryStepLog
from tests.fakes.task import fake_task
from tests.fakes.web import serving

FILES = {"__init__.py", "agent.py", "api.py", "key.py", "probe.py", "service.py", "words.py"}
BESIDE_THE_TESTS = {"admin.py", "conftest.py", "place.py"}
NOBODY = AddressGuard(SystemResolver(), frozenset())
WORKFLOWS = WorkflowRegistry.from_file(ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json")
LONGEST_SENTENCE = 200  # characters; the consent is read in twenty seconds


@pytest.fixture
def operations(service: str) -> list[Integration]:
    return [one for one in every_integration(NOBODY) if one.service == service]


@pytest.fixture
def setup(operations: list[Integration]) -> Integration:
    return operations[0]


def steps_of(workflow: Workflow, *kinds: ActionKind) -> list[TaskStep]:
    return [step for step in workflow.steps if step.action in kinds]


def test_every_folder_is_offered_and_everything_offered_has_a_folder() -> None:
    assert sorted({one.service for one in every_integration(NOBODY)}) == SERVICES


def test_the_folder_has_the_files_that_every_one_has(service: str) -> None:
    assert {path.name for path in (INTEGRATIONS / service).glob("*.py")} >= FILES
    beside = {path.name for path in (TESTS / service).glob("*.py")}
    assert beside >= BESIDE_THE_TESTS
    assert any(name.startswith("test_") for name in beside)


def test_there_is_a_setup_and_a_way_back(operations: list[Integration], kind: KeyKind) -> None:
    assert [one.ends for one in operations].count(True) == 1
    assert not operations[0].ends
    assert len({one.operation for one in operations}) == len(operations)
    assert {one.service for one in operations} == {kind.service}
    known = Integrations(operations)
    assert known.of_service(kind.service).sign_in


def test_the_consent_says_what_it_will_do_and_what_not(operations: list[Integration]) -> None:
    for one in operations:
        names = [permission.name for permission in one.permissions]
        assert one.required <= set(names)
        assert len(set(names)) == len(names)
        sentences = [*(permission.will for permission in one.permissions), *one.will_not, *one.kept]
        assert "Visit any other site." in one.will_not or not one.sign_in
        assert all(len(sentence) <= LONGEST_SENTENCE and sentence.endswith(".") for sentence in sentences)
        assert all("**" in permission.will for permission in one.permissions)
        assert one.in_short(one.required)


def test_the_sign_in_has_the_names_that_every_one_has(setup: Integration, kind: KeyKind) -> None:
    assert {field.name: field.secret for field in setup.sign_in} == {USERNAME: False, PASSWORD: True}
    assert setup.unproven == kind.unproven
    assert not set(kind.parts) & {*kind.unproven, USERNAME, PASSWORD}


def test_its_workflows_are_learnt_from_its_own_tests_and_understood_to_the_end(service: str, kind: KeyKind) -> None:
    for name in (kind.makes, kind.revokes):
        workflow = WORKFLOWS.get(name)
        assert workflow.source_file.startswith(f"tests/e2e/{service}/")
        on_the_page = [step for step in workflow.steps if step.action not in {ActionKind.ASSERT, ActionKind.API}]
        assert {step.resolution for step in on_the_page} <= READY
        assert all(step.intent_source == "comment" for step in on_the_page if step.action is not ActionKind.WAIT)
        assert all(step.at for step in workflow.steps)
        [secret] = [step for step in steps_of(workflow, ActionKind.FILL) if step.value == "{{password}}"]
        assert "{{password}}" not in secret.intent


def test_what_is_shown_once_is_captured_as_a_secret_and_covered(kind: KeyKind) -> None:
    workflow = WORKFLOWS.get(kind.makes)
    captures = steps_of(workflow, ActionKind.CAPTURE)
    assert kind.parts[0] in {step.output for step in captures}
    assert {step.output for step in captures} <= set(kind.parts)
    assert all(output.secret for output in workflow.outputs)
    assert {step.locator for step in captures} <= set(kind.sensitive)
    assert steps_of(WORKFLOWS.get(kind.revokes), ActionKind.CAPTURE) == []


def test_the_key_bears_the_name_of_its_operation(kind: KeyKind) -> None:
    task = fake_task(FakePage(Origin.of("https://tea.example")), MemoryStepLog())
    name = kind.name(task.operation_id)
    assert task.operation_id.hex[:8] in name
    assert name in kind.what_is_left(task.operation_id)
    assert kind.where in kind.what_is_left(task.operation_id)
    named = [step for step in WORKFLOWS.get(kind.makes).steps if step.value == "{{key_description}}"]
    assert [step.action for step in named] == [ActionKind.FILL]


@pytest.mark.parametrize("text", ["", " ", "•••", "{{key}}", "password", "<b>no</b>", "x" * 5000])
def test_what_is_no_key_does_not_fit(kind: KeyKind, text: str) -> None:
    assert not kind.fits({part: Secret(text) for part in kind.parts})


def test_what_cannot_be_taken_back_is_named(kind: KeyKind) -> None:
    assert kind.irreversible


def test_each_refusal_has_a_code_and_a_sentence(kind: KeyKind) -> None:
    assert {trouble.code for trouble in kind.troubles} >= {"wrong_password", "no_rights"}
    assert all(re.fullmatch(r"[a-z_]+", trouble.code) for trouble in kind.troubles)
    assert all(trouble.sentence.endswith(".") for trouble in kind.troubles)


async def test_a_place_where_nobody_answers_is_told_as_such(setup: Integration) -> None:
    port = free_port()
    probe = probe_at(setup, f"127.0.0.1:{port}")
    with pytest.raises(CoreError) as missing:
        await probe(Origin.of(f"http://127.0.0.1:{port}"))
    assert (missing.value.code, missing.value.retry) == ("shop_not_there", True)


async def test_another_site_is_not_taken_for_it(setup: Integration) -> None:
    async with serving() as web:
        probe = probe_at(setup, web.origin.host_port)
        with pytest.raises(CoreError) as other:
            await probe(web.origin)
    assert not other.value.retry
    assert other.value.sentence.endswith(".")


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_what_stands_in_front_of_a_service_does_not_refuse_a_key(kind: KeyKind, status: int) -> None:
    async with listening(says(b"<h1>Blocked</h1>", f"{status} No")) as web:
        proxy = await EgressProxy.opened(
            frozenset({web.origin}), AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
        )
        task: AgentTask = replace(fake_task(FakePage(web.origin), MemoryStepLog()), proxy_url=proxy.url)
        with pytest.raises(ShopApiRefused):
            await kind.is_refused(task, {part: Secret("a" * 43) for part in kind.parts})
        proxy.gate.shut(because="the test is over")


async def test_a_service_that_does_not_answer_does_not_refuse_a_key(kind: KeyKind) -> None:
    origin = Origin.of(f"http://127.0.0.1:{free_port()}")
    task: AgentTask = replace(fake_task(FakePage(origin), MemoryStepLog()), proxy_url=f"http://{origin.host_port}")
    with pytest.raises(ShopApiUnreachable):
        await kind.is_refused(task, {part: Secret("a" * 43) for part in kind.parts})


def probe_at(setup: Integration, host_port: str) -> ShopProbe:
    """The probe of this service, allowed to look there."""
    guard = AddressGuard(SystemResolver(), frozenset({host_port}))
    return next(one for one in every_integration(guard) if one.operation == setup.operation).probe
