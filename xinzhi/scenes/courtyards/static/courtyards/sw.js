// Keeps the walk's page and its files, so that it opens without signal. It sees to the walk alone (its scope) and never to what
// is said to the server: records travel by sync.js. SHELL (version, page, assets) stands above, written by the server.
const CACHE = "courtyards-walk-";
const NAME = CACHE + SHELL.version;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(NAME);
      await Promise.all(
        [SHELL.page, ...SHELL.assets].map(async (address) => {
          const answer = await fetch(address, { cache: "reload", credentials: "same-origin" });
          if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
          await cache.put(address, answer);
        }),
      );
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith(CACHE) && name !== NAME) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

// The page from the network while that is quick, else as it was kept. A valley that takes ten seconds is a valley without signal.
async function thePage(request) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(SHELL.page, { ignoreVary: true });
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(SHELL.page, answer.clone());
    return answer.status >= 500 && kept ? kept : answer;
  });
  if (!kept) return fresh;
  const late = new Promise((done) => setTimeout(() => done(kept), PATIENCE_MS));
  return Promise.race([fresh.catch(() => kept), late]);
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && address.pathname === SHELL.page) {
    event.respondWith(thePage(event.request));
  } else if (SHELL.assets.includes(address.pathname)) {
    event.respondWith(
      caches.open(NAME).then(async (cache) => (await cache.match(address.pathname, { ignoreVary: true })) ?? fetch(event.request)),
    );
  }
});
