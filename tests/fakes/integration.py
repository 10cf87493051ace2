"""A service to be set up that does nothing by itself: its words, its permissions, and a probe that says what it is told to."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast
from uuid import UUID

from core.agents.agent import AutonomousAgent
from core.agents.integration import CredentialField, Integration, Permission, Seen
from core.agents.task import AgentTask
from core.agents.upkeep import CheckingAgent, checking
from core.errors import CoreError
from core.integrations.woocommerce.authorize import APPROVAL
from core.integrations.woocommerce.key import KEY
from core.security.origin import Origin

SERVICE, OPERATION = "woocommerce", "api_key_generation"
APPROVED = "api_key_authorization"
NEEDED = frozenset({"create_api_keys", "read_products"})
WIDER = "update_products"
USERNAME, PASSWORD = "admin_username", "admin_password"


class FakeProbe:
    """Finds the service everywhere, until it is told a refusal."""

    def __init__(self) -> None:
        self.refusal: CoreError | None = None
        self.asked: list[Origin] = []

    async def __call__(self, origin: Origin) -> None:
        self.asked.append(origin)
        if self.refusal:
            raise self.refusal

    async def versions(self, origin: Origin) -> tuple[Seen, ...]:
        return (Seen("Shop", "1.0"),)


def what_is_left(operation_id: UUID) -> str:
    """What may be at the shop."""
    return f"The key of {operation_id.hex[:8]} may still be there."


def no_agent(task: AgentTask) -> AutonomousAgent:
    """For tests that bring their own agents."""
    raise NotImplementedError


def integration(probe: FakeProbe) -> Integration:
    """One operation of one service."""
    return Integration(
        service=SERVICE,
        title="WooCommerce",
        operation=OPERATION,
        summary="Makes a key.",
        in_short=lambda permissions: f"a key for {len(permissions)} things",
        needs="A user.",
        permissions=(
            Permission("create_api_keys", "Create **one** key."),
            Permission("read_products", "Read your **products**."),
            Permission(WIDER, "**Change** products."),
        ),
        required=NEEDED,
        will_not=("Change **orders**.",),
        kept=("Your password, until this is done.",),
        sign_in=(
            CredentialField(USERNAME, "User name", secret=False),
            CredentialField(PASSWORD, "Password", secret=True),
        ),
        unproven=("new_key",),
        probe=probe,
        make_agent=no_agent,
        what_is_left=what_is_left,
    )


def approved_integration(probe: FakeProbe) -> Integration:
    """The operation of the same service that the shop's owner approves in their own browser."""
    return replace(
        integration(probe),
        operation=APPROVED,
        intro="No password is asked for.",
        kept=("The key.",),
        sign_in=(),
        unproven=APPROVAL.kind.unproven,
        approval=APPROVAL,
    )


def checking_integration(probe: FakeProbe) -> Integration:
    """The operation that looks whether the key of the same service still works."""
    return checking(integration(probe), KEY, cast("Callable[[AgentTask], CheckingAgent]", no_agent))
