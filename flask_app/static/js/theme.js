// Runs before the first paint: the chosen theme, and the viewer's time zone for the server's words.
(() => {
  const root = document.documentElement;
  root.dataset.connection = "connecting";
  const stored = () => {
    try {
      return localStorage.getItem("theme") || "system";
    } catch {
      return "system";
    }
  };
  const show = (theme) => {
    if (theme === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-choose-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.chooseTheme === theme));
    }
  };
  show(stored());
  document.addEventListener("DOMContentLoaded", () => show(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose-theme]");
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.chooseTheme);
    } catch {
      // Without storage the choice holds for this page.
    }
    show(button.dataset.chooseTheme);
  });

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookie = `timezone=${encodeURIComponent(zone)}`;
  if (zone && !document.cookie.split("; ").includes(cookie)) {
    document.cookie = `${cookie}; path=/; max-age=31536000; samesite=lax`;
    const shown = root.dataset.utcOffset;
    const known = document.cookie.split("; ").includes(cookie);
    if (known && shown && Number(shown) !== -new Date().getTimezoneOffset()) location.reload();
  }
})();
