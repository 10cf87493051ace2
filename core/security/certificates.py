"""Whose certificates are believed when we call somebody: one set, for services and webhooks alike."""

from functools import cache
from ssl import SSLContext

import httpx


@cache
def trusted() -> SSLContext:
    """Whom we believe; read once, for reading it takes as long as a request."""
    return httpx.create_ssl_context()
