"""What a shop sends as a picture is drawn anew and small, within bounds that the shop does not set.

Only the formats that shops show are read. Pillow knows dozens: one of them starts a program on what was sent, others have
a picture inside whose size is told nowhere before it is read.
"""

import io
import struct
from dataclasses import dataclass

from PIL import Image

SIDE = 96  # pixels; twice what a list shows, for screens with two of them in one
LARGEST_DRAWING = 200_000  # bytes of an SVG
MOST_PIXELS = 12_500_000  # of a picture before it is made small: up to 200 MB while it is read
QUALITY = 80  # of WebP
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
WITHOUT_SHADES = frozenset({"1", "P", "PA"})  # modes in which pixels can't be mixed: a byte each, so converted first
UNREADABLE = (  # what Pillow raises of damaged ones
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    struct.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True)
class SmallPicture:
    """A picture as browsers get it."""

    content: bytes
    media_type: str


def made_small(content: bytes) -> SmallPicture | None:
    """What was fetched as a small WebP; a drawing as it is. None if it is no picture."""
    if b"<svg" in content[:1000].lower() and len(content) <= LARGEST_DRAWING:
        return SmallPicture(content, "image/svg+xml")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            small = _thumbnail(image)
        written = io.BytesIO()
        small.save(written, "WEBP", quality=QUALITY)
    except UNREADABLE:
        return None
    return SmallPicture(written.getvalue(), "image/webp")


def _thumbnail(image: Image.Image) -> Image.Image:
    """Made small before it is converted: a second copy of all its pixels is not needed."""
    small = image.convert("RGBA") if image.mode in WITHOUT_SHADES else image
    small.thumbnail((SIDE, SIDE))  # which has a JPEG drawn in an eighth of its size
    return small.convert("RGBA")
