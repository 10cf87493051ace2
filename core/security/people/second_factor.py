"""The second factor: codes of an authenticator app, each good once, and recovery codes for who has lost it."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hmac import compare_digest
from typing import ClassVar, Protocol
from urllib.parse import quote
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.roles import SignedIn
from core.database.session import CustomerSession, Database
from core.database.tables import RecoveryCodeRow, SecondFactorRow
from core.errors import Conflict, Refused
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.one_time_codes import OneTimeCodes
from core.security.people.accounts import Accounts
from core.security.people.authorize import Action, authorize
from core.security.people.proof import NONE_GIVEN, ChecksPasswords, Proof, check_proof
from core.security.people.sessions import digest
from core.security.people.throttle import CODE, MOST_IN_A_ROW, Throttle, Tried, begin_anew, tries_of
from core.security.people.visitor import Visitor
from core.security.secret import Secret

SEED_BYTES = 20  # RFC 4226, 4 (R6): as long as SHA-1's result
RECOVERY_CODES = 8
RECOVERY_BYTES = 10  # 80 random bits need no slow hash
NAME = "OmniOps Autopilot"
WRITTEN_APART = str.maketrans("", "", " -")


class WrongCode(Refused):
    """This code is not right, or was used already."""

    code: ClassVar[str] = "wrong_code"


class AlreadyEnrolled(Conflict):
    """Your sign-in has a second step already."""

    code: ClassVar[str] = "already_enrolled"


class SeedKeeper(Protocol):
    """Where the keys of authenticator apps are kept, sealed, each bound to its person. Part of the caller's transaction."""

    def keep(self, session: CustomerSession, visitor: Visitor, seed: Secret, *, at: datetime) -> None:
        """Seal one; what was there before is replaced."""
        ...

    def seed_of(self, session: CustomerSession, visitor: Visitor, *, at: datetime) -> Secret:
        """Take it out to make a code of it. Raises CoreError if it is not there or does not open."""
        ...

    def forget(self, session: CustomerSession, visitor: Visitor, *, at: datetime) -> None:
        """Destroy it, if it is there."""
        ...


@dataclass(frozen=True)
class Enrolment:
    """A new key, to be shown to its person alone: as text, and as the address of a QR code."""

    seed: Secret
    address: Secret


class SecondFactors:
    """Enrols, asks for and removes the second factor of people."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        seeds: SeedKeeper,
        people: ChecksPasswords,
        accounts: Accounts | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._seeds = seeds
        self._people = people
        self._accounts = accounts or Accounts()
        self._throttle = Throttle(database)

    def is_mandatory(self, visitor: Visitor) -> bool:
        """Whether this person can't do without one."""
        return self._accounts.needs_second_factor(visitor)

    async def is_on(self, visitor: Visitor) -> bool:
        """Whether this person is asked for a code."""
        row = await self._database.read(visitor.customer_id, partial(_row, visitor))
        return row is not None and row.confirmed_at is not None

    def next_step(self, session: CustomerSession, visitor: Visitor) -> SignedIn:
        """How far somebody has come whose password was right, as part of the caller's transaction."""
        row = _row(visitor, session)
        if row is not None and row.confirmed_at is not None:
            return SignedIn.NEEDS_CODE
        return SignedIn.NEEDS_ENROLMENT if self.is_mandatory(visitor) else SignedIn.WHOLLY

    async def begin(self, visitor: Visitor) -> Enrolment:
        """A key for their app; nothing is asked for until it was shown to work. Raises AlreadyEnrolled.

        Until then it stays the same within a session: who mistypes the first code need not scan another picture. In
        another session there is another key, and the one before is worthless: nobody's app is enrolled by who was here
        before them.
        """
        authorize(visitor, Action.OWN_SIGN_IN)
        new = Secret(base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode())
        seed = await self._database.run(visitor.customer_id, partial(self._begin, visitor, new))
        label = quote(f"{NAME}:{visitor.email}", safe="")
        return Enrolment(seed, Secret(f"otpauth://totp/{label}?secret={seed.reveal()}&issuer={quote(NAME)}"))

    async def confirm(self, visitor: Visitor, code: Secret, address: str = "") -> None:
        """From now on a code is asked for: the app was shown to work. Raises WrongCode, TooManyTries or AlreadyEnrolled."""
        authorize(visitor, Action.OWN_SIGN_IN)
        await self._tried(visitor, address, partial(self._confirm, visitor, code))

    async def check(self, visitor: Visitor, code: Secret, address: str = "") -> None:
        """Take a code of the app, or a recovery code. Raises WrongCode or TooManyTries; each is good once."""
        authorize(visitor, Action.OWN_SIGN_IN)
        await self._tried(visitor, address, partial(self._check, visitor, code))

    async def recovery_codes(self, visitor: Visitor, proof: Proof = NONE_GIVEN) -> tuple[Secret, ...]:
        """New ones, told this once; those before are worthless. In a browser, for whoever shows that it is they.

        Raises NotAllowed, WrongSignIn or TooManyTries.
        """
        authorize(visitor, Action.OWN_SIGN_IN)
        await check_proof(self._people, visitor, proof)
        made = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        await self._database.run(visitor.customer_id, partial(self._replace_codes, visitor, made))
        return made

    async def remove(self, of: Visitor, *, by: str) -> None:
        """Ask this person for no code any more: for who has lost app and recovery codes, by who sees to them."""
        await self._database.run(of.customer_id, partial(self._remove, of, by))
        await self._database.run_across_customers(
            lambda session: begin_anew(session, _tried(of)), because="tries to sign in are counted"
        )

    async def _tried(self, visitor: Visitor, address: str, take: Callable[[CustomerSession], bool]) -> None:
        """Count a try, make it, and say how it went; counted before, so that many at once are as slow as one by one."""
        now = self._clock.now()
        tried = tries_of(_tried(visitor), address)
        in_a_row = await self._throttle.take_one(tried, now)
        right = in_a_row <= MOST_IN_A_ROW and await self._database.run(visitor.customer_id, take)
        action = AuditAction.SECOND_FACTOR_USED if right else AuditAction.SECOND_FACTOR_REFUSED
        await self._database.run(visitor.customer_id, partial(self._record, visitor, action))
        if not right:
            raise WrongCode(because="Wait for the next one, and try again.")
        await self._throttle.give_back(tried, now)

    # What follows runs in a thread, each as part of one transaction.

    def _begin(self, visitor: Visitor, new: Secret, session: CustomerSession) -> Secret:
        now, row = self._clock.now(), _row(visitor, session)
        if row and row.confirmed_at:
            raise AlreadyEnrolled(because="Sign in with its code.")
        if row and row.id == visitor.session_id:
            return self._seeds.seed_of(session, visitor, at=now)
        if row:
            session.delete(row)
            session.flush()
        # Its id is the session's that it was begun in, so that no other can show it, or confirm it.
        begun_in = visitor.session_id or uuid4()
        begun = SecondFactorRow(id=begun_in, customer_id=visitor.customer_id, user_id=visitor.user_id, created_at=now)
        session.add(begun)
        self._seeds.keep(session, visitor, new, at=now)
        return new

    def _confirm(self, visitor: Visitor, code: Secret, session: CustomerSession) -> bool:
        row = _row(visitor, session)
        if row is None or row.confirmed_at:
            raise AlreadyEnrolled(because="Sign in with its code.")
        if row.id != visitor.session_id or not self._takes(session, visitor, row, code):
            return False
        row.confirmed_at = self._clock.now()
        session.add(row)
        self._record(visitor, AuditAction.SECOND_FACTOR_ADDED, session)
        return True

    def _check(self, visitor: Visitor, code: Secret, session: CustomerSession) -> bool:
        row = _row(visitor, session)
        if row is None or row.confirmed_at is None:
            return False
        return self._takes(session, visitor, row, code) or self._takes_recovery(session, visitor, code)

    def _takes(self, session: CustomerSession, visitor: Visitor, row: SecondFactorRow, code: Secret) -> bool:
        """Whether it is the code of this period or of those beside it, and none of its period or later was used.

        The period is noted by a conditional update: of two at once with the same code, one is too late.
        """
        now = self._clock.now()
        codes = OneTimeCodes.of(self._seeds.seed_of(session, visitor, at=now))
        typed = code.reveal().translate(WRITTEN_APART)
        for step in (codes.step(now) + late for late in (0, -1, 1)):
            if compare_digest(codes.of_step(step).reveal().encode(), typed.encode("utf-8", "surrogatepass")):
                unused = update(SecondFactorRow).where(
                    col(SecondFactorRow.id) == row.id, col(SecondFactorRow.last_step) < step
                )
                return changed_one(session, unused, {"last_step": step})
        return False

    def _takes_recovery(self, session: CustomerSession, visitor: Visitor, code: Secret) -> bool:
        typed = digest(code.reveal().translate(WRITTEN_APART).upper())
        unused = update(RecoveryCodeRow).where(
            col(RecoveryCodeRow.user_id) == visitor.user_id,
            col(RecoveryCodeRow.code_sha256) == typed,
            col(RecoveryCodeRow.used_at).is_(None),
        )
        return changed_one(session, unused, {"used_at": self._clock.now()})

    def _replace_codes(self, visitor: Visitor, made: tuple[Secret, ...], session: CustomerSession) -> None:
        _forget_codes(session, visitor.user_id)
        for code in made:
            sha256 = digest(code.reveal().translate(WRITTEN_APART))
            row = RecoveryCodeRow(
                customer_id=visitor.customer_id,
                user_id=visitor.user_id,
                code_sha256=sha256,
                created_at=self._clock.now(),
            )
            session.add(row)
        self._record(visitor, AuditAction.RECOVERY_CODES_MADE, session)

    def _remove(self, of: Visitor, by: str, session: CustomerSession) -> None:
        if row := _row(of, session):
            session.delete(row)
            _forget_codes(session, of.user_id)
            self._seeds.forget(session, of, at=self._clock.now())
            event = AuditEvent(AuditAction.SECOND_FACTOR_REMOVED, by, detail={"user": str(of.user_id)})
            audit_log.record(session, of.customer_id, event, at=self._clock.now())

    def _record(self, visitor: Visitor, action: AuditAction, session: CustomerSession) -> None:
        audit_log.record(session, visitor.customer_id, AuditEvent(action, visitor.actor), at=self._clock.now())


def _row(visitor: Visitor, session: CustomerSession) -> SecondFactorRow | None:
    return session.exec(select(SecondFactorRow).where(col(SecondFactorRow.user_id) == visitor.user_id)).first()


def _tried(visitor: Visitor) -> Tried:
    return Tried.account(visitor.email, known=True, kind=CODE)


def _forget_codes(session: CustomerSession, user_id: UUID) -> None:
    for row in session.exec(select(RecoveryCodeRow).where(col(RecoveryCodeRow.user_id) == user_id)):
        session.delete(row)
    session.flush()


def _recovery_code() -> Secret:
    """Sixteen letters and digits, in fours."""
    plain = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return Secret("-".join(plain[at : at + 4] for at in range(0, len(plain), 4)))
