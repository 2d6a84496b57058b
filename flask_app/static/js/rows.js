// The box of log lines ends at the newest one; at its beginning no line stands cut in two under the day.
(() => {
  // Not on the box itself: what changes there while lines come would lose the reader's place.
  const { style } = document.documentElement;
  const fit = (event) => {
    const box = document.querySelector(".log-scroll");
    if (event?.type === "resize") style.removeProperty("--box");
    if (!box || box.scrollTop) return;
    style.removeProperty("--box");
    if (box.scrollHeight <= box.clientHeight) return;
    const head = box.querySelector("h2")?.offsetHeight ?? 1;
    const edge = box.getBoundingClientRect().top + head - 1;
    const tops = [...box.querySelectorAll(".log-row")].map((row) => row.getBoundingClientRect().top - edge);
    const cut = tops.find((top) => top > -1);
    if (cut < box.clientHeight / 3) style.setProperty("--box", `${box.clientHeight - cut}px`);
  };
  addEventListener("resize", fit);
  document.addEventListener("htmx:afterSettle", fit);
  fit();
})();
