// A hand-held scanner that types: its keys are caught wherever the focus is, read by their places on the keyboard, so
// that no layout garbles them, and never taken for a person's. What it sent goes out as the event "scanned".
"use strict";
(() => {
  const QUICK = 50; // ms between the keys of a scanner; nobody types so fast
  const BURST = 6; // so many quick keys in a row are no person's
  const PAUSE = 150; // ms without a key after which a scanner has finished: not all send Enter
  const LATE = 500; // ms in which an Enter is still the scanner's
  const KNOWN = /^(HC1:|LT1:|ST1:|NZCP:|shc:\/|VP1:|DC0)/;

  // What each place types by the US layout, by which scanners send: without shift, then with.
  const PLACES = { Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", IntlBackslash: "\\|",
    Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
    NumpadDecimal: "..", NumpadAdd: "++", NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//" };
  [")", "!", "@", "#", "$", "%", "^", "&", "*", "("].forEach((shifted, n) => {
    PLACES[`Digit${n}`] = n + shifted;
    PLACES[`Numpad${n}`] = `${n}${n}`;
  });
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") PLACES[`Key${letter}`] = letter.toLowerCase() + letter;

  let keys = []; // [by its place, by the layout] of each key of what may be a scanner's
  let before = []; // the fields as they were before the first of them
  let caught = false;
  let last = -Infinity;
  let ended = -Infinity;
  let timer;

  const forget = () => { keys = []; caught = false; clearTimeout(timer); };
  const swallow = (e) => { e.preventDefault(); e.stopImmediatePropagation(); };

  /** The fields into which the first keys may have typed. */
  const remember = () => {
    const fields = new Set([document.activeElement, document.getElementById("code")]);
    before = [...fields].filter((f) => f && "value" in f && f.tagName !== "BUTTON").map((f) => [f, f.value]);
  };

  const finish = () => {
    const [placed, typed] = [0, 1].map((n) => keys.map((key) => key[n]).join(""));
    forget();
    ended = Math.max(performance.now(), last);
    // A scanner that is set to this machine's layout types what it means; any other is read by its keys' places.
    const plain = /^[ -~]+$/.test(typed);
    const text = KNOWN.test(typed) || (plain && !KNOWN.test(placed)) ? typed : placed;
    document.dispatchEvent(new CustomEvent("scanned", { detail: text }));
  };

  window.addEventListener("keydown", (e) => {
    const now = e.timeStamp; // when the key was pressed, however late it is looked at
    if (e.repeat || e.ctrlKey || e.metaKey || e.altKey) { forget(); return; }
    if (["Shift", "CapsLock", "AltGraph"].includes(e.key)) return;
    if (e.key === "Enter" || e.key === "Tab") {
      if (caught) { swallow(e); finish(); } else if (now - ended < LATE) swallow(e); else forget();
      return;
    }
    const place = PLACES[e.code]?.[e.shiftKey ? 1 : 0];
    const layout = e.key.length === 1 ? e.key : undefined;
    if (place === undefined && layout === undefined) { forget(); return; }
    const quick = now - last < QUICK;
    last = now;
    if (!quick && !caught) { forget(); remember(); }
    keys.push([place ?? layout, layout ?? place]);
    // A space on a button would press it.
    if (keys.length > 1 && e.code === "Space" && e.target.closest?.("button, a, summary, label, input[type=radio]")) e.preventDefault();
    if (!caught && keys.length >= BURST) {
      caught = true;
      for (const [field, value] of before) field.value = value;
    }
    if (!caught) return;
    swallow(e);
    clearTimeout(timer);
    timer = setTimeout(finish, PAUSE);
  }, true);
  window.addEventListener("keyup", (e) => { if (caught) swallow(e); }, true);
})();
