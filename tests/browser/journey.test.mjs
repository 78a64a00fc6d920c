// One door's day in every language and at every size, with the authority and without it: guard mode, a red visitor and word of
// it, taking back, a visitor's own phone, a self-check; the authority is a process of its own, and is ended and started again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { BIN, LANGUAGES, PATIENCE, SIZES, axe, complaints, done, folder, pages, shot, strangers, visit } from "./region.mjs";
import { endAll, entrance, found, informed, run } from "./nodes.mjs";

const IIN = { green: "800101300006", red: "900101300007" };
const SCRIPTS = { kk: /\p{Script=Cyrillic}/u, ru: /\p{Script=Cyrillic}/u, "zh-Hans": /\p{Script=Han}/u, "zh-Hant": /\p{Script=Han}/u, vi: /[ăâđêôơưạảấầẩậắằặẹẻẽếềểệỉịọỏốồổộớờởợụủứừửựỳỹ]/i };
let made, authority, site;
let people = 0;

const hoursAgo = (n) => new Date(Date.now() - n * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
const url = (page, lang) => new URL(`${page}?lang=${lang}`, site).href;

function code(colour) {
  const who = `77${Date.now()}${people++}`.padEnd(32, "0");
  const words = ["token", "issue", "--key", path.join(made.place, "issuer.key"), "--issuer", "demo-region", "--colour", colour, "--subject", who];
  return execFileSync(BIN, words, { encoding: "utf8" }).trim();
}

/** What the authority knows of two people. */
function bring() {
  const table = path.join(folder, "journey.csv");
  fs.writeFileSync(table, `kind,number,fact,at,name\niin,${IIN.green},test-negative,${hoursAgo(1)},\niin,${IIN.red},test-positive,${hoursAgo(24)},\n`);
  const said = execFileSync(BIN, ["authority", "registry", "import", table, "--config", made.authority], { encoding: "utf8" });
  assert.match(said, /^2 rows taken, 0 not/);
}

/** A page as it must be in any language and at any size. */
async function good(page, lang, name, { script = true } = {}) {
  assert.equal(await page.evaluate(() => document.documentElement.lang), lang, name);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${name} is ${over} px too wide`);
  if (script && SCRIPTS[lang]) assert.match(await page.innerText("main"), SCRIPTS[lang], name);
  await axe(page, name);
  await shot(page, `journey-${name}`);
}

const cards = (page) => page.locator("#waiting .pending");
const none = (page) => page.waitForFunction(() => !document.querySelector("#waiting .pending"), null, { timeout: PATIENCE });

/** The desk in a session of its own. */
async function desk(lang, size) {
  const page = await visit(entrance(made.place, "door-a", site), { lang, size });
  await page.goto(url("/desk", lang));
  await page.waitForFunction(() => !document.querySelector("#faults").textContent.trim(), null, { timeout: PATIENCE });
  return page;
}

async function guard(page, lang, number, said) {
  await page.goto(url("/desk/guard", lang));
  await page.check('input[value="iin"]');
  await page.fill("#number", number);
  await page.check("input[name=consent]");
  await page.click("#guard button");
  await page.waitForURL(new RegExp(`said=${said}`), { timeout: PATIENCE });
}

async function release(page) {
  await page.waitForTimeout(700); // a card that nobody can have read is not released
  await cards(page).first().locator('button[value="release"]').click();
  await none(page);
}

/** Who comes with a number is answered for, or not, and let in; then it is taken back. */
async function guarded(page, lang, tag, online) {
  await guard(page, lang, IIN.green, online ? "answered" : "unanswered");
  await page.locator(`#waiting .pending.${online ? "green" : "grey"}`).waitFor();
  await good(page, lang, `${tag}-guard`);
  await page.goto(url("/desk", lang));
  await release(page);
  const undo = page.locator("#recent details.undo").first();
  await undo.locator("summary").click();
  await good(page, lang, `${tag}-undo`);
  await undo.locator("button[name=why]").first().click();
  await page.locator("#recent .tag.bad").first().waitFor({ timeout: PATIENCE });
}

/** A red visitor waits aside, the authority is told, the visitor is turned away. */
async function red(page, lang, tag) {
  await page.goto(url("/desk", lang));
  await page.fill("#code", code("red"));
  await page.click("#check button.primary");
  await page.locator("#waiting .pending.red").waitFor({ timeout: PATIENCE });
  await page.waitForTimeout(700);
  await cards(page).first().locator('button[value="wait"]').click();
  await page.locator("#aside .pending.red").waitFor({ timeout: PATIENCE });
  await page.locator('#aside button[value="notify"]').click();
  await page.locator("#notices li").first().waitFor({ timeout: PATIENCE });
  await good(page, lang, `${tag}-aside`);
  await page.locator('#aside button[value="refuse"]').click();
  await page.waitForFunction(() => !document.querySelector("#aside .pending"), null, { timeout: PATIENCE });
}

/** A phone's number and the door's PIN become a pass; the receipt, out again; a self-check. */
async function phone(lang, size, tag) {
  const door = await visit(url("/door", lang), { lang, size: [800, 480] });
  await door.locator("#pin strong").waitFor({ timeout: PATIENCE });
  const pin = (await door.locator("#pin strong").innerText()).replace(/\D/g, "");
  await done(door);
  const own = await visit(url("/v", lang), { lang, size });
  await own.locator("fieldset:enabled").waitFor();
  await good(own, lang, `${tag}-form`);
  await own.selectOption("#country", "7").catch(() => own.fill("#country", "7"));
  await own.fill("#phone", `70155${String(10_000 + people++)}`);
  await own.fill("#pin", pin);
  await own.click("button[value=pin]");
  await own.waitForURL(/\/v\/pass\//, { timeout: PATIENCE });
  await own.locator("[data-until]").waitFor({ timeout: PATIENCE });
  await good(own, lang, `${tag}-pass`);
  await own.locator('.acts a[href^="/v/receipt/"]').click();
  await own.locator(".held").first().waitFor();
  await good(own, lang, `${tag}-receipt`);
  await own.goBack();
  await own.locator('form[action="/v/leave"] button').click();
  await own.waitForFunction(() => !document.querySelector("[data-until]"), null, { timeout: PATIENCE });
  await good(own, lang, `${tag}-left`);
  await own.goto(url("/self", lang));
  await own.locator("fieldset:enabled").waitFor();
  await own.fill("#code", code("yellow"));
  await own.click(".primary");
  await own.locator(".found").waitFor();
  await good(own, lang, `${tag}-self`);
  await done(own);
}

describe("a door's day", () => {
  before(async () => {
    made = await found("journey", "door-a");
    authority = await run(made.authority);
    site = (await run(made.config)).pages;
    pages.journey = site;
    pages.journey_authority = authority.pages;
    await informed(site);
    bring();
  }, { timeout: 60_000 });

  after(endAll);

  for (const [n, lang] of LANGUAGES.entries()) {
    const size = SIZES[n % SIZES.length];
    test(`${lang} at ${size.join("×")}, with the authority`, { timeout: 90_000 }, async () => {
      const tag = `${lang}-${size.join("x")}`;
      const page = await desk(lang, size);
      await guarded(page, lang, tag, true);
      await red(page, lang, tag);
      await phone(lang, size, tag);
      await done(page);
    });
  }

  test("the network goes", async () => {
    await authority.end();
  });

  for (const [n, lang] of LANGUAGES.entries()) {
    const size = SIZES[(n + 1) % SIZES.length];
    test(`${lang} at ${size.join("×")}, without a network`, { timeout: 90_000 }, async () => {
      const tag = `${lang}-${size.join("x")}-offline`;
      const page = await desk(lang, size);
      await guarded(page, lang, tag, false);
      await red(page, lang, tag);
      await phone(lang, size, tag);
      await done(page);
    });
  }

  test("somebody whom nobody could answer for comes in; the network comes back with the answer and the receipts", { timeout: 120_000 }, async () => {
    const page = await desk("en", SIZES[0]);
    await red(page, "en", "en-owed");
    await guard(page, "en", IIN.red, "unanswered");
    await page.goto(url("/desk", "en"));
    await release(page);
    const owed = page.locator("#notices li", { hasText: /goes out as soon as there is a network/ });
    assert.ok(await owed.count() > 0, await page.innerText("#notices"));
    await shot(page, "journey-owed");
    authority = await run(made.authority);
    await page.waitForFunction(() => [...document.querySelectorAll("#notices li")].every((li) => /received/i.test(li.textContent)), null, { timeout: 90_000 });
    await page.goto(url("/venue/anomalies", "en"));
    await page.locator("main .lines li").first().waitFor({ timeout: 60_000 }).catch(async () => { throw new Error(await page.innerText("main")); });
    await good(page, "en", "answered-late", { script: false });
    await done(page);
  });

  test("no page asked anybody else, and none complained", () => {
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints.filter((text) => !/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE/.test(text)), []);
  });
});
