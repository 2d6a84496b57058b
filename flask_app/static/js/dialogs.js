// Links that open in the page's one <dialog> where there is room; without script, or on a phone, they are pages.
(() => {
  const isNarrow = matchMedia("(max-width: 639px)");
  const dialog = () => document.getElementById("dialog");
  let opener = null;

  const open = () => {
    const box = dialog();
    const title = box.querySelector("h2");
    if (title) box.setAttribute("aria-label", title.textContent.trim());
    if (!box.open) box.showModal();
    const target = box.querySelector("[aria-invalid='true']") || box.querySelector("[autofocus]") || box.querySelector("input.input");
    target?.focus();
  };

  // Focus goes back to what opened the dialog, or to the heading where that is gone.
  const close = () => {
    dialog().close();
  };
  const returnFocus = () => {
    const place = opener?.isConnected ? opener : document.querySelector("h1");
    if (place && !place.matches("a, button, [tabindex]")) place.tabIndex = -1;
    place?.focus();
    opener = null;
  };

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a[data-dialog]");
      if (!link || event.defaultPrevented) return;
      if (isNarrow.matches || event.ctrlKey || event.metaKey || event.shiftKey) {
        event.stopPropagation();
        return;
      }
      const menu = link.closest("[popover]");
      opener = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : link;
      menu?.hidePopover();
      if (dialog().dataset.holds === link.getAttribute("href")) {
        event.preventDefault();
        event.stopPropagation();
        open();
      }
    },
    true,
  );

  document.addEventListener("click", (event) => {
    if (event.target.closest("dialog [data-close-dialog]")) {
      event.preventDefault();
      close();
    } else if (event.target === dialog()) {
      close();
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== dialog() && event.detail.elt !== dialog()) return;
    delete dialog().dataset.holds;
    open();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const isForm = event.detail.elt.matches?.("dialog form");
    const stays = event.detail.xhr?.getResponseHeader("HX-Retarget") === "#dialog";
    if (isForm && event.detail.xhr?.status && !stays) close();
  });

  document.addEventListener("DOMContentLoaded", () => dialog()?.addEventListener("close", returnFocus));
})();
