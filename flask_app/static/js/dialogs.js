// Links that open in the page's one <dialog> where there is room; without script, or on a phone, they are pages.
(() => {
  const isNarrow = matchMedia("(max-width: 639px)");
  const box = document.getElementById("dialog");
  let opener = null;

  const open = () => {
    if (!box.open) box.showModal();
    const first = ["[aria-invalid='true']", "[autofocus]", "input.input"].map((name) => box.querySelector(name)).find(Boolean);
    first?.focus();
  };

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a[data-dialog]");
      if (!link) return;
      if (isNarrow.matches || event.ctrlKey || event.metaKey || event.shiftKey) return event.stopPropagation();
      const menu = link.closest("[popover]");
      opener = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : link;
      menu?.hidePopover();
      if (box.dataset.holds !== link.getAttribute("href")) return;
      event.preventDefault();
      event.stopPropagation();
      open();
    },
    true,
  );
  box.addEventListener("click", (event) => {
    if (event.target !== box && !event.target.closest("[data-close-dialog]")) return;
    event.preventDefault();
    box.close();
  });
  // Focus goes back to what opened the dialog, or to the heading where that is gone.
  box.addEventListener("close", () => {
    const place = opener?.isConnected ? opener : document.querySelector("h1");
    if (place !== opener) place.tabIndex = -1;
    place.focus();
    opener = null;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== box) return;
    delete box.dataset.holds;
    open();
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const stays = detail.xhr.getResponseHeader("HX-Retarget") === "#dialog";
    if (detail.elt.matches("dialog form") && detail.xhr.status && !stays) box.close();
  });
})();
