// The manager's pages of the real demo in a real browser, and what is printed from them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { LANGUAGES, OUT, SIZES, address, axe, done, folder, pages, shot, visit, strangers, complaints } from "./region.mjs";

const PAGES = ["flow", "evacuation", "standing", "setup", "training", "sheet/enter", "care"];
const PRINTS = ["training/cards", "sheet"];
const name = (page) => page.replace("/", "-");
const venue = (page) => address("venue_a", page).replace(/#.*/, "");

/** A page of the venue with a session: the first address opens one. */
async function open(page, options = {}) {
  const tab = await visit(address("venue_a"), options);
  await tab.goto(new URL(`/venue/${page}${options.lang ? `?lang=${options.lang}` : ""}`, tab.url()).href);
  return tab;
}

const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

describe("the manager's pages", () => {
  test("each is whole at each size, in each language, and accessible", { timeout: 120_000 }, async () => {
    for (const size of SIZES) {
      const tab = await open("setup", { size });
      for (const page of [...PAGES, ...PRINTS]) {
        await tab.goto(venue(`/venue/${page}`));
        assert.ok(!(await overflows(tab)), `${page} ${size} is too wide`);
        if (size[0] === 390) await axe(tab, `${page} ${size}`);
        await tab.screenshot({ path: path.join(OUT, `manager-${name(page)}-${size[0]}.png`), fullPage: true });
      }
      await done(tab);
    }
    const tab = await open("setup", { size: [390, 844] });
    for (const lang of LANGUAGES) for (const page of PAGES) {
      await tab.goto(new URL(`/venue/${page}?lang=${lang}`, tab.url()).href);
      assert.equal(await tab.locator("html").getAttribute("lang"), lang);
      assert.ok(!(await overflows(tab)), `${page} ${lang} is too wide`);
      if (page === "standing" || page === "setup") await tab.screenshot({ path: path.join(OUT, `manager-${page}-${lang}.png`), fullPage: true });
    }
    await done(tab);
  });

  test("people are counted by hour and come as a table and as CSV that no spreadsheet runs", { timeout: 60_000 }, async () => {
    const tab = await open("flow");
    await tab.waitForFunction(async () => {
      const html = await (await fetch("/venue/flow")).text();
      return html.includes('fill="url(#door-0)"/>') && html.includes("<rect x=");
    }, null, { timeout: 40_000, polling: 1000 });
    await tab.reload();
    assert.equal(await tab.locator("tbody tr").count(), 24);
    assert.equal(await tab.locator(".days a").count(), 14);
    const csv = await tab.evaluate(async () => {
      const answer = await fetch("/venue/flow.csv");
      return { type: answer.headers.get("content-type"), bytes: [...new Uint8Array(await answer.arrayBuffer())] };
    });
    const text = Buffer.from(csv.bytes).toString("utf8");
    assert.notEqual(csv.bytes[0], 0xef, "no byte order mark");
    const [head, ...lines] = text.trim().split("\r\n");
    assert.equal(head, "day,hour,starts_at_utc,minutes,door,entries,exits,refusals,counted_in,counted_out");
    assert.ok(lines.length > 0 && lines.every((l) => /^\d{4}-\d\d-\d\d,\d\d:\d\d,\S+Z,60,"[^=+@-].*",(\d+,){4}\d+$/.test(l)), text);
    await done(tab);
  });

  test("the evacuation count is one large number that changes by itself and prints", { timeout: 60_000 }, async () => {
    const tab = await open("evacuation", { size: [390, 844] });
    const number = tab.locator(".people-number");
    const before = await number.innerText();
    assert.match(before, /^\d+(–\d+| or more)?$/);
    await tab.waitForFunction((b) => document.querySelector(".when").innerText !== b, await tab.locator(".when").innerText(), { timeout: 40_000 }).catch(() => {});
    await tab.waitForFunction((b) => document.querySelector(".people-number").innerText !== b, before, { timeout: 40_000 });
    assert.ok((await number.boundingBox()).height >= 80);
    await tab.emulateMedia({ media: "print" });
    assert.ok(!(await tab.locator(".top").isVisible()) && await number.isVisible());
    await shot(tab, "manager-evacuation-print");
    await done(tab);
  });

  test("set-up says what is next, keeps what was ticked off, and nothing typed is lost", { timeout: 60_000 }, async () => {
    const tab = await open("setup");
    assert.equal(await tab.locator(".setup > li").count(), 7);
    assert.match(await tab.locator(".setup .next h2").innerText(), /permit/);
    await tab.goto(venue("/venue/standing"));
    await tab.fill("#permit", "KZ12/345");
    await tab.fill("#first-day", "2099-01-01");
    await tab.click("#papers .primary");
    assert.match(await tab.locator("#trouble").innerText(), /up to today/);
    assert.equal(await tab.inputValue("#permit"), "KZ12/345");
    await tab.fill("#first-day", new Date(Date.now() - 36 * 3600_000).toISOString().slice(0, 10));
    await tab.selectOption("#group", "second");
    await tab.selectOption("#place", "region");
    await tab.check("[name=attested]");
    await tab.click("#papers .primary");
    assert.match(await tab.locator("#test .large").innerText(), /Day [23] of 7/);
    assert.match(await tab.locator("main").innerText(), /a leader has more than 500/);
    assert.equal(await tab.locator("#first-day").getAttribute("readonly"), "");
    await shot(tab, "manager-standing-filled");
    await tab.goto(venue("/venue/setup"));
    await tab.click("button:has-text('These are all')");
    await tab.click("button:has-text('The posters hang')");
    assert.match(await tab.locator(".setup .next h2").innerText(), /specimen/i, "the second door is paired already");
    await shot(tab, "manager-setup-nearly");
    await tab.click("button[aria-label='Take back: Hang the posters']");
    assert.match(await tab.locator(".setup .next h2").innerText(), /posters/i);
    await done(tab);
  });

  test("the lesson scores ten cards, explains each, and records nothing", { timeout: 60_000 }, async () => {
    const tab = await open("training");
    await tab.click("main form .primary");
    await tab.check("[name=green][value=release]");
    await tab.click("main form .primary");
    assert.match(await tab.locator("#trouble").innerText(), /Answer every card/);
    assert.ok(await tab.isChecked("[name=green][value=release]"), "the answer is kept");
    const release = new Set(["green", "blue", "paper"]);
    const cards = ["green", "blue", "yellow", "red", "expired", "not-yet-valid", "unknown-issuer", "damaged", "other-code", "paper"];
    for (const card of cards) await tab.check(`[name=${card}][value=${release.has(card) || card === "red" ? "release" : "refuse"}]`);
    await tab.click("main form .primary");
    assert.equal(await tab.locator("#score").innerText(), "9 of 10 right");
    assert.match(await tab.locator("li:has([name=red]) .alert").innerText(), /Never let in/);
    await axe(tab, "score");
    await shot(tab, "manager-training-score");
    await done(tab);
  });

  test("a specimen's code admits nobody and is in no list of decisions", { timeout: 60_000 }, async () => {
    const tab = await open("training/cards");
    assert.equal(await tab.locator(".deck .qr").count(), 10);
    await tab.pdf({ path: path.join(OUT, "manager-cards.pdf"), preferCSSPageSize: true });
    await tab.emulateMedia({ media: "print" });
    await tab.screenshot({ path: path.join(OUT, "manager-cards-print.png"), fullPage: true });
    await done(tab);
  });

  test("a line of the paper sheet is typed in once, and slips are named where they are", { timeout: 60_000 }, async () => {
    const tab = await open("sheet");
    await tab.emulateMedia({ media: "print" });
    await tab.screenshot({ path: path.join(OUT, "manager-sheet-print.png"), fullPage: true });
    const pdf = await tab.pdf({ path: path.join(OUT, "manager-sheet.pdf"), format: "A4", preferCSSPageSize: true });
    assert.equal(pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g).length, 1, "one page of A4");
    const codes = await tab.locator(".sheet .code").allInnerTexts();
    assert.equal(new Set(codes).size, 20);
    await tab.emulateMedia({ media: "screen" });
    await tab.goto(venue("/venue/sheet/enter"));
    const send = async (code, entered, number = "") => {
      await tab.fill("#code", code);
      await tab.fill("#entered", entered);
      await tab.fill("#number", number);
      await tab.click("main form .primary");
    };
    await send(codes[3].slice(0, -1) + (codes[3].endsWith("0") ? "1" : "0"), "00:00");
    assert.match(await tab.locator("#code-wrong").innerText(), /do not fit|five letters/);
    await send(codes[3], "");
    assert.match(await tab.locator("#entered-wrong").innerText(), /at least one time/);
    await send(codes[3], "00:00", "N1234567");
    assert.match(await tab.locator("#wrong-kind").innerText(), /what kind/);
    assert.equal(await tab.inputValue("#number"), "N1234567", "nothing typed is lost");
    await tab.selectOption("#kind", "passport");
    await tab.click("main form .primary");
    assert.match(await tab.locator(".good-news").innerText(), new RegExp(codes[3]));
    await send(codes[3].toLowerCase().replaceAll("-", ""), "00:01");
    assert.match(await tab.locator("#entered-wrong").innerText(), /already/);
    await axe(tab, "sheet with trouble");
    await shot(tab, "manager-sheet-again");
    await done(tab);
    const files = fs.readdirSync(path.join(folder, "region"), { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    for (const file of files) {
      const bytes = fs.readFileSync(path.join(file.parentPath, file.name));
      assert.ok(!bytes.includes("N1234567"), `the number is readable in ${file.name}`);
    }
  });

  test("a day pass is printed from the desk and bundles from the data page", { timeout: 90_000 }, async () => {
    const tab = await open("care");
    const [download] = await Promise.all([tab.waitForEvent("download"), tab.click("form[action='/venue/care/bundle'] button")]);
    const saved = path.join(OUT, "manager.bundle");
    await download.saveAs(saved);
    assert.match(download.suggestedFilename(), /^venue-.*\.bundle$/);
    assert.ok(fs.statSync(saved).size > 100);
    await tab.reload();
    assert.match(await tab.locator("main").innerText(), /Last taken from this page/);
    await tab.goto(venue("/desk"));
    const link = tab.locator("a.slip").first();
    await link.waitFor({ timeout: 60_000 });
    await tab.goto(new URL(await link.getAttribute("href"), tab.url()).href);
    await tab.locator(".slip-page .qr").waitFor();
    await axe(tab, "day pass");
    await tab.pdf({ path: path.join(OUT, "manager-pass-a6.pdf"), preferCSSPageSize: true });
    await shot(tab, "manager-pass-a6");
    await tab.click("a[href$='/roll']");
    await tab.locator(".slip-page.roll .qr").waitFor();
    const roll = await tab.pdf({ path: path.join(OUT, "manager-pass-roll.pdf"), preferCSSPageSize: true });
    assert.match(roll.toString("latin1"), /MediaBox\s*\[0 0 16[345]/, "58 mm wide");
    await shot(tab, "manager-pass-roll");
    await done(tab);
  });

  test("nothing was asked of strangers and no page complained", () => {
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints, []);
    assert.ok(pages.venue_a);
  });
});
