"""pretix as it is offered: make an API token, or take it back."""

from core.agents.integration import CredentialField, Integration
from core.agents.keys import PASSWORD, USERNAME
from core.agents.revoking import revocation
from core.agents.upkeep import bringing, checking
from core.integrations.pretix.agent import PretixBringing, PretixChecking, PretixSetupAgent
from core.integrations.pretix.key import KEY
from core.integrations.pretix.probe import PretixProbe
from core.integrations.pretix.words import CREATE_TOKEN, KEPT, PERMISSIONS, READ_EVENTS, TOKEN_CAN, WILL_NOT, level
from core.security.addresses import AddressGuard


def pretix(guard: AddressGuard) -> tuple[Integration, ...]:
    """The operations of pretix."""
    setup = Integration(
        service=KEY.service,
        title="pretix",
        operation="api_token",
        summary="Makes an API token in your ticket shop, tests it, and brings your products over.",
        in_short=lambda permissions: f"a token that can {TOKEN_CAN[level(permissions)]}, then your products",
        needs="The address of your pretix, a team there named “OmniOps” that may only view, and a user who may change teams.",
        permissions=PERMISSIONS,
        required=frozenset({CREATE_TOKEN, READ_EVENTS}),
        will_not=WILL_NOT,
        kept=KEPT,
        sign_in=(
            CredentialField(USERNAME, "E-mail address", secret=False),
            CredentialField(PASSWORD, "Password", secret=True),
        ),
        unproven=KEY.unproven,
        probe=PretixProbe(guard),
        make_agent=PretixSetupAgent,
        what_is_left=KEY.what_is_left,
        address_label="Ticket shop address",
    )
    return setup, bringing(setup, KEY, PretixBringing), checking(setup, KEY, PretixChecking), revocation(setup, KEY)
