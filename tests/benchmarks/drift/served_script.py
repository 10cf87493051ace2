"""The key form's own script, so that it goes on working whatever became of the form around it.

It is the shop's script with a few lines put otherwise. Each has to be there: if the shop's script changes, this says so.

1. It finds its fields by their places in the form, which the page says, and no more by their ids.
2. What it shows once a key is made, and what it says, is a piece of HTML that was changed like any other page.
3. It sends the fields that were added.
"""

import json
from collections.abc import Mapping

CHANGED = {
    "function drawKeyForm() {": "function drawKeyForm(root = document) {",
    'fields = document.querySelector(".key-fields")': 'fields = root.querySelector(".key-fields")',
    "by = name => document.getElementById(words.ids[name]);": "by = name => form.elements[words.at[name]];",
    "const real = document.getElementById(box.dataset.for)": "const real = box.previousElementSibling",
    "event => { event.preventDefault(); send(); }": (
        "event => { if (form.hasAttribute('action')) { dirty = false; return; } event.preventDefault(); send(); }"
    ),
    "if (!box.contains(event.target)) open(false);": "if (!event.composedPath().includes(box)) open(false);",
    'permissions: by("permissions").value,\n    });': (
        'permissions: by("permissions").value,\n    });\n'
        '    for (const name of words.more) body.append(name, by(name).type === "checkbox" ? (by(name).checked ? "yes" : "")'
        " : by(name).value);"
    ),
}
SAY, SHOW, REVEAL, END = "  function say(", "  async function send(", "  function reveal(", "\n}\n"
NEW_SAY = """  function say(kind, text, ...more) {
    const words = make("p", { textContent: text }).innerHTML, role = kind === "error" ? "alert" : "status";
    const filled = NOTICE.replaceAll("%KIND%", kind).replaceAll("%ROLE%", role).replace("%TEXT%", () => words);
    const shown = make("div", { innerHTML: filled });
    shown.firstElementChild.append(...more);
    fields.querySelector(".notice-place").replaceChildren(...shown.childNodes);
  }

"""
NEW_REVEAL = """  function reveal(data) {
    fields.querySelector("h2")?.remove();
    fields.querySelector(".inline")?.remove();
    const revoke = fields.dataset.list + data.revoke_query, escaped = make("p", { textContent: revoke }).innerHTML;
    const filled = MADE.replaceAll("%KEY%", data.consumer_key).replaceAll("%SECRET%", data.consumer_secret)
      .replaceAll("%CODE%", data.code).replaceAll("%REVOKE%", escaped);
    form.insertAdjacentHTML("beforebegin", filled);
    form.remove();
  }
}
"""

# The same HTML that the shop's script makes; copying is told in the way that the attribute allows.
COPY = "onclick=\"this.previousElementSibling.select();document.execCommand('copy');this.nextElementSibling.textContent='Copied!'\""
MADE = f"""<div><table class="form-table"><tbody>
<tr><th scope="row">Consumer key</th><td><input id="key_consumer_key" type="text" readonly size="55" class="key-box" value="%KEY%">
<button type="button" class="button copy-key" {COPY}>Copy</button> <span class="copied" role="status"></span></td></tr>
<tr><th scope="row">Consumer secret</th><td><input id="key_consumer_secret" type="text" readonly size="55" class="key-box" value="%SECRET%">
<button type="button" class="button copy-secret" {COPY}>Copy</button> <span class="copied" role="status"></span></td></tr>
<tr><th scope="row">QRCode</th><td><div id="keys-qrcode"><img src="%CODE%" alt="" width="164" height="164"></div></td></tr>
</tbody></table><p class="submit"><a class="submitdelete" href="%REVOKE%">Revoke key</a></p></div>"""
NOTICE = '<div class="wc-api-message notice %KIND%" role="%ROLE%"><p>%TEXT%</p></div>'


def served(script: str, made: str, notice: str) -> str:
    """The shop's script as it is served beside a changed form. Raises LookupError if it is not the script it was."""
    for was, now in CHANGED.items():
        if script.count(was) != 1:
            raise LookupError(f"the key form's script has changed: {was}")
        script = script.replace(was, now)
    before, rest = script.split(SAY)
    after = rest[rest.index(SHOW) : rest.index(REVEAL)]
    pieces = _constants({"MADE": made, "NOTICE": notice})
    return f"{pieces}{before}{NEW_SAY}{after}{NEW_REVEAL}"


def _constants(texts: Mapping[str, str]) -> str:
    return "".join(f"const {name} = {json.dumps(text)};\n" for name, text in texts.items())
