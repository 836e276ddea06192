// Sets the theme before the first paint, so that a dark screen never flashes white. Loaded without defer for that.
"use strict";
(() => {
  const KEY = "amerce.theme";
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be switched off; the system's preference is good enough
    }
  }

  function apply() {
    document.documentElement.dataset.bsTheme = kept() || (prefersDark.matches ? "dark" : "light");
  }

  function toggle() {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, next);
    } catch {
      document.documentElement.dataset.bsTheme = next;
      return;
    }
    apply();
  }

  apply();
  prefersDark.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-toggles-theme]")) toggle();
  });
})();
