"""Whatever is done to the vault in whatever order: the newest value or an error, and an entry for every use.

A state machine of stores, uses, deletions, every step of changing keys, transactions that fail, new processes, rows put
back by somebody with the database's own rights, and customers who have everything destroyed.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.database.session import Database
from core.database.tables import CredentialRow
from core.errors import Conflict
from core.security.audit.audit_log import AuditAction
from core.security.origin import Origin
from core.security.secret import Secret
from core.security.vault.rollback import RolledBack
from core.security.vault.vault import NoCredential, SecretRef
from tests.core.security.vault.strongroom import Strongroom
from tests.fakes.clock import MovedClock

CUSTOMERS, FIELDS = st.integers(0, 1), st.integers(0, 1)
ROOMS = st.integers(0, 1)
Place = tuple[int, int]


class Broken(Exception):
    """A transaction that ends before it is committed."""


class VaultMachine(RuleBasedStateMachine):
    """Two processes, two customers, two secrets each, beside a model that is a dictionary."""

    folder: ClassVar[Path]
    template: ClassVar[Path]
    steps: ClassVar[int] = 0

    @initialize()
    def open(self) -> None:
        VaultMachine.steps += 1
        path = self.folder / f"{VaultMachine.steps}.db"
        shutil.copy(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        self.loop = asyncio.Runner()
        first = Strongroom(self.database, MovedClock())
        self.rooms = [first, first.again()]
        self.wait(first.open())
        self.customers = [self.wait(first.customer(name)) for name in ("Tea", "Coffee")]
        self.newest: dict[Place, str] = {}
        self.tampered: set[Place] = set()
        self.kept: dict[Place, list[CredentialRow]] = {}
        self.used, self.value = 0, 0

    def wait(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return self.loop.run(done())

    @rule(room=ROOMS, customer=CUSTOMERS, field=FIELDS, fails=st.sampled_from([False, False, False, True]))
    def put(self, room: int, customer: int, field: int, fails: bool) -> None:
        self.value += 1
        value, at = f"value {self.value}", (customer, field)
        if fails:
            self._interrupted(room, customer, lambda session: self._store(session, room, customer, field, value))
            return
        self.wait(self.rooms[room].put(self.customers[customer], value, ref(field)))
        self.newest[at] = value
        self.tampered.discard(at)
        self._keep(at)

    @rule(room=ROOMS, customer=CUSTOMERS, field=FIELDS)
    def use(self, room: int, customer: int, field: int) -> None:
        at = (customer, field)
        work = self.rooms[room].use(self.customers[customer], ref(field))
        if at in self.tampered:
            with pytest.raises(RolledBack):
                self.wait(work)
        elif at in self.newest:
            assert self.wait(work) == self.newest[at]
            self.used += 1
        else:
            with pytest.raises(NoCredential):
                self.wait(work)

    @rule(customer=CUSTOMERS, field=FIELDS)
    def use_that_fails(self, customer: int, field: int) -> None:
        """The value was given, and then the transaction broke: neither counted nor recorded, as if it had never been."""
        if (customer, field) in self.newest and (customer, field) not in self.tampered:
            take = partial(self.rooms[0].vault.use, purpose="a test", actor="agent", operation_id=None)
            now = self.rooms[0].clock.now()
            self._interrupted(0, customer, partial(take, ref=ref(field), at=now))

    @rule(customer=CUSTOMERS, field=FIELDS)
    def forget(self, customer: int, field: int) -> None:
        at = (customer, field)
        if at in self.newest or at in self.tampered:
            self.wait(self.rooms[0].forget(self.customers[customer], ref(field)))
            self.newest.pop(at, None)
            self.tampered.discard(at)

    @rule(room=ROOMS, step=st.sampled_from(["begin", "promote", "rewrap", "retire", "destroy"]))
    def change_the_master_key(self, room: int, step: str) -> None:
        self._out_of_turn_or_done(getattr(self.rooms[room].master, step))

    @rule(room=ROOMS, step=st.sampled_from(["begin", "promote", "retire"]))
    def change_the_master_key_and_fail(self, room: int, step: str) -> None:
        masters, now = self.rooms[room].vault.masters, self.rooms[room].clock.now()

        def broken(session: Any) -> None:
            with suppress(Conflict):
                getattr(masters, step)(session, at=now)
            raise Broken

        with pytest.raises(Broken):
            self.wait(self.database.run_across_customers(broken, because="a test"))

    @rule(room=ROOMS, customer=CUSTOMERS, whole=st.booleans())
    def change_a_customers_key(self, room: int, customer: int, whole: bool) -> None:
        """The whole way, or the new key alone, as when the process dies before the first secret is sealed anew."""
        at = self.rooms[room]
        if not whole:
            make = at.customer_keys.make_next
            self.wait(at.run(self.customers[customer], make, self.customers[customer], at=at.clock.now(), actor="x"))
            return
        if any(one == customer for one, _ in self.tampered):
            return
        self.wait(at.own.rotate(self.customers[customer]))
        for field in (0, 1):
            self._keep((customer, field))

    @rule(room=ROOMS)
    def start_anew(self, room: int) -> None:
        self.rooms[room] = self.rooms[room].again()
        self.wait(self.rooms[room].open())

    @precondition(lambda self: any(self.kept.values()))
    @rule(data=st.data())
    def put_an_old_row_back(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(sorted(place for place, rows in self.kept.items() if rows)))
        before = data.draw(st.sampled_from(self.kept[at]))
        customer = self.customers[at[0]]
        now = {(row.id, row.version, row.envelope) for row in self.wait(self.rooms[0].rows(customer))}
        keys = {key.id for key in self.wait(self.rooms[0].data_keys(customer))}
        if (before.id, before.version, before.envelope) in now or before.vault_key_id not in keys:
            return  # the newest itself, or one that can't be put back without its key
        self.wait(self.rooms[0].put_back(customer, before))
        self.tampered.add(at)

    @rule(customer=CUSTOMERS)
    def destroy(self, customer: int) -> None:
        room = self.rooms[0]
        words = {"at": room.clock.now(), "actor": "user:1", "because": "they asked for it"}
        self.wait(room.run(self.customers[customer], room.customer_keys.destroy, self.customers[customer], **words))
        for places in (self.newest, self.kept):
            for field in (0, 1):
                places.pop((customer, field), None)
        self.tampered -= {(customer, 0), (customer, 1)}

    @invariant()
    def the_check_finds_what_was_tampered_with_and_nothing_else(self) -> None:
        found = {
            (self.customers.index(one.customer_id), int(one.field[-1]))
            for one in self.wait(self.rooms[0].check()).faults
        }
        assert found == self.tampered

    @invariant()
    def every_use_has_an_entry(self) -> None:
        told = [action for customer in self.customers for action in self.wait(self.rooms[0].actions(customer))]
        assert told.count(AuditAction.SECRET_USED) == self.used

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.database.close()
            self.loop.close()

    def _store(self, session: Any, room: int, customer: int, field: int, value: str) -> None:
        vault, now = self.rooms[room].vault, self.rooms[room].clock.now()
        vault.store(session, self.customers[customer], ref(field), Secret(value), at=now, actor="user:1")

    def _interrupted(self, room: int, customer: int, work: Callable[[Any], Any]) -> None:
        def broken(session: Any) -> None:
            work(session)
            raise Broken

        with pytest.raises(Broken):
            self.wait(self.database.run(self.customers[customer], broken))

    def _out_of_turn_or_done(self, step: Callable[[], Awaitable[Any]]) -> None:
        with suppress(Conflict):
            self.wait(step())

    def _keep(self, at: Place) -> None:
        rows = [row for row in self.wait(self.rooms[0].rows(self.customers[at[0]])) if row.field == ref(at[1]).field]
        self.kept.setdefault(at, []).extend(rows)


def ref(field: int) -> SecretRef:
    return SecretRef("woocommerce", Origin.of("https://tea.example"), f"field_{field}")


@pytest.fixture
def machine(tmp_path: Path, sqlite_template: Path) -> type[VaultMachine]:
    VaultMachine.folder, VaultMachine.template = tmp_path, sqlite_template
    return VaultMachine


@pytest.mark.timeout(120)
def test_the_newest_or_an_error_and_never_anything_else(machine: type[VaultMachine]) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=checks, derandomize=True,
            database=None,
        ),
    )  # fmt: skip
