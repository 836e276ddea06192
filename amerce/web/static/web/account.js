// The account pages: what is selected, change at the till, the owner of a new fee, the history panel, printing.
// Amounts are integers in minor units and only for the eye: the server reads what was typed.
"use strict";
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

  function inWords(minor, { currency, exponent, locale }) {
    const digits = String(Math.abs(minor)).padStart(Number(exponent) + 1, "0");
    const cut = digits.length - Number(exponent);
    const plain = `${minor < 0 ? "-" : ""}${digits.slice(0, cut)}${Number(exponent) ? "." : ""}${digits.slice(cut)}`;
    return new Intl.NumberFormat(locale.replace("_", "-"), { style: "currency", currency }).format(plain);
  }

  function minorOf(typed, exponent) {
    const shape = /^(\d{1,12})(?:\.(\d+))?$/.exec(typed.trim());
    const fraction = (shape && shape[2]) || "";
    if (!shape || fraction.length > Number(exponent)) return null;
    return Number(shape[1] + fraction.padEnd(Number(exponent), "0"));
  }

  // What is selected in a list, and its sum.
  function count(form) {
    const chosen = findAll("[data-minor]:checked", form);
    const line = find("[data-selection-count]", form);
    if (!line) return;
    line.dataset.nothing ??= line.textContent.trim();
    const sum = chosen.reduce((total, each) => total + Number(each.dataset.minor), 0);
    line.textContent = chosen.length
      ? line.dataset.words.replace("{count}", chosen.length).replace("{sum}", inWords(sum, form.dataset))
      : line.dataset.nothing;
    line.closest(".selection").classList.toggle("selection-some", chosen.length > 0);
  }

  // Received and Change: what goes back over the counter.
  function change(form) {
    const output = find("[data-change]", form);
    const { exponent } = form.dataset;
    const cash = find("[name=method]", form).value === "CASH";
    findAll("[data-cash-only]", form).forEach((each) => { each.hidden = !cash; });
    const received = minorOf(find("[data-received]", form).value, exponent);
    const amount = minorOf(find("[name=amount]", form).value, exponent);
    const back = received === null || amount === null ? null : received - amount;
    output.textContent = back === null ? "–" : inWords(back, form.dataset);
    output.classList.toggle("change-short", back !== null && back < 0);
    return cash && back !== null && back < 0;
  }

  function sayShort(form, short) {
    const field = find("[data-received]", form);
    find("[data-received-short]", form).hidden = !short;
    field.toggleAttribute("aria-invalid", short);
    if (short) field.setAttribute("aria-invalid", "true");
  }

  // Less than the amount is no payment of it. The server never hears of this money, so it is said here.
  document.addEventListener("submit", (event) => {
    const payment = event.target.closest("[data-payment]");
    if (!payment || !change(payment)) return;
    event.preventDefault();
    event.stopPropagation();
    sayShort(payment, true);
    find("[data-received]", payment).focus();
    find("[data-received]", payment).select();
  }, true);

  // Where a scanner's Enter only ends the barcode, the hand goes on to the next field.
  document.addEventListener("keydown", (event) => {
    const next = event.key === "Enter" && event.target.dataset?.enterLeadsTo;
    if (!next) return;
    event.preventDefault();
    document.getElementById(next).focus();
  });

  // A type that the institution owns has no library as its owner.
  function closeOwner(select) {
    const owner = document.getElementById(select.dataset.choosesOwner);
    if (owner) owner.disabled = select.selectedOptions[0]?.dataset.owner === "institution";
  }

  document.addEventListener("input", (event) => {
    const payment = event.target.closest("[data-payment]");
    if (!payment) return;
    if (!change(payment)) sayShort(payment, false);
    find("#send", payment).disabled = false;
    if (event.target.name !== "amount" || !event.target.matches("[aria-invalid=true]")) return;
    event.target.removeAttribute("aria-invalid"); // from here on the preview says what is wrong with it
    document.getElementById("id_amount_error")?.remove();
  });

  document.addEventListener("change", (event) => {
    const { target } = event;
    const selection = target.closest("[data-selection]");
    if (selection) count(selection);
    if (target.matches("[data-chooses-owner]")) closeOwner(target);
    if (target.matches(".filters select")) target.form.requestSubmit();
    const payment = target.closest("[data-payment]");
    if (!payment) return;
    find("#send", payment).disabled = false;
    if (target.dataset.plain) {
      const amount = find("[name=amount]", payment);
      amount.value = target.dataset.plain;
      amount.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const short = change(payment);
    if (target.matches("[data-received]") || !short) sayShort(payment, short);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-prints]")) window.print();
  });

  document.addEventListener("closeDialog", () => find("dialog#dialog").close());

  function prepare(root) {
    findAll("[data-selection]", root).forEach(count);
    findAll("[data-payment]", root).forEach((form) => {
      change(form);
      const amount = find("[name=amount]", form);
      // An amount that was refused is refused again: it is sent once something is changed.
      find("#send", form).disabled = amount.matches("[aria-invalid=true]");
      // The first key typed replaces what is owed. select() also takes the focus, so it must not come late.
      if (amount.value === amount.defaultValue) amount.select();
    });
    findAll("[data-chooses-owner]", root).forEach(closeOwner);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const { target } = event.detail;
    if (target.matches("dialog.panel")) {
      if (!target.open) target.showModal();
      target.scrollTop = 0;
    }
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    prepare(document.getElementById(detail.target.id) || document);
  });
  prepare(document);
})();
