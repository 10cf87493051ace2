"""The API token of pretix: 64 small letters and digits, shown once, in the middle of a sentence."""

import re
from collections.abc import Awaitable

from core.agents.keys import Key, KeyKind
from core.agents.task import AgentTask
from core.integrations.pretix.api import PretixApi
from core.integrations.pretix.words import (
    NEW_PASSWORD,
    NO_PAGE,
    NO_SUCH_TEAM,
    SECOND_FACTOR,
    SERVICE,
    SIGN_IN_REFUSED,
    TROUBLES,
)
from core.security.secret import Secret
from core.workflows.locator import By, Link, Locator

API_TOKEN = "api_token"  # noqa: S105  a name, not a token
TOKEN = re.compile(r"(?<![A-Za-z0-9])[a-z0-9]{64}(?![A-Za-z0-9])")

ANY_NO = Locator.css("#page-wrapper .alert-danger")
NOES = (SIGN_IN_REFUSED, SECOND_FACTOR, NEW_PASSWORD, NO_PAGE, NO_SUCH_TEAM)


def fits(key: Key) -> bool:
    """Whether this is a token as pretix makes it."""
    return bool(TOKEN.fullmatch(key[API_TOKEN].reveal()))


def token_in(said: Secret) -> Secret:
    """The token in the sentence that pretix says it in; the whole of it, if there is none."""
    found = TOKEN.search(said.reveal())
    return Secret(found[0]) if found else said


def api_of(task: AgentTask, key: Key) -> PretixApi:
    """The API, called with this token."""
    return PretixApi(task.origin, key[API_TOKEN], task.proxy_url)


def is_refused(task: AgentTask, key: Key) -> Awaitable[bool]:
    """Whether pretix knows the token no more."""
    return api_of(task, key).is_refused()


KEY = KeyKind(
    service=SERVICE,
    noun="pretix token",
    parts=(API_TOKEN,),
    begins="",
    shown=6,
    makes="should-create-a-pretix-api-token",
    revokes="should-revoke-the-pretix-api-token",
    where="Organizer → Teams → OmniOps → API tokens",
    fits=fits,
    is_refused=is_refused,
    sensitive=(Locator.css(".alert-success"),),
    irreversible=(
        Locator.css("button[name=remove-token], button[name=remove-member], button[name=remove-invite]"),
        Locator.css("a[href$='/delete']"),
    ),
    notices=Locator((*ANY_NO.links, *(Link(By.OR, one) for one in NOES))),
    troubles=TROUBLES,
)
