"""Chooses an option: of a select, or of a list that a page draws in place of one (a listbox, as ARIA calls it)."""

from playwright.async_api import Locator as Element
from playwright.async_api import Page

from core.browser.failures import acted, attempt
from core.browser.page import ActionFailed

NO_SUCH_OPTION = "There is no such option."
NATIVE = "element => element.localName === 'select'"
# Which of the options that can be seen has this value, or says this; -1 if not exactly one does.
WHICH = """(options, wanted) => {
  const word = text => (text ?? "").trim().toLowerCase();
  const fitting = options.map((option, number) => ({option, number})).filter(({option}) => option.checkVisibility()
    && [option.dataset.value, option.getAttribute("value"), option.innerText].some(text => word(text) === word(wanted)));
  return fitting.length === 1 ? fitting[0].number : -1;
}"""


async def choose(page: Page, element: Element, option: str, patience: float) -> str:
    """Choose by value or label, within `patience` milliseconds for each act; what a drawn list shows then.

    Raises ActionFailed.
    """
    if await attempt(element.evaluate(NATIVE, timeout=patience)):
        await attempt(element.select_option(option, timeout=patience), NO_SUCH_OPTION)
        return ""
    await acted(element.click(timeout=patience))
    options = page.get_by_role("option")
    await attempt(options.filter(visible=True).first.wait_for(timeout=patience), NO_SUCH_OPTION)
    number = await attempt(options.evaluate_all(WHICH, option))
    if number < 0:
        raise ActionFailed(because=NO_SUCH_OPTION)
    label = await attempt(options.nth(number).inner_text(timeout=patience))
    await acted(options.nth(number).click(timeout=patience))
    return label.strip()
