// The page's own manners: polls that rest in hidden tabs, toasts, relative times, growing logs.
(() => {
  const isPoll = ({ detail }) => !detail.requestConfig?.triggeringEvent;
  const isPersons = ({ detail }) => ![undefined, "jobs:changed"].includes(detail.requestConfig.triggeringEvent?.type);
  const isOurs = ({ detail }) => detail.xhr.getResponseHeader("X-Request-ID"); // and not the page of a proxy that reached nobody
  const on = (name, act) => document.addEventListener(name, act);
  const find = (name) => document.querySelector(name);

  // A poll's answer may be older than what was pushed or typed since: figures never go back.
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: ({ dataset: present }, { dataset: coming }) =>
      !(Number(coming?.seq) < Number(present?.seq) && present.run === coming.run),
    beforeAttributeUpdated: (name, element) =>
      (name !== "value" || element !== document.activeElement) && (name !== "checked" || !element.matches(".mark *, .chip *")),
  });

  on("htmx:beforeRequest", (event) => {
    const isQuiet = event.detail.elt.dataset.poll && document.documentElement.dataset.connection === "live";
    if (isPoll(event) && (document.hidden || isQuiet)) event.preventDefault();
  });
  on("htmx:afterRequest", ({ detail }) => {
    const time = find("[data-updated]");
    if (time && detail.successful) time.textContent = new Date().toLocaleTimeString("en-GB");
  });
  on("visibilitychange", () => document.hidden || document.body.dispatchEvent(new CustomEvent("jobs:changed")));
  // Who clicked sees every refusal; a poll that failed says nothing, nor does the check of what is being typed.
  on("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status >= 400) event.detail.shouldSwap = isPersons(event) && isOurs(event) && requestConfig.elt.id !== "job-check";
    // A pressed button stays in its place.
    if (event.target.matches(":has(.btn:active) #job-check")) event.preventDefault();
  });

  const leave = (toast) => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1000, toast);
    else toast.remove();
  };
  const tend = () => {
    for (const toast of document.querySelectorAll(".toast[data-tone='ok']:not([data-seen])")) {
      toast.dataset.seen = "";
      find("#announcer").textContent = toast.querySelector(".fact").textContent;
      setTimeout(leave, 6000, toast);
    }
  };
  on("htmx:afterSettle", tend);
  on("htmx:afterSettle", ({ target }) => {
    const words = target.querySelector("[data-say]");
    if (words) find("#announcer").textContent = words.textContent;
  });
  on("htmx:afterSettle", () => {
    const room = find("#room-now");
    if (room) find("#room-dest").replaceChildren(...room.childNodes), room.remove();
  });
  on("click", (event) => event.target.closest("[data-close]")?.closest(".toast").remove());
  tend();

  // An update may take away what has the focus. The button that came instead has it then, else the heading.
  let held, place;
  const hold = ({ target }) => {
    if (!target.closest("main *")) return;
    held = target;
    place = target.closest("li[id], header")?.id;
  };
  on("focusin", hold);
  on("pointerdown", hold);
  on("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget) return;
    // Left for nowhere by a person, not for another window or by what took it away: there is nothing to restore.
    queueMicrotask(() => {
      const isThere = target.isConnected && target.checkVisibility() && !target.disabled;
      if (held === target && isThere && document.activeElement !== target) held = null;
    });
  });
  on("click", ({ target }) => target.closest("a[href^='#']") && (held = null)); // its target is where one is now
  on("htmx:afterSettle", () => {
    if (document.activeElement !== document.body || !held || find("dialog[open]")) return;
    const heading = find("h1");
    const there = (place && find(`#${place} form button`)) || heading;
    const next = held.isConnected && held.checkVisibility() && !held.disabled ? held : there;
    if (next === heading) heading.tabIndex = -1;
    next.focus({ preventScroll: true });
  });

  setInterval(() => {
    for (const time of document.querySelectorAll("[data-ago]")) {
      time.textContent = Format.ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
  }, 30000);

  // A growing log: its lines are copies of the page's own <template>.
  const LIMIT = 2000;
  const follow = (box) => {
    if (find("[data-follow]")?.checked) box.scrollTop = box.scrollHeight;
  };

  const lineOf = (raw) => {
    const [, at, level, text] = /^(\S*) (\S*) ?(.*)$/s.exec(raw);
    const line = find("#log-line").content.firstElementChild.cloneNode(true);
    const [time, word, words] = line.children;
    line.dataset.level = level;
    time.dateTime = at;
    time.textContent = new Date(at).toLocaleTimeString("en-GB");
    word.textContent = level;
    words.textContent = text;
    return line;
  };

  // Whole lines from byte `offset` of the log; what is shown already is left out.
  const append = (box, text, offset) => {
    const bytes = new TextEncoder().encode(text);
    const shown = Number(box.dataset.offset);
    if (offset + bytes.length <= shown || !find("#log-line")) return;
    const fresh = new TextDecoder().decode(bytes.slice(Math.max(0, shown - offset)));
    box.querySelector("p")?.remove();
    box.append(...fresh.split("\n").filter((line) => line.includes(" ")).slice(-LIMIT).map(lineOf));
    while (box.childElementCount > LIMIT) box.firstElementChild.remove();
    box.dataset.offset = offset + bytes.length;
    follow(box);
  };

  window.Log = { append };
  const followAll = () => document.querySelectorAll("[data-log]").forEach(follow);
  on("change", followAll);
  on("htmx:afterSettle", followAll);
  followAll();

  find("main [aria-invalid='true']")?.focus();
  navigator.serviceWorker?.register("/sw.js").catch(() => {}); // without it a page needs the server, that is all
})();
