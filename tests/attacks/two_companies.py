"""Two companies that have something of everything, beside the API: what each has, and what of it must stay with it."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from core.database.session import CustomerSession
from core.database.tables import WorkflowChangeRow
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.planner.planner import Rung
from core.security.people.visitor import Visitor
from tests.app.api.calling import ASKED, Caller, desk
from tests.app.api.test_input import asking
from tests.attacks.fuzzing import Known
from tests.attacks.test_matrix import DAY
from tests.core.database.full import CANARY, fill
from tests.core.operations.healed import AFTER, BEFORE, EVIDENCE
from tests.fakes.clock import MovedClock
from tests.fakes.page import FakePicture

THEIR_NAME, THEIR_SHOP = f"{CANARY} of the other company", "https://other.example"
TABLES = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE c.name = 'customer_id' AND m.type = 'table'"
# Which table the ids are in that a call names so.
NAMED = {
    "operationId": "autonomous_operations",
    "questionId": "operation_questions",
    "consentId": "autonomous_consent",
    "credentialId": "autonomous_credentials",
    "changeId": "workflow_changes",
    "accessId": "staff_access",
    "scheduleId": "schedules",
    "productId": "products",
    "webhookId": "webhooks",
}


@dataclass(frozen=True)
class Companies:
    """Ours, which calls, and another one."""

    call: Caller
    ours: Visitor
    theirs: Visitor
    picture: UUID

    @property
    def known(self) -> Known:
        """What we have got hold of: ours and their ids, and words that our own calls are good with."""
        by_name = {
            name: (*self._ids(table, self.ours), *self._ids(table, self.theirs)) for name, table in NAMED.items()
        }
        whose = (str(self.theirs.customer_id), str(self.ours.customer_id))
        words = {
            "service": (ASKED["service"],),
            "operation": (ASKED["operation"],),
            "storeUrl": (self.call.stage.store_url, THEIR_SHOP),
            "permissions": ("create_api_keys", "read_products"),
        }
        return Known(by_name | {"pictureId": (str(self.picture),), "customerId": whose}, words)

    def telling(self) -> frozenset[str]:
        """What is of the other company alone: texts of its rows, and ids in the way the API writes them."""
        mine, texts = (set(self._texts(whose)) for whose in (self.ours, self.theirs))
        ids = {str(UUID(cell)) for cell in texts if len(cell) == 32 and set(cell) <= set("0123456789abcdef")}
        return frozenset(
            {one for one in texts - mine if CANARY in one} | ids | {self.theirs.email, THEIR_NAME, THEIR_SHOP}
        )

    def digests(self) -> dict[str, str]:
        """All rows of the other company, by table."""
        return {
            table: sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
            for table, rows in self._rows(self.theirs).items()
        }

    def _ids(self, table: str, whose: Visitor) -> Iterator[str]:
        with self._opened() as database:
            found = database.execute(
                f"SELECT id FROM {table} WHERE customer_id = ?", (whose.customer_id.hex,)
            ).fetchall()
        return (str(UUID(one)) for (one,) in found)

    def _texts(self, whose: Visitor) -> Iterator[str]:
        for rows in self._rows(whose).values():
            yield from (cell for row in rows for cell in row if isinstance(cell, str))

    def _rows(self, whose: Visitor) -> dict[str, list[tuple[object, ...]]]:
        """Every row of a company, past all sessions."""
        with self._opened() as database:
            tables = [name for (name,) in database.execute(TABLES)]
            one = (whose.customer_id.hex,)
            return {
                table: database.execute(f"SELECT * FROM {table} WHERE customer_id = ?", one).fetchall()
                for table in tables
            }

    def _opened(self) -> "closing[sqlite3.Connection]":
        return closing(sqlite3.connect(self.call.stage.folder / "data" / "autopilot.db"))


@asynccontextmanager
async def two_companies(folder: Path, database: Path, clock: MovedClock) -> AsyncIterator[Companies]:
    """Each with an operation under way, ours with one that asks something, and with a row in every table."""
    async with desk(folder, database, clock) as call, asking(call):
        ours, theirs = call.stage.visitor, await call.somebody("owner@other.example", company=THEIR_NAME)
        services, shop = call.stage.services, call.stage.store_url
        await call.store("hunter2hunter2")
        await services.consents.grant(theirs, ConsentRequest(ASKED["service"], ASKED["operation"], shop))
        await services.operations.initiate(theirs, NewOperation(ASKED["service"], ASKED["operation"], shop))
        await services.tokens.add(theirs, f"{CANARY} of a token", DAY)
        await services.database.run_across_customers(
            partial(_fill, theirs.customer_id, clock.now()), because="the test fills every table"
        )
        picture = await services.pictures.save(theirs.customer_id, await FakePicture(f"{THEIR_SHOP}/").ready())
        yield Companies(call, ours, theirs, picture.id)


def _fill(customer_id: UUID, now: datetime, session: CustomerSession) -> None:
    """A row in every table; what is proposed to staff has to be something that can be shown."""
    fill(session, customer_id, now)
    for change in session.exec(select(WorkflowChangeRow)):
        change.before, change.after, change.rung = BEFORE.to_json(), AFTER.to_json(), Rung.LIKENESS.value
        change.evidence, change.decided_by, change.decided_at = EVIDENCE, None, None
        session.add(change)
