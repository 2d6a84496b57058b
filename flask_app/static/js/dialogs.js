// Links that open in the page's one <dialog> where there is room; without script, or on a phone, they are pages.
(() => {
  const isNarrow = matchMedia("(max-width: 639px)");
  const box = document.getElementById("dialog");

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || isNarrow.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover(); // its button has the focus then, and again at the end
    htmx.ajax("GET", link.href, { target: box, event });
  });
  box.addEventListener("click", (event) => {
    if (event.target !== box && !event.target.closest("[data-close-dialog]")) return;
    event.preventDefault();
    box.close();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== box) return;
    if (!box.open) box.showModal();
    for (const name of ["input.input", "[autofocus]", "[aria-invalid='true']"]) box.querySelector(name)?.focus();
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const stays = detail.xhr.getResponseHeader("HX-Retarget") === "#dialog";
    if (detail.elt.matches("dialog form") && detail.xhr.status && !stays) box.close();
  });
})();
