"""Looks at the page from a world of its own, where the page's scripts can neither see nor bend what is asked."""

import asyncio
from typing import Any, Self

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from core.browser.failures import in_our_words
from core.browser.page import ActionFailed

WORLD = "autopilot"
BELL = "autopilotChanged"
TICK = 0.25  # seconds; for changes that ring no bell: a value set by a script, a closed shadow root
TRIES = 5  # a question is asked anew when the page went elsewhere in the middle of it
ANSWER_WITHIN = 5.0  # seconds; a page whose script runs in circles does not answer at all

# Rings when the document changes, at most every 15 ms, and remembers which fields have been password fields, and when it was
# last pressed.
WATCH = """(() => {
  if (globalThis.watching) return;
  globalThis.watching = true;
  globalThis.werePasswords ??= new WeakSet();
  let pending = false, quiet = false;
  const ring = () => {
    if (quiet) { pending = true; return; }
    quiet = true; pending = false;
    globalThis.autopilotChanged?.("");
    setTimeout(() => { quiet = false; if (pending) ring(); }, 15);
  };
  new MutationObserver(ring).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  new MutationObserver(changes => changes.forEach(change => {
    if (/^password$/i.test(change.oldValue ?? "")) globalThis.werePasswords.add(change.target);
  })).observe(document, {subtree: true, attributes: true, attributeFilter: ["type"], attributeOldValue: true});
  for (const name of ["input", "change", "load", "transitionend", "animationend"]) {
    document.addEventListener(name, ring, {capture: true, passive: true});
  }
  for (const name of ["click", "keydown"]) {
    const pressed = event => { if (event.isTrusted) globalThis.autopilotPressedAt = Date.now(); };  // not what a script pressed
    document.addEventListener(name, pressed, {capture: true, passive: true});
  }
  ring();
})()"""


class Eyes:
    """Asks one page questions, and notices when it changes."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._changed = asyncio.Event()
        self.changes = 0  # how often something has changed, for who looks only then
        self._frame = ""
        self._world: str | None = None  # our own world in the document that the page shows

    @classmethod
    async def opened(cls, page: Page) -> Self:
        """Eyes on a page, from its first document on."""
        session = await page.context.new_cdp_session(page)
        eyes = cls(session)
        session.on("Runtime.bindingCalled", lambda event: eyes.notice() if event.get("name") == BELL else None)
        watching = {"source": WATCH, "worldName": WORLD, "runImmediately": True}
        orders: tuple[tuple[str, dict[str, Any]], ...] = (
            ("Runtime.enable", {}),
            ("Runtime.addBinding", {"name": BELL, "executionContextName": WORLD}),
            ("Page.enable", {}),
            ("Page.addScriptToEvaluateOnNewDocument", watching),
            ("Page.getFrameTree", {}),
        )
        # Sent together, done in this order.
        *_, tree = await asyncio.gather(*(session.send(order, words) for order, words in orders))
        eyes._frame = tree["frameTree"]["frame"]["id"]
        session.on("Runtime.executionContextCreated", eyes._know)
        session.on("Runtime.executionContextDestroyed", eyes._forget)
        session.on("Runtime.executionContextsCleared", lambda _: eyes._forget(None))
        for event in ("framenavigated", "domcontentloaded", "load", "close", "crash", "requestfailed"):
            page.on(event, lambda *_: eyes.notice())
        return eyes

    def notice(self) -> None:
        """Something changed."""
        self.changes += 1
        self._changed.set()

    def blink(self) -> None:
        """From now on, only what changes later counts as a change."""
        self._changed.clear()

    async def wait_for_change(self, within: float) -> None:
        """Return when something has changed since the last blink, or after a tick, or after `within` seconds."""
        try:
            async with asyncio.timeout(min(within, TICK)):
                await self._changed.wait()
        except TimeoutError:
            return

    async def ask(self, function: str, *arguments: Any) -> Any:
        """What a function answers in our world of the main document. Raises ActionFailed or RunStopped."""
        message = ""
        for _ in range(TRIES):
            self.blink()
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    return await self._ask_once(function, arguments)
            except TimeoutError:
                break
            except PlaywrightError as error:
                message = str(error)
            await self.wait_for_change(TICK)
        if not message:
            raise ActionFailed(because="The page is too busy to answer.")
        raise in_our_words(message)

    async def glance(self, function: str, *arguments: Any) -> Any:
        """Like ask, once, and nobody else's: whoever waits for a change does not miss it by this. Raises ActionFailed or RunStopped."""
        message = ""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._ask_once(function, arguments)
        except TimeoutError:
            pass
        except PlaywrightError as error:
            message = str(error)
        raise in_our_words(message)

    def _know(self, event: dict[str, Any]) -> None:
        """Keep the name of our world in a new document: other than its number, no other process uses it again."""
        context = event["context"]
        if context["name"] == WORLD and context["auxData"].get("frameId") == self._frame:
            self._world = context["uniqueId"]

    def _forget(self, event: dict[str, Any] | None) -> None:
        """The world went with its document; without an event, all have gone."""
        if event is None or event.get("executionContextUniqueId") == self._world:
            self._world = None

    async def _where(self) -> dict[str, Any]:
        """Our world, as the browser wants to be told."""
        if self._world is not None:
            return {"uniqueContextId": self._world}
        made = await self._session.send("Page.createIsolatedWorld", {"frameId": self._frame, "worldName": WORLD})
        return {"executionContextId": made["executionContextId"]}

    async def _ask_once(self, function: str, arguments: tuple[Any, ...]) -> Any:
        question = {
            **await self._where(),
            "functionDeclaration": function,
            "arguments": [{"value": argument} for argument in arguments],
            "returnByValue": True,
        }
        answer = await self._session.send("Runtime.callFunctionOn", question)
        if "exceptionDetails" in answer:
            raise ActionFailed(because="The page could not be read.")
        return answer["result"].get("value")

    async def photograph(self) -> str:
        """The visible part of the page as PNG, in base64. Raises ActionFailed or RunStopped."""
        shot = {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": False}
        message = ""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return str((await self._session.send("Page.captureScreenshot", shot))["data"])
        except TimeoutError:
            pass
        except PlaywrightError as error:
            message = str(error)
        raise in_our_words(message)
