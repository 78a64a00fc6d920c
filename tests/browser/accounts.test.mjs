// People with accounts, in a real browser: VESTIBULE_BIN=…/vestibule node --test accounts.test.mjs
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LANGUAGES, SIZES, strangers, complaints, address, done, shot, visit, axe } from "./region.mjs";

const MANAGERS = "one wise owl at night";
const PHONE = [390, 844];
const PANEL = [800, 480];
const code = async (page, selector) => (await page.innerText(selector)).match(/[A-Z2-7]{4}-[A-Z2-7]{4}/)[0];
const fits = async (page, where) => {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px too wide`);
};
const open = (path, more) => visit(address("door_a", path), more);
async function signIn(page, name, secret) {
  await page.fill("#name", name);
  await page.fill("#secret", secret);
  await page.click("#signin button");
}

let manager, phone;

describe("from the first start to a staff", () => {
  test("the door's own screen shows the set-up code, and it makes the manager", { timeout: 60_000 }, async () => {
    const screen = await open("/door", { size: PANEL });
    const setUp = await code(screen, "#set-up");
    await shot(screen, "accounts-door-setup");
    const down = await screen.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight);
    assert.ok(down <= 0, `the door's screen is ${down} px too high`);

    manager = await open("/setup", { size: PHONE });
    await axe(manager, "set-up");
    await fits(manager, "set-up");
    await shot(manager, "accounts-setup");
    const choose = async (secret, again) => {
      await manager.fill("#code", setUp);
      await manager.fill("#name", "Maria Manager");
      await manager.fill("#secret", secret);
      await manager.fill("#again", again);
      await manager.click("#setup button");
    };
    await choose("123456", "123456");
    await manager.waitForSelector("#trouble");
    assert.equal(await manager.inputValue("#name"), "Maria Manager", "what was typed stays");
    assert.equal(await manager.inputValue("#secret"), "", "but for the secret");
    await axe(manager, "set-up with an error");
    await shot(manager, "accounts-setup-wrong");
    await choose(MANAGERS, MANAGERS);
    await manager.waitForSelector("#bound");
    await axe(manager, "bound");
    await shot(manager, "accounts-bound");
    await screen.reload();
    assert.equal(await screen.locator("#set-up").count(), 0, "the code is gone from the screen");
    await done(screen);

    await manager.click("#bound a.primary");
    await shot(manager, "accounts-enter");
    await axe(manager, "sign-in");
    await fits(manager, "sign-in");
    await signIn(manager, "Maria Manager", MANAGERS);
    await manager.waitForURL(/\/venue\/staff$/);
  });

  test("the manager invites, and a second phone binds and signs in", { timeout: 60_000 }, async () => {
    await manager.setViewportSize({ width: 800, height: 480 });
    await manager.fill("#name", "Anna <b>Petrova</b>");
    await manager.fill("#shift_end", "23:59");
    await manager.click("#invite button");
    await manager.waitForSelector("svg.symbol");
    await axe(manager, "invitation");
    await fits(manager, "invitation");
    await shot(manager, "accounts-invited");
    const invitation = await manager.inputValue("#address");

    phone = await visit(invitation, { size: PHONE, lang: "ru" });
    assert.match(await phone.innerText("main"), /Anna <b>Petrova<\/b> · Сотрудник/);
    await axe(phone, "binding");
    await fits(phone, "binding");
    await shot(phone, "accounts-bind");
    await phone.fill("#secret", "184027");
    await phone.fill("#again", "184027");
    await phone.click("#bind button");
    await phone.waitForSelector("#bound");
    await shot(phone, "accounts-bound-staff");
    await phone.click("#bound a.primary");
    await signIn(phone, "anna <B>petrova</b>", "000000");
    await phone.waitForSelector("#wrong");
    await axe(phone, "wrong sign-in");
    await shot(phone, "accounts-enter-wrong");
    await signIn(phone, "anna <B>petrova</b>", "184027");
    await phone.waitForURL(/\/desk$/);
    await phone.goto(address("door_a", "/account"));
    await axe(phone, "account");
    await fits(phone, "account");
    await shot(phone, "accounts-account");
    await phone.goto(address("door_a", "/venue"));
    await axe(phone, "the venue's page for staff");
    assert.equal(await phone.locator("#count").count(), 0, "what staff may not change is not there");
    await phone.goto(address("door_a", "/venue/staff"));
    assert.match(await phone.innerText("main"), /только руководитель/);
    await shot(phone, "accounts-not-allowed");

    const again = await visit(invitation, { size: PHONE });
    await again.waitForSelector("#trouble");
    await axe(again, "used invitation");
    await shot(again, "accounts-bind-used");
    await done(again);
  });

  test("a person bound at one door signs in at the other", { timeout: 60_000 }, async () => {
    const other = await visit(address("door_b", "/enter"), { size: PHONE });
    for (let tries = 0; !(await other.locator("#signin").count()); tries++) {
      assert.ok(tries < 40, "the other door never heard of the staff");
      await other.waitForTimeout(500);
      await other.reload();
    }
    for (let tries = 0; !/\/$/.test(other.url()); tries++) {
      assert.ok(tries < 4, "the other door never heard of Anna");
      if (tries) await other.waitForTimeout(2000);
      await signIn(other, "Anna <b>Petrova</b>", "184027");
      await other.waitForLoadState();
    }
    await other.goto(address("door_b", "/account"));
    assert.match(await other.innerText("main"), /kept at the door “/);
    await axe(other, "account at the other door");
    await shot(other, "accounts-account-elsewhere");
    await done(other);
  });

  test("the manager removes the person, and the session ends", { timeout: 60_000 }, async () => {
    await phone.goto(address("door_a", "/desk"));
    await manager.goto(address("door_a", "/venue/staff"));
    const row = manager.locator("#people li", { hasText: "Petrova" });
    await row.locator("summary").click();
    await axe(manager, "changing a person");
    await shot(manager, "accounts-staff-800x480");
    await row.locator('input[name="sure"]').check();
    await row.locator("button.stop").click();
    await manager.locator("#people li.removed").waitFor();
    await shot(manager, "accounts-staff-removed");
    await phone.reload();
    assert.match(phone.url(), /\/enter\?next=\/desk$/);
    await done(phone);
  });

  test("pages of the staff fit in every language and size", { timeout: 120_000 }, async () => {
    for (const path of ["/venue/staff", "/venue/audit"]) {
      for (const lang of LANGUAGES) {
        for (const [width, height] of [PANEL, PHONE, ...SIZES.slice(2)]) {
          await manager.setViewportSize({ width, height });
          await manager.goto(address("door_a", `${path}?lang=${lang}`));
          await fits(manager, `${path} ${lang} ${width}×${height}`);
          await shot(manager, `accounts${path.replaceAll("/", "-")}-${lang}-${width}x${height}`);
        }
      }
      await axe(manager, path);
    }
    assert.ok(await manager.locator("#audit tr").count() > 5, "what happened is in the log");
    await done(manager);
    for (const path of ["/enter", "/setup", "/bind"]) {
      const page = await open(path, { size: PHONE });
      for (const lang of LANGUAGES) {
        await page.goto(address("door_a", `${path}?lang=${lang}`));
        await fits(page, `${path} ${lang}`);
        await shot(page, `accounts${path.replaceAll("/", "-")}-${lang}-390x844`);
      }
      await axe(page, path);
      await done(page);
    }
  });
});

test("no page asked anybody else, and none complained", () => {
  assert.deepEqual([...strangers], []);
  assert.deepEqual(complaints, []);
});
