"""Giving, refusing and withdrawing consent, and what follows from it for the operations that stand on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from uuid import UUID

from core.agents.integration import Integration, Integrations
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import ConsentEnding, OperationStatus
from core.database.tables import OperationRow
from core.errors import Conflict, NotFound
from core.notifications.outbox import tell_of_waiting
from core.operations.allowance import consent_under, scope_of
from core.operations.consent_view import ConsentView, consent_view
from core.operations.credentials import Agreement
from core.operations.ending import EndingWriter, Stop
from core.operations.progress import ProgressBus
from core.operations.queue import JobQueue
from core.operations.rows import open_operations
from core.operations.withdrawing import delete_secrets
from core.operations.wordings import ConsentBox, ConsentLine, ConsentSheet, Wordings
from core.security.consent.agreement import BY_PROGRAM, Circumstances, Consent, ConsentScope, Purpose
from core.security.consent.consent import consents, end_consent, record_consent, record_refusal
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.security.vault.vault import Vault

__all__ = [
    "NAMES_OF_PURPOSES",
    "ConsentBox",
    "ConsentDesk",
    "ConsentLine",
    "ConsentRequest",
    "ConsentSheet",
    "ConsentTools",
    "ConsentView",
]

NARROWED = "less is allowed now than it needs"
NAMES_OF_PURPOSES = frozenset(one.value for one in Purpose) - {Purpose.ACT.value}


class NothingAwaitsConsent(Conflict):
    """This operation does not wait for consent."""

    code: ClassVar[str] = "nothing_awaits_consent"


@dataclass(frozen=True)
class ConsentRequest:
    """What somebody is about to agree to. Among the permissions may be the purposes that are consents of their own."""

    service: str
    operation: str
    store_url: str
    permissions: tuple[str, ...] = ()

    @property
    def to_act(self) -> tuple[str, ...]:
        """The permissions of the consent to act."""
        return tuple(one for one in self.permissions if one not in NAMES_OF_PURPOSES)

    @property
    def apart(self) -> tuple[Purpose, ...]:
        """The consents of their own that are named."""
        return tuple(Purpose(one) for one in self.permissions if one in NAMES_OF_PURPOSES)


@dataclass(frozen=True)
class ConsentTools:
    """What the desk works with."""

    database: Database
    queue: JobQueue
    progress: ProgressBus
    integrations: Integrations
    wordings: Wordings
    endings: EndingWriter
    vault: Vault
    clock: Clock


class ConsentDesk:
    """Where consent is shown, given and withdrawn."""

    def __init__(self, tools: ConsentTools) -> None:
        self._tools = tools

    def sheet(self, request: ConsentRequest) -> ConsentSheet:
        """What somebody would agree to. Raises what makes the request unusable."""
        integration = self._tools.integrations.get(request.service, request.operation)
        return self._tools.wordings.sheet(integration, integration.origin_of(request.store_url))

    async def agree(
        self, visitor: Visitor, request: ConsentRequest, given: Circumstances, refused: Iterable[Purpose] = ()
    ) -> tuple[ConsentView, ...]:
        """Record the consents that were given and those that were refused; what waited for just this begins.

        All in one transaction. Without any permission, all that the operation needs is agreed to; with purposes alone,
        nothing else is. Raises what makes the request unusable.
        """
        authorize(visitor, Action.DECIDE_CONSENT)
        integration = self._tools.integrations.get(request.service, request.operation)
        self._tools.wordings.check_offered(integration, request.apart)
        acts = bool(request.to_act) or not request.apart
        permissions = integration.allowed(request.to_act) if acts else frozenset[str]()
        act = ConsentScope(request.service, request.operation, integration.origin_of(request.store_url), permissions)
        scopes = [*([act] if acts else []), *(act.for_purpose(one) for one in request.apart)]
        agreed = [self._agreement(visitor, integration, scope, given) for scope in scopes]
        against = [self._agreement(visitor, integration, act.for_purpose(one), given) for one in refused]
        return await self._tools.database.run(visitor.customer_id, partial(self._agree, agreed, against))

    async def grant(self, visitor: Visitor, request: ConsentRequest, given: Circumstances = BY_PROGRAM) -> ConsentView:
        """Agree, and give the first of the consents: the one to act, if that is among them."""
        return (await self.agree(visitor, request, given))[0]

    async def grant_for(self, visitor: Visitor, operation_id: UUID) -> ConsentView:
        """Agree to what one waiting operation asks for, and to nothing beside. Raises as `agree_for`."""
        return (await self.agree_for(visitor, operation_id, BY_PROGRAM))[0]

    async def agree_for(
        self,
        visitor: Visitor,
        operation_id: UUID,
        given: Circumstances,
        apart: Iterable[Purpose] = (),
        refused: Iterable[Purpose] = (),
    ) -> tuple[ConsentView, ...]:
        """Consent to what one waiting operation asks for. Raises NotAllowed, NotFound or NothingAwaitsConsent."""
        authorize(visitor, Action.DECIDE_CONSENT)
        row = await self._tools.database.read(
            visitor.customer_id, lambda session: session.get(OperationRow, (visitor.customer_id, operation_id))
        )
        if row is None:
            raise NotFound(because="There is no such operation.")
        if row.status != OperationStatus.AWAITING_CONSENT:
            raise NothingAwaitsConsent(because=f"It is: {OperationStatus(row.status).words.lower()}.")
        permissions = (*row.permissions, *(one.value for one in apart))
        request = ConsentRequest(row.service, row.operation, row.store_origin, permissions)
        return await self.agree(visitor, request, given, refused)

    async def refuse(self, visitor: Visitor, request: ConsentRequest, given: Circumstances) -> None:
        """Somebody has read it and does not allow it: nothing is done, and that they said no is recorded."""
        authorize(visitor, Action.DECIDE_CONSENT)
        integration = self._tools.integrations.get(request.service, request.operation)
        origin = integration.origin_of(request.store_url)
        act = ConsentScope(request.service, request.operation, origin, integration.required)
        no = self._agreement(visitor, integration, act, given)
        await self._tools.database.run(visitor.customer_id, partial(self._agree, (), [no]))

    async def revoke(
        self, visitor: Visitor, consent_id: UUID, because: str, *, keep_credentials: bool = False
    ) -> ConsentView:
        """Withdraw a consent; what runs or waits under it stops at once, and what is in the vault for it is deleted.

        Kept credentials can't be used before somebody consents anew. Raises NotFound.
        """
        authorize(visitor, Action.DECIDE_CONSENT)
        use_case = partial(self._revoke, visitor, consent_id, because, keep_credentials)
        return await self._tools.database.run(visitor.customer_id, use_case)

    async def list(self, visitor: Visitor) -> tuple[ConsentView, ...]:
        """Every consent ever given, the newest first. Raises NotAllowed."""
        authorize(visitor, Action.SEE_CONSENTS, Action.DECIDE_CONSENT)
        given = await self._tools.database.read(visitor.customer_id, consents)
        return tuple(self._view(one) for one in given)

    def _agreement(
        self, visitor: Visitor, integration: Integration, scope: ConsentScope, given: Circumstances
    ) -> Agreement:
        return Agreement(visitor, scope, self._tools.wordings.of(integration, scope, given))

    # What follows runs in a thread, each as one transaction; operations are locked first, as every run does.

    def _agree(
        self, agreed: Sequence[Agreement], against: Sequence[Agreement], session: CustomerSession
    ) -> tuple[ConsentView, ...]:
        now, still_open = self._tools.clock.now(), open_operations(session)
        for one in agreed:
            self._stop_what_needs_more(session, one, still_open)
        made = [record_consent(session, one.visitor, one.scope, one.wording, at=now) for one in agreed]
        for no in against:
            record_refusal(session, no.visitor, no.scope, no.wording, at=now)
        for consent, one in zip(made, agreed, strict=True):
            for row in still_open:
                if consent.covers(scope_of(row), at=now):
                    self._stand_on(session, row, consent, by_program=one.visitor.is_program)
        return tuple(self._view(one) for one in made)

    def _stop_what_needs_more(
        self, session: CustomerSession, new: Agreement, still_open: Sequence[OperationRow]
    ) -> None:
        """End what began under an earlier consent for the same, and needs more than the new one allows."""
        for row in still_open:
            needs, has_begun = scope_of(row), row.status != OperationStatus.AWAITING_CONSENT
            if has_begun and needs.place == new.scope.place and not needs.within(new.scope):
                self._stop(session, new.visitor, row, NARROWED, keeps_sign_in=False)

    def _stand_on(self, session: CustomerSession, row: OperationRow, consent: Consent, *, by_program: bool) -> None:
        """Let an operation begin that waited for this consent, or stand on it in place of one that it supersedes."""
        if row.status == OperationStatus.AWAITING_CONSENT:
            begins = self._tools.integrations.get(row.service, row.operation).begins
            row.status, row.consent_id = begins, consent.id
            if begins is OperationStatus.PENDING:
                self._tools.queue.enqueue(session, row.customer_id, row.id)
            elif by_program:  # on a page whoever allows it is there, and approves it next
                tell_of_waiting(session, row, self._tools.clock.now())
        else:
            before = consent_under(session, row)
            if before is None or before.ended_as is not ConsentEnding.SUPERSEDED:
                return
            row.consent_id = consent.id
        session.add(row)
        self._tell(session, row)

    def _revoke(
        self, visitor: Visitor, consent_id: UUID, because: str, keep_credentials: bool, session: CustomerSession
    ) -> ConsentView:
        now, still_open = self._tools.clock.now(), open_operations(session)
        withdrawn = end_consent(session, visitor.actor, consent_id, ConsentEnding.WITHDRAWN, at=now, because=because)
        consent = next(one for one in consents(session) if one.id == consent_id)
        if withdrawn:
            keeps = keep_credentials and consent.scope.purpose is Purpose.ACT
            for row in still_open:
                if self._stands_on(row, consent):
                    self._stop(session, visitor, row, because, keeps_sign_in=keeps)
            if not keeps:
                tools = self._tools
                delete_secrets(session, tools.vault, tools.integrations, consent, actor=visitor.actor, at=now)
        return self._view(consent)

    def _stands_on(self, row: OperationRow, consent: Consent) -> bool:
        """Whether an operation may not go on without this consent."""
        if consent.scope.purpose is not Purpose.STORE_SIGN_IN:
            return row.consent_id == consent.id
        signs_in = bool(self._tools.integrations.get(row.service, row.operation).sign_in)
        here = scope_of(row).for_purpose(Purpose.STORE_SIGN_IN).place == consent.scope.place
        return signs_in and here and row.status != OperationStatus.AWAITING_CONSENT

    def _stop(
        self, session: CustomerSession, visitor: Visitor, row: OperationRow, because: str, *, keeps_sign_in: bool
    ) -> None:
        words = f"Consent was withdrawn: {because}"
        self._tools.endings.stop(session, row, Stop(visitor.actor, because, words), keeps_sign_in=keeps_sign_in)
        self._tools.queue.stop(session, row.id, because)
        self._tell(session, row)

    def _tell(self, session: CustomerSession, row: OperationRow) -> None:
        self._tools.progress.publish(session, row.customer_id, row.id)

    def _view(self, consent: Consent) -> ConsentView:
        version = self._tools.wordings.texts.version
        return consent_view(consent, self._tools.clock.now(), text_version=version)
