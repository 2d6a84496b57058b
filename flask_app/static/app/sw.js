// Shows one kept page while the server cannot be reached. A page with anybody's jobs on it is never kept.
// routes/installable.py puts SHELL, a name that changes with the files, and FILES in front.
const OFFLINE = "/offline";
const AWAY = [502, 504]; // what a proxy says of a server that is gone

addEventListener("install", (event) => {
  const keep = async () => {
    await (await caches.open(SHELL)).addAll([OFFLINE, ...FILES]);
    await skipWaiting();
  };
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
    await registration.navigationPreload?.enable(); // a page is asked for while this script wakes up
    await clients.claim();
  };
  event.waitUntil(tidy());
});

const page = async (event) => {
  try {
    const answer = (await event.preloadResponse) || (await fetch(event.request));
    if (!AWAY.includes(answer.status)) return answer;
  } catch {
    // nobody answers
  }
  return (await caches.match(OFFLINE)) || Response.error();
};

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate") event.respondWith(page(event));
  else if (FILES.includes(url.slice(location.origin.length))) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
