"""Gives every request an id, so that the log's lines of one belong together."""

from collections.abc import Mapping
from functools import partial
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.log_context import about_from_now_on
from core.security.people.visitor import Visitor

NO_RESPONSE = "No response returned."  # what Starlette's middleware says of a request that was given up


class Requests:
    """The outermost of ours: what is logged behind it is about this request, and so is the error that comes back past it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] in {"http", "websocket"}:
            about_from_now_on(partial(_told, str(uuid4()), scope))
        caller = Caller(receive)
        try:
            await self._app(scope, caller.receive, send)
        except RuntimeError as error:
            # A browser that goes elsewhere before it was answered is no error of ours, and none to be logged as one.
            if not (caller.is_gone and str(error) == NO_RESPONSE):
                raise


class Caller:
    """Who waits for an answer, as long as they do."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_gone = False

    async def receive(self) -> Message:
        """What comes from them next."""
        message = await self._receive()
        self.is_gone = self.is_gone or message["type"] == "http.disconnect"
        return message


def _told(request_id: str, scope: Scope) -> Mapping[str, str]:
    """Its id, and once they are known the route that was found, without what stands in its place of ids, and the customer."""
    told = {"request": request_id}
    if path := getattr(scope.get("route"), "path", ""):
        told["route"] = f"{scope.get('method', 'WEBSOCKET')} {path}"
    visitor = scope.get("state", {}).get("visitor")
    if isinstance(visitor, Visitor):
        told["customer"] = str(visitor.customer_id)
    return told
