"""Whatever happens in whichever order, every deed has a consent that is given and in force at its moment (Hypothesis)."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.agents.task import PlannedStep
from core.database.session import Database
from core.database.states import OperationStatus
from core.errors import CoreError
from core.operations import lease as leases
from core.operations.consent_rounds import ConsentRounds
from core.operations.consents import ConsentRequest
from core.operations.lease import Lease
from core.operations.service import NewOperation
from core.operations.step_log import DatabaseStepLog, FoundTimeline, StepLogTools
from core.planner.planner import Decision, Rung
from core.security.audit import audit_log
from core.security.consent.agreement import Consent, Purpose
from core.security.consent.consent import consents
from tests.core.operations.house import SHOP, House, house
from tests.fakes.clock import MovedClock
from tests.fakes.integration import NEEDED, OPERATION, PASSWORD, SERVICE, WIDER
from tests.fakes.screenshots import MemoryScreenshotStore

T = TypeVar("T")
DAYS = st.sampled_from((0, 0, 29, 31))
VERSIONS = ("2.0", "2.1", "3.0")
STEP, DECIDED = PlannedStep("Sign in", "click"), Decision(None, Rung.RECORDED)


class ConsentAndRuns(RuleBasedStateMachine):
    """One customer, one shop, and a worker that tries whatever it is told, allowed or not."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.loop = asyncio.new_event_loop()
        self.database = Database(f"sqlite:///{shutil.copy(self.template, self.folder)}")
        self.clock = MovedClock()
        self.home: House = self.do(house(self.database, self.clock))
        self.lease: Lease | None = None
        self.wide = False

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    def tried(self, what: Coroutine[Any, Any, Any]) -> bool:
        """Whether it was done; a refusal of ours is an answer."""
        try:
            self.do(what)
        except CoreError:
            return False
        return True

    def in_force(self, purpose: Purpose) -> list[Consent]:
        given = self.do(self.home.database.read(self.home.visitor.customer_id, consents))
        return [one for one in given if one.is_in_force(self.clock.now()) and one.scope.purpose is purpose]

    @rule(wide=st.booleans())
    def grant(self, wide: bool) -> None:
        more = (WIDER,) if wide else ()
        request = ConsentRequest(SERVICE, OPERATION, SHOP, (*NEEDED, *more))
        self.do(self.home.consents.grant(self.home.visitor, request))

    @rule()
    def store_sign_in(self) -> None:
        self.do(self.home.sign_in())

    @rule(number=st.integers(0, 5), keep=st.booleans())
    def revoke(self, number: int, keep: bool) -> None:
        given = self.do(self.home.consents.list(self.home.visitor))
        if given:
            one = given[number % len(given)].id
            self.do(self.home.consents.revoke(self.home.visitor, one, "enough", keep_credentials=keep))

    @rule(days=st.sampled_from((1, 28, 31)))
    def time_passes(self, days: int) -> None:
        self.clock.move(timedelta(days=days))

    @rule(version=st.sampled_from(VERSIONS))
    def new_text(self, version: str) -> None:
        self.home.operations._text_version = version

    @rule()
    def round(self) -> None:
        version = self.home.operations._text_version or "2.0"
        self.do(ConsentRounds(self.database, MemoryScreenshotStore(), self.clock, version).round())

    @precondition(lambda self: self.lease is None)
    @rule(wide=st.booleans())
    def start(self, wide: bool) -> None:
        wanted = NewOperation(SERVICE, OPERATION, SHOP, (WIDER,) if wide else ())
        before = self.in_force(Purpose.ACT)
        try:
            asked = self.do(self.home.operations.initiate(self.home.visitor, wanted))
        except CoreError:
            return
        if asked.status is OperationStatus.PENDING:
            major = (self.home.operations._text_version or "2.0").partition(".")[0]
            needs = NEEDED | ({WIDER} if wide else set())
            fitting = [one for one in before if needs <= one.scope.permissions]
            assert any(one.text_version.partition(".")[0] == major for one in fitting)
            self.lease, self.wide = self.do(self.home.claim(asked.id)), wide
        else:
            self.do(self.home.operations.cancel(self.home.visitor, asked.id, because="not today"))

    @precondition(lambda self: self.lease is None)
    @rule(wide=st.booleans(), days=st.sampled_from((0, 1, 2)))
    def begin(self, wide: bool, days: int) -> None:
        """All that a run needs, in one go; the consents need not be given on the same day."""
        self.store_sign_in()
        self.clock.move(timedelta(days=days))
        self.grant(wide=wide)
        self.start(wide=wide)

    @precondition(lambda self: self.lease is not None)
    @rule(days=DAYS)
    def act(self, days: int) -> None:
        """A step that was begun had a consent to it at that very moment."""
        assert self.lease is not None
        self.clock.move(timedelta(days=days))
        tools = StepLogTools(self.database, MemoryScreenshotStore(), self.home.progress, self.clock)
        row = self.do(self.home.row(self.lease.operation_id))
        log = DatabaseStepLog(tools, self.lease, FoundTimeline.of(row))
        done = self.tried(log.intend(1, STEP, DECIDED, SHOP))
        needs = NEEDED | ({WIDER} if self.wide else set())
        allowed = [one.id for one in self.in_force(Purpose.ACT) if needs <= one.scope.permissions]
        assert not done or row.consent_id in allowed
        assert done or row.consent_id not in allowed or OperationStatus(row.status).is_over

    @precondition(lambda self: self.lease is not None)
    @rule(days=DAYS)
    def use_the_sign_in(self, days: int) -> None:
        assert self.lease is not None
        self.clock.move(timedelta(days=days))
        if self.tried(self.home.secrets_of(self.lease).use(PASSWORD, "sign in")):
            assert self.in_force(Purpose.ACT)
            assert self.in_force(Purpose.STORE_SIGN_IN)

    @precondition(lambda self: self.lease is not None)
    @rule()
    def is_over(self) -> None:
        assert self.lease is not None
        row = self.do(self.home.row(self.lease.operation_id))
        if not OperationStatus(row.status).is_over:
            fail = partial(leases.write, lease=self.lease, status=OperationStatus.FAILED.value)
            self.do(self.home.run(fail))
        self.lease = None

    @invariant()
    def nothing_stands_twice_and_the_chain_is_whole(self) -> None:
        for purpose in (Purpose.ACT, Purpose.STORE_SIGN_IN):
            assert len(self.in_force(purpose)) <= 1
        visitor = self.home.visitor
        assert self.do(
            self.database.read(visitor.customer_id, partial(audit_log.verify, customer_id=visitor.customer_id))
        ).intact

    def teardown(self) -> None:
        with closing(self.database):
            self.loop.close()
        shutil.rmtree(self.folder)


@pytest.mark.timeout(300)
def test_every_deed_has_a_consent_that_is_in_force_at_its_moment(sqlite_template: Path) -> None:
    ConsentAndRuns.template = sqlite_template
    chosen = settings(
        phases=(Phase.explicit, Phase.generate),  # to shrink what it has found takes minutes
        max_examples=25,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(ConsentAndRuns, settings=chosen)
