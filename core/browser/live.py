"""The page of a run live, a few frames a second, while somebody watches it and no secret is on it.

The frames are captures of the same kind as the stored pictures, and not Chromium's screencast, although that would be
cheaper. A frame of the screencast is a compositor's: it may be older than what the document says when it arrives, so that
nobody can tell what was on it. A capture is drawn anew when it is asked for, so it lies between the look before it and the
look after it. At three frames a second that takes a quarter of a core while the page changes all the time, next to nothing
while it stands still, and nothing at all while nobody watches.

What a frame has to pass, before it leaves this room:

1. No deed is under way that types a secret, and the run has not come to where its shop shows one.
2. A look finds no secret anywhere on the page: no field for one with something in it, nothing that the run calls
   sensitive, no text that holds what was typed or read.
3. Captured, a second look finds none either, and nothing moved that is covered in every picture.
4. Covered and encoded, and 1 still holds: what began meanwhile discards it.

Whatever can't be told counts as a secret. A frame is kept nowhere: the next one takes its place.
"""

import asyncio
import base64
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO

from PIL import Image

from core.browser.actions import Action, Capture, FillOnce, FillSecret
from core.browser.covering import Covering
from core.browser.eyes import Eyes
from core.browser.live_sink import LiveSink
from core.browser.page import ActionFailed, Box, RunStopped
from core.browser.pictures import cover
from core.browser.redaction import SHORTEST

EVERY = 0.33  # seconds between two looks
STILL_EVERY = 3.0  # seconds; what changes without ringing the bell, as a canvas does, is seen by then
SIZE = (960, 600)  # pixels; words can be read, at about 25 kB
QUALITY = 60  # of WebP
EFFORT = 0  # of the encoder


class LiveCamera:
    """Takes the live picture of one page. `is_busy` tells that a picture which is to be kept is being captured."""

    def __init__(self, eyes: Eyes, covering: Covering, sink: LiveSink | None, is_busy: Callable[[], bool]) -> None:
        self._eyes = eyes
        self._covering = covering
        self._sink = sink
        self._is_busy = is_busy
        self._holds = 0  # deeds under way that type a secret
        self._began = 0  # how many of those there have been
        self._is_hidden = False
        self._seen = (-1, 0.0)  # at which change the newest frame was begun, and when

    def during(self, action: Action) -> AbstractContextManager[None]:
        """What an action needs: to be held while it types or reads a secret; hidden from then on if nobody could tell it again."""
        is_unknown = isinstance(action, FillOnce) and len(action.said.reveal().strip()) < SHORTEST
        if is_unknown or (isinstance(action, Capture) and action.secret):
            self.hide()
        return self.held() if isinstance(action, FillSecret | FillOnce) else nullcontext()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile nothing leaves; nor does what is being captured as this begins."""
        self._holds += 1
        self._began += 1
        self._tell_pause()
        try:
            yield
        finally:
            self._holds -= 1

    def hide(self) -> None:
        """From now on nothing leaves any more."""
        self._is_hidden = True
        self._tell_pause()

    async def run(self) -> None:
        """Until cancelled, or until there is no page any more."""
        if self._sink is None:
            return
        try:
            while True:
                await self._sink.watched()
                begun = time.monotonic()
                await self._look(self._sink)
                await asyncio.sleep(max(0.0, begun + EVERY - time.monotonic()))
        except RunStopped:
            return
        finally:
            self._sink.end()

    @property
    def _may_show(self) -> bool:
        return not (self._holds or self._is_hidden)

    def _tell_pause(self) -> None:
        if self._sink is not None:
            self._sink.pause()

    async def _look(self, sink: LiveSink) -> None:
        """Show one frame, if there is something new, and it may be seen."""
        if not self._may_show:
            sink.pause()
            return
        change, at = self._seen
        now = self._eyes.changes, time.monotonic()
        if self._is_busy() or (now[0] == change and now[1] - at < STILL_EVERY):
            return
        began = self._began
        try:
            webp = await self._frame()
        except ActionFailed:
            return  # a page on its way elsewhere, or one that does not stand still: what was shown stays
        if webp is None:
            sink.pause()
        elif self._may_show and began == self._began:
            self._seen = now
            sink.show(webp)

    async def _frame(self) -> bytes | None:
        """The page as it is now; None if a secret is on it. Raises ActionFailed if there is no telling, or RunStopped."""
        before = await self._covering.glance()
        if before.holds_secret:
            return None
        captured = await self._eyes.photograph()
        after = await self._covering.glance()
        if after.holds_secret:
            return None
        if after.boxes != before.boxes:
            raise ActionFailed(because="The page does not stand still.")
        return await asyncio.to_thread(encoded_small, captured, after.boxes)


def encoded_small(captured: str, boxes: frozenset[Box]) -> bytes:
    """A frame of a capture, with these boxes covered."""
    file = BytesIO()
    with Image.open(BytesIO(base64.b64decode(captured))) as opened:
        image = opened if opened.mode == "RGB" else opened.convert("RGB")
        cover(image, boxes)
        small = image.resize(SIZE, Image.Resampling.BILINEAR, reducing_gap=2.0)
        small.save(file, "WEBP", quality=QUALITY, method=EFFORT)
    return file.getvalue()
