// A real demo and a real browser for the stories beside this file: started before the first, ended after the last.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const OUT = path.join(HERE, "..", "out");
export const BIN = path.resolve(process.env.VESTIBULE_BIN ?? path.join(HERE, "..", "..", "target", "debug", "vestibule"));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const AXE = path.join(HERE, "node_modules", "axe-core", "axe.min.js");
export const LANGUAGES = ["kk", "ru", "vi", "zh-Hans", "zh-Hant", "en"];
export const SIZES = [[800, 480], [390, 844], [1280, 800]];
export const PATIENCE = 40_000; // ms to wait for something that a visitor causes
const ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export let folder, browser, pages;
let demo;
export const strangers = new Set(); // addresses asked for that are not the demo's
export const complaints = []; // what pages wrote to their consoles

export const address = (name, page) => page ? new URL(page, pages[name]).href : pages[name];

async function startDemo() {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "vestibule-browser-"));
  const dir = path.join(folder, "region");
  demo = spawn(BIN, ["demo", "--dir", dir, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const failed = new Promise((_, no) => {
    demo.once("error", no);
    demo.once("exit", (code) => no(new Error(`the demo ended with ${code}`)));
  });
  failed.catch(() => {}); // the end that the tests bring about themselves
  const first = new Promise((yes) => createInterface(demo.stdout).once("line", yes));
  return JSON.parse(await Promise.race([first, failed])).pages;
}

/** A page in its own session; everything it asks for is watched. */
export async function visit(url, { size = [1280, 800], lang = "en", ...more } = {}) {
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] }, locale: lang, ...more,
  });
  const own = new Set(Object.values(pages).map((p) => new URL(p).origin));
  context.on("request", (r) => {
    const { origin } = new URL(r.url());
    if (!own.has(origin)) strangers.add(r.url());
  });
  const page = await context.newPage();
  page.on("pageerror", (e) => complaints.push(`${url}: ${e.message}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) complaints.push(`${url}: ${m.text()}`);
  });
  await page.goto(url);
  return page;
}

export const done = (page) => page.context().close();
export const shot = (page, name) => page.screenshot({ path: path.join(OUT, `${name}.png`) });
export const number = async (page, selector) =>
  Number((await page.locator(selector).first().innerText()).split("/")[0].replace(/\D/g, ""));

export async function grows(page, selector) {
  const start = await number(page, selector);
  await page.waitForFunction(
    ([s, n]) => Number(document.querySelector(s).innerText.split("/")[0].replace(/\D/g, "")) > n,
    [selector, start], { timeout: PATIENCE });
}

export async function axe(page, name) {
  await page.evaluate(fs.readFileSync(AXE, "utf8")); // by the debugger: the pages' own rules forbid scripts from elsewhere
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  const words = violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target).join(", ")})`);
  assert.deepEqual(words, [], name);
}

before(async () => {
  fs.mkdirSync(OUT, { recursive: true });
  pages = await startDemo();
  const profile = path.join(folder, "profile");
  fs.mkdirSync(profile);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, env: { ...process.env, HOME: profile } });
}, { timeout: 60_000 });

after(async () => {
  await browser?.close();
  if (demo && demo.exitCode === null) {
    const ended = new Promise((yes) => demo.once("exit", yes));
    demo.kill("SIGTERM");
    await Promise.race([ended, new Promise((yes) => setTimeout(yes, 10_000))]);
  }
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
