// Officers who sign in by passkey, with Chromium's own virtual authenticator: VESTIBULE_BIN=…/vestibule node --test passkeys.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { LANGUAGES, address, axe, complaints, done, shot, strangers, visit } from "./region.mjs";

const SECRET = "one wise owl at night";
// Passkeys want a name: the console's own, where the demo listens, is localhost.
const console_ = (page) => {
  const url = new URL(page, address("authority"));
  url.hostname = "localhost";
  url.search = "";
  return url.href;
};
const fits = async (page, where) => {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px too wide`);
};

/** A security key that is plugged into this page's browser and has asked for its PIN. */
async function plugIn(page, options = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "usb", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true, ...options,
  } });
  return {
    credentials: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    add: (credential) => cdp.send("WebAuthn.addCredential", { authenticatorId, credential }),
    verified: (isUserVerified) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** The page asked where it was: strangers are those of other origins than the demo's, and localhost is the demo's. */
async function open(page, options) {
  const tab = await visit(new URL("/healthz", address("authority")).href, options);
  await tab.goto(console_(page));
  return tab;
}

async function add(page, name, secret = SECRET) {
  await page.fill("#name", name);
  await page.fill("#old", secret);
  await page.press("#old", "Enter"); // the keyboard alone
}

test("a passkey is added, signs in, is removed and then refused", { timeout: 120_000 }, async () => {
  const admin = await visit(address("authority")); // with the access key
  await admin.goto(new URL("/setup", admin.url()).href);
  await admin.fill("#name", "Ada Admin");
  await admin.fill("#secret", SECRET);
  await admin.fill("#again", SECRET);
  await admin.click("#join button");
  await admin.waitForSelector("#bound");
  await done(admin);

  const ada = await open("/enter");
  const key = await plugIn(ada);
  assert.equal(await ada.locator("#passkey").count(), 0, "nobody has one yet");
  await ada.fill("#name", "ada admin");
  await ada.fill("#secret", SECRET);
  await ada.click("#signin button");
  await ada.goto(console_("/account"));
  await ada.click('a[href="/account/passkeys"]');
  await ada.waitForSelector("#add:not([hidden])");
  await axe(ada, "no passkey yet");
  await add(ada, "Blue key", "not the secret");
  await ada.waitForSelector("#trouble");
  assert.equal(await ada.inputValue("#name"), "Blue key", "what was typed stays");
  await axe(ada, "a wrong password");
  await add(ada, "Blue key");
  await ada.waitForSelector("#passkeys");
  // The first try has left one on the key that nobody keeps here.
  const held = await key.credentials();
  assert.ok(held.length >= 1 && held.every((c) => c.isResidentCredential && c.rpId === "localhost"));
  assert.match(await ada.innerText("#passkeys"), /Blue key[\s\S]*Added[\s\S]*Not used yet/);
  await axe(ada, "my sign-in");

  // The same device once more: the browser itself says that it has one.
  await add(ada, "Again");
  await ada.waitForSelector("#add [data-said]:not([hidden])");
  assert.match(await ada.innerText("#add [data-said]"), /already/);
  await axe(ada, "the same device");

  for (const [width, height] of [[1280, 800], [390, 844]]) {
    await ada.setViewportSize({ width, height });
    await fits(ada, `my sign-in ${width}`);
    await shot(ada, `passkeys-own-${width}`);
  }
  for (const lang of LANGUAGES) {
    await ada.goto(console_(`/account/passkeys?lang=${lang}`).replace(/\?.*|$/, `?lang=${lang}`));
    assert.equal(await ada.locator("html").getAttribute("lang"), lang);
    await fits(ada, `my sign-in ${lang}`);
  }
  await ada.setViewportSize({ width: 1280, height: 800 });
  await ada.click("form.leave button");

  await ada.goto(console_("/enter"));
  await ada.waitForSelector("#passkey:not([hidden])");
  await axe(ada, "sign-in by passkey");
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    await ada.setViewportSize({ width, height });
    await fits(ada, `sign-in ${width}`);
    await shot(ada, `passkeys-enter-${width}`);
  }
  // Nobody is verified: no PIN, no finger.
  await key.verified(false);
  await ada.focus("#passkey button");
  await ada.keyboard.press("Enter");
  await ada.waitForSelector("#passkey [data-said]:not([hidden])");
  assert.match(await ada.innerText("#passkey [data-said]"), /Try again/);
  await key.verified(true);
  await ada.waitForFunction(() => document.activeElement?.closest("#passkey") !== null);
  await ada.keyboard.press("Enter");
  await ada.waitForFunction(() => document.querySelector("a.signed-in") !== null);
  assert.match(await ada.innerText("a.signed-in"), /Ada Admin/);
  await ada.goto(console_("/account/passkeys"));
  assert.match(await ada.innerText("#passkeys"), /Last used/);

  // Removing it ends this session, which it opened, and from then on it opens none.
  await ada.click("#passkeys summary");
  await ada.check('#passkeys input[name="sure"]');
  await shot(ada, "passkeys-remove");
  await ada.click("#passkeys button.stop");
  await ada.waitForSelector("#signin");
  assert.equal(await ada.locator("#passkey").count(), 0, "nobody has one any more");
  await ada.fill("#name", "ada admin");
  await ada.fill("#secret", SECRET);
  await ada.click("#signin button");
  await ada.goto(console_("/account/passkeys"));
  const another = await plugIn(ada, { transport: "nfc" });
  await add(ada, "Another key");
  await ada.waitForSelector("#passkeys");
  assert.ok((await another.credentials()).length + (await key.credentials()).length >= 2);
  await ada.click("form.leave button");

  // Another browser holds the removed one alone.
  const other = await open("/enter");
  const old = await plugIn(other);
  for (const credential of held) await old.add(credential);
  await other.click("#passkey button");
  await other.waitForSelector("#refused");
  assert.match(await other.innerText("#refused"), /not known here/);
  await axe(other, "refused");
  await shot(other, "passkeys-refused");
  await other.goto(console_("/authority/staff"));
  assert.equal(new URL(other.url()).pathname, "/enter");
  await done(other);

  await ada.goto(console_("/enter"));
  await ada.fill("#name", "ada admin");
  await ada.fill("#secret", SECRET);
  await ada.click("#signin button");
  await ada.waitForSelector("a.signed-in");
  await done(ada);
});

test("at another name than the console's the page says where passkeys work", { timeout: 60_000 }, async () => {
  const tab = await visit(new URL("/enter", address("authority")).href.replace("localhost", "127.0.0.1"));
  await tab.waitForSelector("#passkey [data-said]:not([hidden])");
  assert.match(await tab.innerText("#passkey [data-said]"), /work only at http:\/\/localhost:\d+/);
  await axe(tab, "sign-in elsewhere");
  await done(tab);
});

test("no page asked for anything elsewhere or complained", () => {
  const own = new URL(console_("/")).origin;
  assert.deepEqual([...strangers].filter((url) => new URL(url).origin !== own), []);
  assert.deepEqual(complaints, []);
});
