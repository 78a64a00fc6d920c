// This device's camera at the desk: read by the browser where it can, by the node otherwise; nothing is kept.
"use strict";
(() => {
  const button = document.getElementById("camera");
  const box = document.getElementById("viewfinder");
  if (!navigator.mediaDevices?.getUserMedia) return; // the page is not secure: the browser has no camera for it
  const video = box.querySelector("video");
  const words = box.querySelector("[role=status]");
  const token = document.querySelector("#check [name=token]").value;
  const KEPT = "desk-camera"; // on again after the page was loaded anew
  const PACE = 200; // ms between frames
  const AWAY = 3000; // ms out of sight after which a code is a new scan
  const WIDE = 1280; // px
  const MOST = 500_000; // bytes
  button.hidden = false;

  let stream;
  let run = 0;
  const say = (text) => { if (words.textContent !== text) words.textContent = text; };

  const stop = (text) => {
    run += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = undefined;
    video.srcObject = null;
    button.setAttribute("aria-pressed", "false");
    sessionStorage.removeItem(KEPT);
    video.hidden = true;
    box.hidden = !text;
    say(text ?? "");
  };

  /** The browser's own detector, where it has one for QR codes. */
  const detector = async () => {
    const can = "BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
    if (!can) return undefined;
    const own = new BarcodeDetector({ formats: ["qr_code"] });
    const seen = new Map();
    return async () => {
      const now = performance.now();
      for (const { rawValue } of await own.detect(video)) {
        const last = seen.get(rawValue) ?? -Infinity;
        seen.set(rawValue, now);
        if (now - last < AWAY) continue;
        document.dispatchEvent(new CustomEvent("scanned", { detail: rawValue }));
        say(box.dataset.read);
      }
      for (const [code, last] of seen) if (now - last >= AWAY) seen.delete(code);
    };
  };

  /** Frames for the node. */
  const poster = () => {
    const canvas = document.createElement("canvas");
    const paper = canvas.getContext("2d", { alpha: false });
    let quality = 0.8;
    return async () => {
      const scale = Math.min(1, WIDE / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      paper.drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (!picture) return;
      if (picture.size > MOST) { quality = Math.max(0.3, quality - 0.15); return; }
      const answer = await fetch("/desk/frame", { method: "POST", body: picture, headers: { "x-form-token": token } });
      if (answer.status === 403 || answer.redirected) location.reload();
      if (!answer.ok) return; // too fast, or a broken frame: there are more
      const { read, trouble, hint } = await answer.json();
      if (read) say(box.dataset.read);
      else if (trouble ?? hint) say(trouble ?? hint);
    };
  };

  const start = async () => {
    const own = run += 1;
    box.hidden = false;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false, video: { facingMode: "environment", width: { ideal: WIDE }, height: { ideal: 720 } },
      });
    } catch (error) {
      stop(error.name === "NotAllowedError" ? box.dataset.denied : box.dataset.none);
      return;
    }
    stream.getVideoTracks()[0].addEventListener("ended", () => stop(box.dataset.lost));
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    button.setAttribute("aria-pressed", "true");
    sessionStorage.setItem(KEPT, "yes");
    say(box.dataset.looking);
    const look = (await detector()) ?? poster();
    while (own === run) {
      const next = new Promise((done) => setTimeout(done, PACE));
      try { if (video.videoWidth && !document.hidden) await look(); } catch { /* the next frame tries again */ }
      await next;
    }
  };

  button.addEventListener("click", () => { if (stream) stop(); else start(); });
  if (sessionStorage.getItem(KEPT)) start();
})();
