// The page's own manners: polls that rest in hidden tabs, toasts, relative times, menus, focus on errors.
(() => {
  const root = document.documentElement;
  const isPoll = (event) => !event.detail.requestConfig?.triggeringEvent;
  const refetch = () => document.body.dispatchEvent(new CustomEvent("jobs:changed"));

  Idiomorph.defaults.ignoreActiveValue = true;
  // A poll's answer may be older than what was pushed since: figures never go back.
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (present, coming) => {
    const isOlder = Number(coming.dataset?.seq) < Number(present.dataset?.seq);
    return !(isOlder && present.dataset.run === coming.dataset.run);
  };
  // What was pushed into a log stays, unless the answer knows more.
  Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => {
    const box = node.parentElement?.closest("[data-log]");
    return !(box && node.matches?.(".log-line") && root.dataset.connection === "live");
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isPoll(event)) return;
    const isQuiet = event.detail.elt.dataset.poll === "quiet" && root.dataset.connection === "live";
    if (document.hidden || isQuiet) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => document.hidden || refetch());
  // A person who clicked gets every refusal to see; a poll that failed says nothing.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && !event.detail.shouldSwap && !isPoll(event)) event.detail.shouldSwap = true;
    if (event.detail.xhr.status >= 400 && isPoll(event)) event.detail.shouldSwap = false;
  });

  const seen = new WeakSet();
  const dismissLater = (toast) => {
    if (toast.matches(":hover, :focus-within")) setTimeout(dismissLater, 1000, toast);
    else toast.remove();
  };
  const tend = () => {
    for (const toast of document.querySelectorAll(".toast")) {
      if (seen.has(toast)) continue;
      seen.add(toast);
      if (toast.dataset.tone === "error") continue;
      document.getElementById("announcer").textContent = toast.querySelector(".fact").textContent;
      setTimeout(dismissLater, 6000, toast);
    }
  };
  document.addEventListener("htmx:afterSettle", tend);
  document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest(".toast")?.remove());

  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      time.textContent = Format.ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
  }, 30000);

  // Where the style sheet cannot put a menu beside its button, this does.
  document.addEventListener(
    "toggle",
    (event) => {
      if (CSS.supports("position-area", "block-end") || !event.target.matches?.(".menu") || event.newState !== "open") return;
      const button = document.querySelector(`[popovertarget="${event.target.id}"]`).getBoundingClientRect();
      const below = button.bottom + event.target.offsetHeight < innerHeight;
      event.target.style.position = "fixed";
      event.target.style.left = `${Math.max(8, button.right - event.target.offsetWidth)}px`;
      event.target.style.top = `${below ? button.bottom : button.top - event.target.offsetHeight - 8}px`;
    },
    true,
  );

  document.addEventListener("DOMContentLoaded", () => {
    tend();
    document.querySelector("main [aria-invalid='true']")?.focus();
  });
})();
