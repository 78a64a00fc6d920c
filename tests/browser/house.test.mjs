// The venue's own rules: set by the manager on one door, heard by the other, and named on the verdict as the venue's own.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { LANGUAGES, OUT, PATIENCE, SIZES, address, axe, complaints, done, shot, strangers, visit } from "./region.mjs";

/** The page of a door's own rules, with a session. */
async function open(door, options = {}) {
  const tab = await visit(address(door), options);
  await tab.goto(new URL("/venue/rules", tab.url()).href);
  return tab;
}

describe("the venue's own rules", () => {
  test("the manager sets them, wrong ones are named, and the other door hears of them", { timeout: 90_000 }, async () => {
    const manager = await open("venue_a", { size: [390, 844] });
    await axe(manager, "the rules");
    await manager.fill("#places", "100000");
    await manager.fill("#from", "09:00");
    await manager.click("#rules button.primary");
    assert.match(await manager.locator("#trouble").innerText(), /two different times/);
    assert.equal(await manager.inputValue("#places"), "100000", "nothing typed is lost");
    await manager.fill("#from", "");
    await manager.click("#rules button.primary");
    assert.match(await manager.locator("#trouble").innerText(), /more than the venue has places/);
    await shot(manager, "house-trouble");
    await manager.fill("#places", "");
    await manager.check("[name=document]");
    await manager.click("#rules button.primary");
    assert.match(await manager.locator(".good-news").innerText(), /Saved/);
    assert.ok(await manager.isChecked("[name=document]"));

    const other = await open("venue_b");
    await other.waitForFunction(async () => {
      const html = await (await fetch("/venue/rules")).text();
      return /name="document"[^>]*checked/.test(html);
    }, null, { timeout: PATIENCE, polling: 500 });
    await other.reload();
    assert.ok(await other.locator("#elsewhere").isVisible(), "they are made at the manager's door");
    assert.ok(await other.locator("[name=document]").isDisabled());
    await shot(other, "house-other-door");
    await done(other);

    // The demo's doors are attended by nobody: whoever would come in is turned away, by the venue's own rule.
    const door = await visit(address("door_b", "/door"), { size: [800, 480] });
    await door.getByText("The venue’s own rule").first().waitFor({ timeout: PATIENCE });
    await shot(door, "house-verdict");
    await axe(door, "the verdict");
    await done(door);
    await manager.goto(new URL("/venue/audit", manager.url()).href);
    assert.match(await manager.locator("#audit").innerText(), /own rules changed/);
    await manager.goto(new URL("/venue/rules", manager.url()).href);
    await manager.uncheck("[name=document]");
    await manager.click("#rules button.primary");
    await manager.locator(".good-news").waitFor();
    await done(manager);
  });

  test("whole at each size and in each language; the tabs fold without a script", { timeout: 60_000 }, async () => {
    for (const size of SIZES) {
      const tab = await open("venue_a", { size });
      const wide = () => tab.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      assert.ok(!(await wide()), `${size} is too wide`);
      await tab.screenshot({ path: path.join(OUT, `house-${size[0]}.png`), fullPage: true });
      await tab.click(".tabs .more > summary");
      assert.ok(await tab.locator('.tabs a[href="/venue/staff"]').isVisible());
      assert.ok(!(await wide()), `${size} is too wide with the tabs open`);
      await axe(tab, `the tabs ${size}`);
      await tab.screenshot({ path: path.join(OUT, `house-tabs-${size[0]}.png`) });
      await done(tab);
    }
    for (const lang of LANGUAGES) {
      const tab = await visit(address("venue_a"), { size: [390, 844], lang });
      await tab.goto(new URL(`/venue/rules?lang=${lang}`, tab.url()).href);
      assert.ok(!(await tab.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)), lang);
      await tab.screenshot({ path: path.join(OUT, `house-${lang}.png`), fullPage: true });
      await done(tab);
    }
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints, []);
  });
});
