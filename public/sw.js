// Keeps the page's own files so that it opens without a network. The network's answer is preferred, so that a new
// version is never mixed with an old one.
const CACHE = "assay";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page says which of its files it was loaded from before this worker was there.
self.addEventListener("message", (event) => {
  if (!Array.isArray(event.data?.keep)) return;
  const keep = new Set(event.data.keep);
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      const add = (url) => cache.add(new Request(url, { cache: "force-cache" })).catch(() => {});
      await Promise.all([...keep].map(async (url) => (await cache.match(url)) ?? add(url)));
      // Files of earlier builds.
      const kept = await cache.keys();
      await Promise.all(kept.filter((r) => r.url.includes("?v=") && !keep.has(r.url)).map((r) => cache.delete(r)));
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(
    fetch(request)
      .then((answer) => {
        if (answer.ok) {
          const copy = answer.clone();
          event.waitUntil(caches.open(CACHE).then((cache) => cache.put(request, copy)));
        }
        return answer;
      })
      .catch(async (error) => {
        const kept = await caches.match(request, { ignoreSearch: true });
        if (kept) return kept;
        throw error;
      }),
  );
});
