"""Makes a picture out of a capture: secrets covered by one flat colour, as WebP, off the event loop."""

import asyncio
import base64
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from core.browser.covering import Covering
from core.browser.eyes import Eyes
from core.browser.page import ActionFailed, Box, Picture
from core.browser.places import Places
from core.browser.scope import Viewport

QUALITY = 80  # of WebP; text stays crisp, at about 40 kB a page
EFFORT = 0  # of the encoder, 0 to 6; the least, for a run shares its processor with the browser
THUMBNAIL_WIDTH = 400  # pixels
COVER_COLOUR = (59, 63, 70)
STEADY_TRIES = 3  # captures taken until nothing that must be covered moved meanwhile


class CoveredPicture:
    """A capture being covered and encoded in a thread."""

    def __init__(self, work: "asyncio.Future[Picture]") -> None:
        self._work = work

    async def ready(self) -> Picture:
        """The finished picture."""
        return await asyncio.shield(self._work)


@dataclass(frozen=True)
class TakenPicture:
    """A picture from the moment its capture begins."""

    capturing: asyncio.Task[CoveredPicture]

    async def ready(self) -> Picture:
        """The finished picture."""
        return await (await asyncio.shield(self.capturing)).ready()


async def capture(eyes: Eyes, covering: Covering, places: Places, viewport: Viewport, address: str) -> CoveredPicture:
    """Capture the page as it is now.

    1. See where the secrets are, and what can be pressed.
    2. Capture.
    3. See where they are now. If they moved, the capture may show them between the two places: capture again.
    4. Cover both places, so that nothing slips through between; encode in a thread.

    A page that does not answer, or never stands still, can't be covered in parts: its picture is one flat colour.
    """
    try:
        captured, boxes = await _steady(eyes, covering, places)
    except ActionFailed:
        places.forget()
        captured, boxes = "", frozenset({Box(0, 0, viewport.width, viewport.height)})
    ordered = tuple(sorted(boxes, key=lambda box: (box.y, box.x, box.width, box.height)))
    return CoveredPicture(
        asyncio.get_running_loop().run_in_executor(None, _finish, captured, viewport, ordered, address)
    )


def asked_for_or_not(capturing: asyncio.Task[CoveredPicture]) -> None:
    """Why a capture failed is for whoever asks for the picture; of a run that was stopped, nobody does any more."""
    if not capturing.cancelled():
        capturing.exception()


async def _steady(eyes: Eyes, covering: Covering, places: Places) -> tuple[str, frozenset[Box]]:
    """A capture during which nothing moved that must be covered. Raises ActionFailed if there is none to be had."""
    places.forget()
    before, _ = await asyncio.gather(covering.boxes(), places.note(again=False))
    for _ in range(STEADY_TRIES):
        captured = await eyes.photograph()
        after, _ = await asyncio.gather(covering.boxes(), places.note(again=True))
        if before == after:
            return captured, after
        before = after
    raise ActionFailed(because="The page does not stand still.")


def _finish(captured: str, viewport: Viewport, boxes: tuple[Box, ...], address: str) -> Picture:
    with _opened(captured, viewport) as image:
        picture = image if image.mode == "RGB" else image.convert("RGB")
        cover(picture, boxes)
        return encoded(picture, boxes, address)


def _opened(captured: str, viewport: Viewport) -> Image.Image:
    if not captured:
        return Image.new("RGB", (viewport.width, viewport.height))
    image = Image.open(BytesIO(base64.b64decode(captured)))
    image.load()
    return image


def cover(picture: Image.Image, boxes: Iterable[Box]) -> None:
    """Paint over each box."""
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        draw.rectangle((box.x, box.y, box.x + box.width - 1, box.y + box.height - 1), fill=COVER_COLOUR)


def encoded(image: Image.Image, boxes: tuple[Box, ...], address: str) -> Picture:
    """The picture and its thumbnail, of an image on which all is covered."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_WIDTH, image.height), Image.Resampling.BICUBIC, reducing_gap=1.5)
    return Picture(_webp(image), _webp(small), image.width, image.height, boxes, address)


def _webp(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=EFFORT)
    return file.getvalue()
