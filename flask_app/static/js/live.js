// The live channel: pushed figures go into the elements that show them, anything else makes htmx ask again.
(() => {
  const root = document.documentElement;
  const ENDED = {
    done: "done",
    done_with_warnings: "done, with warnings",
    failed: "failed",
    paused: "paused",
    interrupted: "interrupted",
    cancelled: "taken out of the queue",
  };
  const known = new Map(); // run id → what was last told about it

  // Pages ask again soon after the first piece of news, at most twice a second, and not all browsers at once.
  let asking = null;
  const askAgain = () => {
    asking ??= setTimeout(() => {
      asking = null;
      document.body.dispatchEvent(new CustomEvent("jobs:changed"));
    }, 150 + Math.random() * 350);
  };

  const show = (state) => (root.dataset.connection = state);
  const say = (words) => (document.getElementById("announcer").textContent = words);
  const page = () => document.querySelector("#run[data-job], #job-head[data-job]");
  const nameOf = (job) =>
    document.querySelector(`[data-job="${CSS.escape(job)}"] a.text-name, #job-head h1 > span, .crumbs a.truncate`)?.textContent || "The run";

  const write = (place, update) => {
    for (const element of place.querySelectorAll("[data-figure]")) {
      const { figure } = element.dataset;
      if (figure === "bar") {
        if (update.percent === null) element.removeAttribute("value");
        else element.value = update.percent;
      } else if (figure !== "note" || update.note) {
        element.textContent = figure in Format ? Format[figure](update) : update[figure];
      }
    }
    place.dataset.seq = update.seq;
  };

  const announce = (before, update) => {
    const quarter = Math.floor((update.percent ?? 0) / 25);
    if (before && quarter > before.quarter && quarter < 4) say(`${nameOf(update.job_id)}: ${quarter * 25} percent`);
    return quarter;
  };

  const receive = (update, isFollowed) => {
    const before = known.get(update.run_id);
    if (before && update.seq < before.seq) return;
    const isGap = isFollowed && before && update.seq > before.seq + 1;
    const isNews = !before || before.state !== update.state || (before.note !== update.note && !update.note);
    if (isGap || isNews) askAgain();
    const isShown = document.querySelector(`[data-run="${update.run_id}"]`);
    if (isFollowed && !before && !isShown) say(`${nameOf(update.job_id)}: started`);
    const quarter = isFollowed ? announce(before, update) : 0;
    known.set(update.run_id, { seq: update.seq, state: update.state, note: update.note, quarter });
    for (const place of document.querySelectorAll(`[data-run="${update.run_id}"]`)) {
      if (update.seq >= Number(place.dataset.seq || 0)) write(place, update);
    }
  };

  const finished = (end) => {
    const isHere = document.querySelector(`[data-job="${CSS.escape(end.job_id)}"]`);
    if (isHere) say(`${nameOf(end.job_id)}: ${ENDED[end.state]}. ${end.reason}`);
    known.delete(end.run_id);
    askAgain();
  };

  // What is missing of a log is fetched, one request at a time, until nothing is.
  let fetching = false;
  const catchUp = async (box) => {
    if (fetching) return;
    fetching = true;
    try {
      for (let more = true; more && box.isConnected; ) {
        const offset = Number(box.dataset.offset);
        const answer = await fetch(`/api/v1/runs/${box.dataset.log}/log?offset=${offset}`);
        const after = Number(answer.headers.get("X-Next-Offset"));
        more = answer.ok && after > offset;
        if (more) Log.append(box, await answer.text(), offset);
      }
    } catch {
      // the server is away; the next connection catches up
    } finally {
      fetching = false;
    }
  };

  const logged = (lines) => {
    const box = document.querySelector(`[data-log="${lines.run_id}"]`);
    if (!box || fetching) return;
    if (lines.offset > Number(box.dataset.offset)) catchUp(box);
    else Log.append(box, lines.text, lines.offset);
  };

  // Without the channel, polls carry on; whether they reach anybody is said by the badge.
  const withoutChannel = async () => {
    if (root.dataset.connection === "connecting" || root.dataset.connection === "live") show("polling");
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (root.dataset.connection !== "live") show(answer.ok ? "polling" : "offline");
    } catch {
      if (root.dataset.connection !== "live") show("offline");
    }
  };

  const connect = () => {
    if (!window.io) return withoutChannel();
    // Long-polling first, as it passes everywhere; WebSocket takes over where nothing between forbids it.
    const socket = io({ rememberUpgrade: true, timeout: 8000, reconnectionDelay: 500, reconnectionDelayMax: 5000 });
    const follow = () => page() && socket.emit("subscribe_to_job", { job_id: page().dataset.job });
    socket.on("connect", () => {
      show("live");
      known.clear();
      follow();
      askAgain();
      document.querySelectorAll("#run-log[hx-get] [data-log]").forEach(catchUp);
    });
    socket.on("connect_error", withoutChannel);
    socket.on("disconnect", (reason) => {
      withoutChannel();
      if (reason === "io server disconnect") socket.connect();
    });
    socket.on("job_update", (update) => receive(update, true));
    socket.on("jobs_progress", (news) => news.jobs.forEach((update) => receive(update, false)));
    socket.on("job_finished", finished);
    socket.on("jobs_changed", askAgain);
    socket.on("log_lines", logged);
    addEventListener("pagehide", () => socket.disconnect());
    addEventListener("pageshow", (event) => event.persisted && socket.connect());
  };

  addEventListener("offline", () => show("offline"));
  document.addEventListener("DOMContentLoaded", connect);
})();
