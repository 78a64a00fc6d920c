// The door's screen: shows a verdict for seconds, with its sound, and reads it aloud where that is wanted.
"use strict";
(() => {
  // Each tone is a list of [frequency in Hz, start in s, length in s]; the patterns differ in rhythm, not only in pitch.
  const TONES = {
    green: [[660, 0, 0.14], [990, 0.16, 0.22]],
    blue: [[660, 0, 0.3]],
    yellow: [[330, 0, 0.22], [330, 0.32, 0.22]],
    red: [[196, 0, 0.8]],
    grey: [[440, 0, 0.1], [440, 0.18, 0.1], [440, 0.36, 0.1]],
    wait: [[520, 0, 0.08]],
  };
  const place = document.getElementById("verdict");
  let audio;
  let timer;

  const sound = () => {
    try { audio ??= new AudioContext(); audio.resume(); } catch { /* a screen without a speaker */ }
  };

  const play = (tone) => {
    sound();
    if (!audio || audio.state !== "running") return;
    for (const [pitch, start, length] of TONES[tone] ?? []) {
      const at = audio.currentTime + start;
      const voice = audio.createOscillator();
      const level = audio.createGain();
      voice.frequency.value = pitch;
      level.gain.setValueAtTime(0.0001, at);
      level.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
      level.gain.setValueAtTime(0.4, at + length - 0.03);
      level.gain.exponentialRampToValueAtTime(0.0001, at + length);
      voice.connect(level).connect(audio.destination);
      voice.start(at);
      voice.stop(at + length);
    }
  };

  const clear = () => { place.replaceChildren(); };

  // Large and slow: a verdict stays as long as nobody else comes, ten seconds at most.
  const care = document.documentElement.classList.contains("care");
  const SLOW = 10_000;
  const lasts = (millis) => (care ? Math.max(millis, SLOW) : millis);

  // Aloud only by a voice of this machine, in the screen's language, and only after somebody asked for it.
  const speak = document.getElementById("speak");
  const language = document.documentElement.lang;
  const own = () => window.speechSynthesis?.getVoices()
    .find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language.slice(0, 2).toLowerCase()));
  if (speak && window.speechSynthesis) {
    const offer = () => { speak.hidden = !own(); };
    offer();
    speechSynthesis.addEventListener("voiceschanged", offer);
    speak.addEventListener("click", () => {
      const on = speak.getAttribute("aria-pressed") !== "true";
      speak.setAttribute("aria-pressed", on);
      if (!on) speechSynthesis.cancel();
    });
  }
  const read = () => {
    if (speak?.getAttribute("aria-pressed") !== "true") return;
    const words = [".action", ".standing", ".reason", ".advice"].map((part) => place.querySelector(part)?.textContent ?? "");
    const said = new SpeechSynthesisUtterance(words.filter(Boolean).join(". "));
    said.voice = own();
    said.lang = language;
    said.rate = 0.85;
    speechSynthesis.cancel();
    if (said.voice) speechSynthesis.speak(said);
  };

  document.addEventListener("verdict", ({ detail }) => {
    clearTimeout(timer);
    place.innerHTML = detail.html;
    play(detail.tone);
    read();
    timer = setTimeout(clear, lasts(detail.millis));
  });
  document.addEventListener("pointerdown", sound);
  if (place.childElementCount) timer = setTimeout(clear, lasts(4000));
  // The set-up code is gone once the first manager is made, which no event tells.
  if (document.querySelector("#set-up")) setTimeout(() => location.reload(), 60_000);
})();
