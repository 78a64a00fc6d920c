// Keeps the wallet's page and files on the phone; the line before this one names the files.
"use strict";
const STORE = "vestibule-wallet-" + FILES.join(" ");
const PAGE = "/wallet";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const store = await caches.open(STORE);
    await store.addAll([...FILES, PAGE]);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("vestibule-wallet-") && name !== STORE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

// The page: from the network where there is one, so that its language and texts are the newest. Files: as they were kept.
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === PAGE) {
    event.respondWith((async () => {
      const store = await caches.open(STORE);
      try {
        const answer = await fetch(event.request);
        if (answer.ok) await store.put(PAGE, answer.clone());
        return answer;
      } catch (error) {
        const kept = await store.match(PAGE);
        if (kept) return kept;
        throw error;
      }
    })());
  } else if (FILES.includes(url.pathname + url.search)) {
    event.respondWith((async () => {
      const store = await caches.open(STORE);
      return (await store.match(url.pathname + url.search)) || fetch(event.request);
    })());
  }
});
