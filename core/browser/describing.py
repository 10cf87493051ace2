"""Says in one sentence what a page shows, for people: its title, its heading and its notices."""

from typing import Any

from core.browser.redaction import Redactor

LONGEST_SENTENCE = 400  # characters; a notice may hold a whole error page
LONGEST_PART = 200  # characters of one notice
MOST_NOTICES = 4

# Where WordPress and most other applications write what a person should know.
DESCRIBE = """function (most, longest) {
  const shown = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const text = element => (element?.innerText ?? "").replace(/\\s+/g, " ").trim().slice(0, longest);
  const first = selector => text([...document.querySelectorAll(selector)].find(shown));
  const places = "#login_error, .notice, .wc-api-message, .error, .updated, [role=alert], #error-page, .wp-die-message";
  const found = [...document.querySelectorAll(places)].filter(shown);
  const outer = found.filter(element => !found.some(other => other !== element && other.contains(element)));
  const notices = [...new Set(outer.map(text).filter(Boolean))].slice(0, most);
  return {title: document.title.trim().slice(0, longest), heading: first("h1") || first("h2"), notices,
    start: notices.length ? "" : text(document.body).slice(0, 80)};
}"""


def sentence(described: dict[str, Any], trouble: str, redactor: Redactor) -> str:
    """What to tell people of what DESCRIBE found, and of trouble on the way there."""
    title, heading, notices = described["title"], described["heading"], described["notices"]
    page = f"the page “{title}”" if title else "a page without a title"
    if notices:
        said = f"{page} says: {' · '.join(notices)}"
    elif heading and heading != title:
        said = f"{page} is headed “{heading}”"
    elif not title and not heading:
        said = f"{page} begins “{described['start']}”" if described["start"] else "an empty page"
    else:
        said = page
    whole = redactor.redact(f"{trouble}; {said}" if trouble else said)
    return whole if len(whole) <= LONGEST_SENTENCE else whole[: LONGEST_SENTENCE - 1] + "…"
