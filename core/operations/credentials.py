"""The sign-ins and keys of a customer's shops: stored write-only by people, used one at a time by a run."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from core.agents.integration import AUTHENTICATOR, ONE_TIME_CODE, CredentialField, Integration, Integrations
from core.browser.redaction import SHORTEST
from core.browser.secrets import FieldKind
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.errors import BadInput
from core.operations import lease as leases
from core.operations.allowance import check_allowed, check_sign_in_allowed
from core.operations.lease import Lease
from core.operations.rows import open_operations
from core.operations.run_time import RunTime
from core.operations.wordings import Wordings
from core.security.consent.agreement import Circumstances, ConsentScope, Purpose, Surface, Wording
from core.security.consent.consent import record_consent
from core.security.one_time_codes import OneTimeCodes
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.security.people.seeds import SERVICE as OURSELVES
from core.security.secret import LONGEST_SECRET, Secret
from core.security.vault.vault import LimitedSecret, NoCredential, SecretRef, StoredCredential, Vault

LONGEST_USE = timedelta(days=3650)  # until a secret ends; no shop's key is good for longer


class BadCredentials(BadInput):
    """These credentials do not fit the service."""

    code: ClassVar[str] = "bad_credentials"


class SignInIncomplete(BadCredentials):
    """The sign-in is not complete."""


class BadEnd(BadInput):
    """A secret can't end then."""

    code: ClassVar[str] = "bad_end"


# A program that sends a sign-in has nobody else to ask; people are asked by a box of its own.
BY_SENDING = Circumstances(Surface.API, "POST /api/autonomous/credentials")


@dataclass(frozen=True)
class Agreement:
    """Who agrees to what, in which words."""

    visitor: Visitor
    scope: ConsentScope
    wording: Wording


class CredentialDesk:
    """Where people put credentials in and delete them. Nothing ever comes out here."""

    def __init__(
        self, database: Database, vault: Vault, integrations: Integrations, wordings: Wordings, clock: Clock
    ) -> None:
        self._database = database
        self._vault = vault
        self._integrations = integrations
        self._wordings = wordings
        self._clock = clock

    async def store(
        self,
        visitor: Visitor,
        service: str,
        store_url: str,
        fields: Mapping[str, Secret],
        given: Circumstances = BY_SENDING,
        until: datetime | None = None,
    ) -> None:
        """Seal a shop's sign-in, for use until a moment if one is given; to send it is to agree that it is kept, which is recorded in the same transaction.

        What was there before is replaced; an optional field that is not given this time is forgotten. Raises
        UnknownService, BadAddress, BadCredentials, BadSeed or BadEnd.
        """
        authorize(visitor, Action.MANAGE_CREDENTIALS)
        integration = self._integrations.of_service(service)
        origin = integration.origin_of(store_url)
        _check(integration, fields)
        limited: dict[str, Secret | LimitedSecret] = dict(fields)
        if until is not None:
            _check_end(until, self._clock.now())
            limited = {name: LimitedSecret(secret, until) for name, secret in fields.items()}
        scope = ConsentScope(service, integration.operation, origin, frozenset()).for_purpose(Purpose.STORE_SIGN_IN)
        agreed = Agreement(visitor, scope, self._wordings.of(integration, scope, given))
        await self._database.run(visitor.customer_id, partial(self._store, agreed, limited))

    async def limit(self, visitor: Visitor, credential_id: UUID, until: datetime | None) -> None:
        """Let a stored secret end at a moment, or with None at no moment. Raises NotAllowed, NotFound or BadEnd."""
        authorize(visitor, Action.MANAGE_CREDENTIALS)
        now = self._clock.now()
        if until is not None:
            _check_end(until, now)

        def limit(session: CustomerSession) -> None:
            self._check_of_shop(session, credential_id)
            self._vault.limit(session, credential_id, until, at=now, actor=visitor.actor)

        await self._database.run(visitor.customer_id, limit)

    async def list(self, visitor: Visitor) -> tuple[StoredCredential, ...]:
        """What is stored, without any value."""
        authorize(visitor, Action.SEE_CREDENTIALS)
        stored = await self._database.read(visitor.customer_id, self._vault.stored)
        return tuple(one for one in stored if one.service != OURSELVES)

    async def delete(self, visitor: Visitor, credential_id: UUID, because: str) -> None:
        """Destroy one. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.MANAGE_CREDENTIALS)
        now = self._clock.now()

        def delete(session: CustomerSession) -> None:
            self._check_of_shop(session, credential_id)
            self._vault.delete_by_id(session, credential_id, at=now, actor=visitor.actor, because=because)

        await self._database.run(visitor.customer_id, delete)

    def _check_of_shop(self, session: CustomerSession, credential_id: UUID) -> None:
        """Return if it is a shop's. The keys of people's own sign-ins are not there for anybody else. Raises NoCredential."""
        if any(one.id == credential_id and one.service == OURSELVES for one in self._vault.stored(session)):
            raise NoCredential

    def _store(self, agreed: Agreement, fields: Mapping[str, Secret | LimitedSecret], session: CustomerSession) -> None:
        now, actor, scope = self._clock.now(), agreed.visitor.actor, agreed.scope
        open_operations(session)  # locked before the audit chain, as every run does
        record_consent(session, agreed.visitor, scope, agreed.wording, at=now)
        for name, secret in fields.items():
            ref = SecretRef(scope.service, scope.origin, name)
            self._vault.store(session, agreed.visitor.customer_id, ref, secret, at=now, actor=actor)
        for left_out in (
            one.name for one in self._integrations.of_service(scope.service).asked_for if one.name not in fields
        ):
            with suppress(NoCredential):
                ref = SecretRef(scope.service, scope.origin, left_out)
                self._vault.delete(session, ref, at=now, actor=actor, because="the sign-in was given anew without it")


def _check(integration: Integration, fields: Mapping[str, Secret]) -> None:
    """Return if these fit the service. Raises BadCredentials or BadSeed, without repeating what was given."""
    known = {field.name: field for field in integration.asked_for}
    needed = [field.name for field in integration.asked_for if not field.optional]
    if fields.keys() - known.keys() or set(needed) - fields.keys():
        also = ", ".join(name for name in known if name not in needed)
        raise BadCredentials(
            because=f"Give these fields, and no others: {', '.join(needed)}{f' (and, if need be, {also})' if also else ''}."
        )
    for name, secret in fields.items():
        if objection := _objection(known[name], secret):
            raise BadCredentials(because=f"“{known[name].label}” {objection}.")
    if AUTHENTICATOR.name in fields:
        OneTimeCodes.of(fields[AUTHENTICATOR.name])


def _check_end(until: datetime, now: datetime) -> None:
    """Return if a secret may end then. Raises BadEnd."""
    if not now < until <= now + LONGEST_USE:
        raise BadEnd(because=f"It has to lie in the next {LONGEST_USE.days // 365} years.")


def _objection(field: CredentialField, secret: Secret) -> str:
    """What is wrong with what was given for a field, or nothing."""
    if not 0 < len(secret.reveal()) <= LONGEST_SECRET:
        return "is empty or too long"
    if not _is_text(secret):
        return "has characters that are no text"
    if field.secret and len(secret.reveal().strip()) < SHORTEST:
        return f"is shorter than {SHORTEST} characters: it could not be taken out of texts. Choose a longer one in your shop"
    return ""


def _is_text(secret: Secret) -> bool:
    """Whether it is whole characters: bytes of another encoding come out of a terminal as halves of some."""
    return not any("\ud800" <= character <= "\udfff" for character in secret.reveal())


@dataclass(frozen=True)
class TypedSecret:
    """A secret on its way into a field: where it may be typed, and into what kind of field."""

    origin: Origin
    kind: FieldKind
    secret: Secret

    def reveal(self) -> str:
        """The value itself."""
        return self.secret.reveal()


# By customer and shop: until when the one-time code that was used last is shown. Services share a shop's sign-in.
LastCodes = dict[tuple[UUID, Origin], datetime]


@dataclass(frozen=True)
class VaultCredentials:
    """The secrets of one run: one customer's, of one service, at one shop.

    Nothing is used that the operation may not do at that moment; what is `sign_in` needs the consent to keep it, too, and
    so does everything if nobody says what is. What other runs of this process need to know of its one-time codes is in
    `last_codes`. The run's `time` stands still while the next code is waited for.
    """

    database: Database
    vault: Vault
    clock: Clock
    lease: Lease
    service: str
    origin: Origin
    last_codes: LastCodes = field(default_factory=dict)
    time: RunTime = field(default_factory=RunTime)
    sign_in: frozenset[str] | None = None

    async def stored(self) -> frozenset[str]:
        """The names of the fields that are there."""
        every = await self.database.read(self.lease.customer_id, self.vault.stored)
        mine = (one for one in every if one.service == self.service and one.origin == str(self.origin))
        return frozenset(one.field for one in mine)

    async def use(self, field: str, purpose: str) -> Secret:
        """A secret; its use is counted and audited in the same transaction. Raises NoCredential, LeaseLost or ConsentMissing."""
        return await self.database.run(self.lease.customer_id, partial(self._use, field, purpose))

    async def reveal(self, name: str) -> TypedSecret:
        """A secret for a field of the shop's sign-in page, by its field name."""
        if name == ONE_TIME_CODE:
            return TypedSecret(self.origin, FieldKind.CODE, await self.one_time_code())
        kind = FieldKind.PASSWORD if name.endswith("password") else FieldKind.USERNAME
        return TypedSecret(self.origin, kind, await self.use(name, purpose="type into the shop's sign-in page"))

    async def one_time_code(self) -> Secret:
        """The code that the sign-in's authenticator shows at this moment. Raises NoCredential, or LeaseLost.

        If it was used already, the next one is waited for: a shop takes none twice (RFC 6238, section 5.2).
        """
        sign_in = (self.lease.customer_id, self.origin)
        codes = OneTimeCodes.of(await self.use(AUTHENTICATOR.name, purpose="make the code of the second step"))
        with self.time.standing_still():
            while (shown_until := self.last_codes.get(sign_in, self.clock.now())) > self.clock.now():
                await self.clock.until(shown_until)
        now = self.clock.now()
        self.last_codes[sign_in] = codes.shown_until(now)
        return codes.at(now)

    def keep(self, session: CustomerSession, field: str, secret: Secret) -> None:
        """Seal a secret, as part of a transaction of the run."""
        ref = SecretRef(self.service, self.origin, field)
        self.vault.store(session, self.lease.customer_id, ref, secret, at=self.clock.now(), actor="agent")

    def forget(self, session: CustomerSession, field: str, because: str) -> None:
        """Destroy a secret, as part of a transaction of the run. Raises NoCredential."""
        ref = SecretRef(self.service, self.origin, field)
        self.vault.delete(session, ref, at=self.clock.now(), actor="agent", because=because)

    def take(self, session: CustomerSession, field: str, purpose: str) -> Secret:
        """A secret that is good for one use, and gone with it. Raises NoCredential, or LeaseLost."""
        secret = self._use(field, purpose, session)
        self.forget(session, field, because="it was used")
        return secret

    def _use(self, field: str, purpose: str, session: CustomerSession) -> Secret:
        now = self.clock.now()
        leases.renew(session, self.lease, now)  # who lost the operation uses no secret
        operation, is_sign_in = leases.row_of(session, self.lease.operation_id), self._is_sign_in(field)
        (check_sign_in_allowed if is_sign_in else check_allowed)(session, operation, now)
        ref = SecretRef(self.service, self.origin, field)
        return self.vault.use(
            session,
            ref,
            at=now,
            purpose=purpose,
            actor="agent",
            operation_id=self.lease.operation_id,
        )

    def _is_sign_in(self, field: str) -> bool:
        return self.sign_in is None or field in self.sign_in
