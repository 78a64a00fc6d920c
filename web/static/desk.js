// The staff desk: acts go out without loading the page; Enter confirms, Esc refuses, F2 to F4 and Ctrl+Z as marked.
"use strict";
(() => {
  const form = document.getElementById("check");
  const code = document.getElementById("code");
  const trouble = document.getElementById("trouble");
  const waiting = document.getElementById("waiting");
  const READ = 600; // ms in which nobody can have read a card that has just come: keys for it wait so long

  const say = (text) => { trouble.textContent = text ?? ""; trouble.hidden = !text; };

  /** Sends fields; what the page's answer complains of is shown here, and nothing that was typed is lost. */
  const send = async (action, fields) => {
    let answer;
    try {
      // Where it was done, the answer leads back to this page; what is new arrives by itself.
      answer = await fetch(action, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
    } catch {
      say(trouble.dataset.unreached);
      return false;
    }
    if (answer.type === "opaqueredirect") { say(); return true; }
    if (answer.status !== 422) { location.reload(); return false; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    say(page.getElementById("trouble")?.textContent.trim());
    return false;
  };

  // Several codes at once are checked one after another.
  let scans = Promise.resolve();
  document.addEventListener("scanned", ({ detail }) => {
    scans = scans.then(async () => {
      const done = await send(form.action, [["token", form.elements.token.value], ["code", detail]]);
      code.value = done ? "" : detail;
    });
  });

  // A scanner on a phone writes into the field without any keys: what came too fast for a person is whole when it stops.
  const [QUICK, PAUSE, LEAST] = [35, 150, 20]; // ms between characters, ms after the last, characters
  let [quick, last, timer] = [0, 0, 0];
  code.addEventListener("input", (e) => {
    quick = e.inputType !== "insertFromPaste" && e.timeStamp - last < QUICK ? quick + 1 : 0;
    last = e.timeStamp;
    clearTimeout(timer);
    if (quick >= LEAST) timer = setTimeout(() => code.value.trim() && form.requestSubmit(), PAUSE);
  });

  const acts = (e) => e.target.closest("#waiting, #aside, #recent, #report") && e.target.method === "post";
  document.addEventListener("submit", async (e) => {
    const sent = e.target;
    if (sent.id === "clicks") return;
    if (sent.dataset.sent) { e.preventDefault(); return; }
    sent.dataset.sent = "yes";
    if (!acts(e)) return;
    e.preventDefault();
    const done = await send(sent.action, new FormData(sent, e.submitter));
    delete sent.dataset.sent;
    if (done) sent.closest("details")?.removeAttribute("open");
  });

  // Which card a key would act on, and since when it is there.
  let first;
  let since = performance.now();
  const look = () => {
    const id = waiting.querySelector(".pending")?.dataset.id;
    if (id !== first) { first = id; since = performance.now(); }
  };
  look();

  // What was chosen and not yet sent survives what arrives meanwhile.
  const chosen = new Map();
  document.addEventListener("change", (e) => {
    const card = e.target.closest(".pending");
    if (card && e.target.name === "temperature") chosen.set(card.dataset.id, e.target.value);
  });
  document.addEventListener("shown", (e) => {
    if (e.target === waiting) look();
    for (const card of e.target.querySelectorAll?.(".pending") ?? []) {
      const choice = chosen.get(card.dataset.id);
      const radio = choice && card.querySelector(`input[value="${choice}"]`);
      if (radio) radio.checked = true;
    }
  });

  /** Presses a button of the one who waits. Where several wait a key cannot say whom it means: it moves there first. */
  const act = (value) => {
    const cards = waiting.querySelectorAll(".pending");
    const button = cards[0]?.querySelector(`button[value="${value}"]`);
    if (!button || performance.now() - since < READ) return Boolean(button);
    if (cards.length > 1) button.focus(); else button.form.requestSubmit(button);
    return true;
  };

  const press = (key) => {
    const link = document.querySelector(`[data-key="${key}"]`);
    link?.click();
    return Boolean(link);
  };

  const tell = () => {
    // A key must not report whom the person does not have in mind: of several it moves to the first.
    const [button, ...others] = document.querySelectorAll("#waiting .tell, #aside .tell");
    if (others.length) { button.focus(); return true; }
    if (button) { button.form.requestSubmit(button); return true; }
    const report = document.getElementById("report");
    report.open = true;
    report.querySelector("select").focus();
    return true;
  };

  const takeBack = () => {
    const undo = document.querySelector("#recent details.undo");
    if (!undo) return false;
    undo.open = true;
    undo.querySelector("button").focus();
    return true;
  };

  document.addEventListener("keydown", (e) => {
    if (e.repeat || e.altKey || e.metaKey) return;
    if (e.ctrlKey) {
      if (e.code === "KeyZ" && !e.target.value && takeBack()) e.preventDefault();
      return;
    }
    const free = e.target === document.body || (e.target === code && !code.value);
    const done = {
      Enter: () => free && act("release"),
      Escape: () => {
        const open = document.querySelector("details[open]");
        if (open) { open.open = false; return true; }
        return act("refuse");
      },
      F2: () => press("F2"),
      F3: () => press("F3"),
      F4: tell,
    }[e.key]?.();
    if (done) e.preventDefault();
  });

  // Typing begins in the field, wherever the focus was.
  document.addEventListener("keydown", (e) => {
    if (e.target === document.body && e.key.length === 1 && !e.ctrlKey && !e.altKey && !e.metaKey) code.focus();
  }, true);

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
})();
