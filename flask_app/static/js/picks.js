// The boxes of the list: all of the page at once, and how many are ticked.
(() => {
  const find = (name) => document.querySelector(name);
  const boxes = () => [...document.querySelectorAll("[name='job_id'][form]")];
  const tell = () => {
    const all = find("#pick-all");
    const ticked = boxes().filter((box) => box.checked).length;
    for (const count of document.querySelectorAll("[data-picked]")) count.textContent = ticked;
    if (!all) return;
    all.checked = ticked && ticked === boxes().length;
    all.indeterminate = ticked && !all.checked;
  };
  const tick = (checked) => {
    for (const box of boxes()) box.checked = checked;
    tell();
  };
  const on = (name, act) => document.addEventListener(name, act);
  on("change", ({ target }) => (target.id === "pick-all" ? tick(target.checked) : tell()));
  on("click", (event) => {
    if (!event.target.closest("#bulk [value='all'], #bulk [type='reset']")) return;
    event.preventDefault();
    const isAll = event.target.closest("[value='all']");
    tick(Boolean(isAll));
    if (!isAll) find("#jobs-title").focus();
  });
  on("jobs:picked", () => tick(false));
  on("htmx:afterSettle", tell);
  addEventListener("pageshow", tell);
})();
