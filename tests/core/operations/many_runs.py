"""Operations as they stand in the table, put there without a run; and whoever works for staff."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from core.database.roles import Role
from core.database.session import CustomerSession
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow
from core.security.people.visitor import Visitor
from tests.core.operations.house import House, visitor
from tests.fakes.integration import OPERATION, SERVICE


async def put(house: House, whose: Visitor, minutes_ago: float = 0, step: str = "", **values: Any) -> UUID:
    """An operation that was asked for then; with a step at which it failed, if one is given."""
    usual: dict[str, Any] = {
        "id": uuid4(),
        "service": SERVICE,
        "operation": OPERATION,
        "store_origin": f"https://{uuid4().hex[:8]}.example",
        "permissions": [],
        "status": OperationStatus.COMPLETED,
        "created_at": house.clock.now() - timedelta(minutes=minutes_ago),
    }
    if values.get("failure_code"):
        values = {"status": OperationStatus.FAILED, "failure_sentence": "It could not be done."} | values
    row = OperationRow(customer_id=whose.customer_id, requested_by=whose.user_id, **(usual | values))

    def add(session: CustomerSession) -> None:
        session.add(row)
        session.flush()
        if step:
            failed: dict[str, Any] = {"intent": step, "action": "click", "state": StepState.FAILED}
            session.add(StepRow(customer_id=row.customer_id, operation_id=row.id, position=4, **failed))

    made = row.id
    await house.database.run(whose.customer_id, add)
    return made


async def operator(house: House, role: Role = Role.OPERATOR) -> Visitor:
    """Somebody of staff, of a company of their own."""
    one = await visitor(house.database, house.clock)
    return Visitor(one.customer_id, one.user_id, one.email, role)
