// A visitor's own phone: VESTIBULE_BIN=…/vestibule node --test visitor.test.mjs
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LANGUAGES, PATIENCE, address, axe, complaints, done, pages, shot, strangers, visit } from "./region.mjs";

const PHONE = [390, 844];
const url = (page, lang) => address("door_b", lang ? `${page}?lang=${lang}` : page);

/** The PIN that the door's screen shows. */
async function pinAtDoor() {
  const door = await visit(address("door_b", "/door"), { size: [800, 480] });
  const strong = door.locator("#pin strong");
  await strong.waitFor({ timeout: PATIENCE });
  const pin = (await strong.innerText()).replace(/\D/g, "");
  await shot(door, "visitor-door-pin");
  await done(door);
  return pin;
}

/** Fills the form and sends it. */
async function send(page, phone, pin) {
  await page.locator("fieldset:enabled").waitFor();
  await page.fill("#phone", phone);
  await page.fill("#pin", pin);
  await page.click("button[value=pin]");
}

describe("a visitor's phone", () => {
  test("a number and the PIN become a pass; what travels is sealed", { timeout: 60_000 }, async () => {
    const page = await visit(url("/v", "ru"), { size: PHONE, lang: "ru" });
    const sent = [];
    page.on("request", (r) => { if (r.method() === "POST") sent.push(r.postData()); });
    await axe(page, "the form");
    await shot(page, "visitor-form-ru");
    await send(page, "701 234 56 78", await pinAtDoor());
    await page.waitForURL(/\/v\/pass\//, { timeout: PATIENCE });
    await page.locator("body.pass h1").waitFor();
    assert.match(await page.locator("h1").innerText(), /подтверждено/);
    assert.match(await page.locator(".valid").first().innerText(), /Действует до \d\d:\d\d/);
    assert.ok(await page.locator("body.pass.grey").count(), "nothing is known of a number");
    assert.equal(sent.length, 1);
    for (const clear of ["701", "5678", "56 78", "56+78", "pin=", "phone="]) {
      assert.ok(!sent[0].replace(/letter=[^&]*/, "").includes(clear), `${clear} in ${sent[0]}`);
    }
    const ticks = () => page.locator("[data-until]").innerText();
    const before = await ticks();
    await page.waitForFunction((b) => document.querySelector("[data-until]").textContent !== b, before);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0, "the number is kept no longer");
    await axe(page, "the pass");
    await shot(page, "visitor-pass-ru");
    await page.click(".acts a.button");
    await page.locator(".held").first().waitFor();
    await axe(page, "the receipt");
    await shot(page, "visitor-receipt-ru");
    await page.goBack();
    await page.click(".acts button");
    await page.locator("h1", { hasText: "Вы вышли" }).waitFor();
    await shot(page, "visitor-left-ru");
    await done(page);
  });

  test("another language; a slip costs no second typing", { timeout: 60_000 }, async () => {
    const page = await visit(url("/v", "vi"), { size: PHONE, lang: "vi" });
    assert.equal(await page.locator("#country").inputValue(), "84");
    await send(page, "0912 345", "123456");
    await page.locator("#trouble").waitFor();
    assert.equal(await page.locator("#phone").inputValue(), "0912 345");
    await axe(page, "the form with trouble");
    await shot(page, "visitor-trouble-vi");
    await send(page, "0912 345 678", await pinAtDoor());
    await page.waitForURL(/\/v\/pass\//, { timeout: PATIENCE });
    await shot(page, "visitor-pass-vi");
    await done(page);
  });

  test("guessing the PIN is capped", { timeout: 60_000 }, async () => {
    const right = await pinAtDoor();
    const wrong = right === "000000" ? "111111" : "000000";
    const page = await visit(url("/v", "en"), { size: PHONE });
    for (let n = 0; n < 6; n += 1) {
      await send(page, "701 000 00 01", wrong);
      await page.locator("#trouble").waitFor();
    }
    assert.match(await page.locator("#trouble").innerText(), /Too many attempts/);
    await send(page, "701 000 00 01", await pinAtDoor());
    assert.match(await page.locator("#trouble").innerText(), /Too many attempts/, "also with the right one");
    await shot(page, "visitor-capped");
    await done(page);
  });

  test("without scripts it says what it needs, and sends nothing", { timeout: 30_000 }, async () => {
    const page = await visit(url("/v", "en"), { size: PHONE, javaScriptEnabled: false });
    assert.ok(await page.locator("#unsealed").isVisible());
    assert.ok(await page.locator("#phone").isDisabled());
    await shot(page, "visitor-no-script");
    await done(page);
  });

  test("a self-check records nothing and says so", { timeout: 30_000 }, async () => {
    const page = await visit(url("/self", "en"), { size: PHONE });
    await page.locator("fieldset:enabled").waitFor();
    await page.fill("#code", "ST1:NOTACODE");
    await page.click(".primary");
    await page.locator(".found").waitFor();
    assert.match(await page.locator(".found").innerText(), /Nothing was recorded/);
    await axe(page, "the self-check");
    await shot(page, "visitor-self");
    await done(page);
  });

  test("whoever is turned away reads why on the own phone, once", { timeout: 120_000 }, async () => {
    const door = await visit(address("door_b", "/door"), { size: [800, 480] });
    await door.locator("#why svg").waitFor({ timeout: 100_000 });
    await shot(door, "visitor-why-at-the-door");
    assert.ok(!/positive|contact of/i.test(await door.locator("#why").innerText()));
    await done(door);
    const over = await visit(url("/v/why/AAAA", "en"), { size: PHONE });
    assert.match(await over.locator(".alert").innerText(), /60 seconds/);
    await axe(over, "a reason that is over");
    await done(over);
  });

  test("every page in every language, light, and with no other host", { timeout: 60_000 }, async () => {
    for (const lang of LANGUAGES) {
      for (const name of ["/v", "/self"]) {
        const page = await visit(url(name, lang), { size: PHONE, lang });
        await shot(page, `visitor${name.replace("/", "-")}-${lang}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= PHONE[0], `${name} ${lang} is ${wide} px wide`);
        const heavy = await page.evaluate(() => [
          ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
        ].reduce((n, e) => n + e.encodedBodySize, 0));
        assert.ok(heavy > 0 && heavy < 100_000, `${name} weighs ${heavy} bytes`);
        await done(page);
      }
    }
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints, []);
    assert.ok(pages.door_b);
  });
});
