// The authority's people at work in a real browser: accounts, a case with its drawing, the board, the logs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PATIENCE, SIZES, address, axe, done, shot, visit } from "./region.mjs";

const SECRET = "one wise owl at night";
const local = (ms) => new Date(Date.now() + ms).toISOString().slice(0, 16);

test("an admin is made, invites a tracer, and each sees the own pages", { timeout: 120_000 }, async () => {
  const admin = await visit(address("authority"));
  await admin.goto(new URL("/setup", admin.url()).href);
  await admin.fill("#name", "Ada Admin");
  await admin.fill("#secret", SECRET);
  await admin.fill("#again", SECRET);
  await admin.click("#join button");
  await admin.waitForSelector("#bound");
  await admin.goto(new URL("/authority/staff", admin.url()).href);
  await admin.fill("#name", "Tom Tracer");
  await admin.check('#invite input[name="tracer"]');
  await axe(admin, "authority's people");
  await shot(admin, "casework-people");
  await admin.click("#invite button");
  const invitation = await admin.inputValue("#address");

  const tom = await visit(invitation);
  await tom.fill("#secret", SECRET);
  await tom.fill("#again", SECRET);
  await axe(tom, "join the authority");
  await tom.click("#join button");
  await tom.click("#bound a");
  await tom.fill("#name", "tom tracer");
  await tom.fill("#secret", SECRET);
  await tom.click("#signin button");
  await tom.waitForSelector("#counts");
  assert.equal(await tom.locator('nav.tabs a[href="/authority/staff"]').count(), 0);

  await tom.click('nav.tabs a[href="/authority/cases"]');
  await tom.fill("#case", "2026-114");
  await tom.click("#open button");
  await tom.waitForSelector("#ask");
  await axe(tom, "case");
  await shot(tom, "casework-case");
  const ask = async (fields) => {
    await tom.fill("#purpose", "cluster");
    await tom.fill("#from", local(-24 * 3_600_000));
    await tom.fill("#until", local(36 * 3_600_000));
    for (const [name, value] of Object.entries(fields)) {
      if (name === "venue") await tom.selectOption("#venue", { index: value });
      else if (name === "second") await tom.check('#ask input[name="second"]');
      else await tom.fill(`#${name}`, value);
    }
    await tom.click("#ask button");
    await tom.waitForSelector("#met", { timeout: PATIENCE });
  };
  const one = tom.url();
  await ask({ venue: 1 });
  const person = await tom.locator("#met tbody th").first().innerText();
  assert.match(person, /^[0-9a-f]{32}$/);
  await tom.goto(one);
  await ask({ who: person, second: true });
  assert.ok((await tom.locator("#graph circle").count()) >= 2);
  await axe(tom, "answer");
  for (const [width, height] of SIZES) {
    await tom.setViewportSize({ width, height });
    await shot(tom, `casework-answer-${width}`);
    const wide = await tom.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the answer is ${wide} px wider than ${width}`);
  }
  await tom.setViewportSize({ width: 1280, height: 800 });
  const [file] = await Promise.all([
    tom.waitForEvent("download"),
    tom.selectOption("#format", "xlsx").then(() => tom.click("#export button")),
  ]);
  assert.equal(file.suggestedFilename(), "contacts.xlsx");

  for (const page of ["/authority/notices", "/authority/cases"]) {
    await tom.goto(new URL(page, tom.url()).href);
    await axe(tom, page);
    await shot(tom, `casework${page.replaceAll("/", "-")}`);
  }
  for (const page of ["/authority/log", "/authority/participation", "/authority/programs"]) {
    await admin.goto(new URL(page, admin.url()).href);
    await axe(admin, page);
    await shot(admin, `casework${page.replaceAll("/", "-")}`);
  }
  assert.match(await (await admin.goto(new URL("/authority/log", admin.url()).href)).text(), /Exported/);
  await done(tom);
  await done(admin);
});
