"""The life of the master keys of a database: which ones it knows, and that ours are those.

    coming → primary → old → retired → destroyed

A key that is coming is known to all processes before it wraps anything; one that is old opens what it wrapped until
all of that is wrapped anew. So nothing stands still while keys are changed (the order is that of Google's Tink).
"""

import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Update, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from core.database.session import CustomerSession
from core.database.states import MasterState
from core.database.tables import VaultKey, VaultMaster
from core.errors import Conflict, CoreError
from core.security.keys.envelope import CannotOpen, place, seal, unseal
from core.security.keys.key_providers import key_id, wrapping_key
from core.security.keys.key_ring import KeyRing, UnknownKey

log = logging.getLogger(__name__)

CANARY = b"canary"
OPENS = (MasterState.PRIMARY, MasterState.OLD)  # what it wrapped may be in use


class WrongMasterKey(CoreError):
    """The master key does not match this database."""

    code: ClassVar[str] = "wrong_master_key"


class NoVault(CoreError):
    """This database has no vault."""

    code: ClassVar[str] = "no_vault"


class NotItsTurn(Conflict):
    """This is not the step that comes next."""

    code: ClassVar[str] = "not_its_turn"


class StillNeeded(Conflict):
    """This master key is still needed."""

    code: ClassVar[str] = "still_needed"


@dataclass(frozen=True)
class MasterView:
    """A master key of the database: where its life stands, how many data keys it wraps now, how often it wrapped."""

    key_id: str
    state: MasterState
    is_here: bool
    wrapped_now: int
    wraps: int
    created_at: datetime
    changed_at: datetime | None


class MasterKeys:
    """Moves master keys along their life. Every method is part of its caller's transaction, across customers."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def open_database(self, session: CustomerSession, *, at: datetime) -> bool:
        """Make sure that this database was sealed with our keys; one without any key takes ours, and that is told.

        Raises WrongMasterKey: a new key for sealed data would lose it.
        """
        is_new = not self._all(session)
        if is_new:
            self._take_first(session, at)
        for row in self._all(session):
            self._check(session, row)
        return is_new

    def check_all(self, session: CustomerSession) -> int:
        """Make sure that this database was sealed with our keys; with how many. Raises NoVault or WrongMasterKey."""
        rows = self._all(session)
        if not rows:
            raise NoVault(because="Nothing was ever sealed in it, or its keys are not recorded any more.")
        for row in rows:
            self._check(session, row)
        return len(self._in(rows, MasterState.COMING, *OPENS))

    def begin(self, session: CustomerSession, *, at: datetime) -> str:
        """Make the key that is to come, or take one that is here and was never used; its id. Raises NotItsTurn."""
        rows = self._all(session)
        if under_way := self._in(rows, MasterState.COMING, MasterState.OLD):
            raise NotItsTurn(because=_next_step(under_way[0]))
        self._ring.forget()
        used = {row.key_id for row in rows}
        unused = [key for its_id, key in self._ring.provider.known().items() if its_id not in used]
        key = unused[0] if unused else self._ring.provider.make_another()
        self._ring.forget()
        self._record(session, key, MasterState.COMING, at)
        return key_id(key)

    def promote(self, session: CustomerSession, *, at: datetime) -> str:
        """Let the key that is to come wrap what is new from now on; its id. Raises NotItsTurn, or UnknownKey."""
        coming = self._in(self._all(session), MasterState.COMING)
        if not coming:
            raise NotItsTurn(because="No key is to come. First: autopilot vault rotate begin")
        self._open_canary(coming[0])
        for row in self._in(self._all(session), MasterState.PRIMARY):
            _move(session, row.key_id, MasterState.PRIMARY, MasterState.OLD, at)
        _move(session, coming[0].key_id, MasterState.COMING, MasterState.PRIMARY, at)
        return coming[0].key_id

    def retire(self, session: CustomerSession, *, at: datetime) -> str:
        """Let the old key open nothing any more; its id. Raises StillNeeded while anything is wrapped by it."""
        old = self._in(self._all(session), MasterState.OLD)
        if not old:
            raise NotItsTurn(because="No key is old. First: autopilot vault rotate promote")
        # Locked: who was about to wrap with it has, or finds that it is not the primary any more.
        _move(session, old[0].key_id, MasterState.OLD, MasterState.RETIRED, at)
        if left := _wrapped_by(session, old[0].key_id):
            raise StillNeeded(because=f"{left} data keys are wrapped by it. First: autopilot vault rotate rewrap")
        return old[0].key_id

    def may_destroy(self, session: CustomerSession) -> tuple[tuple[str, ...], str]:
        """The keys that may be destroyed, and the one that stays. Raises NotItsTurn or StillNeeded."""
        rows = self._all(session)
        retired = [row.key_id for row in self._in(rows, MasterState.RETIRED)]
        if not retired:
            raise NotItsTurn(because="No key is retired. First: autopilot vault rotate retire")
        if left := sum(_wrapped_by(session, one) for one in retired):  # as after a back-up was put back
            raise StillNeeded(because=f"{left} data keys are wrapped by it.")
        return tuple(retired), self._in(rows, MasterState.PRIMARY)[0].key_id

    def record_destroyed(self, session: CustomerSession, destroyed: Collection[str], *, at: datetime) -> None:
        """Write that these keys are gone."""
        self._ring.forget()
        for one in destroyed:
            _move(session, one, MasterState.RETIRED, MasterState.DESTROYED, at)
            row = session.get_one(VaultMaster, one)
            row.canary = ""
            session.add(row)

    def primary(self, session: CustomerSession) -> str:
        """The id of the key that wraps what is new. Raises UnknownKey if there is none."""
        for row in self._in(self._all(session), MasterState.PRIMARY):
            return row.key_id
        raise UnknownKey(because="This database has no primary master key.")

    def views(self, session: CustomerSession) -> tuple[MasterView, ...]:
        """Every key the database knows, the oldest first."""
        return tuple(
            MasterView(
                key_id=row.key_id,
                state=MasterState(row.state),
                is_here=self._ring.holds(row.key_id),
                wrapped_now=_wrapped_by(session, row.key_id),
                wraps=row.wraps,
                created_at=row.created_at,
                changed_at=row.changed_at,
            )
            for row in self._all(session)
        )

    def _take_first(self, session: CustomerSession, at: datetime) -> None:
        if session.exec(select(func.count()).select_from(VaultKey)).one():
            raise WrongMasterKey(because="Its own key is not recorded any more. Restore it from the back-up.")
        master = self._ring.provider.master_key()
        with suppress(IntegrityError), session.begin_nested():  # who begins at the same time has recorded the same
            self._record(session, master, MasterState.PRIMARY, at)

    def _record(self, session: CustomerSession, master: bytes, state: MasterState, at: datetime) -> None:
        its_id = key_id(master)
        canary = seal(wrapping_key(master), CANARY, place("canary", its_id))
        session.add(VaultMaster(key_id=its_id, canary=canary, created_at=at, state=state.value))
        session.flush()

    def _check(self, session: CustomerSession, row: VaultMaster) -> None:
        """Raises WrongMasterKey if a key is missing that something is wrapped by, or is not what it was."""
        if row.state in (MasterState.RETIRED, MasterState.DESTROYED):
            return
        if self._ring.holds(row.key_id):
            self._open_canary(row)
        elif row.state == MasterState.PRIMARY or _wrapped_by(session, row.key_id):
            got = ", ".join(self._ring.provider.known()) or "none"
            raise WrongMasterKey(because=f"Expected {row.key_id}, got {got}. Bring the right key file back.")
        else:
            log.warning("the vault's %s key %s is not here; bring it before it is needed", row.state, row.key_id)

    def _open_canary(self, row: VaultMaster) -> None:
        try:
            opened = unseal(wrapping_key(self._ring.key(row.key_id)), row.canary, place("canary", row.key_id))
        except CannotOpen:
            opened = b""
        if opened != CANARY:
            raise WrongMasterKey(because=f"The canary of {row.key_id} does not open: it was changed.")

    def _all(self, session: CustomerSession) -> list[VaultMaster]:
        by_age = select(VaultMaster).order_by(col(VaultMaster.created_at), col(VaultMaster.key_id))
        return list(session.exec(by_age.execution_options(populate_existing=True)))

    def _in(self, rows: list[VaultMaster], *states: MasterState) -> list[VaultMaster]:
        return [row for row in rows if row.state in states]


def changed(session: CustomerSession, statement: Update) -> int:
    """How many rows a conditional update has changed; so are the objects that the session holds."""
    done = session.execute(statement, execution_options={"synchronize_session": "fetch"})
    return done.rowcount if isinstance(done, CursorResult) else 0


def _move(session: CustomerSession, its_id: str, before: MasterState, after: MasterState, at: datetime) -> None:
    stood = update(VaultMaster).where(col(VaultMaster.key_id) == its_id, col(VaultMaster.state) == before.value)
    if changed(session, stood.values(state=after.value, changed_at=at)) != 1:
        raise NotItsTurn(because=f"Somebody else has moved {its_id} meanwhile.")


def _wrapped_by(session: CustomerSession, its_id: str) -> int:
    """How many data keys a master key wraps, of all customers."""
    named = select(func.count()).select_from(VaultKey).where(col(VaultKey.master_key_id) == its_id)
    return session.exec(named).one()


def _next_step(row: VaultMaster) -> str:
    if row.state == MasterState.COMING:
        return f"{row.key_id} is to come already. Next: autopilot vault rotate promote"
    return f"{row.key_id} is not retired yet. Next: autopilot vault rotate rewrap, then retire"
