// Security keys: a form with data-security-key="create" or "get" asks the browser for the key when it is sent, and
// sends what the key answered in its field "credential". data-options says what the server asks for.
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const described = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  function wanted(form) {
    const { publicKey } = JSON.parse(form.dataset.options);
    const asked = { ...publicKey, challenge: bytes(publicKey.challenge) };
    if (publicKey.user) asked.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
    if (publicKey.excludeCredentials) asked.excludeCredentials = described(publicKey.excludeCredentials);
    if (publicKey.allowCredentials) asked.allowCredentials = described(publicKey.allowCredentials);
    return { publicKey: asked };
  }

  function answer(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-security-key]");
    if (!form) return;
    const { name } = form.elements;
    if (name && !name.value.trim()) return; // the server says that a name is missing before any key is touched
    event.preventDefault();
    if ("asks" in form.dataset) return; // a double click: its second would send anew what the server has taken already
    form.dataset.asks = "";
    const refused = form.querySelector("[data-key-refused]");
    refused.hidden = true;
    try {
      form.elements.credential.value = answer(await navigator.credentials[form.dataset.securityKey](wanted(form)));
      form.submit();
    } catch {
      refused.hidden = false; // turned away by the person, by the time, or by a browser without keys
      delete form.dataset.asks;
    }
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) for (const form of document.querySelectorAll("form[data-security-key]")) delete form.dataset.asks;
  });
})();
