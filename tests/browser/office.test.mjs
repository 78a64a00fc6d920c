// The authority's office and the visitor's wallet in a real browser: entered, issued, shown offline, believed by the verifier.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, test } from "node:test";
import { BIN, LANGUAGES, OUT, SIZES, address, axe, complaints, done, folder, strangers, visit } from "./region.mjs";

const PAGES = ["venues", "venues/new", "people", "tokens", "bulletins"];
const name = (page) => page.replace("/", "-");
const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** A page of the authority with a session. */
async function open(page, options = {}) {
  const tab = await visit(address("authority"), options);
  await tab.goto(new URL(`/authority/${page}`, tab.url()).href);
  return tab;
}

/** What the door's own verifier says of a code now. */
function verified(code) {
  const trust = path.join(folder, "region", "trust");
  const line = ["token", "verify", "--trust", trust, "--at", new Date().toISOString(), "--json", code];
  try {
    return JSON.parse(execFileSync(BIN, line, { encoding: "utf8" }));
  } catch (error) {
    return JSON.parse(error.stdout);
  }
}

async function issue(tab, fields) {
  await tab.goto(new URL("/authority/tokens", tab.url()).href);
  await tab.fill("#number", "800101300006");
  await tab.locator("button", { hasText: "Show the status" }).click();
  await tab.waitForSelector("#found");
  for (const [field, value] of Object.entries(fields)) await tab.fill(`#${field}`, value);
}

describe("the office", () => {
  test("each page is whole at each size and in each language, and accessible", { timeout: 120_000 }, async () => {
    for (const size of SIZES) {
      const tab = await open("venues", { size });
      for (const page of PAGES) {
        await tab.goto(new URL(`/authority/${page}`, tab.url()).href);
        assert.ok(!(await overflows(tab)), `${page} ${size} is too wide`);
        if (size[0] === 390) await axe(tab, `${page} ${size}`);
        await tab.screenshot({ path: path.join(OUT, `office-${name(page)}-${size[0]}.png`), fullPage: true });
      }
      await done(tab);
    }
    const tab = await open("venues", { size: [390, 844] });
    for (const lang of LANGUAGES) for (const page of ["venues", "tokens", "bulletins"]) {
      await tab.goto(new URL(`/authority/${page}?lang=${lang}`, tab.url()).href);
      assert.equal(await tab.locator("html").getAttribute("lang"), lang);
      assert.ok(!(await overflows(tab)), `${page} ${lang} is too wide`);
    }
    await tab.goto(new URL("/authority/bulletins?lang=kk", tab.url()).href);
    await tab.screenshot({ path: path.join(OUT, "office-bulletins-kk.png"), fullPage: true });
    await done(tab);
  });

  test("a venue is entered and shows its join code; doors say what they have received", { timeout: 60_000 }, async () => {
    const tab = await open("venues/new");
    const fields = {
      permit: "KZ-26/1", permit_date: "2026-11-01", activity: "56.10.1", name: "Кафе «Достық»", address: "Абай 1",
      area: "almaty", time_zone: "Asia/Almaty", manager: "ab".repeat(32), entrances: "North:in; Yard:both",
    };
    for (const [field, value] of Object.entries(fields)) await tab.fill(`#${field}`, value);
    await tab.locator("main button.primary").click();
    await tab.waitForSelector("#join");
    await tab.locator("button", { hasText: "Sign papers here" }).click();
    await tab.waitForSelector("#join .qr");
    assert.match(await tab.locator("#join-text").textContent(), /^vestibule-venue-grant:1:/);
    await tab.screenshot({ path: path.join(OUT, "office-venue.png"), fullPage: true });
    await axe(tab, "a venue");
    await tab.waitForFunction(async () => {
      const html = await (await fetch("/authority/bulletins")).text();
      return html.split("✓").length >= 8; // two doors, four bulletins each
    }, null, { timeout: 30_000, polling: 500 });
    await done(tab);
  });

  test("a policy's changes are said in sentences before it goes out", { timeout: 60_000 }, async () => {
    const tab = await open("bulletins");
    await tab.fill("#body", '{"green_hours":48,"trace_min_overlap_seconds":0,"admit":{"yellow":"admit"}}');
    await tab.fill("#by", "Ann");
    await tab.locator("button", { hasText: "Preview" }).click();
    const said = await tab.locator("#preview").innerText();
    assert.match(said, /Yellow at the door: refuse becomes admit/);
    assert.match(said, /Hours of green after a negative test: 72 becomes 48/);
    await tab.screenshot({ path: path.join(OUT, "office-preview.png"), fullPage: true });
    await axe(tab, "a preview");
    await done(tab);
  });

  test("a paper code is read by the verifier", { timeout: 60_000 }, async () => {
    const tab = await open("tokens");
    await issue(tab, { masked_name: "A*** K." });
    await tab.screenshot({ path: path.join(OUT, "office-counter.png"), fullPage: true });
    await axe(tab, "the counter");
    await tab.locator("button", { hasText: "Issue" }).click();
    await tab.waitForSelector(".issued .qr");
    const text = await tab.locator(".token-text").textContent();
    assert.equal(verified(text).status, "blue");
    await tab.screenshot({ path: path.join(OUT, "office-issued.png"), fullPage: true });
    const [file] = await Promise.all([tab.waitForEvent("download"), tab.locator("button", { hasText: "Cards as PDF" }).click()]);
    await file.saveAs(path.join(OUT, "office-card.pdf"));
    await done(tab);
  });
});

describe("the wallet", () => {
  test("keeps its key, takes a code, and shows it offline so that the verifier believes it", { timeout: 90_000 }, async () => {
    const origin = new URL(address("authority")).origin;
    const phone = await visit(`${origin}/wallet`, { size: [390, 844] });
    await phone.waitForSelector("#ready:not([hidden])");
    const key = await phone.locator("#key").textContent();
    assert.match(key, /^[0-9a-f]{64}$/);
    await axe(phone, "the wallet");
    const counter = await open("tokens");
    await issue(counter, { holder: key });
    await counter.locator("button", { hasText: "Issue" }).click();
    await counter.waitForSelector(".issued .qr");
    const token = await counter.locator(".token-text").textContent();
    assert.equal(verified(token).reason, "no-proof", "without its phone it is nothing");
    // As the phone's own camera opens it.
    const link = Buffer.from(token).toString("base64url");
    await phone.evaluate((part) => { window.location.hash = part; }, link);
    await phone.waitForSelector("#have:not([hidden]) svg");
    assert.equal(await phone.evaluate(() => window.location.hash), "", "nothing stays in the address");
    const shown = () => phone.locator("#code").getAttribute("data-text");
    const said = verified(await shown());
    assert.equal(said.status, "blue", JSON.stringify(said));
    await phone.waitForSelector("#offline:not([hidden])", { timeout: 20_000 });
    await phone.screenshot({ path: path.join(OUT, "wallet.png"), fullPage: true });
    await phone.context().setOffline(true);
    await phone.reload();
    await phone.waitForSelector("#have:not([hidden]) svg");
    assert.equal(await phone.locator("#key").textContent(), key, "the key outlasts the page");
    const offline = await shown();
    assert.equal(verified(offline).status, "blue");
    // What is on the screen is what the text says: read as a door's camera would.
    const picture = path.join(folder, "wallet.png");
    await phone.locator("#code svg").screenshot({ path: picture });
    const read = JSON.parse(execFileSync(BIN, ["scan", picture, "--json"], { encoding: "utf8" }).split("\n")[0]);
    assert.equal(read.codes[0].text.slice(0, 150), offline.slice(0, 150));
    await phone.context().setOffline(false);
    // Another phone cannot take it.
    const other = await visit(`${origin}/wallet#${link}`, { size: [390, 844] });
    await other.waitForSelector("#said:not([hidden])");
    assert.match(await other.locator("#said").textContent(), /another phone/);
    await done(other);
    await done(counter);
    await done(phone);
  });

  test("makes its key itself where the browser's own cannot", { timeout: 60_000 }, async () => {
    const origin = new URL(address("authority")).origin;
    const phone = await visit(`${origin}/healthz`, { size: [390, 844] });
    await phone.addInitScript(() => {
      const own = crypto.subtle.generateKey.bind(crypto.subtle);
      crypto.subtle.generateKey = (kind, ...rest) =>
        kind.name === "Ed25519" ? Promise.reject(new DOMException("no such algorithm", "NotSupportedError")) : own(kind, ...rest);
    });
    await phone.goto(`${origin}/wallet`);
    await phone.waitForSelector("#ready:not([hidden])");
    assert.equal(await phone.locator("#ready").getAttribute("data-own"), "false");
    const key = await phone.locator("#key").textContent();
    const counter = await open("tokens");
    await issue(counter, { holder: key });
    await counter.locator("button", { hasText: "Issue" }).click();
    const token = await counter.locator(".token-text").textContent();
    await phone.evaluate((part) => { window.location.hash = part; }, Buffer.from(token).toString("base64url"));
    await phone.waitForSelector("#have:not([hidden]) svg");
    assert.equal(verified(await phone.locator("#code").getAttribute("data-text")).status, "blue");
    await done(counter);
    await done(phone);
  });

  test("no page asked for anything elsewhere or complained", () => {
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints.filter((c) => !/ERR_INTERNET_DISCONNECTED/.test(c)), []);
  });
});
