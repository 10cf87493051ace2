"""Operations as customers use them: ask for one, see how it stands, stop it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, TypeAlias
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.agents.integration import Integration, Integrations, Seen
from core.agents.task import MADE
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import OperationRow, StepRow
from core.errors import Conflict, NotFound
from core.notifications.outbox import tell_of_waiting
from core.operations.allowance import scope_of
from core.operations.ending import EndingWriter, Stop
from core.operations.progress import ProgressBus
from core.operations.questions import unanswered
from core.operations.queue import JobQueue
from core.operations.return_address import NOWHERE, ReturnAddress
from core.operations.rows import NO_SUCH, open_operations, operation_of, retry_of
from core.operations.run_filter import Kind, RunFilter
from core.operations.runs import MOST_LISTED, Cut, page_of
from core.operations.seen_shops import SeenShops
from core.operations.views import OperationView, view_of
from core.security.addresses import AddressGuard
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.consent import ConsentScope, find_consent, missing_permissions, was_allowed_in_other_words
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.together import Together

__all__ = [
    "AlreadyOver",
    "AlreadyRunning",
    "Asked",
    "NewOperation",
    "OperationService",
    "open_operations",
    "operation_of",
    "scope_of",
]


class AlreadyRunning(Conflict):
    """A setup of this shop is already under way."""

    code: ClassVar[str] = "operation_running"


class AlreadyOver(Conflict):
    """This operation is over already."""

    code: ClassVar[str] = "operation_over"


@dataclass(frozen=True)
class NewOperation:
    """What a customer asks for; without permissions, those it needs."""

    service: str
    operation: str
    store_url: str
    permissions: tuple[str, ...] = ()


Whose: TypeAlias = tuple[UUID, UUID]  # a customer, and an operation


@dataclass(frozen=True)
class Asked:
    """A request that was read: by whom, for what, and how far; and the version that the service told."""

    visitor: Visitor
    scope: ConsentScope
    version: str | None = None


class OperationService:
    """The use cases of an operation; each is one transaction."""

    def __init__(  # noqa: PLR0913, PLR0917  every seam it needs, wired in one place
        self,
        database: Database,
        queue: JobQueue,
        progress: ProgressBus,
        integrations: Integrations,
        guard: AddressGuard,
        endings: EndingWriter,
        clock: Clock,
        ours: ReturnAddress = NOWHERE,
        text_version: str | None = None,
    ) -> None:
        self._database = database
        self._queue = queue
        self._progress = progress
        self._integrations = integrations
        self._guard = guard
        self._endings = endings
        self._clock = clock
        self._ours = ours
        self._text_version = text_version
        self._seen = SeenShops()
        self._views = Together(self._view_all)

    async def check_shop(self, visitor: Visitor, service: str, store_url: str) -> Origin:
        """The shop's origin, if it is one we may go to and the service is there. Raises the reason if not."""
        authorize(visitor, Action.OPERATE)
        integration = self._integrations.of_service(service)
        origin = await self._allowed(integration, store_url)
        await integration.probe(origin)
        self._seen.remember(visitor.customer_id, integration.probe, origin)
        return origin

    async def versions(self, visitor: Visitor, service: str, origin: Origin) -> tuple[Seen, ...]:
        """What runs at a shop that was found to be there, as far as it tells everybody."""
        authorize(visitor, Action.OPERATE)
        await self._guard.check(origin)
        probe = self._integrations.of_service(service).probe
        seen = await probe.versions(origin)
        self._seen.tell(visitor.customer_id, probe, origin, seen)
        return seen

    async def initiate(self, visitor: Visitor, wanted: NewOperation) -> OperationView:
        """Record what was asked; once it is consented to, it is queued, or waits for its owner's approval."""
        authorize(visitor, Action.OPERATE)
        integration = self._integrations.get(wanted.service, wanted.operation)
        permissions = integration.wanted(wanted.permissions)
        if integration.approval:
            self._ours.check(Origin.of(wanted.store_url))
        origin = await self._allowed(integration, wanted.store_url)
        version = await self._seen.found(visitor.customer_id, integration.probe, origin)
        asked = Asked(visitor, ConsentScope(wanted.service, wanted.operation, origin, permissions), version)
        try:
            return await self._database.run(visitor.customer_id, partial(self._create, asked))
        except IntegrityError as error:
            raise AlreadyRunning(because="Watch it, or stop it, under Operations.") from error

    async def status(self, visitor: Visitor, operation_id: UUID) -> OperationView:
        """How an operation stands, with its steps. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.WATCH, Action.OPERATE, Action.DECIDE_CONSENT)
        found = await self._views.answer((visitor.customer_id, operation_id))
        if found is None:
            raise NotFound(because=NO_SUCH)
        return found

    async def _view_all(self, asked: frozenset[Whose]) -> dict[Whose, OperationView]:
        """Whoever watches an operation asks when it has changed, all at once; one customer's are read as that customer."""
        of_each = {whose: [operation_id for one, operation_id in asked if one == whose] for whose, _ in asked}
        read = (self._database.read(whose, partial(self._views_of, ids)) for whose, ids in of_each.items())
        found = zip(of_each, await asyncio.gather(*read), strict=True)
        return {(whose, view.id): view for whose, views in found for view in views}

    async def missing(self, visitor: Visitor, operation_id: UUID) -> frozenset[str]:
        """The permissions an operation still waits for; those that were given to an older text are missing again."""
        authorize(visitor, Action.WATCH, Action.OPERATE)
        now, version = self._clock.now(), self._text_version

        def missing(session: CustomerSession) -> frozenset[str]:
            scope = scope_of(operation_of(session, operation_id))
            return missing_permissions(session, scope, at=now, text_version=version)

        return await self._database.read(visitor.customer_id, missing)

    async def text_has_changed(self, visitor: Visitor, operation_id: UUID) -> bool:
        """Whether what an operation waits for was allowed once, in words that hold no more."""
        authorize(visitor, Action.WATCH, Action.OPERATE)
        now, version = self._clock.now(), self._text_version

        def changed(session: CustomerSession) -> bool:
            row = operation_of(session, operation_id)
            waits = row.status == OperationStatus.AWAITING_CONSENT
            return waits and was_allowed_in_other_words(session, scope_of(row), at=now, text_version=version)

        return await self._database.read(visitor.customer_id, changed)

    async def history(self, visitor: Visitor, limit: int = 50) -> tuple[OperationView, ...]:
        """A customer's operations, the newest first. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        cut = Cut(size=min(limit, MOST_LISTED))
        newest = partial(page_of, wanted=RunFilter(kind=Kind.ALL), cut=cut, now=self._clock.now())
        return (await self._database.read(visitor.customer_id, newest)).runs

    async def cancel(self, visitor: Visitor, operation_id: UUID, because: str) -> OperationView:
        """Stop an operation; a running one removes what it has made, and then ends. Raises NotFound or AlreadyOver."""
        authorize(visitor, Action.OPERATE)
        return await self._database.run(visitor.customer_id, partial(self._cancel, visitor, operation_id, because))

    async def _allowed(self, integration: Integration, store_url: str) -> Origin:
        """The origin of an address that the agent may go to. Raises the reason if it may not."""
        origin = integration.origin_of(store_url)
        await self._guard.check(origin)
        return origin

    def _create(self, asked: Asked, session: CustomerSession) -> OperationView:
        now = self._clock.now()
        scope, visitor = asked.scope, asked.visitor
        consent = find_consent(session, scope, at=now, text_version=self._text_version)
        begins = self._integrations.get(scope.service, scope.operation).begins
        row = OperationRow(
            customer_id=visitor.customer_id,
            requested_by=visitor.user_id,
            service=scope.service,
            operation=scope.operation,
            store_origin=str(scope.origin),
            permissions=sorted(scope.permissions),
            status=begins if consent else OperationStatus.AWAITING_CONSENT,
            consent_id=consent.id if consent else None,
            service_version=asked.version,
            created_at=now,
        )
        session.add(row)
        session.flush()
        if row.status == OperationStatus.PENDING:
            self._queue.enqueue(session, row.customer_id, row.id)
        detail = {"service": scope.service, "operation": scope.operation, "shop": row.store_origin}
        self._audit(session, visitor, AuditAction.OPERATION_ASKED, row, detail)
        if consent is None:
            asked_for = detail | {"permissions": " ".join(row.permissions)}
            self._audit(session, visitor, AuditAction.CONSENT_REQUESTED, row, asked_for)
        if visitor.is_program:  # whoever asks on a page is there
            tell_of_waiting(session, row, now)
        self._progress.publish(session, row.customer_id, row.id)
        return view_of(row)

    def _cancel(self, visitor: Visitor, operation_id: UUID, because: str, session: CustomerSession) -> OperationView:
        row = operation_of(session, operation_id, for_update=True)
        status = OperationStatus(row.status)
        if status.is_over:
            raise AlreadyOver(because=f"It is: {status.words.lower()}.")
        # One that waits for a person is still its worker's.
        if row.lease_owner or status is OperationStatus.IN_PROGRESS or self._has_to_be_cleaned_up(row):
            if not row.stop_asked_because:
                row.stop_asked_because = because
                self._audit(session, visitor, AuditAction.OPERATION_STOP_ASKED, row, {"because": because})
            self._queue.stop(session, row.id, because)
        else:
            self._endings.stop(session, row, Stop(visitor.actor, because))
        session.add(row)
        self._progress.publish(session, row.customer_id, row.id)
        return self._view(operation_id, session)

    def _has_to_be_cleaned_up(self, row: OperationRow) -> bool:
        """Whether it waits for its next worker, and has made what only that can remove: it can't where an owner approved."""
        waits = row.status == OperationStatus.PENDING and MADE in row.checkpoint.get("done", ())
        return waits and self._integrations.get(row.service, row.operation).approval is None

    def _views_of(self, ids: list[UUID], session: CustomerSession) -> list[OperationView]:
        views = []
        for operation_id in ids:
            with suppress(NotFound):
                views.append(self._view(operation_id, session))
        return views

    def _view(self, operation_id: UUID, session: CustomerSession) -> OperationView:
        row = operation_of(session, operation_id)
        steps = select(StepRow).where(col(StepRow.operation_id) == operation_id).order_by(col(StepRow.position))
        question = unanswered(session, row, self._clock.now())
        return view_of(row, list(session.exec(steps)), question, retry_of(session, row.id))

    def _audit(
        self, session: CustomerSession, visitor: Visitor, action: AuditAction, row: OperationRow, detail: dict[str, str]
    ) -> None:
        event = AuditEvent(action, visitor.actor, row.id, detail)
        audit_log.record(session, row.customer_id, event, at=self._clock.now())
