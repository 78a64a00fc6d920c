// The link that keeps a page up to date: parts of it arrive as server-sent events.
"use strict";
(() => {
  const source = document.body.dataset.live;
  if (!source || !window.EventSource) return;
  const lost = document.getElementById("lost");
  const mark = document.getElementById("live");
  let pause = 1000;
  let timer;

  const connected = (yes) => {
    if (lost) lost.hidden = yes;
    if (mark) mark.classList.toggle("on", yes);
  };

  // The focus stays on what it was on. Where that is gone it must not jump to a button of somebody else's.
  const refocus = (place, [id, name, value]) => {
    const own = id ? place.querySelector(`[data-id="${CSS.escape(id)}"]`) : place;
    const named = name && own?.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    (named || (id ? document.getElementById("code") : place.querySelector("button, [tabindex]")))?.focus();
  };

  const replace = (parts) => {
    for (const [id, html] of Object.entries(parts)) {
      const place = document.getElementById(id);
      if (!place || place.dataset.shown === html) continue;
      if (place.querySelector("details[open]")) continue; // somebody reads or writes there; later is soon enough
      const focused = place.contains(document.activeElement) ? document.activeElement : undefined;
      const same = focused && [focused.closest("[data-id]")?.dataset.id, focused.name, focused.value];
      place.dataset.shown = html;
      place.innerHTML = html;
      if (focused) refocus(place, same);
      place.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
    }
  };

  const open = () => {
    const events = new EventSource(source);
    events.onopen = () => { pause = 1000; clearTimeout(timer); connected(true); };
    events.onerror = () => {
      // A short gap is not worth a word: the browser connects again by itself.
      clearTimeout(timer);
      timer = setTimeout(() => connected(false), 3000);
      if (events.readyState !== EventSource.CLOSED) return;
      setTimeout(open, pause);
      pause = Math.min(pause * 2, 15000);
    };
    events.addEventListener("parts", (e) => replace(JSON.parse(e.data)));
    events.addEventListener("verdict", (e) =>
      document.dispatchEvent(new CustomEvent("verdict", { detail: JSON.parse(e.data) })));
    window.addEventListener("pagehide", () => events.close(), { once: true });
  };
  open();
})();
