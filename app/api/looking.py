"""Below whose address a request stands: `/customers/{customerId}/operations` is that customer's page, as staff see it.

What stands there is answered as `/operations` is, but for that customer; and the answer's own links stay below that
address (`root_path`, ASGI 3, HTTP connection scope). So two tabs may show two customers, and each says which.
"""

import re
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from pages.parts.looking import CUSTOMERS, is_shown

OPERATION = "/operations/"  # of one operation: a line of the list of all of them leads there
CUSTOMER = "autopilot-customer"  # the header by which programs of staff name whose data they look at
BELOW = re.compile(r"/customers/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/)")


def enter(scope: Scope) -> None:
    """Note below which customer's address a request stands, if it does."""
    if found := BELOW.match(scope["path"]):
        scope["root_path"] = found[0]
        scope.setdefault("state", {})["below"] = found["id"]


def path_of(scope: Scope) -> str:
    """What is asked for, wherever it stands."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def is_below(scope: Scope) -> bool:
    """Whether it stands below a customer's address."""
    return "below" in scope.get("state", {})


def named_in(caller: HTTPConnection) -> str | None:
    """The customer that is named, by the address or the header: an id, or whatever was sent as one."""
    if is_below(caller.scope):
        return str(UUID(caller.scope["state"]["below"]))
    return caller.headers.get(CUSTOMER)


def to_own(caller: HTTPConnection) -> Response | None:
    """The way to one's own page, if this one is none that staff see of a customer, as the sign-in and the settings."""
    path = path_of(caller.scope)
    if not is_below(caller.scope) or is_shown(path):
        return None
    query = caller.url.query
    # A path that begins with two slashes would name another site.
    own = f"/{path.lstrip('/')}{f'?{query}' if query else ''}"
    return RedirectResponse(own, HTTPStatus.SEE_OTHER)


def to_customers(caller: HTTPConnection) -> Response:
    """The way to where an access is opened; and from there to the operation that was asked for, if one was."""
    query, path = {"ended": str(named_in(caller))}, path_of(caller.scope)
    if path.startswith(OPERATION):
        query["next"] = path
    return RedirectResponse(f"{CUSTOMERS}?{urlencode(query)}", HTTPStatus.SEE_OTHER)
