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
  document.addEventListener("submit", ({ target }) => target.closest("[popover]")?.hidePopover());
  box.addEventListener("click", (event) => {
    // Beside a form somebody types into, a slip of the mouse closes nothing.
    if ((event.target !== box || box.querySelector(".job-form")) && !event.target.closest("[data-close-dialog]")) return;
    event.preventDefault();
    box.close();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== box) return;
    if (!box.open) box.showModal();
    for (const name of ["input.input", "[aria-invalid='true']", "[autofocus]"]) box.querySelector(name)?.focus();
  });
  const isAnswered = ({ xhr }) => xhr.getResponseHeader("HX-Retarget") === "#dialog";
  // What was typed stays until it is saved; why it could not be stands above it.
  const failsIn = (form, { xhr }) => xhr.status >= 400 && form.closest("dialog[open] :is(.job-form, #save-template, #bulk-tag)");
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const form = detail.requestConfig.elt.closest("form");
    const token = detail.xhr.getResponseHeader("X-CSRF-Token"); // the one sent was too old
    for (const field of token ? document.getElementsByName("csrf_token") : []) field.value = token;
    if (isAnswered(detail) || detail.requestConfig.elt.id === "job-check" || !form || !failsIn(form, detail)) return;
    form.querySelector(".toast")?.remove();
    detail.target = form.querySelector(".fields, .dialog-body");
    detail.swapOverride = "afterbegin show:top";
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { elt, xhr } = detail;
    if (elt.matches("dialog form") && xhr.status && !isAnswered(detail) && !failsIn(elt, detail)) box.close();
  });
})();
