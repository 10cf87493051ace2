"""WordPress as it is offered: make an application password, or take it back."""

from core.agents.integration import CredentialField, Integration
from core.agents.keys import PASSWORD, USERNAME
from core.agents.revoking import revocation
from core.agents.upkeep import checking
from core.integrations.wordpress.agent import WordPressChecking, WordPressSetupAgent
from core.integrations.wordpress.key import KEY
from core.integrations.wordpress.probe import WordPressProbe
from core.integrations.wordpress.words import CREATE_PASSWORD, KEPT, PERMISSIONS, USE_PASSWORD, WILL_NOT
from core.security.addresses import AddressGuard


def wordpress(guard: AddressGuard) -> tuple[Integration, ...]:
    """The operations of WordPress."""
    setup = Integration(
        service=KEY.service,
        title="WordPress",
        operation="application_password",
        summary="Makes an application password in your site, tests it, and says what it can do.",
        in_short=lambda _: "an application password, with the rights of its user",
        needs="The site's address, and a user whose rights OmniOps is to have.",
        permissions=PERMISSIONS,
        required=frozenset({CREATE_PASSWORD, USE_PASSWORD}),
        will_not=WILL_NOT,
        kept=KEPT,
        sign_in=(
            CredentialField(USERNAME, "User name", secret=False),
            CredentialField(PASSWORD, "Password", secret=True),
        ),
        unproven=KEY.unproven,
        probe=WordPressProbe(guard),
        make_agent=WordPressSetupAgent,
        what_is_left=KEY.what_is_left,
        address_label="Site address",
    )
    return setup, checking(setup, KEY, WordPressChecking), revocation(setup, KEY)
