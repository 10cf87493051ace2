"""A setup of WooCommerce on the admin pages' fake, with a real shop behind its API and a real database."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from app.practice_shop.shop import PracticeShop
from core.agents.task import AgentTask
from core.database.states import OperationStatus
from core.integrations.woocommerce.agent import WooCommerceSetupAgent
from core.security.origin import Origin
from core.workflows.registry import WorkflowRegistry
from tests.core.catalog.shelves import Keeper
from tests.core.database.rows import operation
from tests.fakes.credentials import MemoryCredentials
from tests.fakes.page import FakePage
from tests.fakes.step_log import MemoryStepLog
from tests.fakes.task import fake_task
from tests.fakes.woocommerce_admin import AdminBrowser

KNOWLEDGE = Path(__file__).parents[4] / "data" / "AGENT_KNOWLEDGE_BASE.json"
PASSWORD = "practice-tea-4711"


@dataclass
class Setup:
    """One operation at one shop, and all it touches."""

    shop: PracticeShop
    browser: AdminBrowser
    credentials: MemoryCredentials
    log: MemoryStepLog
    keeper: Keeper
    task: AgentTask

    @classmethod
    async def of(cls, shop: PracticeShop, origin: Origin, proxy_url: str, keeper: Keeper) -> "Setup":
        workflows = WorkflowRegistry.from_file(KNOWLEDGE)
        browser = AdminBrowser(shop, origin, workflows)
        credentials = MemoryCredentials(admin_username="admin", admin_password=PASSWORD)
        log = MemoryStepLog(transact=lambda use_case: keeper.database.run(keeper.company.id, use_case))
        row = operation(keeper.company, uuid4(), shop="tea.example")
        row.status, row.store_origin = OperationStatus.COMPLETED, str(origin)
        await keeper.database.run(keeper.company.id, lambda session: session.add(row))
        task = replace(
            fake_task(FakePage(origin), log),
            customer_id=keeper.company.id,
            operation_id=row.id,
            permissions=frozenset({"create_api_keys", "read_products"}),
            workflows=workflows,
            credentials=credentials,
            open_browser=browser,
            proxy_url=proxy_url,
            shelf=keeper.shelf,
        )
        return cls(shop, browser, credentials, log, keeper, task)

    def agent(self, **changed: Any) -> WooCommerceSetupAgent:
        """A fresh agent, as each attempt has one."""
        return WooCommerceSetupAgent(replace(self.task, **changed))

    def leave_key(self, operation_id: UUID | None = None, name: str = "") -> str:
        """A key stands in the shop already; its name."""
        name = name or f"OmniOps · op {(operation_id or self.task.operation_id).hex[:8]}"
        self.shop.make_key(name, "admin", "read")
        return name

    @property
    def names(self) -> list[str]:
        """What the keys in the shop are called."""
        return [key.description for key in self.shop.keys]
