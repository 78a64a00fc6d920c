// The visitors' pages: seals what is typed where the page came in plain HTTP, and moves the pass so that a picture of it shows.
"use strict";
(() => {
  const KEPT = "vestibule-typed";

  // What was typed stays on this phone, in this tab, until the pass is there: a mistake costs no second typing.
  const keep = (store) => { try { return store(window.sessionStorage); } catch { return null; } };

  const bytes = (text) => new TextEncoder().encode(text);
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    parts.reduce((at, p) => { all.set(p, at); return at + p.length; }, 0);
    return all;
  };
  const base64url = (data) =>
    btoa(String.fromCharCode(...data)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const fromBase64url = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

  // HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, one message.
  const seal = (publicKey, text) => {
    const { x25519, chacha20poly1305, extract, expand, sha256 } = window.noble;
    const KEM = join(bytes("KEM"), new Uint8Array([0, 0x20]));
    const HPKE = join(bytes("HPKE"), new Uint8Array([0, 0x20, 0, 1, 0, 3]));
    const labeledExtract = (suite, salt, label, ikm) =>
      extract(sha256, join(bytes("HPKE-v1"), suite, bytes(label), ikm), salt);
    const labeledExpand = (suite, prk, label, info, length) =>
      expand(sha256, prk, join(new Uint8Array([0, length]), bytes("HPKE-v1"), suite, bytes(label), info), length);
    const nothing = new Uint8Array();
    const secret = window.crypto.getRandomValues(new Uint8Array(32));
    const enc = x25519.getPublicKey(secret);
    const eae = labeledExtract(KEM, nothing, "eae_prk", x25519.getSharedSecret(secret, publicKey));
    const shared = labeledExpand(KEM, eae, "shared_secret", join(enc, publicKey), 32);
    const context = join(
      new Uint8Array([0]),
      labeledExtract(HPKE, nothing, "psk_id_hash", nothing),
      labeledExtract(HPKE, nothing, "info_hash", bytes("vestibule/visitor/1")));
    const prk = labeledExtract(HPKE, shared, "secret", nothing);
    const key = labeledExpand(HPKE, prk, "key", context, 32);
    const nonce = labeledExpand(HPKE, prk, "base_nonce", context, 12);
    return join(enc, chacha20poly1305(key, nonce).encrypt(bytes(text)));
  };

  const form = document.querySelector("form[data-key]");
  if (form) {
    try {
      const key = fromBase64url(form.dataset.key);
      seal(key, "{}"); // a browser that cannot does not offer to
      form.querySelector("fieldset").disabled = false;
      document.getElementById("unsealed").hidden = true;
      document.getElementById("sealed").hidden = false;
      form.addEventListener("submit", () => {
        const fields = [...form.querySelectorAll("[data-seal]")];
        const typed = Object.fromEntries(fields.map((field) => [field.name, field.value]));
        form.elements.letter.value = base64url(seal(key, JSON.stringify(typed)));
        // Only the seal travels; the names come back, in case the page does.
        for (const field of fields) { field.dataset.name = field.name; field.removeAttribute("name"); }
      });
      window.addEventListener("pageshow", () => {
        for (const field of form.querySelectorAll("[data-name]")) field.name = field.dataset.name;
      });
    } catch { /* it stays as it is without scripts, and says so */ }
    for (const field of form.querySelectorAll("[data-keep]")) {
      if (!field.value) field.value = keep((store) => store.getItem(KEPT)) ?? "";
      form.addEventListener("submit", () => keep((store) => store.setItem(KEPT, field.value)));
    }
  }

  if (document.body.hasAttribute("data-pass")) {
    keep((store) => store.removeItem(KEPT));
    const clock = document.querySelector("[data-until]");
    if (clock) {
      const opened = performance.now();
      const left = Number(clock.dataset.until) - Number(clock.dataset.now);
      const two = (n) => String(n).padStart(2, "0");
      const tick = () => {
        // Up: at nought the time is over for the door, too, and what is loaded then is another page.
        const secs = Math.max(0, Math.ceil((left - (performance.now() - opened)) / 1000));
        clock.textContent = `${Math.floor(secs / 3600)}:${two(Math.floor(secs / 60) % 60)}:${two(secs % 60)}`;
        if (secs === 0) { location.reload(); return; }
        setTimeout(tick, 1000);
      };
      tick();
    }
  }
})();
