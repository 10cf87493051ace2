"""What a run asks is told and answered by HTTP: exactly one kind of answer, the first one counts, and it never comes out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.api.operations import InputIn
from core.agents.person import TYPED, Answer, Question, QuestionKind
from core.database.session import CustomerSession
from core.operations import lease as leases
from core.operations.credentials import VaultCredentials
from core.operations.lease import Lease
from core.operations.questions import DatabasePerson
from core.operations.run_time import RunTime
from core.operations.step_log import StepLogTools
from core.planner.spending import Spent
from core.security.origin import Origin
from core.security.secret import Secret
from tests.app.api.calling import API, Caller, problem
from tests.app.watching import until

CODE = Question(QuestionKind.CODE, "What does your app say?", 3, page_url="https://tea.example/wp-login.php")
CAPTCHA = Question(QuestionKind.CAPTCHA, "What do you see?", 3)
CHOICE = Question(QuestionKind.CHOICE, "Which account?", 3, options=("admin", "manager"))
APPROVAL = Question(QuestionKind.APPROVAL, "May I press “Revoke”?", 3, action="click Revoke")
CANARY = "canary-731942"


@dataclass(frozen=True)
class Asked:
    """An operation that asks; `question` as the API tells it."""

    call: Caller
    operation: str
    waiting: asyncio.Task[Answer]
    question: dict[str, Any]

    async def status(self) -> dict[str, Any]:
        """How the operation stands."""
        told: dict[str, Any] = (await self.call.client.get(f"{API}/status/{self.operation}")).json()
        return told

    async def send(self, headers: dict[str, str] | None = None, **answer: Any) -> tuple[int, dict[str, Any]]:
        """Answer; the status, and the problem if there is one."""
        client = self.call.anonymous if headers else self.call.client
        body = {"questionId": self.question["id"]} | answer
        answered = await client.post(f"{API}/operations/{self.operation}/input", json=body, headers=headers)
        assert CANARY not in answered.text
        return answered.status_code, problem(answered) if answered.content else {}


@asynccontextmanager
async def asking(call: Caller, question: Question = CODE, spent: Spent | None = None) -> AsyncIterator[Asked]:
    """A run that asks, as a worker of this process has it; by then it has spent this much on the model."""
    await call.consent()
    operation = await call.initiate()
    services = call.stage.services
    now = services.clock.now()

    def claim(session: CustomerSession) -> Lease | None:
        return leases.claim(session, UUID(operation), "a test", now)

    lease = await services.database.run(call.stage.visitor.customer_id, claim)
    assert lease is not None
    lease.purse.pay(spent or Spent())
    tools = StepLogTools(services.database, services.pictures, services.progress, services.clock)
    origin = Origin.of(call.stage.store_url)
    vault = call.stage.autopilot.vault
    credentials = VaultCredentials(
        services.database, vault, services.clock, lease, "woocommerce", origin, sign_in=frozenset()
    )
    person = DatabasePerson(tools, credentials, RunTime())
    waiting = asyncio.get_running_loop().create_task(person.ask(question))
    await until(services, call.stage.visitor, UUID(operation), lambda view: view.question is not None)
    told = (await call.client.get(f"{API}/status/{operation}")).json()
    yield Asked(call, operation, waiting, told["question"])
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_the_question_is_a_part_of_the_status(call: Caller) -> None:
    async with asking(call) as asked:
        told = asked.question
        assert {name: told[name] for name in ("kind", "words", "options", "step", "pageUrl", "screenshot")} == {
            "kind": "code",
            "words": CODE.words,
            "options": [],
            "step": 3,
            "pageUrl": CODE.page_url,
            "screenshot": None,
        }
        assert told["expiresAt"] == "2026-11-23T09:10:00Z"
        assert (await asked.status())["status"] == "awaiting_input"
        [listed] = (await call.client.get(f"{API}/history")).json()
        assert (listed["status"], listed["question"]) == ("awaiting_input", None)


async def test_what_the_model_has_cost_by_then_is_a_part_of_the_status(call: Caller) -> None:
    async with asking(call, spent=Spent(3, 4_000, 12_000)) as asked:
        told = {"calls": 3, "tokens": 4_000, "dollars": 0.012, "mostDollars": 0.5}
        assert (await asked.status())["model"] == told


def test_the_description_says_what_a_typed_answer_may_be_given_as() -> None:
    described = InputIn.model_json_schema()["properties"]
    for kind in TYPED:
        assert [name for name in ("code", "text") if kind not in described[name]["description"]] == []


@pytest.mark.parametrize(
    ("question", "sent", "answer"),
    [
        (CODE, {"code": CANARY}, Answer(typed=Secret(CANARY))),
        (CODE, {"text": CANARY}, Answer(typed=Secret(CANARY))),
        (CAPTCHA, {"code": CANARY}, Answer(typed=Secret(CANARY))),
        (CHOICE, {"choice": 1}, Answer(chosen=1)),
        (APPROVAL, {"approve": True}, Answer()),
    ],
)
async def test_an_answer_reaches_the_run(
    call: Caller, question: Question, sent: dict[str, Any], answer: Answer
) -> None:
    async with asking(call, question) as asked:
        assert await asked.send(**sent) == (204, {})
        async with asyncio.timeout(10):
            assert await asked.waiting == answer
        status = await asked.status()
        assert (status["status"], status["question"]) == ("in_progress", None)
        for address in ("audit", "credentials", f"status/{asked.operation}"):
            assert CANARY not in (await call.client.get(f"{API}/{address}")).text


async def test_a_no_ends_it_whatever_is_asked(call: Caller) -> None:
    async with asking(call, CHOICE) as asked:
        assert await asked.send(approve=False) == (204, {})
        await asyncio.wait({asked.waiting}, timeout=10)
        assert type(asked.waiting.exception()).__name__ == "PersonDeclined"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "wrong_answer"),
        ({"code": CANARY, "choice": 1}, "wrong_answer"),
        ({"code": CANARY, "text": CANARY}, "wrong_answer"),
        ({"code": CANARY, "approve": False}, "wrong_answer"),
        ({"choice": 0}, "wrong_answer"),
        ({"approve": True}, "wrong_answer"),
        ({"code": ""}, "wrong_answer"),
        ({"code": CANARY, "colour": "red"}, "bad_request"),
        ({"choice": CANARY}, "bad_request"),
        ({"code": CANARY, "questionId": CANARY}, "bad_request"),
    ],
)
async def test_what_is_no_answer_is_refused_without_repeating_it(call: Caller, sent: dict[str, Any], code: str) -> None:
    async with asking(call) as asked:
        status, told = await asked.send(**sent)
        assert (status, told["code"]) == (422, code)
        assert (await asked.status())["question"] == asked.question


async def test_the_first_answer_counts_and_what_is_over_is_told(call: Caller) -> None:
    async with asking(call) as asked:
        assert (await asked.send(questionId=str(uuid4()), code="123456"))[0] == 404
        await asked.send(code="123456")
        status, told = await asked.send(code="654321")
        assert (status, told["code"]) == (409, "already_answered")
        async with asyncio.timeout(10):
            await asked.waiting
    await call.client.post(f"{API}/operations/{asked.operation}/cancel")


async def test_another_customers_question_is_as_if_it_was_not_there(call: Caller) -> None:
    stranger = await call.somebody(company="Other")
    headers = await call.cookie(stranger) | {"Sec-Fetch-Site": "same-origin"}
    async with asking(call) as asked:
        status, told = await asked.send(headers, code="123456")
        body = {"questionId": str(uuid4()), "code": "123456"}
        answer = await call.anonymous.post(f"{API}/operations/{uuid4()}/input", json=body, headers=headers)
        assert (status, told) == (404, problem(answer))
        assert (await asked.status())["question"] == asked.question


async def test_a_colleague_may_answer_and_the_audit_says_who(call: Caller) -> None:
    colleague = await call.somebody()
    headers = await call.cookie(colleague) | {"Sec-Fetch-Site": "same-origin"}
    async with asking(call) as asked:
        assert (await asked.send(headers, code="123456"))[0] == 204
        await asyncio.wait({asked.waiting}, timeout=10)
        told = (await call.client.get(f"{API}/audit", params={"operationId": asked.operation})).json()
        assert {one["actor"] for one in told if one["action"] == "question_answered"} == {f"user:{colleague.user_id}"}


async def test_the_key_of_an_authenticator_is_checked_before_it_is_kept(call: Caller) -> None:
    sign_in = {"admin_username": "admin", "admin_password": "hunter2-hunter2"}
    body = {"service": "woocommerce", "metadata": call.asked["metadata"]}
    wrong = await call.client.post(f"{API}/credentials", json=body | {"credentials": sign_in | {"totp_seed": CANARY}})
    assert (wrong.status_code, problem(wrong)["code"], CANARY in wrong.text) == (422, "bad_authenticator_key", False)
    right = sign_in | {"totp_seed": "JBSWY3DPEHPK3PXP"}
    assert (await call.client.post(f"{API}/credentials", json=body | {"credentials": right})).status_code == 204
    assert len((await call.client.get(f"{API}/credentials")).json()) == 3
