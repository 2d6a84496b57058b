// A page of sections: the link of the one that is read is the current one, and "Saved" goes with the next change.
(() => {
  const links = [...document.querySelectorAll(".side-links a")];
  const isAbove = ({ hash }) => document.querySelector(hash).getBoundingClientRect().top < 160;
  const mark = () => {
    const isAtEnd = innerHeight + scrollY > document.body.scrollHeight - 4;
    const current = (isAtEnd ? links : links.filter(isAbove)).at(-1) ?? links[0];
    if (current.ariaCurrent === "true") return;
    for (const link of links) link.ariaCurrent = String(link === current);
    current.parentElement.scrollLeft = current.offsetLeft - 48;
  };
  if (links.length) {
    for (const name of ["scroll", "resize", "hashchange"]) addEventListener(name, mark, { passive: true });
    document.addEventListener("htmx:afterSettle", mark);
    mark();
  }
  document.addEventListener("input", ({ target }) => target.form?.querySelector("[data-saved]")?.remove());
})();
