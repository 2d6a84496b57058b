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
  // htmx forgets what it queued behind a request whose answer changes its element: then all ask once more.
  let changedAt = 0;
  document.addEventListener("jobs:changed", () => (changedAt = performance.now()), true);
  document.addEventListener("htmx:beforeSend", ({ detail }) => (detail.xhr.sentAt = performance.now()));
  document.addEventListener("htmx:afterRequest", ({ detail }) => detail.xhr.sentAt < changedAt && askAgain());

  const show = (state) => {
    if (state === "offline" && root.dataset.connection !== state) {
      document.getElementById("away-since").textContent = new Date().toLocaleTimeString("en-GB", { timeStyle: "short" });
      say("The server cannot be reached.");
    }
    root.dataset.connection = state;
  };
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

  // A run that the page came with has started already; what a list brought since is told of with its first update, once.
  const begun = new Set(Array.from(document.querySelectorAll("[data-run]"), (place) => place.dataset.run));
  const receive = (update, isFollowed) => {
    const before = known.get(update.run_id);
    if (before && update.seq < before.seq) return;
    const isGap = isFollowed && before && update.seq > before.seq + 1;
    const isNews = !before || before.state !== update.state || (before.note !== update.note && (!update.note || update.state === "queued"));
    if (isGap || isNews) askAgain();
    if (isFollowed && !begun.has(update.run_id)) {
      begun.add(update.run_id);
      say(`${nameOf(update.job_id)}: started`);
    }
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
  let isLive = false;
  const look = async () => {
    const before = isLive;
    const answers = await fetch("/healthz", { cache: "no-store" }).then(({ ok }) => ok, () => false);
    if (isLive === before) show(!answers ? "offline" : isLive ? "live" : "polling");
  };
  const lost = () => {
    if (root.dataset.connection !== "offline") show("polling");
    isLive = false;
    look();
  };

  const heard = {
    connect: () => {
      isLive = true;
      show("live");
      known.clear();
      askAgain();
      document.querySelectorAll("#run-log[hx-get] [data-log]").forEach(catchUp);
    },
    connect_error: lost,
    disconnect: lost,
    job_update: (update) => receive(update, true),
    jobs_progress: (news) => news.jobs.forEach((update) => receive(update, false)),
    job_finished: finished,
    jobs_changed: askAgain,
    log_lines: logged,
  };
  const tell = (name, news) => heard[name]?.(news);
  const follows = () => (page() ? [page().dataset.job] : []);
  const untilHidden = (leave, comeBack) => {
    addEventListener("pagehide", leave);
    addEventListener("pageshow", (event) => event.persisted && comeBack());
  };

  // Where there are no shared workers, a tab has a connection of its own.
  const connectAlone = () => {
    const script = document.createElement("script");
    script.src = root.dataset.client;
    script.onerror = () => {
      script.remove();
      lost();
      setTimeout(connectAlone, 5000);
    };
    script.onload = () => {
      const socket = openChannel((name, news) => {
        if (name === "connect") for (const job_id of follows()) socket.emit("subscribe_to_job", { job_id });
        tell(name, news);
      });
      untilHidden(() => socket.disconnect(), () => socket.connect());
    };
    document.head.append(script);
  };
  const connect = () => {
    try {
      const worker = new SharedWorker(root.dataset.worker, root.dataset.client);
      const hello = () => worker.port.postMessage(follows());
      worker.onerror = connectAlone;
      worker.port.onmessage = ({ data: [name, news] }) => (name === "ping" ? hello() : tell(name, news));
      untilHidden(() => worker.port.postMessage(null), hello);
      hello();
      setTimeout(() => root.dataset.connection === "connecting" && connectAlone(), 15000); // it could not be read
    } catch {
      connectAlone();
    }
  };

  for (const name of ["offline", "online"]) addEventListener(name, look);
  document.addEventListener("DOMContentLoaded", connect);
})();
