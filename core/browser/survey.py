"""Surveys a page for its snapshot: what can be acted on, by which ARIA role and name, and how to find it again.

Names and roles follow the W3C's "Accessible Name and Description Computation" as far as shops use it. A field's value is
never read. What is asked runs in our own world, so the page's scripts can't bend the answers.
"""

import hashlib
import json
from typing import Any

from core.browser.page import Box
from core.browser.redaction import Redactor
from core.browser.snapshot import MOST_ELEMENTS, ElementSeen, Snapshot
from core.workflows.locator import Locator

LONGEST_TEXT = 120  # characters of a name or a neighbour; enough to know it by
CUT_AT = (
    4 * LONGEST_TEXT
)  # characters that are asked for: a secret is taken out before a text is cut, or its half would stay
MOST_LOOKED_AT = 4_000  # elements a survey considers; of a page with more, those at its beginning

# Where an element stands in the tree, by child numbers: it says which element it is, in every world of the page.
PATH_OF = """element => {
  const steps = [];
  for (let at = element; at && at.nodeType === 1;) {
    const parent = at.parentNode;
    if (parent) steps.push([...parent.children].indexOf(at));
    if (parent instanceof ShadowRoot) { steps.push("s"); at = parent.host; } else at = parent;
  }
  return steps.join("/");
}"""
PATHS_OF = f"elements => elements.slice(0, 3).map({PATH_OF})"

SURVEY = """function (most, considered, longest) {
  const OFFERS = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, h1, h2, h3, h4, " +
    "[role=button], [role=link], [role=checkbox], [role=radio], [role=switch], [role=textbox], [role=searchbox], " +
    "[role=combobox], [role=listbox], [role=option], [role=menuitem], [role=tab], [role=heading], [contenteditable=true], [onclick]";
  const INPUTS = {button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox",
    radio: "radio", range: "slider", number: "spinbutton", search: "searchbox"};
  const squeeze = (text, most = longest) => (text ?? "").replace(/\\s+/g, " ").trim().slice(0, most);
  const said = element => squeeze(element?.innerText ?? element?.textContent);

  const roots = [document];
  for (const host of [...document.querySelectorAll("*")].slice(0, 50000)) if (host.shadowRoot) roots.push(host.shadowRoot);
  const offered = roots.flatMap(root => [...root.querySelectorAll(OFFERS)]);
  const shown = offered.slice(0, considered).filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({visibilityProperty: true});
  });

  const roleOf = element => {
    const given = (element.getAttribute("role") ?? "").trim().split(/\\s+/)[0];
    if (given || element.getAttribute("aria-haspopup") === "listbox") return given || "combobox";
    switch (element.localName) {
      case "a": return element.hasAttribute("href") ? "link" : "generic";
      case "button": case "summary": return "button";
      case "input": return INPUTS[element.type] ?? "textbox";
      case "textarea": return "textbox";
      case "select": return element.multiple || element.size > 1 ? "listbox" : "combobox";
      case "iframe": return "frame";
      default: return /^h[1-6]$/.test(element.localName) ? "heading" : element.isContentEditable ? "textbox" : "generic";
    }
  };
  const named = ids => squeeze((ids ?? "").split(/\\s+/).map(id => said(document.getElementById(id))).join(" "));
  const nameOf = element => {
    const isInput = element.localName === "input";
    const inside = element.querySelector("img[alt], svg title");
    return named(element.getAttribute("aria-labelledby")) || squeeze(element.getAttribute("aria-label"))
      || squeeze([...element.labels ?? []].map(said).join(" "))
      || (isInput && ["submit", "button", "reset"].includes(element.type) && squeeze(element.value || {submit: "Submit", reset: "Reset"}[element.type]))
      || (isInput || ["select", "textarea", "iframe"].includes(element.localName) ? squeeze(element.getAttribute("alt")) : said(element))
      || squeeze(inside?.getAttribute("alt") ?? inside?.textContent)
      || squeeze(element.getAttribute("title")) || squeeze(element.getAttribute("placeholder"));
  };
  const split = text => (text ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().match(/[\\p{L}]{2,}/gu) ?? [];
  const wordsOf = element => {
    const given = ["id", "name", "class", "data-testid", "autocomplete", "formaction"].map(name => element.getAttribute(name));
    const values = element.localName === "select" ? [...element.options].slice(0, 10).map(option => option.value) : [];
    return [...new Set([...given, ...values].flatMap(split))].slice(0, 30);
  };
  const leadsOf = element => {
    const leads = [];
    if (element.localName === "a" || element.localName === "iframe") try {
      const to = new URL(element.getAttribute("href") ?? element.getAttribute("src") ?? "", document.baseURI);
      const same = to.pathname + to.search === location.pathname + location.search;
      if (element.localName === "a" && (to.origin !== location.origin || same)) return [];
      const steady = [...to.searchParams].map(([name, value]) => /^[\\p{L}_-]{1,40}$/u.test(value) ? `${name} ${value}` : name);
      leads.push(element.localName === "iframe" ? to.host : "", to.pathname, ...steady);
    } catch { leads.push("nowhere"); }
    return [...new Set(leads.flatMap(split))].slice(0, 20);
  };
  const fieldsOf = element => {
    const form = element.closest("form, dialog, [role=dialog], fieldset, table");
    if (!form) return "";
    const kinds = [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button")].slice(0, 12);
    return kinds.map(one => one.localName === "input" || one.localName === "button" ? one.type : one.localName).join(" ");
  };
  const PLACES = [["dialog", "dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]"], ["navigation", "nav, [role=navigation]"],
    ["header", "header, [role=banner]"], ["footer", "footer, [role=contentinfo]"], ["aside", "aside, [role=complementary]"], ["main", "main, [role=main]"]];
  const placeOf = element => PLACES.find(([, where]) => element.closest(where))?.[0] ?? "";
  let headed = "";
  const nearOf = element => {
    const row = element.closest("tr, li, fieldset, dd, p, [role=row]"), around = [];
    for (let at = element.parentElement, level = 0; !row && at && around.length < 2 && level < 4; at = at.parentElement, level++) {
      const all = squeeze(at.innerText);
      if (all.length > 120) break;
      if (all.length > (around.at(-1) ?? said(element)).length) around.push(all);
    }
    const title = row?.localName === "tr" ? row.querySelector("th, td") : row?.querySelector("legend, label");
    const before = element.previousElementSibling;
    return [...new Set([said(title), row ? said(row) : "", ...around, said(before), headed])].filter(Boolean).slice(0, 4);
  };

  const boxOf = new Map(shown.map(element => [element, element.getBoundingClientRect()]));
  const isInView = element => {
    const box = boxOf.get(element);
    return box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  };
  const kept = new Set([...shown.filter(isInView), ...shown.filter(element => !isInView(element))].slice(0, most));
  const counts = {}, listed = [];
  globalThis.autopilotRefs = new Map();
  for (const element of shown) {
    const role = roleOf(element), nth = counts[role] = (counts[role] ?? -1) + 1;
    if (!kept.has(element)) continue;
    const name = nameOf(element), box = boxOf.get(element), ref = `e${listed.length + 1}`;
    if (role === "heading") headed = name;
    globalThis.autopilotRefs.set(ref, new WeakRef(element));
    listed.push({ref, role, name, kind: element.getAttribute("aria-haspopup") === "listbox" ? "listbox" : ["input", "button"].includes(element.localName) ? element.type : "",
      text: said(element), placeholder: squeeze(element.getAttribute("placeholder")), words: wordsOf(element), leads: leadsOf(element),
      near: nearOf(element), place: placeOf(element), form: fieldsOf(element), nth, box: [box.x, box.y, box.width, box.height],
      in_view: isInView(element), enabled: !element.disabled && element.getAttribute("aria-disabled") !== "true",
      read_only: element.readOnly === true, invalid: element.willValidate === true && !element.validity.valid && Boolean(element.form) && !element.form.noValidate && element.matches(":focus"),
      options: element.localName === "select" ? [...element.options].filter(option => option.value && !option.disabled).slice(0, 30).map(option => squeeze(option.label)) : [],
      filled: "value" in element && !["button", "submit"].includes(element.type) ? Boolean(element.value) || element.checked === true : false});
  }
  for (const one of listed) one.of = counts[one.role] + 1;
  return {title: squeeze(document.title), elements: listed, left_out: Math.max(0, offered.length - considered) + shown.length - kept.size,
    length: document.body?.textContent.length ?? 0};
}"""

# Which element of the newest survey stands at this path of the tree.
REF_AT = """function (path) {
  const listed = [...globalThis.autopilotRefs ?? []];
  return listed.find(([, element]) => element.deref() && (PATH_OF)(element.deref()) === path)?.[0] ?? "";
}""".replace("PATH_OF", PATH_OF)

# Ways to find an element of the newest survey, as links of a locator, the most durable first; and which element it is.
WAYS_TO = """function (ref, told) {
  const element = globalThis.autopilotRefs?.get(ref)?.deref();
  if (!element?.isConnected) return null;
  const path = (PATH_OF)(element), ways = [];
  const lasting = text => text && !/\\d{3,}|[0-9a-f]{8,}|^(ember|react|mui|radix|headlessui)\\b/i.test(text);
  const testId = element.getAttribute("data-testid"), id = element.id, name = element.getAttribute("name");
  if (testId) ways.push([{testid: testId}]);
  const byRole = told.name && told.role !== "generic" && told.kind !== "password" ? {role: told.role, name: told.name, exact: true} : null;
  if (byRole) ways.push([byRole]);
  if (element.labels?.length && told.name) ways.push([{label: told.name, exact: true}]);
  if (lasting(id)) ways.push([{css: `#${CSS.escape(id)}`}]);
  if (lasting(name)) ways.push([{css: `${element.localName}[name=${JSON.stringify(name)}]`}]);
  if (told.placeholder) ways.push([{placeholder: told.placeholder, exact: true}]);
  if (byRole && told.place === "dialog") ways.push([{role: "dialog"}, byRole]);
  if (element.getRootNode() === document) {
    const steps = [];
    for (let at = element; at && at.nodeType === 1; at = at.parentElement) {
      if (at !== element && lasting(at.id)) { steps.unshift(`#${CSS.escape(at.id)}`); break; }
      const alike = [...at.parentElement?.children ?? [at]].filter(one => one.localName === at.localName);
      steps.unshift(alike.length > 1 ? `${at.localName}:nth-of-type(${alike.indexOf(at) + 1})` : at.localName);
    }
    const css = {css: steps.join(" > ")};
    if (byRole) ways.push([css, {and: [byRole]}]);
    ways.push([css]);
  }
  return {path, ways};
}""".replace("PATH_OF", PATH_OF)

ASKED = (MOST_ELEMENTS, MOST_LOOKED_AT, CUT_AT)


def snapshot_of(told: dict[str, Any], notices: list[str], address: str, redactor: Redactor) -> Snapshot:
    """What SURVEY told, without secrets."""
    elements = tuple(element_of(one, redactor) for one in told["elements"])
    shown = [[one[part] for part in ("role", "name", "kind", "place", "enabled", "filled")] for one in told["elements"]]
    state = json.dumps([address, told["title"], notices, told["length"], shown])
    return Snapshot(
        address=address,
        title=redactor.redact(told["title"])[:LONGEST_TEXT],
        elements=elements,
        notices=tuple(redactor.redact(notice) for notice in notices),
        left_out=told["left_out"],
        state=hashlib.sha256(state.encode()).hexdigest(),
    )


def element_of(told: dict[str, Any], redactor: Redactor) -> ElementSeen:
    """One element as SURVEY told it, without secrets."""

    def clean(text: str) -> str:
        return redactor.redact(text)[:LONGEST_TEXT]

    return ElementSeen(
        ref=told["ref"],
        role=clean(told["role"]),
        name=clean(told["name"]),
        kind=told["kind"],
        text=clean(told["text"]),
        placeholder=clean(told["placeholder"]),
        words=tuple(clean(word) for word in told["words"]),
        leads=tuple(clean(word) for word in told["leads"]),
        near=tuple(clean(text) for text in told["near"]),
        place=told["place"],
        form=told["form"],
        nth=told["nth"],
        of=told["of"],
        box=Box(*told["box"]),
        in_view=told["in_view"],
        enabled=told["enabled"],
        read_only=told["read_only"],
        invalid=told["invalid"],
        options=tuple(clean(option) for option in told["options"]),
    )


def ways_of(told: dict[str, Any]) -> list[Locator]:
    """The ways that WAYS_TO told, as locators."""
    return [Locator.from_json(way) for way in told["ways"]]
