// Single keys press what carries them in data-key; they rest in fields and dialogs, and where a person wants none.
(() => {
  let first = "";
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    // A dialog that was just closed keeps the focus until the next frame.
    const isOff = document.documentElement.dataset.prefShortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey;
    if (isOff || target.closest("input:not([type='checkbox']), textarea, select, dialog[open], [popover]")) return;
    const goal = document.querySelector(key === "/" ? "main [type='search']" : `[data-key="${CSS.escape(first + key)}"]`);
    first = key === "g" ? "g" : "";
    if (!goal) return;
    event.preventDefault();
    if (key === "/") goal.focus();
    else goal.click();
  });
})();
