// Loans: items scanned one after the other, faster than the server answers; what is ticked; forms that go once.
"use strict";
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A scan is taken from the field at once, so that the next one finds it empty, and sent in its turn.
  const waiting = [];
  let isSending = false;

  async function send() {
    if (isSending || !waiting.length) return;
    isSending = true;
    const { values, hasWaited } = waiting.shift();
    const form = find("[data-scans]"); // not the one that was sent from: an answer replaces it
    if (!form) return;
    const earlier = hasWaited ? findAll("#item-said .field-error") : []; // nobody can have read them yet
    await window.htmx.ajax("POST", form.action, {
      source: form, target: `#${form.dataset.scansInto}`, swap: "outerHTML", values,
    });
    isSending = false;
    settle(earlier);
    send();
  }

  // Refused, the barcode stands in the field again, selected, unless the next one is there already.
  function settle(earlier) {
    const form = find("[data-scans]");
    if (!form) return;
    const field = find(".scan-field", form);
    const said = document.getElementById("item-said");
    const refused = said?.dataset.refused;
    const another = find("dialog[open]") || document.activeElement.closest?.(".override, .frame-search");
    if (!another) field.focus();
    field.toggleAttribute("aria-invalid", refused !== undefined);
    if (refused !== undefined) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", "item-said");
      if (!field.value && !waiting.length) {
        field.value = refused;
        field.select();
      }
    }
    if (said) earlier.forEach((line) => said.append(line)); // of several scans in a row, each refusal is still read
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-scans]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    const values = Object.fromEntries(new FormData(form));
    const field = find(".scan-field", form);
    if (form.dataset.anywhere) values.anywhere = "1";
    delete form.dataset.anywhere;
    field.value = "";
    field.focus();
    waiting.push({ values, hasWaited: isSending });
    send();
  }, true);

  // Overridden, the barcode is done with: the field is empty and has the focus for the next one.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("#item-said .override")) find("[data-scans] .scan-field").value = "";
  }, true);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.elt.matches(".override")) settle([]);
  });

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-scans] .scan-field")) return;
    event.target.removeAttribute("aria-invalid");
    event.target.removeAttribute("aria-describedby");
  });

  // Buttons for what is ticked wait until something is.
  function tick(form) {
    const some = find("input[type=checkbox]:checked", form) !== null;
    findAll("[data-needs-ticked]", form).forEach((button) => { button.disabled = !some; });
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-ticks]");
    if (form) tick(form);
  });

  const prepare = () => findAll("[data-ticks]").forEach(tick);
  document.addEventListener("htmx:afterSettle", prepare);
  prepare();
})();
