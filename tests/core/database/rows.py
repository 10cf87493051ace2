"""Two companies and their rows, as short as the tables allow."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import Customer, OperationRow, User

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Company:
    """A customer with one person and one operation that waits to start."""

    id: UUID
    user_id: UUID
    operation_id: UUID


async def company(database: Database, name: str) -> Company:
    """Add one."""
    made = Company(uuid4(), uuid4(), uuid4())

    def add(session: CustomerSession) -> None:
        session.add(Customer(id=made.id, name=name, created_at=NOW))
        session.flush()
        session.add(
            User(customer_id=made.id, id=made.user_id, email=f"{name}@shop.example", password_hash="-", created_at=NOW)
        )
        session.flush()
        session.add(operation(made, made.operation_id))

    await database.run_across_customers(add, because="the test begins")
    return made


def operation(
    of: Company, operation_id: UUID | None = None, *, requested_by: UUID | None = None, shop: str = "tea.example"
) -> OperationRow:
    """An operation of this company, not saved yet."""
    return OperationRow(
        customer_id=of.id,
        id=operation_id or uuid4(),
        requested_by=requested_by or of.user_id,
        service="woocommerce",
        operation="api_key_generation",
        store_origin=f"https://{shop}",
        permissions=["create_api_keys"],
        status=OperationStatus.PENDING,
        created_at=NOW,
    )
