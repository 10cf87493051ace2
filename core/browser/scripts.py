"""The small scripts by which a page is measured, counted, and has a text put into a field."""

from core.browser.survey import PATH_OF

# How many elements there are; one alone is measured, and first brought into sight if the page may change. Where it is
# counts from the frame that it is in, so only what is in none has a box on the picture, and a path there.
MEASURE = """(elements, mayChange) => {
  const one = elements.length === 1 ? elements[0] : null;
  if (mayChange) one?.scrollIntoViewIfNeeded?.();
  const r = one?.getBoundingClientRect();
  const inView = r && r.x >= 0 && r.y >= 0 && r.right <= innerWidth && r.bottom <= innerHeight;
  const inSight = inView && one.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2));
  const isMeasured = r && r.width && r.height && window === top;
  const pathOf = PATH_OF;
  return {count: elements.length, inSight, box: isMeasured ? [r.x, r.y, r.width, r.height] : null, path: one ? pathOf(one) : ""};
}""".replace("PATH_OF", PATH_OF)
# Puts a text into a field in one go. Typed, it would go wherever the focus is by then: WordPress's sign-in page takes it
# to the user name a moment after it has loaded.
PUT_IN = """(field, text) => {
  field.focus();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new InputEvent("input", {bubbles: true, composed: true, inputType: "insertText"}));
  field.dispatchEvent(new Event("change", {bubbles: true}));
}"""
# Whether a field can be seen by somebody who looks at the page: in the window, of some size, and nothing but faintly there.
IN_SIGHT = """field => {
  field.scrollIntoViewIfNeeded?.();
  const box = field.getBoundingClientRect();
  let seen = 1;
  for (let at = field; at; at = at.parentElement) seen *= Number(getComputedStyle(at).opacity);
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  return seen > 0.3 && box.width >= 20 && box.height >= 8 && x > 0 && y > 0 && x < innerWidth && y < innerHeight;
}"""
# How many of these are visible.
SHOWN = "elements => elements.filter(element => element.checkVisibility({visibilityProperty: true})).length"
