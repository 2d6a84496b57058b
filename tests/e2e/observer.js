// Put into every page under test: keeps what the figures of a run said, and how much the layout jumped.
(() => {
  window.watched = [];
  window.layoutShift = 0;
  window.shifted = [];
  window.spoken = [];
  const textOf = (root, name) => root.querySelector(`[data-figure="${name}"]`)?.textContent ?? null;
  const sample = () => {
    const root = document.querySelector("main [data-run]");
    if (!root) return;
    const bar = root.querySelector("progress[data-figure='bar']");
    const seen = {
      run: root.dataset.run,
      bar: bar && bar.hasAttribute("value") ? bar.value : null,
      percent: textOf(root, "percent"),
      bytes: textOf(root, "bytes"),
      files: textOf(root, "files"),
      files_of: textOf(root, "files_of"),
      speed: textOf(root, "speed"),
      eta: textOf(root, "eta"),
      file: textOf(root, "current_file"),
      state: root.querySelector(".pill")?.textContent.trim() ?? null,
      badge: document.documentElement.dataset.connection,
    };
    const last = window.watched.at(-1);
    const isNew = !last || Object.keys(seen).some((name) => seen[name] !== last[name]);
    if (isNew) window.watched.push({ ...seen, at: performance.now() });
  };
  document.addEventListener("DOMContentLoaded", () => {
    sample();
    const announcer = document.getElementById("announcer");
    if (announcer) new MutationObserver(() => window.spoken.push(announcer.textContent)).observe(announcer, { childList: true, characterData: true, subtree: true });
    new MutationObserver(sample).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.layoutShift += entry.value;
      const places = entry.sources.map((source) => source.node?.id || source.node?.className || source.node?.parentElement?.className || source.node?.nodeName);
      window.shifted.push(`${entry.value.toFixed(4)}: ${places.join(", ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
})();
