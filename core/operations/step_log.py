"""Where a run writes its steps: the timeline people watch, and the audit chain, in one transaction each."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select

from core.agents.task import PlannedStep, StepOutcome
from core.browser.page import PendingPicture
from core.browser.screenshots import PicturesUnavailable, ScreenshotStore, StoredPicture
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import StepState
from core.database.tables import OperationRow, StepRow
from core.errors import CoreError
from core.operations import changes
from core.operations import lease as leases
from core.operations.allowance import check_allowed
from core.operations.changes import HealedAt
from core.operations.lease import Lease
from core.operations.progress import ProgressBus
from core.planner.planner import Decision
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

T = TypeVar("T")

ACTOR = "agent"
NOT_KEPT = "Its picture could not be kept."


@dataclass(frozen=True)
class FoundTimeline:
    """What a run finds: what `once` has done in earlier attempts, and whether all it plans comes after what is there."""

    done: frozenset[str] = frozenset()
    appends: bool = False

    @classmethod
    def of(cls, row: OperationRow, *, appends: bool = False) -> "FoundTimeline":
        """The timeline of an operation as it stands."""
        return cls(frozenset(row.checkpoint.get("done", ())), appends)


@dataclass(frozen=True)
class Shown:
    """The picture of a step, and the earlier one that what was pressed is to be seen on."""

    picture: StoredPicture | None
    touched_on: UUID | None


@dataclass(frozen=True)
class StepLogTools:
    """What a run writes with: its step log, and who asks a person for it."""

    database: Database
    pictures: ScreenshotStore
    progress: ProgressBus
    clock: Clock

    async def write(self, lease: Lease, use_case: Callable[[CustomerSession], T]) -> T:
        """Run this in one transaction, and say with it that the operation has changed."""

        def told(session: CustomerSession) -> T:
            made = use_case(session)
            self.progress.publish(session, lease.customer_id, lease.operation_id)
            return made

        return await self.database.run(lease.customer_id, told)

    async def write_with(
        self, lease: Lease, picture: StoredPicture | None, use_case: Callable[[CustomerSession], T]
    ) -> T:
        """Like write, for what shows a picture: what may not be written leaves none behind.

        What a crash leaves, the round of pictures finds (consent_rounds.py).
        """
        try:
            return await self.write(lease, use_case)
        except CoreError:
            if picture is not None:
                with suppress(PicturesUnavailable):  # why it may not be written is what has to be told
                    await self.pictures.delete(lease.customer_id, [picture.id])
            raise

    async def keep(self, lease: Lease, picture: PendingPicture | None) -> StoredPicture | None:
        """Keep a picture, once it is ready, if there is one. Raises PicturesUnavailable."""
        return None if picture is None else await self.pictures.save(lease.customer_id, await picture.ready())


class DatabaseStepLog:
    """The step log of one run. Outcomes are recorded in order by one task, so that the next step need not wait."""

    def __init__(self, tools: StepLogTools, lease: Lease, found: FoundTimeline) -> None:
        self._tools = tools
        self._lease = lease
        self._done = found.done
        self._appends = self._cleans_up = found.appends
        self._rungs: dict[int, str] = {}
        self._at = 0  # the step that the run is at: an outcome is recorded later than the intent of the next
        self._outcomes: asyncio.Queue[tuple[int, StepOutcome, Any]] = asyncio.Queue()
        self._broken: BaseException | None = None
        self._not_kept: PicturesUnavailable | None = None
        self._newest: tuple[PendingPicture, UUID] | None = None  # the picture kept last, and its id

    @property
    def done_before(self) -> frozenset[str]:
        """What `once` has done in this operation."""
        return self._done

    async def record_outcomes(self) -> None:
        """Record outcomes as they come, until cancelled; what goes wrong is raised by the next intent."""
        while True:
            position, outcome, finished_at = await self._outcomes.get()
            try:
                if self._broken is None or self._broken is self._not_kept:
                    await self._record(position, outcome, finished_at)
            except Exception as error:  # noqa: BLE001  kept, and raised where the run can stop: no record, no next deed
                self._broken = error
            finally:
                self._outcomes.task_done()

    async def plan(self, steps: Sequence[PlannedStep]) -> int:
        """Add these steps to the timeline; returns the position of the first.

        The first plan of a run is the timeline's beginning, and a resumed run finds its lines again. All else stands
        at its end.
        """
        first: int = await self._write(partial(self._plan, tuple(steps), self._appends))
        self._appends = True
        return first

    async def intend(self, position: int, step: PlannedStep, decision: Decision, page_url: str | None) -> None:
        """Check lease and consent, and record the intent: one transaction, before the deed."""
        if self._not_kept is not None and not self._cleans_up:
            await self._outcomes.join()  # this run ends: what it has done meanwhile is recorded first
        self._raise_if_broken()
        self._rungs[position] = decision.rung
        self._at = position
        await self._write(partial(self._intend, position, step, decision, page_url))

    def conclude(self, position: int, outcome: StepOutcome) -> None:
        """Record how the step ended, once its picture is ready."""
        self._at = position
        self._outcomes.put_nowait((position, outcome, self._tools.clock.now()))

    async def settled(self) -> None:
        """Return when every outcome so far is recorded. Raises what went wrong with one."""
        await self._outcomes.join()
        self._raise_if_broken()

    async def recorded(self, within: float) -> None:
        """Give the outcomes so far a moment to be recorded; what then has none is recorded as unknown."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._outcomes.join()

    async def once(self, name: str, use_case: Callable[[CustomerSession], Any]) -> None:
        """Run this and remember it in the operation's checkpoint, in one transaction."""
        if name in self._done:
            return
        done = self._done | {name}
        await self._write(partial(self._once, sorted(done), use_case))
        self._done = done

    async def write(self, use_case: Callable[[CustomerSession], T]) -> T:
        """Run this in one transaction, if the run still has its operation. Raises LeaseLost."""
        return await self._write(partial(self._held, use_case))

    async def _record(self, position: int, outcome: StepOutcome, finished_at: Any) -> None:
        """Record an outcome with its picture. Without a place for it the deed is recorded all the same, and was the last one.

        Who cleans up goes on, and keeps no more pictures: a key left at the shop does more harm than one removed unseen.
        """
        picture = None
        try:
            if self._not_kept is None:
                picture = await self._tools.keep(self._lease, outcome.picture)
        except PicturesUnavailable as error:
            self._not_kept = error
        on = self._newest[1] if self._newest and self._newest[0] == outcome.touched_on else None
        self._newest = (outcome.picture, picture.id) if outcome.picture and picture else None
        conclude = partial(self._conclude, position, outcome, Shown(picture, on), finished_at)
        await self._tools.write_with(self._lease, picture, conclude)
        if self._not_kept is not None and not self._cleans_up:
            raise self._not_kept

    async def _write(self, use_case: Callable[[CustomerSession], T]) -> T:
        return await self._tools.write(self._lease, use_case)

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise self._broken

    # What follows runs in a thread, each as one transaction.

    def _held(self, use_case: Callable[[CustomerSession], T], session: CustomerSession) -> T:
        leases.renew(session, self._lease, self._tools.clock.now())
        return use_case(session)

    def _plan(self, steps: tuple[PlannedStep, ...], appends: bool, session: CustomerSession) -> int:
        known = {row.position for row in self._rows(session)}
        first = max(known, default=0) + 1 if appends else 1
        for position, step in enumerate(steps, start=first):
            if position not in known:
                session.add(self._line(position, step))
        leases.write(session, self._lease, total_steps=max([*known, first + len(steps) - 1]))
        return first

    def _intend(
        self, position: int, step: PlannedStep, decision: Decision, page_url: str | None, session: CustomerSession
    ) -> None:
        now = self._tools.clock.now()
        leases.write(session, self._lease, current_step=position)
        # What it stands on now: a consent that covers the earlier one may have taken its place.
        check_allowed(session, leases.row_of(session, self._lease.operation_id), now)
        row = self._row(session, position) or self._line(position, step)
        row.state, row.started_at, row.finished_at, row.seen = StepState.RUNNING, now, None, None
        row.decided_by, row.note = decision.rung, decision.note or None
        session.add(row)
        detail = {
            "step": position,
            "intent": step.intent,
            "does": step.action,
            "decidedBy": decision.rung,
            "page": page_url,
        }
        self._audit(session, AuditAction.STEP_INTENDED, detail)

    def _conclude(self, position: int, outcome: StepOutcome, shown: Shown, at: Any, session: CustomerSession) -> None:
        row, picture = self._row(session, position), shown.picture
        if row is None:
            return
        leases.row_of(session, self._lease.operation_id, for_update=True)  # what is read below must not be older
        leases.write(session, self._lease, current_step=self._at)
        done = StepState.SKIPPED if outcome.skipped else StepState.DONE
        row.state = done if outcome.done else StepState.FAILED
        row.note = outcome.note or (NOT_KEPT if _is_lost(outcome, picture) else row.note)
        row.seen, row.page_url = outcome.seen or None, outcome.page_url
        row.touched = list(outcome.touched) if outcome.touched else None
        row.decided_by = outcome.rung or row.decided_by
        row.touched_on, row.finished_at = shown.touched_on, at
        row.picture_id = picture.id if picture else None
        session.add(row)
        if not outcome.skipped:
            self._audit(session, AuditAction.STEP_CONCLUDED, self._outcome_detail(row, outcome, picture))
        if outcome.healing is not None and outcome.done:
            healed_at = HealedAt(row.customer_id, row.operation_id, position, ACTOR, row.picture_id)
            changes.propose(session, outcome.healing, healed_at, at=at)

    def _outcome_detail(self, row: StepRow, outcome: StepOutcome, picture: StoredPicture | None) -> dict[str, Any]:
        taken = (row.finished_at - row.started_at) if row.finished_at and row.started_at else None
        told = {
            "step": row.position,
            "done": outcome.done,
            "seen": outcome.seen or None,
            "page": outcome.page_url,
            "decidedBy": outcome.rung or self._rungs.get(row.position),
            "milliseconds": round(taken.total_seconds() * 1000) if taken else None,
            "picture": str(picture.id) if picture else None,
            "pictureSha256": picture.sha256 if picture else None,
        }
        return told | {"pictureNotKept": True} if _is_lost(outcome, picture) else told

    def _once(self, done: list[str], use_case: Callable[[CustomerSession], Any], session: CustomerSession) -> None:
        leases.write(session, self._lease, checkpoint={"done": done})
        use_case(session)

    def _audit(self, session: CustomerSession, action: AuditAction, detail: dict[str, Any]) -> None:
        event = AuditEvent(action, ACTOR, self._lease.operation_id, detail)
        audit_log.record(session, self._lease.customer_id, event, at=self._tools.clock.now())

    def _line(self, position: int, step: PlannedStep) -> StepRow:
        return StepRow(
            customer_id=self._lease.customer_id,
            operation_id=self._lease.operation_id,
            position=position,
            intent=step.intent,
            action=step.action,
            state=StepState.TO_COME,
            expected=step.expected,
        )

    def _rows(self, session: CustomerSession) -> Sequence[StepRow]:
        mine = select(StepRow).where(col(StepRow.operation_id) == self._lease.operation_id)
        return session.exec(mine.order_by(col(StepRow.position))).all()

    def _row(self, session: CustomerSession, position: int) -> StepRow | None:
        return session.get(StepRow, (self._lease.customer_id, self._lease.operation_id, position))


def _is_lost(outcome: StepOutcome, picture: StoredPicture | None) -> bool:
    """Whether there was a picture that could not be kept."""
    return outcome.picture is not None and picture is None
