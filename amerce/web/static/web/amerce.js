// What the pages do beyond plain HTML: dialogs, menus, keys, the scanner, and the idle clock of an open record.
// Everything hangs on data attributes, because the content security policy allows no script in a page.
"use strict";
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Dialogs: data-opens="id" opens, data-closes-dialog closes; what htmx puts into #dialog opens it.
  let settledAt = 0; // until then an Enter was meant for what stood here before
  const SETTLE_MS = 250;

  function openDialog(dialog) {
    if (dialog && !dialog.open) dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) openDialog(document.getElementById(opener.dataset.opens));
    if (event.target.closest("[data-closes-dialog]")) event.target.closest("dialog").close();
    if (event.target.matches("dialog.panel, dialog#keys-help")) event.target.close(); // a click beside it
    findAll("details.actions[open]").forEach((menu) => {
      const chosen = event.target.closest(".actions-list a, .actions-list button");
      if (menu.contains(chosen)) find("summary", menu).focus(); // where a dialog that it opens leads back to
      if (chosen || !menu.contains(event.target)) menu.open = false;
    });
  });

  // The menu of the last row would open below the edge of the screen.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.actions[open]")) {
      find(".actions-list", event.target).scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }, true);

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialog") return;
    const dialog = event.detail.target;
    openDialog(dialog);
    settledAt = performance.now() + SETTLE_MS;
    const field = find("[aria-invalid=true]", dialog) || find("[autofocus]", dialog);
    if (field) field.focus();
    takeTypedAhead(field);
  });

  // What the page has to say by itself stands in templates: in the open dialog, before its buttons, or where notices are.
  const words = (id) => document.getElementById(id).content.cloneNode(true);

  function say(id) {
    const dialog = findAll("dialog[open]").at(-1);
    let place = document.getElementById("notices");
    if (dialog) {
      place = find("[data-said]", dialog) || document.createElement("div");
      place.dataset.said = "";
      const buttons = find("form .buttons", dialog);
      if (buttons) buttons.before(place);
      else (find(".dialog-body", dialog) || dialog).prepend(place);
    }
    place.replaceChildren(words(id));
    place.scrollIntoView({ block: "nearest" });
  }

  // Nothing is lost silently: a request without an answer says so where the hand is.
  function sayNoAnswer(event) {
    say(event.detail.requestConfig?.verb === "get" ? "lost-question" : "lost-connection");
  }
  document.addEventListener("htmx:sendError", sayNoAnswer);
  document.addEventListener("htmx:timeout", sayNoAnswer);
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) sayNoAnswer(event);
  });

  // Menus and suggestions: arrows move, Esc goes back to where they were opened from.
  function arrows(event, items) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !items.length) return;
    event.preventDefault();
    const next = items.indexOf(document.activeElement) + step;
    items[(next + items.length) % items.length].focus();
  }

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest("details.actions");
    if (menu) {
      if (event.key === "ArrowDown") menu.open = true;
      arrows(event, findAll(".actions-list a, .actions-list button", menu));
    }
    const scan = event.target.closest("form.scan");
    if (scan) {
      const items = findAll(".suggestion", scan);
      if (items.length) arrows(event, [find(".scan-field", scan), ...items]);
    }
  });

  // Keys of the page: listed in the keys help, data-key="P" data-presses="pay" clicks #pay.
  const isField = (element) => element.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
  const searchField = () => find("[data-search-field]");

  function keyTarget(key) {
    const line = findAll("[data-key]").find((each) => each.dataset.key.toLowerCase() === key.toLowerCase());
    return line && document.getElementById(line.dataset.presses);
  }

  function pressed(key) {
    if (find("dialog[open]")) return false; // a dialog has its own keys
    if (key === "/") {
      searchField()?.select();
      searchField()?.focus();
    } else if (key === "?") {
      openDialog(document.getElementById("keys-help"));
    } else {
      const target = keyTarget(key);
      target?.click();
      return Boolean(target);
    }
    return true;
  }

  // Esc takes one step back at a time: the menu, the field, the dialog, and the record only when nothing typed is lost.
  function isChanged(field) {
    if (field.type === "hidden") return false;
    if (field.matches("select")) {
      return field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected));
    }
    if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  }

  // The second click of a double click does not send a form again: what the first one did would look like a refusal.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-security-key]")) return;
    if (event.submitter?.formTarget) return; // the answer is shown in a frame beside the form, which stays
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => findAll("[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // Forms that change an account carry a key; one that was refused holds what was typed, though it came so.
  const isUnsent = () => findAll("form:has([name=form_key]), form[data-record-form]").some((form) => !form.closest("dialog")
    && (find("[aria-invalid=true], .notice-refusal", form)
      || [...form.elements].some((each) => each.matches("input, select, textarea") && isChanged(each))));

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const field = isField(event.target) ? event.target : null;
    if (find("dialog[open]")) {
      if (!field || !isChanged(field)) return; // the browser closes it
      event.preventDefault();
      field.blur();
      return;
    }
    const menu = findAll("details:is(.actions, .menu-fold)[open]").find((each) => each.checkVisibility());
    if (menu) {
      menu.open = false;
      find("summary", menu).focus();
      return;
    }
    if (field) {
      field.blur();
      return;
    }
    const done = keyTarget("Esc");
    if (!done) return;
    event.preventDefault();
    if (isUnsent()) say("press-done");
    else done.click();
  });

  // A scanner is a keyboard that types fast and ends with Enter. Wherever no field has the focus, keys are held until it
  // is clear whose they are: a burst is a scan and finds a patron, one key alone is a person's.
  const BURST_MS = 100; // a scanner's next key comes sooner, a person's later
  const SCAN_MS = 40; // no person types several keys as fast as this
  const SCAN_LENGTH = 8;
  const AMOUNT = /^[\d.]{1,7}$/;
  let held = "";
  let heldAt = 0;
  let isAhead = false; // what is held was typed while a dialog was on its way
  let ahead = null; // what was typed for that dialog; null when none is on its way
  let release;

  function typeInto(field, keys) {
    field.setRangeText(keys, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "typed ahead" }));
  }

  function give(keys) {
    if (isAhead) {
      const field = document.activeElement;
      if (!AMOUNT.test(keys)) return;
      if (ahead !== null) ahead += keys;
      else if (field.matches("dialog[open] .amount-field")) typeInto(field, keys);
      return;
    }
    if (keys.length === 1 && (pressed(keys) || !/[\p{L}\p{N}]/u.test(keys))) return;
    const field = searchField();
    if (!field || find("dialog[open]")) return;
    field.focus();
    field.select();
    typeInto(field, keys);
  }

  function letGo() {
    clearTimeout(release);
    const keys = held;
    held = "";
    if (keys) give(keys);
  }

  function hold(event) {
    if (!held) isAhead = ahead !== null;
    held += event.key;
    heldAt = event.timeStamp;
    clearTimeout(release);
    release = setTimeout(letGo, isAhead ? SCAN_MS : BURST_MS);
  }

  // A page for items takes what is scanned anywhere on it; the server knows a patron's card among them.
  function findScanned() {
    clearTimeout(release);
    const items = find("dialog[open]") ? null : find("[data-takes-scans]");
    const field = items || searchField();
    if (field) {
      if (items) field.form.dataset.anywhere = "1";
      field.value = held;
      field.form.requestSubmit();
    }
    held = "";
  }

  // How fast the field with the focus was typed into: a card scanned into an amount must not pay.
  let pace = { field: null };

  function keepPace({ target, timeStamp }) {
    if (pace.field !== target || timeStamp - pace.last > BURST_MS) pace = { field: target, first: timeStamp, count: 0 };
    pace.count += 1;
    pace.last = timeStamp;
  }

  function wasScanned({ target, timeStamp }) {
    return pace.field === target && target.matches(".amount-field, [name=external_transaction_id]")
      && pace.count >= SCAN_LENGTH && timeStamp - pace.last < SETTLE_MS
      && (pace.last - pace.first) / (pace.count - 1) < SCAN_MS;
  }

  function sayScanned(field) {
    field.parentElement.querySelector("[data-scanned]")?.remove();
    field.after(words("looks-like-a-scan"));
    field.select();
    pace = { field: null };
    field.addEventListener("input", () => find("[data-scanned]", field.parentElement)?.remove(), { once: true });
  }

  document.addEventListener("input", (event) => {
    if (event.detail !== "typed ahead") settledAt = 0; // whoever types into the dialog has seen it
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const take = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    const inBurst = held !== "" && event.timeStamp - heldAt <= (isAhead ? SCAN_MS : BURST_MS);
    if (!inBurst) letGo();
    const { target } = event;
    if (inBurst && (event.key === "Enter" || event.key === "Tab")) {
      take();
      if (isAhead && AMOUNT.test(held)) letGo();
      else findScanned();
    } else if (event.key === "Enter") {
      const early = ahead !== null || (target.closest("dialog") && event.timeStamp < settledAt);
      if (early) take();
      else if (wasScanned(event)) {
        take();
        sayScanned(target);
      }
    } else if (event.key.length === 1) {
      if (isField(target) && !inBurst) keepPace(event);
      else if (inBurst || (event.key !== " " && !event.repeat)) {
        take();
        hold(event);
      }
    }
  }, true);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail;
    if (target.id === "dialog" && !elt.closest("#dialog")) ahead = "";
  });
  document.addEventListener("htmx:afterRequest", () => { ahead = null; });

  function takeTypedAhead(field) {
    const keys = ahead;
    ahead = null;
    if (!keys || !field?.matches(".amount-field")) return;
    field.select();
    typeInto(field, keys);
  }

  // A field that was refused keeps its text, selected, so that the next scan replaces it.
  findAll("[data-selected]").forEach((field) => {
    field.select();
    field.addEventListener("input", () => {
      field.removeAttribute("aria-invalid");
      document.getElementById(field.getAttribute("aria-describedby"))?.remove();
    }, { once: true });
  });

  const shownTab = find(".tab[aria-current]");
  if (shownTab) shownTab.scrollIntoView({ block: "nearest", inline: "nearest" });

  // The idle clock. The server decides; the page shows what is left and tells the server about work,
  // at most once a minute.
  const record = find("[data-idle-s]");
  if (!record) return;
  const idleMs = Number(record.dataset.idleS) * 1000;
  const headers = { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) };
  const KEEP_ALIVE_MS = 60000;
  const LATE_MS = 1000; // the server must agree that the time is over
  let renewedAt = Date.now();
  let worked = false;

  async function stay() {
    worked = false;
    const asked = Date.now();
    renewedAt = asked;
    try {
      const answer = await fetch(record.dataset.stayUrl, { method: "POST", headers });
      const elsewhere = answer.headers.get("HX-Redirect");
      if (elsewhere) location.assign(elsewhere);
    } catch {
      worked = true; // tried again at the next tick; the server's clock goes on meanwhile
    }
  }

  function tick() {
    const left = Math.max(0, idleMs - (Date.now() - renewedAt));
    const seconds = Math.ceil(left / 1000);
    find("[data-idle-left]", record).textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    find("[data-idle-line]", record).hidden = false;
    record.classList.toggle("record-closing", seconds <= 60);
    const since = Date.now() - renewedAt;
    if (since > idleMs + LATE_MS) location.assign(record.dataset.recordUrl);
    else if (worked && since >= KEEP_ALIVE_MS) stay();
  }

  ["keydown", "pointermove", "pointerdown"].forEach((kind) => {
    window.addEventListener(kind, () => { worked = true; }, { passive: true, capture: true });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) renewedAt = Date.now();
  });
  tick();
  setInterval(tick, 1000);
})();
