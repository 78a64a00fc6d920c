// What the authority tells a venue, in a real browser: announced there, signed, shown here in the reader's language; papers and
// the count of tracing questions on the venue's own page.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { LANGUAGES, OUT, PATIENCE, SIZES, address, axe, complaints, done, strangers, visit } from "./region.mjs";

const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

async function open(node, page, options = {}) {
  const tab = await visit(address(node), options);
  await tab.goto(new URL(page, tab.url()).href);
  return tab;
}

describe("what the authority tells a venue", () => {
  test("is written, signed, and shown at the venue in the reader's language", { timeout: 90_000 }, async () => {
    const office = await open("authority", "/authority/bulletins");
    await office.locator("#announce summary").click();
    await office.fill("#text-en", "Close at ten");
    await office.fill("#text-kk", "Сағат онда жабылыңыз\nдүйсенбіден бастап");
    await office.fill("#announce-by", "Ann");
    await office.locator("#announce form button.primary").last().click();
    await office.waitForSelector("#draft-1");
    assert.match(await office.locator("#draft-1").innerText(), /Is announced from now on: .*Close at ten/s);
    await office.screenshot({ path: path.join(OUT, "reach-draft.png"), fullPage: true });
    await axe(office, "a draft of an announcement");
    await office.locator("#draft-1 button.primary").click();
    await office.waitForSelector("#announce article");
    await done(office);

    for (const size of SIZES) {
      const tab = await open("venue_a", "/venue", { size });
      await tab.waitForSelector(".told", { timeout: PATIENCE });
      await tab.waitForSelector("#papers");
      assert.match(await tab.locator("#asked").innerText(), /looked into visits/);
      assert.ok(!(await overflows(tab)), `${size} is too wide`);
      if (size[0] === 390) await axe(tab, "the venue's page");
      await tab.screenshot({ path: path.join(OUT, `reach-venue-${size[0]}.png`), fullPage: true });
      await done(tab);
    }
    const tab = await open("venue_a", "/venue", { size: [390, 844] });
    for (const lang of LANGUAGES) {
      await tab.goto(new URL(`/venue?lang=${lang}`, tab.url()).href);
      await tab.waitForSelector(".told");
      const said = await tab.locator(".told").innerText();
      assert.match(said, lang === "kk" ? /Сағат онда жабылыңыз/ : /Close at ten/, lang);
      assert.ok(!(await overflows(tab)), `${lang} is too wide`);
      if (lang === "kk" || lang === "zh-Hant") await tab.screenshot({ path: path.join(OUT, `reach-venue-${lang}.png`), fullPage: true });
    }
    await done(tab);
  });

  test("the forms are whole at each size and in each language", { timeout: 60_000 }, async () => {
    for (const size of SIZES) {
      const tab = await open("authority", "/authority/bulletins", { size });
      await tab.locator("#announce summary").click();
      assert.ok(!(await overflows(tab)), `${size} is too wide`);
      if (size[0] === 390) await axe(tab, "the form of an announcement");
      await tab.screenshot({ path: path.join(OUT, `reach-announce-${size[0]}.png`), fullPage: true });
      await done(tab);
    }
    const tab = await open("authority", "/authority/bulletins", { size: [390, 844] });
    for (const lang of LANGUAGES) {
      await tab.goto(new URL(`/authority/bulletins?lang=${lang}`, tab.url()).href);
      await tab.locator("#announce summary").click();
      assert.ok(!(await overflows(tab)), `${lang} is too wide`);
    }
    await done(tab);
  });

  test("nothing else is asked for, and no page complains", () => {
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints, []);
  });
});
