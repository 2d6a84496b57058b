// A run's log as it grows: lines become copies of the page's own <template>, never markup from text.
(() => {
  const LIMIT = 2000;
  const bytes = new TextEncoder();

  const clock = (at) => {
    const moment = new Date(at);
    return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleTimeString("en-GB");
  };

  const lineOf = (raw) => {
    const [, at, level, text] = /^(\S*) (\S*) ?(.*)$/s.exec(raw) || ["", "", "", "info", raw];
    const line = document.getElementById("log-line").content.firstElementChild.cloneNode(true);
    line.dataset.level = level;
    line.querySelector("time").dateTime = at;
    line.querySelector("time").textContent = clock(at);
    line.querySelector(".level").textContent = level;
    line.querySelector(".text").textContent = text;
    return line;
  };

  const follows = () => document.querySelector("[data-follow]")?.checked ?? false;
  const toEnd = (box) => {
    if (follows()) box.scrollTop = box.scrollHeight;
  };

  // `text` holds whole lines that begin at byte `offset` of the log; what is shown already is left out.
  const append = (box, text, offset) => {
    const shown = Number(box.dataset.offset);
    const end = offset + bytes.encode(text).length;
    if (end <= shown || !document.getElementById("log-line")) return;
    const fresh = offset >= shown ? text : new TextDecoder().decode(bytes.encode(text).slice(shown - offset));
    const lines = fresh.split("\n").filter(Boolean).slice(-LIMIT);
    box.querySelector("p")?.remove();
    box.append(...lines.map(lineOf));
    while (box.childElementCount > LIMIT) box.firstElementChild.remove();
    box.dataset.offset = end;
    toEnd(box);
  };

  window.Log = { append };
  const allToEnd = () => document.querySelectorAll("[data-log]").forEach(toEnd);
  document.addEventListener("DOMContentLoaded", allToEnd);
  document.addEventListener("change", (event) => event.target.matches("[data-follow]") && allToEnd());
  document.addEventListener("htmx:afterSettle", allToEnd);
})();
