// A code by SMS, from the poster on the wall to the pass, with a gateway that is a real HTTP server beside real nodes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { BIN, OUT, axe, browser, complaints, done, folder, pages, shot, strangers, visit } from "./region.mjs";
import { endAll, entrance, found as apart, informed, logs, run } from "./nodes.mjs";

const PHONE = [390, 844];
const NUMBER = "7015550142";
const SECRET = "Bearer of-the-gateway";
let place, gateway;
const gate = { messages: [], refuses: false, url: "" };

/** The messages that the gateway took, as operators' gateways answer. */
async function startGateway() {
  gateway = http.createServer(async (request, answer) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (gate.refuses) return answer.writeHead(503).end("busy");
    assert.equal(request.headers.authorization, SECRET);
    gate.messages.push(JSON.parse(Buffer.concat(parts).toString("utf8")));
    answer.writeHead(200).end('{"state":"queued"}');
  });
  await new Promise((yes) => gateway.listen(0, "127.0.0.1", yes));
  gate.url = `http://127.0.0.1:${gateway.address().port}/send`;
}

/** The demo's region again: an authority and a door with a gateway. */
async function found() {
  const sms = `\n[sms]\ngateway = "http"\nurl = "${gate.url}"\nbody = '{"to":"{phone}","text":"{text}"}'\nheader = "sms.header"\nexpect = "queued"\n`;
  const made = await apart("sms", "door-b", (text) => text + sms);
  ({ place } = made);
  fs.writeFileSync(path.join(place, "door-b", "sms.header"), `Authorization: ${SECRET}\n`, { mode: 0o600 });
  await run(made.authority);
  pages.sms = (await run(made.config)).pages;
}

/** The address in the code of the door's poster, read from a picture of the sheet by the product's own reader. */
async function scanPoster() {
  const staff = await visit(entrance(place, "door-b", pages.sms));
  const sheet = await staff.context().request.get(new URL("/venue/poster/in.svg?languages=en,ru", pages.sms).href);
  assert.equal(sheet.status(), 200);
  const svg = path.join(folder, "poster.svg");
  fs.writeFileSync(svg, await sheet.body());
  await done(staff);
  const wall = await browser.newPage({ viewport: { width: 800, height: 1131 } });
  await wall.goto(`file://${svg}`);
  const picture = path.join(OUT, "sms-poster.png");
  await wall.screenshot({ path: picture });
  await wall.close();
  const seen = JSON.parse(execFileSync(BIN, ["scan", "--json", picture], { encoding: "utf8" }).trim().split("\n")[0]);
  const text = seen.codes.map((code) => code.text).find((t) => /\/p\//i.test(t));
  assert.ok(text, JSON.stringify(seen));
  return text;
}

describe("a code by SMS", () => {
  before(async () => {
    await startGateway();
    await found();
    await informed(pages.sms);
  }, { timeout: 60_000 });

  after(async () => {
    await endAll();
    gateway?.close();
  });

  test("from the poster to the pass; a wrong code and a gateway that is down are said, and nothing typed is lost", { timeout: 90_000 }, async () => {
    const phone = await visit(await scanPoster(), { size: PHONE });
    const sent = [];
    phone.on("request", (r) => { if (r.method() === "POST") sent.push(r.postData()); });
    await phone.locator("fieldset:enabled").waitFor();
    await shot(phone, "sms-form");
    const ask = async () => {
      await phone.fill("#phone", "701 555 01 42");
      await phone.click("button[value=sms]");
    };
    gate.refuses = true;
    await ask();
    await phone.locator("#trouble").waitFor();
    assert.match(await phone.locator("#trouble").innerText(), /could not be sent|not sent/i);
    assert.equal(await phone.locator("#phone").inputValue(), "701 555 01 42");
    await shot(phone, "sms-gateway-down");
    gate.refuses = false;
    await phone.locator("fieldset:enabled").waitFor();
    await ask();
    await phone.locator("#code").waitFor();
    await axe(phone, "the code");
    await shot(phone, "sms-code");
    assert.equal(gate.messages.length, 1);
    const [{ to, text }] = gate.messages;
    assert.equal(to, `+${NUMBER.length === 10 ? "7" : ""}${NUMBER}`);
    const code = /\d{6}/.exec(text.replace(/(\d{3}) (\d{3})/, "$1$2"))[0];
    await phone.locator("fieldset:enabled").waitFor();
    await phone.fill("#code", code === "000000" ? "111111" : "000000");
    await phone.click("button.primary");
    await phone.locator("#trouble").waitFor();
    await shot(phone, "sms-wrong-code");
    await phone.locator("fieldset:enabled").waitFor();
    await phone.fill("#code", code);
    await phone.click("button.primary");
    await phone.waitForURL(/\/v\/pass\//, { timeout: 40_000 });
    await phone.locator("body.pass h1").waitFor();
    assert.match(await phone.locator(".valid").first().innerText(), /until \d\d:\d\d/);
    await axe(phone, "the pass");
    await shot(phone, "sms-pass");
    for (const body of sent) {
      const clear = body.replace(/letter=[^&]*/, "");
      assert.ok(!clear.includes("555") && !clear.includes(code), `${clear} travels in clear`);
    }
    // The code is of one use, and so is the letter that carried it.
    const again = await phone.request.post(new URL("/v/code", phone.url()).href, {
      data: sent.at(-1), headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" }, maxRedirects: 0,
    });
    assert.equal(again.status(), 422, await again.text());
    await done(phone);
  });

  test("the number is in no file of the nodes and in no log", async () => {
    for (const log of logs()) assert.ok(!log.includes(NUMBER), log);
    for (const file of fs.readdirSync(place, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())) {
      const name = path.join(file.parentPath ?? file.path, file.name);
      assert.ok(!fs.readFileSync(name).includes(NUMBER), `the number is readable in ${name}`);
    }
    assert.deepEqual([...strangers], []);
    assert.deepEqual(complaints, []);
  });
});
