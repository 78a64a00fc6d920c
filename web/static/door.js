// The door's screen: shows a verdict for seconds, with its sound.
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

  document.addEventListener("verdict", ({ detail }) => {
    clearTimeout(timer);
    place.innerHTML = detail.html;
    play(detail.tone);
    timer = setTimeout(clear, detail.millis);
  });
  document.addEventListener("pointerdown", sound);
  if (place.childElementCount) timer = setTimeout(clear, 4000);
})();
