"""The dashboard in this process, without a browser: NiceGUI's own simulated person opens pages, types and presses.

What needs a layout, scripts or a second browser is shown in a real one; how pages behave is shown here, in a tenth of the time.
"""

import gc
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nicegui import ElementFilter, ui
from nicegui import app as nicegui_app
from nicegui.elements.mixins.text_element import TextElement
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from nicegui.testing.user_simulation import user_simulation

from app import api
from app.bootstrap import build
from app.practice_room import ShopRoom
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from core.clock import Clock
from core.database.roles import Role
from core.security.people.people import Visitor
from core.security.people.sessions import COOKIE
from core.services import Services
from tests.app.api.calling import Idle
from tests.app.running import Stage, free_port, settings

PROGRAM = Path(__file__).with_name("simulated.py")
PASSWORD = "a long enough one"
being_staged: list[Services] = []  # what the program, which is run by its path, is to put pages on


@dataclass(frozen=True)
class Person:
    """Somebody in front of the dashboard, and what is behind it."""

    user: User
    stage: Stage

    @property
    def services(self) -> Services:
        """The use cases."""
        return self.stage.services

    async def open(self, address: str) -> None:
        """Open a page."""
        await self.user.open(address)

    async def sees(self, *texts: str) -> None:
        """Each of these is to be seen, now or in a moment."""
        for text in texts:
            await self.user.should_see(text, retries=20)

    async def sees_nothing_of(self, *texts: str) -> None:
        """None of these is to be seen."""
        for text in texts:
            await self.user.should_not_see(text)

    def press(self, name: str, event: str = "click") -> None:
        """Press the newest thing of this name: a button's words are in it, and know nothing of presses themselves."""
        found = self.user.find(content=name).elements
        listening = [one for words in found if (one := _listens(words, event))]
        assert listening, f"nothing named “{name}” can be pressed"
        newest = max(listening, key=lambda one: one.id)
        UserInteraction(self.user, {newest}, name).trigger(event)

    def type(self, label: str, text: str) -> None:
        """Type into the field of this label, which stands above it."""
        (words,) = (one for one in self.user.find(content=label).elements if one.tag == "label")
        with self.user:
            boxes = [one for one in ElementFilter(kind=ui.input) if one.props.get("for") == words.props.get("for")]
        UserInteraction(self.user, set(boxes), label).clear().type(text)

    def buttons(self) -> list[str]:
        """What is written on everything that is drawn as a button and can be seen."""
        with self.user:
            drawn = [one for one in ElementFilter() if one.visible and (one.tag == "button" or "button" in one.classes)]
        return [" ".join(words_of(one)) for one in drawn]

    async def become(self, role: Role) -> Visitor:
        """From now on somebody else of the same company, in this role."""
        people, company = self.services.people, self.stage.visitor.customer_id
        who = await people.add_user(company, f"{role.value}@tea.example", PASSWORD, role)
        await self.sign_in(who)
        return who

    async def sign_in(self, who: Visitor) -> None:
        """The browser has a session of this person."""
        self.user.http_client.cookies.set(COOKIE, await self.services.sessions.begin(who))


def _listens(element: ui.element | None, event: str) -> ui.element | None:
    """The element that hears of this event: the one itself, or what it is in."""
    while element is not None:
        if any(listener.type == event for listener in element._event_listeners.values()):
            return element
        element = element.parent_slot.parent if element.parent_slot else None
    return None


def words_of(element: ui.element) -> list[str]:
    """Every text in an element."""
    return [one.text for one in (element, *element.descendants()) if isinstance(one, TextElement) and one.text]


def wire() -> None:
    """Put API and pages onto the application of this simulation; nothing carries operations out."""
    import pages  # noqa: PLC0415  a simulation that has ended takes its modules along

    (services,) = being_staged
    pages.register(services)
    api.install(nicegui_app, services, None)
    ui.run(storage_secret="of the simulation", show=False, reload=False, tailwind=False)


@asynccontextmanager
async def as_it_was() -> AsyncIterator[None]:
    """What NiceGUI's own reset leaves: each router that is included wraps the lifespan, and handlers of errors stay."""
    router, handlers = nicegui_app.router, nicegui_app.exception_handlers
    lifespan, known = router.lifespan_context, dict(handlers)
    try:
        yield
    finally:
        router.lifespan_context = lifespan
        handlers.clear()
        handlers.update(known)


@asynccontextmanager
async def simulated(folder: Path, database: Path, clock: Clock, *, is_demo: bool = False) -> AsyncIterator[Person]:
    """An owner who is signed in, with an empty company, beside a practice shop; as a demo it has that one's page, too."""
    gc.freeze()  # what is there stays: NiceGUI collects garbage twice each time, and need not look through all of this process
    shop, port = PracticeShop(), free_port()
    chosen = settings(folder, port)
    chosen.data_dir.mkdir(parents=True)
    shutil.copy(database, chosen.data_dir / "autopilot.db")
    room = ShopRoom(shop, f"http://127.0.0.1:{port}") if is_demo else None
    autopilot = build(chosen, clock, demo=room)
    await autopilot.open()
    autopilot.queue.start(Idle())
    being_staged[:] = [autopilot.services]
    try:
        async with serve(shop, port) as store_url, as_it_was(), user_simulation(main_file=PROGRAM) as user:
            people = autopilot.services.people
            visitor = await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", PASSWORD)
            person = Person(user, Stage(autopilot, autopilot.services, visitor, shop, store_url, folder))
            await person.sign_in(visitor)
            yield person
    finally:
        await autopilot.queue.shut_down()
        await autopilot.services.people.settled()
        autopilot.services.database.close()
