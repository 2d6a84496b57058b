// Runs before the first paint: what this browser keeps (theme and preferences), and the viewer's time zone.
(() => {
  const root = document.documentElement;
  root.dataset.connection = "connecting";
  let kept = {}; // where a browser keeps nothing, a choice lasts as long as the page
  try {
    kept = localStorage;
  } catch {
    // it was told to
  }

  // A preference is a checkbox with data-pref="pref-…", on unless it was switched off, and an attribute of <html>.
  const show = () => {
    const theme = kept.theme || "system";
    root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-choose-theme]")) {
      button.ariaPressed = String(button.dataset.chooseTheme === theme);
    }
    for (const meta of document.querySelectorAll("[data-scheme]")) {
      const { scheme } = meta.dataset;
      meta.media = theme === "system" ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? "all" : "not all";
    }
    for (const [name, value] of Object.entries(kept)) {
      if (name.startsWith("pref-")) root.setAttribute(`data-${name}`, value);
    }
    for (const box of document.querySelectorAll("[data-pref]")) box.checked = kept[box.dataset.pref] !== "off";
  };
  show();
  for (const name of ["DOMContentLoaded", "htmx:afterSettle"]) document.addEventListener(name, show);
  addEventListener("storage", show); // chosen in another tab
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-choose-theme]")?.dataset.chooseTheme;
    if (choice) kept.theme = choice;
    if (choice) show();
  });
  document.addEventListener("change", ({ target }) => {
    if (target.dataset.pref) kept[target.dataset.pref] = target.checked ? "on" : "off";
    if (target.dataset.pref) show();
  });

  const zone = `timezone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}`;
  if (document.cookie.includes(zone)) return;
  document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax`;
  const isOff = "utcOffset" in root.dataset && Number(root.dataset.utcOffset) !== -new Date().getTimezoneOffset();
  if (isOff && document.cookie.includes(zone)) location.reload();
})();
