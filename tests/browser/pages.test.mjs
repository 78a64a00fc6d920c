// The pages of the real demo in a real browser: VESTIBULE_BIN=…/vestibule node --test pages.test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, test } from "node:test";
import {
  BIN, LANGUAGES, SIZES, PATIENCE, folder, pages, strangers, complaints, address, done, shot,
  number, visit, grows, axe,
} from "./region.mjs";

describe("door screen", () => {
  test("a verdict fills the screen with colour, shape and word, then clears", { timeout: 90_000 }, async () => {
    const page = await visit(address("door_a"), { size: [800, 480] });
    const verdict = page.locator("#verdict .verdict");
    await verdict.waitFor({ timeout: PATIENCE });
    const seen = await verdict.evaluate((v) => ({
      width: v.clientWidth, height: v.clientHeight, classes: [...v.classList],
      background: getComputedStyle(v).backgroundColor,
      shapes: v.querySelectorAll("svg.icon *").length, word: v.querySelector(".action").textContent,
    }));
    await shot(page, "door-verdict");
    assert.deepEqual([seen.width, seen.height], [800, 480]);
    assert.ok(seen.classes.some((c) => ["green", "blue", "yellow", "red", "grey"].includes(c)), seen.classes);
    assert.notEqual(seen.background, "rgba(0, 0, 0, 0)");
    assert.ok(seen.shapes > 0 && seen.word.trim());
    await page.waitForFunction(() => !document.querySelector("#verdict").childElementCount, null, { timeout: PATIENCE });
    assert.ok(await page.locator(".steps").isVisible());
    await done(page);
  });

  test("refusals look other than admissions, and say why", { timeout: 120_000 }, async () => {
    const page = await visit(address("door_b"));
    await page.evaluate(() => {
      globalThis.seen = [];
      document.addEventListener("verdict", (e) => globalThis.seen.push(e.detail));
    });
    await page.waitForFunction(() => globalThis.seen.some((d) => d.html.includes('class="reason"')), null, { timeout: 100_000 });
    const seen = await page.evaluate(() => globalThis.seen);
    const refused = seen.find((d) => d.html.includes('class="reason"'));
    assert.ok(!refused.html.includes("verdict green"), refused.html);
    assert.ok(seen.every((d) => !/[A-Z]\*/.test(d.html)), "no name on the public screen");
    await done(page);
  });

  test("the screen works without scripts", async () => {
    const page = await visit(address("door_a"), { javaScriptEnabled: false });
    assert.ok(await page.locator(".steps").isVisible());
    assert.match(await page.locator("#inside").innerText(), /^\d+(–\d+| or more)?( \/ \d+)?$/);
    await done(page);
  });
});

describe("venue and authority", () => {
  test("the venue's counts move by themselves", { timeout: 60_000 }, async () => {
    const page = await visit(address("venue_a"));
    await grows(page, "#counts dl > div:nth-child(2) dd");
    assert.ok(await page.locator("#peers .dot.good").count() > 0, "a peer is connected");
    await shot(page, "venue");
    await done(page);
  });

  test("the authority's counts move by themselves", { timeout: 60_000 }, async () => {
    const page = await visit(address("authority"));
    await grows(page, "#counts dl > div:nth-child(1) dd");
    assert.ok(await page.locator("#chart rect").count() > 0);
    await shot(page, "authority");
    await done(page);
  });

  test("a bad question keeps what was typed and says what is wrong, in the reader's language", async () => {
    const page = await visit(address("authority"), { lang: "ru" });
    await page.fill("#purpose", "проверка");
    await page.fill("#asked_by", "Г. Иванова");
    await page.fill("#who", "ST1:NOT A TOKEN");
    await page.click("#trace button.primary");
    await page.waitForSelector("#wrong-case");
    assert.equal(await page.inputValue("#purpose"), "проверка");
    assert.equal(await page.inputValue("#who"), "ST1:NOT A TOKEN");
    assert.equal(await page.getAttribute("#case", "aria-invalid"), "true");
    await page.fill("#case", "2026/17");
    await page.click("#trace button.primary");
    await page.waitForSelector("#wrong-who");
    assert.match(await page.innerText("#wrong-who"), /\p{Script=Cyrillic}/u);
    await shot(page, "trace-wrong");
    await axe(page, "wrong question");
    await done(page);
  });

  test("a good question is answered and counted", async () => {
    const page = await visit(address("authority"));
    const before = await number(page, "#counts dl > div:last-child dd");
    await page.fill("#case", "2026/17");
    await page.fill("#purpose", "contact tracing");
    await page.fill("#asked_by", "G. Ivanova");
    await page.fill("#who", "00000000000000000000000000000000");
    await page.click("#trace button.primary");
    await page.waitForSelector("dd.code");
    assert.equal(await page.innerText("dd.code"), "00000000000000000000000000000000");
    await shot(page, "traced");
    await axe(page, "answer");
    await page.goto(address("authority", "/authority"));
    assert.equal(await number(page, "#counts dl > div:last-child dd"), before + 1);
    await done(page);
  });

  test("late news of a person reaches the doors as a visit, and nobody's name", { timeout: 120_000 }, async () => {
    const who = `${Date.now()}`.padStart(32, "0");
    const key = path.join(folder, "region", "issuer.key");
    const words = ["token", "issue", "--key", key, "--issuer", "demo-region", "--colour", "green", "--subject", who];
    const code = execFileSync(BIN, words, { encoding: "utf8" }).trim();
    const desk = await visit(address("desk_a"));
    await desk.fill("#code", code);
    await desk.press("#code", "Enter");
    const release = desk.locator('#waiting button[value="release"]').first();
    if (await release.waitFor({ timeout: 3_000 }).then(() => true, () => false)) await release.click();
    await done(desk);

    const page = await visit(address("authority"));
    for (let tries = 0; tries === 0 || !(await page.locator("#tell").count()); tries++) {
      assert.ok(tries < 20, "the visit never reached the authority");
      await page.waitForTimeout(1000);
      await page.goto(address("authority", "/authority"));
      for (const [field, text] of [["case", "2026/18"], ["purpose", "positive later"], ["asked_by", "G. Ivanova"], ["who", who]]) {
        await page.fill(`#${field}`, text);
      }
      await page.click("#trace button.primary");
      await page.waitForSelector("dd.code");
    }
    await page.locator("#tell summary").click();
    await axe(page, "telling");
    await page.locator("#tell").scrollIntoViewIfNeeded();
    await shot(page, "tell");
    await page.click("#tell button");
    await page.waitForSelector("#told");
    assert.match(await page.innerText("#told"), /^1 visit/);
    assert.equal(await page.locator("#tell").count(), 0, "told once is enough");
    await axe(page, "told");
    await shot(page, "told");
    await done(page);

    const venue = await visit(address("venue_a"));
    await venue.goto(address("venue_a", "/venue/anomalies"));
    await venue.locator("h2", { hasText: "A code that did not hold" }).waitFor({ timeout: PATIENCE });
    assert.ok(!(await venue.content()).includes(who), "the door learns which visit, not who");
    await shot(venue, "anomalies-told");
    await done(venue);
  });
});

describe("staff desk", () => {
  test("a text that is no credential is named, and kept for correction", async () => {
    const page = await visit(address("desk_a"));
    await page.fill("#code", "https://example.org/");
    await page.press("#code", "Enter");
    await page.waitForSelector("#trouble");
    assert.equal(await page.inputValue("#code"), "https://example.org/");
    await shot(page, "desk-wrong");
    await done(page);
  });

  test("the latest decisions arrive by themselves", { timeout: 60_000 }, async () => {
    const page = await visit(address("desk_a"));
    const first = () => page.evaluate(() => document.querySelector("#recent")?.innerHTML);
    const start = await first();
    await page.waitForFunction((s) => document.querySelector("#recent").innerHTML !== s, start, { timeout: PATIENCE });
    await done(page);
  });
});

describe("a venue with several doors", () => {
  test("people without codes are counted by a click, without loading the page", { timeout: 60_000 }, async () => {
    const page = await visit(address("desk_a"));
    await page.evaluate(() => { globalThis.same = true; });
    const counted = page.waitForResponse((r) => r.url().endsWith("/desk/click") && r.request().method() === "POST");
    await page.click('#clicks button[value="1"]');
    assert.equal((await counted).status(), 303);
    assert.ok(await page.evaluate(() => globalThis.same), "the page stays");
    assert.ok(await page.locator("#click-failed").isHidden());
    const back = page.waitForResponse((r) => r.url().endsWith("/desk/click"));
    await page.click('#clicks button[value="-1"]');
    assert.equal((await back).status(), 303);
    await done(page);
  });

  test("a note is written, changed and removed without scripts", { timeout: 60_000 }, async () => {
    const page = await visit(address("venue_a"), { javaScriptEnabled: false });
    const text = `Lift out of order ${Date.now()}`;
    await page.fill("#note", text);
    await page.locator("form", { has: page.locator("#note") }).getByRole("button").click();
    const note = page.locator("#notes li", { hasText: text });
    await note.waitFor();
    await note.locator("summary").click();
    await note.locator("textarea").fill(`${text}, repaired`);
    await note.locator('button[value="save"]').click();
    await page.locator("#notes .text", { hasText: "repaired" }).waitFor();
    await shot(page, "venue-note");
    await page.locator("#notes li", { hasText: text }).locator("summary").click();
    await page.locator("#notes li", { hasText: text }).locator('button[value="remove"]').click();
    await page.waitForURL(/\/venue$/);
    assert.equal(await page.locator("#notes li", { hasText: text }).count(), 0);
    await done(page);
  });

  test("what somebody writes is not taken away by what arrives", { timeout: 60_000 }, async () => {
    const [page, other] = [await visit(address("venue_a")), await visit(address("venue_a"))];
    const add = async (of, text) => {
      await of.fill("#note", text);
      await of.locator("form", { has: of.locator("#note") }).getByRole("button").click();
      await of.locator("#notes .text", { hasText: text }).waitFor();
    };
    await add(page, "first note");
    await page.locator("#notes summary").first().click();
    await page.locator("#notes textarea").first().fill("half a sen");
    await add(other, "second note");
    await page.waitForTimeout(1500);
    assert.equal(await page.locator("#notes textarea").first().inputValue(), "half a sen");
    await page.locator("#notes summary").first().click();
    await page.locator("#notes .text", { hasText: "second note" }).waitFor({ timeout: 20_000 });
    await done(page);
    await done(other);
  });

  test("an invitation is a symbol that can be ended again", { timeout: 60_000 }, async () => {
    const page = await visit(address("venue_a"));
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await page.goto(address("venue_a", "/venue/doors"));
      await page.click("#invite button.primary");
      await page.waitForSelector("svg.symbol");
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `the invitation is ${over} px too wide at ${width}`);
      await shot(page, `invited-${width}x${height}`);
    }
    assert.match(await page.inputValue("#text"), /^VP1:/);
    await axe(page, "invitation");
    await page.click("#pairing button.stop");
    await page.waitForURL(/\/venue\/doors$/);
    assert.equal(await page.locator("#pairing button.stop").count(), 0);
    await done(page);
  });

  test("opened forms are accessible, at the count and at the notes", async () => {
    const page = await visit(address("venue_a"));
    await page.locator("#count summary").click();
    await axe(page, "count form");
    await page.locator("#count button").click();
    assert.ok(await page.locator("#inside:invalid").count(), "nothing is sent without a number");
    await done(page);
  });
});

describe("access", () => {
  test("protected pages ask for the key, and open with it", async () => {
    const page = await visit(address("desk_a", "/desk"));
    assert.match(page.url(), /\/enter\?next=\/desk$/);
    await page.fill("#key", "AAAA-BBBB-CCCC");
    await page.click("form.stack button");
    await page.waitForSelector("#trouble");
    await page.fill("#key", new URL(pages.desk_a).searchParams.get("key"));
    await page.click("form.stack button");
    await page.waitForURL(/\/desk$/);
    await page.click("form.leave button");
    await page.goto(address("desk_a", "/venue"));
    assert.match(page.url(), /\/enter/);
    await done(page);
  });
});

describe("looks", () => {
  const screens = [["door_a", "/door"], ["desk_a", "/desk"], ["venue_a", "/venue"], ["venue_a", "/venue/anomalies"], ["venue_a", "/venue/doors"], ["authority", "/authority"], ["desk_a", "/"]];
  for (const [name, path_] of screens) {
    test(`${path_} of ${name} fits in every language and size`, { timeout: 120_000 }, async () => {
      const page = await visit(address(name));
      for (const lang of LANGUAGES) {
        for (const [width, height] of SIZES) {
          await page.setViewportSize({ width, height });
          await page.goto(address(name, `${path_}?lang=${lang}`));
          const seen = await page.evaluate(() => ({
            lang: document.documentElement.lang,
            over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            down: document.documentElement.scrollHeight - document.documentElement.clientHeight,
          }));
          const where = `${path_} ${lang} ${width}×${height}`;
          assert.equal(seen.lang, lang, where);
          assert.ok(seen.over <= 0, `${where} is ${seen.over} px too wide`);
          if (path_ === "/door") assert.ok(seen.down <= 0, `${where} is ${seen.down} px too high`);
          const file = `${path_.slice(1).replaceAll("/", "-") || "home"}-${lang}-${width}x${height}`;
          await shot(page, file);
        }
      }
      await done(page);
    });

    test(`${path_} of ${name} is accessible`, { timeout: 60_000 }, async () => {
      const page = await visit(address(name));
      await page.goto(address(name, path_));
      if (path_ === "/door") {
        await page.waitForFunction(() => !document.querySelector("#verdict").childElementCount, null, { timeout: PATIENCE });
      }
      await axe(page, path_);
      await done(page);
    });
  }

  test("a verdict is accessible", { timeout: 60_000 }, async () => {
    const page = await visit(address("door_a"));
    await page.waitForSelector(".verdict", { timeout: PATIENCE });
    await page.waitForTimeout(200); // it fades in
    await axe(page, "verdict");
    await done(page);
  });
});

test("no page asked anybody else, and none complained", () => {
  assert.deepEqual([...strangers], []);
  assert.deepEqual(complaints, []);
});
