// The preview of a letter follows what is typed: the form is sent to the frame beside it once the keys are still.
(() => {
  "use strict";
  const STILL_MS = 400;
  const form = document.querySelector("form[data-previews]");
  const button = form && document.getElementById(form.dataset.previews);
  if (!button) return;
  let timer;
  const show = () => form.requestSubmit(button);
  const later = () => { clearTimeout(timer); timer = setTimeout(show, STILL_MS); };
  for (const field of form.elements) {
    if (field.name && field.name !== "to") field.addEventListener("input", later);
  }
  // A card that is scanned here, or Enter, asks for the preview or the test; the words are saved by their own button.
  for (const field of document.querySelectorAll("[data-enter]")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      clearTimeout(timer);
      form.requestSubmit(document.getElementById(field.dataset.enter));
    });
  }
  show();
})();
