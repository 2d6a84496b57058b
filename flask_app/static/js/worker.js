// A shared worker: one connection for all tabs of a browser. Its name is where the client of Socket.IO lies.
// A tab says which jobs it follows (a list, empty on a page of many jobs), again at every "ping", and null as it leaves.
(() => {
  const PING = 20000;
  const GONE = 65000; // a tab that crashed says nothing; one that was frozen says it again
  const OWN = ["connect", "connect_error", "disconnect"];
  const tabs = new Map(); // port → what that tab follows, and when it last spoke
  let followed = new Set();
  let isTold = false; // whether figures of all jobs come too
  let socket = null;
  let state = ""; // the last that was heard of the connection itself

  const concerns = (jobs, name, news) => {
    if (name === "job_update") return jobs.includes(news.job_id);
    if (name === "jobs_progress") return !jobs.length;
    return name !== "log_lines" || jobs.length;
  };
  const pass = (name, news) => {
    for (const [port, { jobs }] of tabs) if (concerns(jobs, name, news)) port.postMessage([name, news]);
  };

  // Ask the server for what the tabs follow together; `anew` is asked for again, as its last figures come with that.
  const settle = (anew = []) => {
    if (!socket.connected) return;
    const lists = [...tabs.values()].map(({ jobs }) => jobs);
    const wanted = new Set(lists.flat());
    const isWanted = lists.some((jobs) => !jobs.length);
    for (const job of wanted) {
      const isKnown = followed.has(job) && isTold === isWanted && !anew.includes(job);
      if (!isKnown) socket.emit("subscribe_to_job", { job_id: job, lists: isWanted });
    }
    for (const job of followed) if (!wanted.has(job)) socket.emit("unsubscribe_from_job", { job_id: job });
    followed = wanted;
    isTold = isWanted;
  };
  const leave = (port) => tabs.delete(port) && settle();

  const hear = (port, jobs) => {
    if (!jobs) return leave(port);
    const isNew = !tabs.has(port);
    tabs.set(port, { jobs, at: Date.now() });
    if (isNew && state) port.postMessage([state]);
    settle(isNew ? jobs : []);
  };

  importScripts(self.name);
  socket = openChannel((name, news) => {
    if (OWN.includes(name)) state = name;
    if (name === "connect") followed = new Set();
    if (name === "connect") settle();
    pass(name, news);
  });
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => hear(port, data);
    port.onclose = () => leave(port);
  };
  setInterval(() => {
    for (const [port, { at }] of tabs) {
      if (Date.now() - at > GONE) leave(port);
      else port.postMessage(["ping"]);
    }
  }, PING);
})();
