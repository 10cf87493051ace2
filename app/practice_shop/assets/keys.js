// The key form: two selects drawn in the manner of SelectWoo, and a key made without leaving the page.
function drawKeyForm() {
  const AJAX = "/wp-admin/admin-ajax.php";
  const COVERED_FOR = 300; // milliseconds the cover stays over a result, as on the real page
  const fields = document.querySelector(".key-fields"), form = fields.querySelector("form");
  const words = JSON.parse(fields.dataset.words), by = name => document.getElementById(words.ids[name]);
  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  addEventListener("beforeunload", event => { if (dirty) event.preventDefault(); });

  for (const box of fields.querySelectorAll(".select2")) draw(box);
  form.addEventListener("submit", event => { event.preventDefault(); send(); });

  function draw(box) {
    const real = document.getElementById(box.dataset.for), shown = box.querySelector("[role=combobox]");
    const dropdown = box.querySelector(".select2-dropdown"), list = box.querySelector("[role=listbox]");
    const search = box.querySelector(".select2-search__field");
    const label = () => { shown.firstElementChild.textContent = real.selectedOptions[0]?.textContent ?? ""; };
    const note = text => list.replaceChildren(make("li", { className: "note", textContent: text }));
    const offer = entries => list.replaceChildren(...entries.map(([value, text]) => {
      const option = make("li", { textContent: text, tabIndex: -1 });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", value === real.value);
      option.dataset.value = value;
      return option;
    }));
    const open = wanted => {
      dropdown.hidden = !wanted;
      shown.setAttribute("aria-expanded", wanted);
      if (!wanted) return;
      if (search) { search.value = ""; note("Please enter 1 or more characters"); search.focus(); }
      else offer([...real.options].map(option => [option.value, option.textContent]));
    };
    const choose = option => {
      if (![...real.options].some(one => one.value === option.dataset.value)) real.append(new Option(option.textContent, option.dataset.value));
      real.value = option.dataset.value;
      real.dispatchEvent(new Event("change", { bubbles: true }));
      open(false);
      shown.focus();
    };
    real.addEventListener("change", () => { label(); dirty = true; });
    shown.addEventListener("click", () => open(dropdown.hidden));
    shown.addEventListener("keydown", event => { if (["Enter", " ", "ArrowDown"].includes(event.key)) { event.preventDefault(); open(true); list.querySelector("[role=option]")?.focus(); } });
    list.addEventListener("click", event => { const option = event.target.closest("[role=option]"); if (option) choose(option); });
    box.addEventListener("keydown", event => {
      if (event.key === "Escape") { open(false); shown.focus(); }
      const option = event.target.closest("[role=option]");
      const options = [...list.querySelectorAll("[role=option]")], step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && !dropdown.hidden && event.target !== shown) { event.preventDefault(); options[options.indexOf(option) + step]?.focus(); }
      if (option && event.key === "Enter") { event.preventDefault(); choose(option); }
    });
    document.addEventListener("click", event => { if (!box.contains(event.target)) open(false); });
    search?.addEventListener("input", async event => {
      event.stopPropagation();
      const term = search.value;
      if (!term) return note("Please enter 1 or more characters");
      const query = new URLSearchParams({ action: "woocommerce_json_search_customers", term, security: fields.dataset.searchNonce });
      const answer = await fetch(`${AJAX}?${query}`);
      if (term !== search.value) return;
      const found = answer.ok ? Object.entries(await answer.json()) : [];
      if (found.length) offer(found); else note("No matches found");
    });
    label();
  }

  function say(kind, text, ...more) {
    const message = make("div", { className: `wc-api-message notice ${kind}` }, make("p", { textContent: text }), ...more);
    message.setAttribute("role", kind === "error" ? "alert" : "status");
    fields.querySelector(".notice-place").replaceChildren(message);
  }

  async function send() {
    const cover = fields.appendChild(make("div", { className: "blockUI blockOverlay" }));
    const body = new URLSearchParams({
      action: "woocommerce_update_api_key", security: fields.dataset.nonce, key_id: fields.dataset.keyId,
      description: by("description").value, user: by("user").value, permissions: by("permissions").value,
    });
    try { await show(await fetch(AJAX, { method: "POST", body })); }
    catch { say("error", "The shop could not be reached. Try again."); }
    finally { setTimeout(() => cover.remove(), COVERED_FOR); }
  }

  async function show(answer) {
    if (!(answer.headers.get("content-type") ?? "").includes("json")) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const text = page.querySelector(".wp-die-message p")?.textContent.trim() ?? "Something went wrong.";
      const wayOut = page.querySelector(".wp-die-message a")?.textContent;
      return wayOut ? say("error", text, make("p", {}, make("a", { href: location.href, textContent: wayOut }))) : say("error", text);
    }
    const { success, data } = await answer.json();
    if (!success) return say("error", data.message);
    dirty = false;
    say("updated", data.message);
    if (data.consumer_key) reveal(data);
  }

  function reveal(data) {
    fields.querySelector("h2").remove();
    fields.querySelector(".inline").remove();
    const box = (id, value, kind) => {
      const copied = make("span", { className: "copied" }), input = make("input", { id, type: "text", readOnly: true, value, size: 55, className: "key-box" });
      const button = make("button", { type: "button", className: `button ${kind}`, textContent: "Copy" });
      copied.setAttribute("role", "status");
      button.addEventListener("click", async () => {
        input.select();
        try { await navigator.clipboard.writeText(value); copied.textContent = "Copied!"; }
        catch { copied.textContent = "Press Ctrl-C to copy."; }
      });
      return [input, " ", button, " ", copied];
    };
    const row = (title, ...content) => {
      const head = make("th", { scope: "row", textContent: title });
      return make("tr", {}, head, make("td", {}, ...content));
    };
    const code = make("div", { id: words.ids.code }, make("img", { src: data.code, alt: "", width: 164, height: 164 }));
    const revoke = make("a", { className: "submitdelete", href: fields.dataset.list + data.revoke_query, textContent: words.revoke });
    form.replaceWith(
      make("table", { className: "form-table" }, make("tbody", {},
        row(words.consumerKey, ...box(words.ids.consumerKey, data.consumer_key, "copy-key")),
        row(words.consumerSecret, ...box(words.ids.consumerSecret, data.consumer_secret, "copy-secret")),
        row("QRCode", code))),
      make("p", { className: "submit" }, revoke),
    );
  }
}
