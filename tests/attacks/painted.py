"""Draws what holds a secret on a page in a colour of its own, so that each frame of it can be looked at for that."""

from io import BytesIO

import pytest
from PIL import Image

from core.browser import live
from core.browser.covering import Covering, Glance
from core.browser.eyes import Eyes
from core.browser.live import LiveCamera

CANARY, NEAR = (255, 0, 255), 70  # of 255, for each of red, green and blue
# Paints what holds a secret right before each capture: what is sensitive in this shop, and passwords that are typed.
PAINT = """function () {
  for (const one of document.querySelectorAll("#key_consumer_key, #key_consumer_secret, #keys-qrcode, input[type=password]")) {
    if (one.type === "password" && !one.value) continue;
    one.style.setProperty("background", "rgb(255, 0, 255)", "important");
    one.style.setProperty("color", "rgb(255, 0, 255)", "important");
    one.style.setProperty("box-shadow", "0 0 0 30px rgb(255, 0, 255)", "important");
  }
}"""


def shows_canary(frame: bytes) -> bool:
    with Image.open(BytesIO(frame)) as image:
        colours = image.convert("RGB").resize((240, 150), Image.Resampling.NEAREST).getcolors(36_000) or []
    return any(max(abs(a - b) for a, b in zip(colour, CANARY, strict=True)) < NEAR for _, colour in colours)  # type: ignore[arg-type]  # RGB has three


def paint_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many frames as there can be, each of a page that was painted."""
    photograph = Eyes.photograph

    async def painted(eyes: Eyes) -> str:
        await eyes.glance(PAINT)
        return await photograph(eyes)

    monkeypatch.setattr(live, "EVERY", 0.02)
    monkeypatch.setattr(live, "STILL_EVERY", 0.1)
    monkeypatch.setattr(Eyes, "photograph", painted)


def see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the safeguards away: nothing is looked for, and a run does not hide from when it makes a key."""

    async def sees_nothing(covering: Covering) -> Glance:
        return Glance(frozenset(), holds_secret=False)

    monkeypatch.setattr(Covering, "glance", sees_nothing)
    monkeypatch.setattr(LiveCamera, "hide", lambda camera: None)
