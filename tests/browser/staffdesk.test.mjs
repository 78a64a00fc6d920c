// The staff desk and the door's screen for people: keys, hand scanners of any layout, waiting aside, notices, cameras.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { chromium } from "playwright-core";
import { BIN, OUT, LANGUAGES, SIZES, PATIENCE, folder, pages, strangers, complaints, address, done, shot, visit, axe } from "./region.mjs";
import { film } from "./symbol.mjs";

const region = () => path.join(folder, "region");
let visitors = 0;
function code(colour) {
  const who = `5d${Date.now()}${visitors++}`.padEnd(32, "0");
  const words = ["token", "issue", "--key", path.join(region(), "issuer.key"), "--issuer", "demo-region", "--colour", colour, "--subject", who];
  return execFileSync(BIN, words, { encoding: "utf8" }).trim();
}

// Keys by their places: what they type by the US layout, and by the Russian one.
const US = ["`1234567890-=\\qwertyuiop[]asdfghjkl;'zxcvbnm,./ ", "~!@#$%^&*()_+|QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>? "];
const RUSSIAN = ["ё1234567890-=\\йцукенгшщзхъфывапролджэячсмитьбю. ", "Ё!\"№;%:?*()_+/ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ, "];
const PLACES = ["Backquote", ..."1234567890".split("").map((n) => `Digit${n}`), "Minus", "Equal", "Backslash",
  ..."QWERTYUIOP".split("").map((k) => `Key${k}`), "BracketLeft", "BracketRight",
  ..."ASDFGHJKL".split("").map((k) => `Key${k}`), "Semicolon", "Quote",
  ..."ZXCVBNM".split("").map((k) => `Key${k}`), "Comma", "Period", "Slash", "Space"];

/** A scanner types: real key events, twelve milliseconds apart, through a keyboard layout. */
async function scan(page, text, { layout = US, enter = false } = {}) {
  const devtools = await page.context().newCDPSession(page);
  const events = [];
  let at = Date.now() / 1000 - (text.length + 1) * 0.012; // the last key is pressed now
  const key = (type, fields) => events.push({ type, timestamp: at, ...fields });
  for (const character of text) {
    const row = US[0].includes(character) ? 0 : 1;
    const place = US[row].indexOf(character);
    assert.ok(place >= 0, `no key types ${character}`);
    const typed = layout[row][place];
    const fields = { code: PLACES[place], key: typed, text: typed, modifiers: row ? 8 : 0 };
    key("keyDown", fields);
    at += 0.004;
    key("keyUp", { code: fields.code, key: typed });
    at += 0.008;
  }
  if (enter) {
    key("keyDown", { code: "Enter", key: "Enter", text: "\r" });
    key("keyUp", { code: "Enter", key: "Enter" });
  }
  await Promise.all(events.map((event) => devtools.send("Input.dispatchKeyEvent", event)));
  await devtools.detach();
}

const cards = (page) => page.locator("#waiting .pending");
const idle = (page) => page.waitForFunction(() => !document.querySelector("#waiting .pending"), null, { timeout: PATIENCE });
const several = (page, n) => page.waitForFunction((n) => document.querySelectorAll("#waiting .pending").length === n, n, { timeout: PATIENCE });
const READ = 700; // ms in which nobody can have read a card

/** The desk, where nobody waits: the stories share one door. */
async function desk() {
  const page = await visit(address("desk_a"));
  // A door that has no rules yet says so, and calls nobody red.
  await page.waitForFunction(() => !document.querySelector("#faults").textContent.trim(), null, { timeout: PATIENCE });
  await refuseAll(page);
  return page;
}

async function refuseAll(page) {
  while (await cards(page).count()) {
    const before = await cards(page).count();
    await cards(page).first().locator('button[value="refuse"]').click();
    await several(page, before - 1);
  }
}

describe("a hand scanner that types", () => {
  test("a Cyrillic layout, no Enter, the focus on nothing", { timeout: 60_000 }, async () => {
    const page = await desk();
    await page.locator("h1").click();
    await scan(page, code("green"), { layout: RUSSIAN });
    await cards(page).first().waitFor({ timeout: PATIENCE });
    assert.match(await cards(page).first().innerText(), /The rules admit/);
    assert.equal(await page.inputValue("#code"), "", "nothing is left in the field");
    await shot(page, "staffdesk-scanned");
    await refuseAll(page);
    await done(page);
  });

  test("its Enter presses no button and releases nobody", { timeout: 60_000 }, async () => {
    const page = await desk();
    await scan(page, code("green"), { enter: true });
    await several(page, 1);
    await page.waitForTimeout(READ);
    const sent = [];
    page.on("request", (r) => { if (r.method() === "POST") sent.push(new URL(r.url()).pathname); });
    for (const focus of ['#clicks button[value="1"]', '#waiting button[value="release"]', "#code", "#report summary"]) {
      const before = await cards(page).count();
      await page.focus(focus);
      await scan(page, code("green"), { enter: true, layout: RUSSIAN });
      await several(page, before + 1);
    }
    assert.deepEqual([...new Set(sent)], ["/desk/check"]);
    assert.equal(await page.locator("#report").getAttribute("open"), null);
    await refuseAll(page);
    await done(page);
  });

  test("a code of no kind is named, and the page goes on", { timeout: 60_000 }, async () => {
    const page = await desk();
    await scan(page, "https://example.org/x", { enter: true });
    await page.locator("#trouble").waitFor({ timeout: PATIENCE });
    assert.equal(await page.inputValue("#code"), "https://example.org/x");
    await scan(page, code("green"), { enter: true });
    await several(page, 1);
    assert.ok(await page.locator("#trouble").isHidden());
    await refuseAll(page);
    await done(page);
  });
});

describe("keys", () => {
  test("Enter confirms once the card could be read; several at once are chosen from", { timeout: 60_000 }, async () => {
    const page = await desk();
    await scan(page, code("green"), { enter: true });
    await several(page, 1);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(300);
    assert.equal(await cards(page).count(), 1, "an Enter that comes at once is a slip");
    await page.waitForTimeout(1000);
    await page.keyboard.press("Enter");
    await idle(page);

    for (const _ of [1, 2]) await scan(page, code("green"), { enter: true });
    await several(page, 2);
    await page.waitForTimeout(1100);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.value), "refuse");
    assert.equal(await cards(page).count(), 2, "a key cannot say whom it means: it moves there first");
    await page.keyboard.press("Enter");
    await several(page, 1);
    await page.locator("h1").click();
    await page.waitForTimeout(READ);
    await page.keyboard.press("Escape");
    await idle(page);
    await done(page);
  });

  test("Ctrl+Z asks why, and the history shows the reason", { timeout: 60_000 }, async () => {
    const page = await desk();
    await scan(page, code("green"), { enter: true });
    await several(page, 1);
    await page.waitForTimeout(READ);
    await cards(page).first().locator('button[value="release"]').focus();
    await page.keyboard.press("Enter");
    await idle(page);
    await page.locator("#recent details.undo").first().waitFor({ timeout: PATIENCE });
    await page.locator("h1").click();
    await page.keyboard.press("Control+z");
    await page.locator("#recent details.undo[open]").waitFor();
    await shot(page, "staffdesk-undo");
    await axe(page, "undo");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#recent .tag.bad", { hasText: "taken back: Misread" }).waitFor({ timeout: PATIENCE });
    await done(page);
  });

  test("F2 and F3 lead on, F4 opens the report", { timeout: 60_000 }, async () => {
    const page = await desk();
    await page.keyboard.press("F4");
    assert.equal(await page.evaluate(() => document.activeElement.id), "cause");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#report").getAttribute("open"), null);
    for (const [key, where] of [["F2", /\/desk\/guard$/], ["F3", /\/desk\/lookup$/]]) {
      await page.goto(address("desk_a", "/desk"));
      await page.keyboard.press(key);
      await page.waitForURL(where);
    }
    await done(page);
  });
});

describe("waiting aside, and word to the authority", () => {
  test("a red visitor waits aside; one key tells the authority, and its receipt comes back", { timeout: 90_000 }, async () => {
    const page = await desk();
    const authority = await visit(address("authority"));
    await scan(page, code("red"), { enter: true });
    await several(page, 1);
    await cards(page).first().locator('button[value="wait"]').click();
    await idle(page);
    const aside = page.locator("#aside .pending").first();
    await aside.waitFor({ timeout: PATIENCE });
    assert.match(await aside.locator(".script").innerText(), /wait here/);
    await page.locator("h1").click();
    await page.keyboard.press("F4");
    await page.locator("#notices li", { hasText: "Received by the authority" }).first().waitFor({ timeout: PATIENCE });
    await aside.locator(".told", { hasText: "Received" }).waitFor({ timeout: PATIENCE });
    await shot(page, "staffdesk-aside");
    await axe(page, "aside");
    await authority.locator("#notices li", { hasText: "Red status" }).first().waitFor({ timeout: PATIENCE });
    await shot(authority, "authority-notices");
    await axe(authority, "notices");
    for (const lang of LANGUAGES) {
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await page.goto(address("desk_a", `/desk?lang=${lang}`));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${lang} ${width}×${height} is ${over} px too wide`);
        await page.screenshot({ path: path.join(OUT, `staffdesk-${lang}-${width}x${height}.png`), fullPage: true });
      }
    }
    await page.goto(address("desk_a", "/desk?lang=en"));
    await page.locator('#aside button[value="refuse"]').click();
    await page.waitForFunction(() => !document.querySelector("#aside .pending"), null, { timeout: PATIENCE });
    await done(page);
    await done(authority);
  });

  test("a temperature is asked by policy; what was chosen stays while others come", { timeout: 90_000 }, async () => {
    const policy = path.join(folder, "policy.json");
    fs.writeFileSync(policy, JSON.stringify({ version: Math.floor(Date.now() / 1000) + 60, trace_min_overlap_seconds: 0, temperature: "required" }));
    execFileSync(BIN, ["authority", "publish", "--root", path.join(region(), "root.key"), "--region", "1",
      "--policy", policy, "--version", `${Math.floor(Date.now() / 1000) + 60}`, "--days", "2", "--out", path.join(region(), "bulletins")]);
    const page = await desk();
    await scan(page, code("green"), { enter: true });
    await several(page, 1);
    const asked = page.locator("#waiting .temperature").first();
    await asked.waitFor({ timeout: PATIENCE });
    await page.waitForTimeout(READ);
    await cards(page).first().locator('button[value="release"]').click();
    await page.locator("#trouble", { hasText: "First say whether" }).waitFor({ timeout: PATIENCE });
    await asked.getByLabel("Fever").check();
    await scan(page, code("green"), { enter: true });
    await several(page, 2);
    assert.ok(await cards(page).first().getByLabel("Fever").isChecked());
    await axe(page, "temperature");
    await shot(page, "staffdesk-temperature");
    await cards(page).first().locator('button[value="refuse"]').click();
    await several(page, 1);
    await page.locator("#recent td", { hasText: /^Fever/ }).first().waitFor({ timeout: PATIENCE });
    await cards(page).first().getByLabel("Normal").check();
    await cards(page).first().locator('button[value="release"]').click();
    await idle(page);
    await done(page);
  });
});

describe("this device's camera", () => {
  test("a code held before it is read by the node, once", { timeout: 90_000 }, async () => {
    const clip = path.join(folder, "held.y4m");
    film(clip, code("green"));
    const home = path.join(folder, "camera");
    fs.mkdirSync(home);
    const watcher = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", env: { ...process.env, HOME: home },
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${clip}`],
    });
    try {
      const page = await (await watcher.newContext({ viewport: { width: 390, height: 844 }, locale: "en" })).newPage();
      page.on("pageerror", (e) => complaints.push(`camera: ${e.message}`));
      await page.goto(address("desk_a"));
      await refuseAll(page);
      await page.click("#camera");
      await several(page, 1);
      await page.locator("#viewfinder [role=status]", { hasText: "Read" }).waitFor({ timeout: PATIENCE });
      await page.waitForTimeout(4000);
      assert.equal(await cards(page).count(), 1, "held up is one");
      await page.screenshot({ path: path.join(OUT, "staffdesk-camera.png") });
      await axe(page, "camera");
      await page.click("#camera");
      assert.ok(await page.locator("#viewfinder").isHidden());
      await refuseAll(page);
    } finally {
      await watcher.close();
    }
  });

  test("a device without a camera says so", { timeout: 60_000 }, async () => {
    const page = await desk();
    await page.click("#camera");
    await page.locator("#viewfinder [role=status]", { hasText: /camera/ }).waitFor({ timeout: PATIENCE });
    assert.equal(await page.getAttribute("#camera", "aria-pressed"), "false");
    await done(page);
  });
});

describe("the door's screen for everybody", () => {
  test("large and dark it fits, reads and is accessible in every language", { timeout: 120_000 }, async () => {
    const page = await visit(address("door_a"));
    for (const [look, lang] of ["", "&care=yes&dark=yes"].flatMap((look) => LANGUAGES.map((lang) => [look, lang]))) {
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await page.goto(address("door_a", `/door?lang=${lang}${look}`));
        const over = await page.evaluate(() => ({
          x: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          y: document.documentElement.scrollHeight - document.documentElement.clientHeight,
          steps: document.querySelector(".steps").getBoundingClientRect().bottom - document.querySelector("footer").getBoundingClientRect().top,
        }));
        assert.ok(over.x <= 0 && over.y <= 0, `${lang} ${width}×${height}: ${over.x}, ${over.y} px too large`);
        assert.ok(over.steps <= 0, `${lang} ${width}×${height}: the steps reach ${over.steps} px into the foot`);
        await shot(page, `door${look ? "-care" : ""}-${lang}-${width}x${height}`);
      }
    }
    await axe(page, "care and dark");
    assert.ok(await page.locator(".options a").first().evaluate((a) => a.getBoundingClientRect().height >= 48));
    await done(page);
  });

  test("large and slow, a verdict stays, in two languages at once", { timeout: 90_000 }, async () => {
    const page = await visit(address("door_b", "/door?care=yes&lang=kk"), { size: [800, 480] });
    const verdict = page.locator("#verdict .verdict");
    await verdict.waitFor({ timeout: PATIENCE });
    const languages = await page.evaluate(() => [document.documentElement.lang,
      ...[...document.querySelectorAll("#verdict [lang]")].map((e) => e.lang)]);
    assert.ok(new Set(languages).size === 2, `${languages}`);
    assert.equal(await page.getAttribute("#verdict", "aria-live"), "assertive");
    await shot(page, "door-care-verdict");
    await axe(page, "care verdict");
    await done(page);
  });

  test("nothing moves for who wants nothing to move", async () => {
    const page = await visit(address("door_a"), { reducedMotion: "reduce" });
    await page.locator("#verdict .verdict").waitFor({ timeout: PATIENCE });
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0);
    await done(page);
  });
});

test("no page asked anybody else, and none complained", () => {
  assert.deepEqual([...strangers], []);
  assert.deepEqual(complaints, []);
  assert.ok(pages);
});
