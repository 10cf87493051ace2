"""What every answer says to browsers: what a page may load, who may frame it, and what may be kept."""

import re
import secrets
from collections.abc import Callable

from jinja2 import BaseLoader, Environment
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from app.api.looking import path_of

# NiceGUI compiles its templates at run time, hence 'unsafe-eval'; products' pictures come from ourselves. No script runs
# but those that carry this answer's nonce, and what they load: none in an attribute, in a link, or put into the page.
FOR_PAGES = (
    "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FOR_DATA = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DATA_BELOW = ("/api/", "/pictures/", "/healthz", "/readyz", "/metrics", "/openapi.json")
ASSETS_BELOW = ("/_nicegui/", "/static/")
NONCE_BYTES = 16  # CSP 3, 2.3: at least 128 bits

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms, and over plain http nothing else
    # would tell them from another site's.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}  # seconds: a year
TEMPLATE = "index.html"
HEAD_BEGINS = "<head>"
OURS = re.compile(r'<(script|link rel="modulepreload")(?=[\s>])')
WITH_NONCE = r'<\1 nonce="{{ request.state.nonce }}"'


def is_asset(path: str) -> bool:
    """Whether this is a file that is the same for everybody."""
    return path.startswith(ASSETS_BELOW)


def is_data(path: str) -> bool:
    """Whether this is for programs, and no page."""
    return path.startswith(DATA_BELOW)


def headers_for(scope: Scope, *, is_tls: bool = False) -> dict[str, str]:
    """The headers of an answer, unless it sets them itself. `is_tls` is for who is behind a proxy that ends TLS."""
    path = path_of(scope)
    policy = FOR_DATA if is_data(path) else FOR_PAGES.format(nonce=nonce_of(scope))
    headers = EVERYWHERE | {"Content-Security-Policy": policy}
    if is_tls or scope["scheme"] == "https":
        headers |= OVER_TLS
    if not is_asset(path):
        headers["Cache-Control"] = "no-store"
    return headers


def nonce_of(scope: Scope) -> str:
    """The nonce of an answer: made once, and told to the page's template by way of the request's state."""
    state: dict[str, str] = scope.setdefault("state", {})
    return state.setdefault("nonce", secrets.token_urlsafe(NONCE_BYTES))


def with_headers(send: Send, scope: Scope, *, is_tls: bool = False) -> Send:
    """Send, with our headers on the first message."""
    ours = headers_for(scope, is_tls=is_tls)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ours.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


class WithNonce(BaseLoader):
    """Loads the template of pages, and gives its own scripts the nonce.

    In the template, before anything is filled in: a script that came in with some text has none. To put it into the
    finished page would hand it to that one as well. `first` are scripts of ours that run before the others.
    """

    def __init__(self, loader: BaseLoader, first: str) -> None:
        self._loader = loader
        self._first = first

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The template as it is rendered."""
        source, name, is_current = self._loader.get_source(environment, template)
        if template == TEMPLATE:
            source = OURS.sub(WITH_NONCE, source.replace(HEAD_BEGINS, HEAD_BEGINS + self._first, 1))
        return source, name, is_current


def give_scripts_nonces(environment: Environment, first: str = "") -> None:
    """Have pages rendered with nonces, and with `first` scripts of ours; doing it twice changes nothing."""
    if environment.loader is not None and not isinstance(environment.loader, WithNonce):
        environment.loader = WithNonce(environment.loader, first)
        if environment.cache is not None:
            environment.cache.clear()
