// The wallet: makes the holder's key and keeps it in this browser, takes tokens, and draws the code that changes every 30 s.
"use strict";
(async () => {
  const STEP = 30_000;
  const byId = (id) => document.getElementById(id);
  const texts = byId("wallet").dataset;
  const say = (text) => { byId("said").textContent = text; byId("said").hidden = !text; };

  // --- what is kept in the browser
  const opened = () => new Promise((yes, no) => {
    const asked = indexedDB.open("vestibule-wallet", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  const store = async (mode, act) => {
    const all = (await opened()).transaction("kept", mode).objectStore("kept");
    return new Promise((yes, no) => {
      const asked = act(all);
      asked.onsuccess = () => yes(asked.result);
      asked.onerror = () => no(asked.error);
    });
  };
  const read = (name) => store("readonly", (all) => all.get(name));
  const keep = (name, value) => store("readwrite", (all) => all.put(value, name));

  // --- bytes and texts
  const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const fromBase45 = (text) => {
    const out = [];
    for (let n = 0; n < text.length; n += 3) {
      const part = [...text.slice(n, n + 3)].map((c) => LETTERS.indexOf(c));
      if (part.includes(-1) || part.length === 1) throw new Error("no base45");
      const value = part.reduce((sum, digit, at) => sum + digit * 45 ** at, 0);
      if (value >= (part.length === 3 ? 65536 : 256)) throw new Error("no base45");
      out.push(...(part.length === 3 ? [value >> 8, value & 255] : [value]));
    }
    return Uint8Array.from(out);
  };
  const toBase45 = (bytes) => {
    let text = "";
    for (let n = 0; n < bytes.length; n += 2) {
      const two = n + 1 < bytes.length;
      let value = two ? bytes[n] * 256 + bytes[n + 1] : bytes[n];
      for (let digit = 0; digit < (two ? 3 : 2); digit++, value = Math.floor(value / 45)) text += LETTERS[value % 45];
    }
    return text;
  };
  const fromBase64url = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

  // As much CBOR (RFC 8949) as a token has.
  const fromCbor = (bytes) => {
    let at = 0;
    const number = (low) => {
      if (low < 24) return low;
      const length = { 24: 1, 25: 2, 26: 4, 27: 8 }[low];
      if (!length || at + length > bytes.length) throw new Error("no CBOR");
      let value = 0;
      for (let n = 0; n < length; n++) value = value * 256 + bytes[at++];
      return value;
    };
    const item = (depth) => {
      if (at >= bytes.length || depth > 8) throw new Error("no CBOR");
      const head = bytes[at++], kind = head >> 5, value = number(head & 31);
      if (kind === 0) return value;
      if (kind === 1) return -1 - value;
      if (kind === 2 || kind === 3) {
        if (at + value > bytes.length) throw new Error("no CBOR");
        const part = bytes.slice(at, at += value);
        return kind === 2 ? part : new TextDecoder().decode(part);
      }
      if (kind === 4) return Array.from({ length: Math.min(value, 1000) }, () => item(depth + 1));
      if (kind === 5) {
        const pairs = Array.from({ length: Math.min(value, 1000) }, () => [item(depth + 1), item(depth + 1)]);
        return new Map(pairs);
      }
      if (kind === 6) return item(depth + 1);
      return null;
    };
    return item(0);
  };

  // --- tokens: "ST1:" base45( COSE_Sign1 over CWT claims: 4 exp, 6 iat, 8 cnf )
  const token = (text) => {
    if (!text.startsWith("ST1:")) throw new Error("no token");
    const bytes = fromBase45(text.slice(4));
    const claims = fromCbor(fromCbor(bytes)[2]);
    const cnf = claims.get(8)?.get(1)?.get(-2);
    return { text, bytes, from: claims.get(6) * 1000, until: claims.get(4) * 1000, holder: cnf ? hex(cnf) : null };
  };

  // --- the key: the browser's own where it has Ed25519, and then nobody can read it out
  const made = async () => {
    try {
      const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
      const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
      return { secret: pair.privateKey, own: true, open: hex(raw) };
    } catch {
      const secret = nobleEd25519.randomSecretKey();
      return { secret, own: false, open: hex(nobleEd25519.getPublicKey(secret)) };
    }
  };
  const signature = async (key, message) => key.own
    ? new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, key.secret, message))
    : nobleEd25519.sign(message, key.secret);

  // The proof: [step, signature over "vestibule/proof/1" ‖ 0 ‖ SHA-256(token) ‖ step], as CBOR behind the token.
  const shown = async (key, one, now) => {
    if (!one.holder) return one.text;
    const step = Math.floor(now / STEP), wide = new Uint8Array(8);
    new DataView(wide.buffer).setBigUint64(0, BigInt(step));
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", one.bytes));
    const message = join(new TextEncoder().encode("vestibule/proof/1\0"), hash, wide);
    const proof = join([0x82, 0x1a], wide.slice(4), [0x58, 0x40], await signature(key, message));
    return "ST1:" + toBase45(join(one.bytes, proof));
  };

  const draw = (place, text) => {
    const rows = globalThis.qr.symbol(text);
    if (!rows) return;
    const side = rows.length + 8;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
    svg.setAttribute("shape-rendering", "crispEdges");
    const part = (name, values) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.entries(values).forEach(([key, value]) => made.setAttribute(key, value));
      svg.append(made);
    };
    part("rect", { width: side, height: side, fill: "#fff" });
    const dark = rows.flatMap((row, y) => row.map((on, x) => on ? `M${x + 4} ${y + 4}h1v1h-1z` : ""));
    part("path", { d: dark.join(""), fill: "#000" });
    place.replaceChildren(svg);
  };

  if (!globalThis.isSecureContext || !globalThis.indexedDB || !globalThis.crypto?.subtle) {
    say(texts.insecure);
    return;
  }
  let key, tokens;
  try {
    key = await read("key");
    if (!key) { key = await made(); await keep("key", key); }
    tokens = await read("tokens") || [];
  } catch {
    say(texts.unkept);
    return;
  }
  navigator.storage?.persist?.();

  const live = () => {
    const now = Date.now();
    return tokens.map(token).filter((one) => one.until > now).sort((a, b) => a.from - b.from);
  };
  const time = (at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

  const take = async (text) => {
    say("");
    const all = text.split(/[\s,;]+(?=ST1:)/).map((one) => one.trim()).filter(Boolean);
    for (const one of all) {
      let read;
      try { read = token(one); } catch { say(texts.notToken); return; }
      if (read.holder && read.holder !== key.open) { say(texts.otherPhone); return; }
      if (read.until <= Date.now()) { say(texts.over); return; }
      if (!tokens.includes(read.text)) tokens.push(read.text);
    }
    tokens = live().map((one) => one.text);
    await keep("tokens", tokens);
    await refresh(true);
  };

  let drawnStep = null;
  const refresh = async (anew) => {
    const now = Date.now(), all = live();
    const one = all.filter((t) => t.from <= now).pop();
    byId("have").hidden = !one;
    byId("count").textContent = texts.count.replace("0", String(all.length));
    byId("left").value = STEP - now % STEP;
    const step = Math.floor(now / STEP);
    if (one && (anew || step !== drawnStep)) {
      drawnStep = step;
      const text = await shown(key, one, now);
      draw(byId("code"), text);
      byId("code").dataset.text = text;
      byId("until").textContent = texts.until.replace("0", time(one.until));
      byId("left").hidden = !one.holder;
    }
  };

  byId("key").textContent = key.open;
  byId("ready").hidden = false;
  byId("ready").dataset.own = key.own;
  draw(byId("key-code"), key.open);
  byId("add").addEventListener("submit", (event) => {
    event.preventDefault();
    take(byId("text").value.trim()).then(() => { if (byId("said").hidden) byId("text").value = ""; });
  });
  byId("forget").addEventListener("click", async () => {
    if (!window.confirm(texts.sure)) return;
    tokens = [];
    await keep("tokens", tokens);
    key = await made();
    await keep("key", key);
    window.location.reload();
  });
  const fromAddress = async () => {
    const part = window.location.hash.slice(1);
    if (!part) return;
    // What is in the address is nobody's to see again.
    window.history.replaceState(null, "", window.location.pathname);
    try { await take(new TextDecoder().decode(fromBase64url(part))); } catch { say(texts.notToken); }
  };
  window.addEventListener("hashchange", fromAddress);
  await refresh(true);
  await fromAddress();
  setInterval(() => refresh(false), 500);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(true); });
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/wallet/worker.js", { scope: "/wallet" }).then(
      () => navigator.serviceWorker.ready).then(() => { byId("offline").hidden = false; }, () => {});
  }
})();
