"""`autopilot demo`: dashboard and practice shop on free ports, and one whole setup, without internet or keys."""

import asyncio
import json
import logging
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app import logs
from app.alone import alone_in
from app.bootstrap import Autopilot, build
from app.commands.people import customer_named, visitor_of
from app.commands.questions import Declined, OnQuestion, PointedTo
from app.commands.setup import Wanted, carry_out, summary, tell
from app.commands.shown import errors_shown
from app.commands.terminal_run import watch
from app.importing import imported
from app.log_choices import LogLevel
from app.practice_room import PERMITTED, ShopRoom
from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from app.settings import Settings
from core.database.roles import Role
from core.database.states import OperationStatus
from core.errors import CoreError, NotFound
from core.operations.consents import ConsentRequest
from core.operations.service import AlreadyOver
from core.operations.views import OperationView
from core.security.consent.agreement import Purpose
from core.security.people.people import Visitor
from core.security.secret import Secret

log = logging.getLogger(__name__)

DEMO_EMAIL, DEMO_CUSTOMER = "demo@tea.example", "Tea Shop"
USUAL_PORTS = {"dashboard": 8080, "shop": 8081}


def demo(
    once: Annotated[bool, typer.Option("--once", help="Exit after the setup; the last line is a JSON object.")] = False,
    fault: Annotated[list[Fault] | None, typer.Option(help="What goes wrong in the practice shop.")] = None,
    latency_ms: Annotated[int, typer.Option(help="How long the practice shop takes for an answer.", min=0)] = 40,
) -> None:
    """Show the whole product: a practice shop, the dashboard, and a WooCommerce setup from consent to products."""
    shop = PracticeShop(faults=set(fault or ()), latency_seconds=latency_ms / 1000)
    with errors_shown():
        settings = Settings.read()
        # Steps are told already; whoever wants more between them says so.
        level = settings.log_level if "log_level" in settings.model_fields_set else LogLevel.WARNING
        logs.set_up(settings.log_format, level, settings.own_secrets)
        show = Demonstration.prepared(settings, shop)
    with errors_shown(), alone_in(show.autopilot.settings.data_dir):
        if once:
            view = asyncio.run(show.once())
            typer.echo(json.dumps(summary(view)))
            sys.exit(0 if view.status is OperationStatus.COMPLETED else 1)
        # The dashboard's libraries take longer to load than all else, and `--once` serves nothing.
        imported("app.server").serve(show.autopilot, beside=show.shop_and_setup)


@dataclass(frozen=True)
class Demonstration:
    """One demo: its own data, its own key, its own shop."""

    autopilot: Autopilot
    shop: PracticeShop
    shop_port: int
    console: Console

    @classmethod
    def prepared(cls, settings: Settings, shop: PracticeShop) -> "Demonstration":
        """Wire it on ports that are free."""
        port, shop_port = free_port(USUAL_PORTS["dashboard"]), free_port(USUAL_PORTS["shop"])
        folder = settings.data_dir / "demo"
        changed = {
            "data_dir": folder / "data",
            "key_file": folder / "key" / "master.key",
            "signing_key_file": None,
            "checkpoints": None,
            "deletions": None,
            "database_url": None,
            "encryption_key": None,
            "encryption_key_next": None,
            "screenshots": None,
            "port": port,
            "allowed_hosts": f"127.0.0.1:{shop_port}",
        }
        room = ShopRoom(shop, f"http://127.0.0.1:{shop_port}")
        return cls(build(settings.model_copy(update=changed), demo=room), shop, shop_port, Console(highlight=False))

    async def once(self) -> OperationView:
        """The setup alone."""
        async with serve(self.shop, port=self.shop_port) as address, self.autopilot.running():
            return await self._set_up(address, Declined(self.console))

    @asynccontextmanager
    async def shop_and_setup(self) -> AsyncIterator[None]:
        """The practice shop, for as long as the dashboard serves; and one setup, once it does."""
        async with serve(self.shop, port=self.shop_port) as address:
            setting_up = asyncio.get_running_loop().create_task(self._say_where_to_look_and_set_up(address))
            setting_up.add_done_callback(self._tell_of_a_bug)
            try:
                yield
            finally:
                setting_up.cancel()
                await asyncio.wait({setting_up})

    def _tell_of_a_bug(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("the demo's setup met a bug", exc_info=error)
            self.console.print("[red]Something went wrong on our side; Ctrl-C ends the demo.[/]")

    async def _say_where_to_look_and_set_up(self, address: str) -> None:
        settings = self.autopilot.settings
        dashboard = f"http://{settings.host}:{settings.port}"
        try:
            await self._visitor()  # whoever is told to sign in can
            self._say(f"Dashboard      {dashboard}")
            self._say(f"Sign in as     {DEMO_EMAIL}  with  {self._password()}")
            self._say(f"Demo page      {dashboard}/demo")
            self._say(f"Practice shop  {address}/wp-admin/  (admin, {self.shop.password_of('admin')})\n")
            view = await self._set_up(address, PointedTo(self.console, dashboard))
            self._say(f"\nSee it at {dashboard}/operations/{view.id}")
        except CoreError as error:
            self.console.print(f"[red]{escape(error.sentence)}[/]")
        self._say("Ctrl-C ends it.")

    async def _set_up(self, address: str, on_question: OnQuestion) -> OperationView:
        services, visitor = self.autopilot.services, await self._visitor()
        await self._end_what_is_open(visitor)
        self._say(f"Setting up WooCommerce at {address}, with consent to a key that can read\n")
        request = ConsentRequest("woocommerce", "api_key_generation", address)
        boxes = services.consents.sheet(request).boxes
        apart = tuple(box.purpose.value for box in boxes if box.purpose is not Purpose.STORE_SIGN_IN)
        request = replace(request, permissions=(*PERMITTED, *apart))
        wanted = Wanted(request, "admin", Secret(self.shop.password_of("admin")), frozenset())
        view = await carry_out(services, visitor, wanted, self.console, on_question)
        tell(view, self.console, await services.trail.receipt(visitor, view.id))
        return view

    def _say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True)  # a terminal breaks an address where it can still be clicked

    async def _end_what_is_open(self, visitor: Visitor) -> None:
        """Stop what an interrupted demo left behind: its shop is gone, and it would be in the way of a new setup."""
        services = self.autopilot.services
        for left in await services.operations.history(visitor):
            if not left.status.is_over:
                with suppress(AlreadyOver):
                    await services.operations.cancel(visitor, left.id, because="The demo was begun anew.")
                await watch(services, visitor, left.id, Console(quiet=True))

    async def _visitor(self) -> Visitor:
        """Who the demo is for; added on the first run, with a password of their own."""
        try:
            return await visitor_of(self.autopilot, DEMO_EMAIL)
        except NotFound:
            customer_id = await customer_named(self.autopilot, DEMO_CUSTOMER)
            return await self.autopilot.services.people.add_user(
                customer_id, DEMO_EMAIL, self._password(), Role.ADMIN, demo_only=True
            )

    def _password(self) -> str:
        """The demo's password, made once and kept for its owner."""
        path: Path = self.autopilot.settings.data_dir / "sign-in.txt"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(9) + "\n")
        return path.read_text().strip()


def free_port(wished: int) -> int:
    """This port of the loopback address, or any other if it is taken."""
    for port in (wished, 0):
        with socket.socket() as probe:
            if os.name == "posix":  # the connections of a demo that has just ended are no reason to move elsewhere
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NotFound(because="There is no free port.")
