// The staff desk: Enter confirms, Esc refuses, Ctrl+Z takes back; a hand-held scanner needs no Enter.
"use strict";
(() => {
  const form = document.getElementById("check");
  const code = document.getElementById("code");
  const PAUSE = 150; // ms without a character after which a scanner has finished
  const QUICK = 35; // ms between the characters of a scanner; nobody types so fast
  const LEAST = 20; // characters; no credential is shorter
  let timer;
  let last = 0;
  let quick = 0;
  let pasted = false;

  const send = () => { if (code.value.trim()) form.requestSubmit(); };

  code.addEventListener("paste", () => { pasted = true; });
  code.addEventListener("input", (e) => {
    quick = e.timeStamp - last < QUICK ? quick + 1 : 0;
    last = e.timeStamp;
    clearTimeout(timer);
    // Pasted text may still be corrected by hand; what a scanner typed is complete when it stops.
    if (!pasted && quick >= LEAST) timer = setTimeout(send, PAUSE);
    pasted = false;
  });

  const act = (value) => {
    const button = document.querySelector(`#waiting .pending button[value="${value}"]`);
    if (button) button.form.requestSubmit(button);
    return Boolean(button);
  };

  document.addEventListener("keydown", (e) => {
    if (e.repeat || e.ctrlKey || e.altKey || e.metaKey) return;
    const free = e.target === document.body || (e.target === code && !code.value);
    if (e.key === "Escape" && act("refuse")) e.preventDefault();
    if (e.key === "Enter" && free && act("release")) e.preventDefault();
  });

  // A scanner types wherever the focus is: bring its characters to the field.
  document.addEventListener("keydown", (e) => {
    const elsewhere = e.target === document.body;
    if (elsewhere && e.key.length === 1 && !e.ctrlKey && !e.altKey && !e.metaKey) code.focus();
  }, true);

  // Takes back the latest decision while it can be.
  document.addEventListener("keydown", (e) => {
    if (e.repeat || !e.ctrlKey || e.key !== "z" || e.target.value) return;
    const undo = document.querySelector("#recent .undo");
    if (undo) { e.preventDefault(); undo.requestSubmit(); }
  });

  // Clicks come faster than pages load: each is sent by itself, and the number follows when it is written.
  const clicks = document.getElementById("clicks");
  const failed = document.getElementById("click-failed");
  clicks.addEventListener("submit", async (e) => {
    e.preventDefault();
    const body = new URLSearchParams(new FormData(clicks, e.submitter));
    let counted = false;
    try {
      // Where it was counted, the answer leads back to this page; anything else is a refusal.
      const answer = await fetch(clicks.action, { method: "POST", body, redirect: "manual" });
      counted = answer.type === "opaqueredirect";
    } catch { /* not reached */ }
    failed.hidden = counted;
  });

  document.addEventListener("submit", (e) => {
    if (e.target === clicks) return;
    if (e.target.dataset.sent) e.preventDefault();
    e.target.dataset.sent = "yes";
  });
})();
