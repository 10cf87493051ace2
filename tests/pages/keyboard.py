"""A person without a mouse: goes from thing to thing by Tab, and sees at each where the focus is."""

from playwright.sync_api import Locator, Page, expect

MOST = 80  # presses until what is wanted has to have the focus
# What is wrong with the focus, or nothing. It is seen by an outline, or as a field of Quasar's shows it: by its border.
# What a dialog or the content of a page is in is announced, and has no outline: it is all that there is.
WRONG = """() => {
  const one = document.activeElement, all = ".content, .q-dialog__inner";
  if (!one || one === document.body) return "nothing has the focus";
  const told = one.outerHTML.slice(0, 200), box = one.getBoundingClientRect();
  if (!one.checkVisibility({visibilityProperty: true})) return `what is hidden has the focus: ${told}`;
  if (one.matches(all)) return "";
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return `it is out of sight: ${told}`;
  const style = getComputedStyle(one), field = one.closest(".q-field--focused .q-field__control");
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const bordered = field && parseFloat(getComputedStyle(field, "::after").borderTopWidth) > 1;
  return outlined || bordered ? "" : `it is not seen: ${told}`;
}"""


class Keyboard:
    """A person without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.page.keyboard.type(text)

    def to(self, wanted: Locator, key: str = "Tab") -> None:
        """Go on until this has the focus, and see on the way where one is."""
        expect(wanted).to_be_visible()
        for _ in range(MOST):
            self.press(key)
            self.is_somewhere()
            if self.has_focus(wanted):
                return
        raise AssertionError(f"{wanted} is not reached by {key}")

    def go(self, wanted: Locator, key: str = "Enter") -> None:
        """Go to this and press it."""
        self.to(wanted)
        self.press(key)

    def fill(self, field: Locator, text: str) -> None:
        """Go to a field and type."""
        self.to(field)
        self.type(text)

    def has_focus(self, wanted: Locator) -> bool:
        """Whether it is here."""
        return bool(wanted.evaluate("one => one === document.activeElement"))

    def is_somewhere(self) -> None:
        """The focus is on something, and is seen."""
        assert (wrong := self.page.evaluate(WRONG)) == "", wrong

    def is_in(self, whole: Locator) -> None:
        """The focus is within this, and is seen."""
        self.page.wait_for_function(
            "one => one.contains(document.activeElement)", arg=whole.element_handle(), timeout=5_000
        )
        self.is_somewhere()

    def is_on(self, wanted: Locator) -> None:
        """The focus is on this, in a moment, and is seen."""
        expect(wanted).to_be_focused()
        self.is_somewhere()
