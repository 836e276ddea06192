// What the pages do beyond plain HTML: dialogs, menus, keys, and the idle clock of an open record.
// Everything hangs on data attributes, because the content security policy allows no script in a page.
"use strict";
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Dialogs: data-opens="id" opens, data-closes-dialog closes; what htmx puts into #dialog opens it.
  function openDialog(dialog) {
    if (dialog && !dialog.open) dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) openDialog(document.getElementById(opener.dataset.opens));
    if (event.target.closest("[data-closes-dialog]")) event.target.closest("dialog").close();
    if (event.target.matches("dialog.panel, dialog#keys-help")) event.target.close(); // a click beside it
    findAll("details.actions[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialog") return;
    const dialog = event.detail.target;
    openDialog(dialog);
    const field = find("[aria-invalid=true]", dialog) || find("[autofocus]", dialog);
    if (field) field.focus();
  });

  // Nothing is lost silently: a request without an answer says so where notices are.
  function sayNoAnswer() {
    const notices = document.getElementById("notices");
    notices.replaceChildren(document.getElementById("lost-connection").content.cloneNode(true));
    notices.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("htmx:sendError", sayNoAnswer);
  document.addEventListener("htmx:timeout", sayNoAnswer);
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) sayNoAnswer();
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

  function pageKey(event) {
    const wanted = event.key === "Escape" ? "Esc" : event.key.toLowerCase();
    return findAll("[data-key]").find((each) => {
      const key = each.dataset.key;
      return key === "Esc" ? wanted === "Esc" : key.toLowerCase() === wanted;
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (find("dialog[open]")) return; // a dialog has its own keys
    const menu = find("details.actions[open]");
    if (event.key === "Escape" && menu) {
      menu.open = false;
      find("summary", menu).focus();
      return;
    }
    if (isField(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      const field = find("[data-search-field]");
      field.focus();
      field.select();
      return;
    }
    if (event.key === "?") {
      openDialog(document.getElementById("keys-help"));
      return;
    }
    const line = pageKey(event);
    const target = line && document.getElementById(line.dataset.presses);
    if (target) {
      event.preventDefault();
      target.click();
    }
  });

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
    document.addEventListener(kind, () => { worked = true; }, { passive: true });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) renewedAt = Date.now();
  });
  tick();
  setInterval(tick, 1000);
})();
