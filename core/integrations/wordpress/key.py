"""The application password of WordPress: 24 letters and digits, shown once, and the user it signs in as."""

import re
from collections.abc import Awaitable

from core.agents.keys import Key, KeyKind
from core.agents.task import AgentTask
from core.integrations.wordpress.api import WordPressApi
from core.integrations.wordpress.words import SERVICE, TROUBLES
from core.workflows.locator import Locator

APPLICATION_PASSWORD, APPLICATION_USER = "application_password", "application_user"


def fits(key: Key) -> bool:
    """Whether this is a password as WordPress makes it; it is shown in groups of four."""
    return bool(re.fullmatch(r"(?:[A-Za-z0-9]{4} ?){6}", key[APPLICATION_PASSWORD].reveal()))


def api_of(task: AgentTask, key: Key) -> WordPressApi:
    """The site's API, called with this password."""
    return WordPressApi(task.origin, key[APPLICATION_USER], key[APPLICATION_PASSWORD], task.proxy_url)


def is_refused(task: AgentTask, key: Key) -> Awaitable[bool]:
    """Whether the site knows the password no more."""
    return api_of(task, key).is_refused()


KEY = KeyKind(
    service=SERVICE,
    noun="application password",
    parts=(APPLICATION_PASSWORD, APPLICATION_USER),
    begins="",
    shown=4,
    makes="should-create-a-wordpress-application-password",
    revokes="should-revoke-the-wordpress-application-password",
    where="Users → Profile → Application Passwords",
    fits=fits,
    is_refused=is_refused,
    sensitive=(Locator.css("#new-application-password-value"),),
    irreversible=(Locator.css("#application-passwords-section .delete, #revoke-all-application-passwords"),),
    notices=Locator.css(
        "#login_error, #application-passwords-section .notice-error, #error-page, .wp-die-message, "
        "body.logged-in.woocommerce-account:not(.admin-bar)"
    ),
    troubles=TROUBLES,
    is_private=True,
)
