"""The restore drill: whether everything in the vault opens, and is what the audit chain says was stored last."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession, Database
from core.database.tables import AuditRow, CredentialRow, VaultKey
from core.security.keys.data_keys import one_writer
from core.security.keys.envelope import CannotOpen
from core.security.keys.key_ring import UnknownKey
from core.security.vault.rollback import IS_WRITE, Written, emptied, erased_up_to, fault_of, taken_from_proof, written
from core.security.vault.rotation import every_customer
from core.security.vault.vault import Vault

READ_AT_ONCE = 1000  # entries of the chain


@dataclass(frozen=True)
class Fault:
    """One secret that is not as it should be; what it is called, never what it is."""

    customer_id: UUID
    service: str
    shop: str
    field: str
    because: str


@dataclass(frozen=True)
class VaultReport:
    """What was found; `unproven` opened, but the chain does not say (any more) what was stored."""

    master_keys: int
    customers: int
    data_keys: int
    opened: int
    unproven: int
    faults: tuple[Fault, ...]

    @property
    def is_well(self) -> bool:
        """Whether everything opens and is the newest."""
        return not self.faults


@dataclass(frozen=True)
class _OfCustomer:
    data_keys: int
    opened: int
    unproven: int
    faults: tuple[Fault, ...]


class VaultCheck:
    """Opens every key and every secret of every customer. Nothing is changed, and no value leaves it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def run(self) -> VaultReport:
        """What is there and what is wrong. Raises WrongMasterKey, NoVault, UnknownKey or BadKey if it can't be told."""
        masters = await self._database.run_across_customers(
            self._vault.masters.check_all, because="the vault is checked"
        )
        customers = await every_customer(self._database, because="the vault is checked")
        found = [await self._database.run(one, partial(self._check, one)) for one in customers]
        return VaultReport(
            master_keys=masters,
            customers=len(customers),
            data_keys=sum(one.data_keys for one in found),
            opened=sum(one.opened for one in found),
            unproven=sum(one.unproven for one in found),
            faults=tuple(fault for one in found for fault in one.faults),
        )

    def _check(self, customer_id: UUID, session: CustomerSession) -> _OfCustomer:
        one_writer(session, customer_id)  # what is stored meanwhile would look like a fault
        last, blank = _last_entries(session)
        rows = session.exec(select(CredentialRow).order_by(col(CredentialRow.service), col(CredentialRow.field))).all()
        told = [(row, self._objection(session, row), _change(session, row, last, blank)) for row in rows]
        faults = [_fault(row, shut or changed) for row, shut, changed in told if shut or changed]
        keys = session.exec(select(VaultKey)).all()
        return _OfCustomer(
            data_keys=len(keys),
            opened=sum(not shut for _, shut, _ in told),
            unproven=sum(str(row.id) not in last for row in rows),
            faults=(
                *faults,
                *(_missing(one) for one in _gone(last, {str(row.id) for row in rows})),
                *_emptied(session, customer_id, blank),
                *self._shut_keys(session, keys),
            ),
        )

    def _objection(self, session: CustomerSession, row: CredentialRow) -> str:
        """Why a secret can't be opened, or nothing."""
        try:
            self._vault.opened(session, row)
        except CannotOpen:
            return "does not open"
        except UnknownKey as error:
            return f"does not open: {error.because}"
        return ""

    def _shut_keys(self, session: CustomerSession, keys: Sequence[VaultKey]) -> Iterator[Fault]:
        """The data keys that do not open; pictures and the like may be sealed with them."""
        for key in keys:
            try:
                self._vault.data_keys.opened(session, key)
            except (CannotOpen, UnknownKey):
                yield Fault(key.customer_id, "vault", "", f"data key {key.generation}", "does not open")


def _last_entries(session: CustomerSession) -> tuple[dict[str, Written], int]:
    """By the id of each secret that was ever written: what the chain says of it last; and the newest write without a detail."""
    last: dict[str, Written] = {}
    seq = blank = 0
    while rows := _writes_after(session, seq):
        seq = rows[-1].seq
        last |= {one.item: one for row in rows if (one := written(row)) is not None}
        blank = max(blank, *(row.seq for row in rows if row.salt is None), 0)
    return last, blank


def _change(session: CustomerSession, row: CredentialRow, last: Mapping[str, Written], blank: int) -> str:
    """What the chain has against a row, or nothing."""
    of_row = last.get(str(row.id))
    if emptied_at := taken_from_proof(session, of_row, blank):
        return emptied(emptied_at)
    return fault_of(row, of_row)


def _emptied(session: CustomerSession, customer_id: UUID, blank: int) -> Iterator[Fault]:
    """The newest write that was emptied by nobody of us: the secret that it told of may be gone with it."""
    if blank and blank > erased_up_to(session):
        yield Fault(
            customer_id, "vault", "", f"entry {blank} of the audit trail", "was emptied, and no erasure names it"
        )


def _gone(last: Mapping[str, Written], there: Collection[str]) -> list[Written]:
    """What was stored and is not there, though nobody deleted it nor stored another under its name since."""
    newest = {one.name: one.seq for one in sorted(last.values(), key=lambda one: one.seq) if one.item in there}
    return [
        one
        for item, one in last.items()
        if item not in there and not one.is_deleted and newest.get(one.name, 0) < one.seq
    ]


def _writes_after(session: CustomerSession, seq: int) -> Sequence[AuditRow]:
    following = select(AuditRow).where(IS_WRITE, col(AuditRow.seq) > seq)
    return session.exec(following.order_by(col(AuditRow.seq)).limit(READ_AT_ONCE)).all()


def _fault(row: CredentialRow, because: str) -> Fault:
    return Fault(row.customer_id, row.service, row.store_origin, row.field, because)


def _missing(one: Written) -> Fault:
    return Fault(one.customer_id, one.service, one.shop, one.field, f"is not there (audit says v{one.version})")
