// Passkeys: a form that carries one asks the browser for it first, and says in words when that fails.
"use strict";
{
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  /** Makes one; what the browser says of it by the form's fields. */
  async function make(asked) {
    const { response } = await navigator.credentials.create({ publicKey: {
      challenge: bytes(asked.challenge),
      rp: { id: asked.party, name: asked.place },
      user: { id: bytes(asked.holder), name: asked.name, displayName: asked.name },
      pubKeyCredParams: asked.algorithms.map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: asked.known.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: asked.millis,
    } });
    return { client: response.clientDataJSON, attestation: response.attestationObject };
  }

  /** Uses one; which, the person chooses. */
  async function use(asked) {
    const found = await navigator.credentials.get({ publicKey: {
      challenge: bytes(asked.challenge),
      rpId: asked.party,
      userVerification: "required",
      timeout: asked.millis,
    } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
    return { id: found.rawId, client: clientDataJSON, authenticator: authenticatorData, signature, holder: userHandle ?? new ArrayBuffer(0) };
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const alert = form.querySelector("[data-said]");
    const say = (words) => { alert.textContent = words; alert.hidden = !words; };
    const { passkey, origin, elsewhere, unsupported, cancelled, already, failed } = form.dataset;
    form.hidden = false;
    if (location.origin !== origin) say(elsewhere);
    else if (!window.PublicKeyCredential) say(unsupported);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      if (button.disabled || location.origin !== origin) return;
      button.disabled = true;
      say("");
      try {
        const answer = await fetch(passkey, { headers: { accept: "application/json" } });
        if (!answer.ok) throw new Error(`${answer.status}`);
        const asked = await answer.json();
        const said = await (asked.holder ? make(asked) : use(asked));
        for (const [name, value] of Object.entries(said)) form.elements[name].value = text(value);
        form.submit(); // asks nobody again
      } catch (error) {
        const words = { NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: already };
        say(words[error.name] ?? failed);
        button.disabled = false;
        button.focus();
      }
    });
  }
}
