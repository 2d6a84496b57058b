// Runs before the first paint: the chosen theme, and the viewer's time zone for the server's words.
(() => {
  const root = document.documentElement;
  root.dataset.connection = "connecting";
  const show = (theme) => {
    root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-choose-theme]")) {
      button.ariaPressed = String(button.dataset.chooseTheme === theme);
    }
  };
  const showStored = () => {
    try {
      show(localStorage.theme || "system");
    } catch {
      show("system"); // this browser keeps nothing
    }
  };
  showStored();
  document.addEventListener("DOMContentLoaded", showStored);
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-choose-theme]")?.dataset.chooseTheme;
    if (!choice) return;
    show(choice);
    localStorage.theme = choice;
  });

  const zone = `timezone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}`;
  if (document.cookie.includes(zone)) return;
  document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax`;
  const isOff = "utcOffset" in root.dataset && Number(root.dataset.utcOffset) !== -new Date().getTimezoneOffset();
  if (isOff && document.cookie.includes(zone)) location.reload();
})();
