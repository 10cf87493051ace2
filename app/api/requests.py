"""Gives every request an id, so that the log's lines of one belong together."""

from collections.abc import Mapping
from functools import partial
from uuid import uuid4

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.log_context import about_from_now_on
from core.security.people.visitor import Visitor

NO_RESPONSE = "No response returned."  # what Starlette's middleware says of a request that was given up


def put_outermost(application: FastAPI) -> None:
    """Have all that is put around an application stand behind `Requests`, also what is put there later, as NiceGUI does."""
    outermost = Middleware(Requests)

    def built() -> ASGIApp:
        others = [one for one in application.user_middleware if one is not outermost]
        application.user_middleware[:] = [outermost, *others]
        return type(application).build_middleware_stack(application)

    application.build_middleware_stack = built  # type: ignore[method-assign]  # the one moment when all of them are known


class Requests:
    """The outermost: what is logged behind it is about this request, and so is the error that comes back past it."""

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
