// Guard mode, look-ups and families in a real browser, by keyboard alone: VESTIBULE_BIN=…/vestibule node --test guard.test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import {
  BIN, LANGUAGES, folder, strangers, complaints, address, done, shot, visit, axe,
} from "./region.mjs";

const GREEN = "800101300006";
const RED = "110101199001010015";
const ELDER = "600101300014";

const hoursAgo = (n) => new Date(Date.now() - n * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");

/** What the demo's authority knows of three people; brought in once, when the demo runs. */
let brought = false;
function bring() {
  if (brought) return;
  brought = true;
  const table = path.join(folder, "persons.csv");
  fs.writeFileSync(table, `kind,number,fact,at,name
iin,${GREEN},test-negative,${hoursAgo(1)},
resident-id,${RED},test-positive,${hoursAgo(24)},
iin,${ELDER},test-negative,${hoursAgo(3)},Анна Иванова
`);
  const words = ["authority", "registry", "import", table, "--config", path.join(folder, "region", "authority", "config.toml")];
  assert.match(execFileSync(BIN, words, { encoding: "utf8" }), /^3 rows taken, 0 not/);
}

const open = (page_, more) => visit(address("desk_a"), more).then(async (page) => {
  bring();
  await page.goto(address("desk_a", page_));
  return page;
});

/** Tabs on until the focus is there; nobody needs a pointer. */
async function tabTo(page, selector) {
  for (let n = 0; n < 60; n++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} is not reached by the keyboard`);
}

/** Guard mode by keys alone: kind by arrows, number, consent, Enter. */
async function type(page, kind, number) {
  await tabTo(page, "input[name=kind]");
  for (let n = 0; n < 4 && !(await page.evaluate((k) => document.activeElement.value === k, kind)); n++) {
    await page.keyboard.press("ArrowDown");
  }
  await tabTo(page, "#number");
  await page.keyboard.type(number);
  await tabTo(page, "input[name=consent]");
  await page.keyboard.press("Space");
  await tabTo(page, "#guard button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/said=/);
}

describe("guard mode", () => {
  for (const size of [[390, 844], [800, 480]]) {
    test(`a number is checked while it is typed, answered and released by keyboard at ${size.join("×")}`, { timeout: 60_000 }, async () => {
      const page = await open("/desk/guard?lang=en", { size });
      assert.ok(await page.evaluate(() => document.activeElement.id === "number"), "the number comes first");
      const said = () => page.innerText("#said");
      assert.match(await said(), /12 digits/);
      await page.keyboard.type("800101300007");
      assert.match(await said(), /check digit does not agree/);
      assert.equal(await page.getAttribute("#number", "aria-invalid"), "true");
      await axe(page, "a wrong number");
      await shot(page, `guard-wrong-${size.join("x")}`);
      await page.keyboard.press("Backspace");
      assert.match(await said(), /12 digits/);
      assert.equal(await page.getAttribute("#number", "aria-invalid"), null);
      await page.keyboard.type("6");
      assert.match(await said(), /well-formed/);
      // Without consent nothing is asked, and the number is still there.
      await page.keyboard.press("Enter");
      await page.waitForSelector("#wrong-consent");
      assert.equal(await page.inputValue("#number"), GREEN);
      await axe(page, "no consent");
      await tabTo(page, "input[name=consent]");
      await page.keyboard.press("Space");
      await page.keyboard.press("Enter");
      await page.waitForURL(/said=answered/);
      assert.ok(!(await page.content()).includes(GREEN), "the number does not come back");
      await page.locator("#waiting .pending.green").waitFor();
      await axe(page, "answered");
      await shot(page, `guard-answered-${size.join("x")}`);
      await tabTo(page, '#waiting button[value="release"]');
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/desk$/);
      await page.locator("#recent td", { hasText: "By staff" }).first().waitFor();
      await done(page);
    });
  }

  test("the page says the same as the node, kind by kind", { timeout: 60_000 }, async () => {
    const page = await open("/desk/guard?lang=en");
    const texts = [
      ["iin", "800101300006", true], ["iin", "800101300007", false], ["iin", "801301300006", false],
      ["iin", "8001 0130 0006", true], ["cccd", "001080000001", true], ["cccd", "003080000001", false],
      ["resident-id", "11010120120101001x", true], ["resident-id", "110101201201010012", false],
      ["resident-id", "990101201201010012", false], ["passport", "n1234567", true], ["passport", "ANNA", false],
      ["passport", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10", true],
      ["passport", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C46UTO7408122F1204159ZE184226B<<<<<10", false],
    ];
    for (const [kind, text, good] of texts) {
      await page.check(`input[value="${kind}"]`);
      await page.fill("#number", text);
      const live = await page.evaluate(() => document.getElementById("said").classList.contains("good"));
      assert.equal(live, good, `${kind} ${text}: ${await page.innerText("#said")}`);
      // No consent: the node says first what is wrong with the number.
      await page.evaluate(() => document.getElementById("guard").requestSubmit());
      await page.waitForSelector("#wrong-consent, #wrong-number");
      assert.equal(await page.locator("#wrong-consent").count() === 1, good, `the node: ${kind} ${text}`);
    }
    await done(page);
  });

  test("without scripts errors stand beside the field and nothing typed is lost", { timeout: 60_000 }, async () => {
    const page = await open("/desk/guard?lang=ru", { javaScriptEnabled: false, size: [390, 844] });
    await page.check('input[value="resident-id"]');
    await page.fill("#number", "110101199001010016");
    await page.check("input[name=consent]");
    await page.click("#guard button");
    await page.waitForSelector("#wrong-number");
    assert.match(await page.innerText("#wrong-number"), /\p{Script=Cyrillic}/u);
    assert.equal(await page.inputValue("#number"), "110101199001010016");
    assert.ok(await page.isChecked('input[value="resident-id"]') && await page.isChecked("input[name=consent]"));
    await shot(page, "guard-no-scripts");
    await done(page);
  });
});

describe("elders and children", () => {
  test("the answer leaves the screen after ten seconds, without scripts too", { timeout: 60_000 }, async () => {
    const page = await open("/desk/lookup?lang=en", { javaScriptEnabled: false, size: [390, 844] });
    await page.fill("#name", "анна иванова");
    await page.fill("#number", ELDER);
    await page.check("input[name=consent]");
    await page.click("#guard button");
    await page.locator("#answer.green").waitFor();
    const begun = Date.now();
    await shot(page, "looked-up");
    const shown = await page.content();
    assert.ok(!shown.includes(ELDER) && !/иванова/i.test(shown) && shown.includes("а* и*"));
    await page.locator("#answer").waitFor({ state: "detached", timeout: 20_000 });
    const stayed = Date.now() - begun;
    assert.ok(stayed > 5_000 && stayed < 20_000, `${stayed} ms`);
    await page.locator("#guard").waitFor();
    assert.equal(await page.inputValue("#number"), "");
    await done(page);
  });

  test("an adult is not looked up, and who was looked up checks in by keyboard", { timeout: 60_000 }, async () => {
    const page = await open("/desk/lookup?lang=en", { size: [800, 480] });
    const ask = async (number) => {
      await tabTo(page, "#name");
      await page.fill("#name", "Анна Иванова");
      await page.fill("#number", number);
      await tabTo(page, "input[name=consent]");
      if (!(await page.isChecked("input[name=consent]"))) await page.keyboard.press("Space");
      await tabTo(page, "#guard button");
      await page.keyboard.press("Enter");
    };
    await ask(GREEN);
    await page.waitForSelector("#wrong-number");
    assert.match(await page.innerText("#wrong-number"), /age that you chose/);
    assert.equal(await page.inputValue("#name"), "Анна Иванова");
    await axe(page, "not an elder");
    await ask(ELDER);
    await page.locator("#answer").waitFor();
    await axe(page, "looked up");
    await shot(page, "looked-up-800x480");
    await tabTo(page, "#answer button");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/desk$/);
    await page.locator('#waiting button[value="refuse"]').first().click();
    await page.goto(address("desk_a", "/desk/lookups?lang=en"));
    assert.ok(await page.locator("#lookups td", { hasText: "An elder" }).count() >= 1);
    await shot(page, "lookups");
    await done(page);
  });
});

describe("families", () => {
  test("three are typed one after another and released by one act; who is red is not among them", { timeout: 60_000 }, async () => {
    const page = await open("/desk/guard?lang=en", { size: [800, 480] });
    for (const [kind, number] of [["iin", GREEN], ["resident-id", RED], ["iin", ELDER]]) {
      await page.goto(address("desk_a", "/desk/guard?lang=en"));
      await type(page, kind, number);
    }
    await tabTo(page, 'a[href="/desk/family"].button');
    await page.keyboard.press("Enter");
    await page.waitForURL(/family$/);
    assert.equal(await page.locator("#family li").count(), 3);
    const ticked = await page.locator("#family input[type=checkbox]").evaluateAll((all) => all.map((c) => c.checked));
    assert.deepEqual(ticked, [true, false, true]);
    assert.match(await page.locator("#family li.red").innerText(), /Tested positive[\s\S]*this person alone/);
    await axe(page, "a family");
    await shot(page, "family");
    await tabTo(page, "#family button");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/desk$/);
    const left = page.locator("#waiting .pending");
    assert.equal(await left.count(), 1);
    assert.ok(await left.first().evaluate((p) => p.classList.contains("red")));
    await left.locator('button[value="refuse"]').click();
    await page.locator("#recent .chip.red").first().waitFor();
    await done(page);
  });
});

describe("looks", () => {
  for (const path_ of ["/desk/guard", "/desk/lookup", "/desk/family", "/desk/lookups"]) {
    test(`${path_} fits in every language, and is accessible`, { timeout: 60_000 }, async () => {
      const page = await open(path_);
      for (const lang of LANGUAGES) {
        for (const [width, height] of [[390, 844], [800, 480], [1280, 800]]) {
          await page.setViewportSize({ width, height });
          await page.goto(address("desk_a", `${path_}?lang=${lang}`));
          const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(over <= 0, `${path_} ${lang} ${width}×${height} is ${over} px too wide`);
          await shot(page, `${path_.slice(1).replaceAll("/", "-")}-${lang}-${width}x${height}`);
        }
      }
      await axe(page, path_);
      await done(page);
    });
  }
});

test("no page asked anybody else, and none complained", () => {
  assert.deepEqual([...strangers], []);
  assert.deepEqual(complaints, []);
});
