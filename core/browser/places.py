"""Knows where what can be pressed stood on the newest picture, so that it can be marked there and nowhere else.

Once something is pressed, the page that its picture is taken of afterwards may be another one. So it is marked on the picture before,
if it really is there: the same element of the same document, at the same place when that picture was captured, before
and after, and when it is pressed, and nothing in front of it.
"""

from core.browser.eyes import Eyes
from core.browser.page import ActionFailed, Box
from core.browser.survey import PATH_OF

PRESSABLE = (
    "a[href], button, summary, label, option, input:not([type=hidden]), [role=button], [role=link], [role=checkbox], [role=radio], "
    "[role=switch], [role=option], [role=menuitem], [role=tab], [onclick]"
)

# Notes where everything that can be pressed stands: before a capture, and `again` after it, when what has moved is forgotten.
NOTE = """function (number, again, pressable) {
  const before = globalThis.autopilotPlaces?.number === number ? globalThis.autopilotPlaces.at : new Map(), at = new Map();
  for (const element of document.querySelectorAll(pressable)) {
    const r = element.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
    if (!r.width || !r.height || x < 0 || y < 0 || x > innerWidth || y > innerHeight) continue;
    if (again) {
      const was = before.get(element);
      if (!was || was.x !== r.x || was.y !== r.y || was.width !== r.width || was.height !== r.height) continue;
      if (!element.contains(document.elementFromPoint(x, y))) continue;
    }
    at.set(element, r);
  }
  globalThis.autopilotPlaces = {number, at};
}"""

# Whether the element at this path of the tree stood there on the picture of this number, and still does.
STOOD_AT = """function (number, path, x, y, width, height) {
  if (globalThis.autopilotPlaces?.number !== number) return false;
  const pathOf = PATH_OF;
  for (const [element, was] of globalThis.autopilotPlaces.at) {
    if (was.x !== x || was.y !== y || was.width !== width || was.height !== height) continue;
    if (element.isConnected && pathOf(element) === path) return true;
  }
  return false;
}""".replace("PATH_OF", PATH_OF)


class Places:
    """What can be pressed on one page, as it stood on its newest picture."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._number = 0

    def forget(self) -> None:
        """There is another picture now, or none on which anything can be found again."""
        self._number += 1

    async def note(self, *, again: bool) -> None:
        """Note where everything stands now; what can't be told is not marked."""
        try:
            await self._eyes.glance(NOTE, self._number, again, PRESSABLE)
        except ActionFailed:
            self.forget()

    async def has(self, path: str, box: Box) -> bool:
        """Whether the newest picture has the element of this path just where it is now."""
        try:
            return bool(await self._eyes.glance(STOOD_AT, self._number, path, box.x, box.y, box.width, box.height))
        except ActionFailed:
            return False
