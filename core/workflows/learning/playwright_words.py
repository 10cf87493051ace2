"""Playwright's own words in Python, and what each of them is to us."""

from core.workflows.locator import By
from core.workflows.step import ActionKind, Matcher

LOOKING = {
    "get_by_role": By.ROLE,
    "get_by_label": By.LABEL,
    "get_by_text": By.TEXT,
    "get_by_placeholder": By.PLACEHOLDER,
    "get_by_test_id": By.TEST_ID,
    "get_by_alt_text": By.ALT,
    "get_by_title": By.TITLE,
    "locator": By.CSS,
    "frame_locator": By.FRAME,
}
FILTERS = {
    "has_text": By.HAS_TEXT,
    "has_not_text": By.HAS_NOT_TEXT,
    "has": By.HAS,
    "has_not": By.HAS_NOT,
    "visible": By.VISIBLE,
}
ON_ELEMENT = {
    "click": ActionKind.CLICK,
    "fill": ActionKind.FILL,
    "type": ActionKind.FILL,
    "press_sequentially": ActionKind.FILL,
    "press": ActionKind.PRESS,
    "check": ActionKind.CHECK,
    "uncheck": ActionKind.UNCHECK,
    "select_option": ActionKind.SELECT,
    "hover": ActionKind.HOVER,
}
ON_PAGE = {"goto": ActionKind.GOTO, "reload": ActionKind.RELOAD, "go_back": ActionKind.BACK}
READING = frozenset({"input_value", "text_content", "inner_text"})
WAITING = frozenset({"wait_for", "wait_for_load_state", "wait_for_timeout", "wait_for_url", "wait_for_selector"})
SCRIPTS = frozenset({"evaluate", "evaluate_all", "evaluate_handle", "add_init_script", "dispatch_event"})
MATCHERS = {
    "to_be_visible": Matcher.VISIBLE,
    "to_be_hidden": Matcher.HIDDEN,
    "to_be_enabled": Matcher.ENABLED,
    "to_be_checked": Matcher.CHECKED,
    "to_have_text": Matcher.HAS_TEXT,
    "to_contain_text": Matcher.CONTAINS_TEXT,
    "to_have_value": Matcher.HAS_VALUE,
    "to_have_count": Matcher.HAS_COUNT,
    "to_have_url": Matcher.URL,
    "to_have_title": Matcher.TITLE,
}
ROLE_OPTIONS = frozenset({"checked", "disabled", "expanded", "level", "pressed", "selected", "include_hidden"})
# Keys that are pressed without anything being typed by it.
COMMANDS = frozenset(
    {"Enter", "Tab", "Escape", "Backspace", "Delete", "Home", "End", "PageUp", "PageDown"}
    | {f"Arrow{side}" for side in ("Up", "Down", "Left", "Right")}
)
# What is acted on, and with what, as Playwright names it; arguments are told apart by place otherwise.
ARGUMENTS = ("selector", "url", "value", "text", "key", "expected")
