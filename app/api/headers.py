"""What every answer says to browsers: what a page may load, who may frame it, and what may be kept."""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

# NiceGUI compiles its templates at run time and starts with inline scripts; pictures of products are in the shops.
FOR_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https: http:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
FOR_DATA = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DATA_BELOW = ("/api/", "/pictures/", "/healthz", "/openapi.json")
ASSETS_BELOW = ("/_nicegui/", "/static/")

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


def is_asset(path: str) -> bool:
    """Whether this is a file that is the same for everybody."""
    return path.startswith(ASSETS_BELOW)


def headers_for(scope: Scope) -> dict[str, str]:
    """The headers of an answer, unless it sets them itself."""
    path: str = scope["path"]
    headers = EVERYWHERE | {"Content-Security-Policy": FOR_DATA if path.startswith(DATA_BELOW) else FOR_PAGES}
    if scope["scheme"] == "https":
        headers |= OVER_TLS
    if not is_asset(path):
        headers["Cache-Control"] = "no-store"
    return headers


def with_headers(send: Send, scope: Scope) -> Send:
    """Send, with our headers on the first message."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in headers_for(scope).items():
                headers.setdefault(name, value)
        await send(message)

    return sending
