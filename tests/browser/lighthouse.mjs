// Every page under Lighthouse's mobile throttling: npm run lighthouse. Fails where a page is heavier or slower than its
// budget, or asks somebody else than its own node. Not among the tests that run always: it takes some minutes.
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import lighthouse from "lighthouse";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const OUT = path.join(HERE, "..", "out");
const BIN = path.resolve(process.env.VESTIBULE_BIN ?? path.join(HERE, "..", "..", "target", "debug", "vestibule"));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const BYTES_MAX = 100_000; // all that a page loads with an empty cache, as it travels
const INTERACTIVE_MAX = 1000; // ms, on a simulated slow phone: 150 ms round trip, 1.6 Mbit/s, a quarter of this CPU
const RUNS = 3; // the median counts: this machine may be busy

const DOOR = [
  "/", "/enter", "/door", "/v", "/self", "/desk", "/desk/guard", "/desk/lookup", "/desk/lookups", "/desk/family",
  "/venue", "/venue/anomalies", "/venue/flow", "/venue/evacuation", "/venue/standing", "/venue/rules", "/venue/doors",
  "/venue/staff", "/venue/audit", "/venue/setup", "/venue/training", "/venue/training/cards", "/venue/sheet",
  "/venue/sheet/enter", "/venue/care", "/account",
];
const AUTHORITY = [
  "/authority", "/authority/venues", "/authority/people", "/authority/tokens", "/authority/bulletins", "/authority/cases",
  "/authority/notices", "/authority/participation", "/authority/log", "/authority/staff", "/authority/programs",
];

const freePort = () => new Promise((yes) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => yes(port));
  });
});

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** One look at a page: what it weighs, when it can be used, and whom it asked. */
async function look(url, port) {
  const flags = {
    port, output: "json", logLevel: "error", onlyAudits: ["interactive", "first-contentful-paint", "total-byte-weight", "network-requests"],
    maxWaitForLoad: 15_000,
  };
  const { lhr } = await lighthouse(url, flags);
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  const asked = lhr.audits["network-requests"].details.items.map((item) => item.url);
  return {
    bytes: lhr.audits["total-byte-weight"].numericValue,
    painted: lhr.audits["first-contentful-paint"].numericValue,
    interactive: lhr.audits.interactive.numericValue,
    shown: lhr.finalDisplayedUrl,
    strangers: asked.filter((a) => a.startsWith("http") && new URL(a).origin !== new URL(url).origin),
  };
}

async function main() {
  const only = process.argv.slice(2);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vestibule-lighthouse-"));
  const demo = spawn(BIN, ["demo", "--dir", path.join(folder, "region"), "--json"], { stdio: ["ignore", "pipe", "ignore"] });
  const line = await new Promise((yes, no) => {
    demo.once("exit", (code) => no(new Error(`the demo ended with ${code}`)));
    createInterface(demo.stdout).once("line", yes);
  });
  const { pages } = JSON.parse(line);
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", `--remote-debugging-port=${port}`],
    env: { ...process.env, HOME: folder },
    timeout: 90_000,
  });
  const rows = [];
  try {
    for (const [name, list] of [["venue_a", DOOR], ["authority", AUTHORITY]]) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      await tab.goto(pages[name]);
      // Lighthouse opens its pages in the browser's own context, from a blank page, and clears that before each: the session goes
      // there anew each time, and not as strict as it is.
      const cookies = (await context.cookies()).map(({ name: called, value, domain, path: at, httpOnly }) =>
        ({ name: called, value, domain, path: at, httpOnly, sameSite: "Lax" }));
      const whole = await browser.newBrowserCDPSession();
      await context.close();
      for (const page of list.filter((p) => only.length === 0 || only.includes(p))) {
        const url = new URL(page, pages[name]).href.replace(/[?#].*/, "");
        const looks = [];
        for (let n = 0; n < RUNS; n += 1) {
          await whole.send("Storage.setCookies", { cookies });
          looks.push(await look(url, port));
        }
        const shown = new URL(looks[0].shown).pathname;
        const row = {
          page, shown, bytes: Math.max(...looks.map((l) => l.bytes)),
          painted: Math.round(median(looks.map((l) => l.painted))),
          interactive: Math.round(median(looks.map((l) => l.interactive))),
          strangers: looks.flatMap((l) => l.strangers),
        };
        rows.push(row);
        console.log(`${page.padEnd(26)} ${String(row.bytes).padStart(7)} B  painted ${String(row.painted).padStart(5)} ms  interactive ${String(row.interactive).padStart(5)} ms`);
      }
    }
  } finally {
    await browser.close();
    demo.removeAllListeners("exit");
    const ended = new Promise((yes) => demo.once("exit", yes));
    demo.kill("SIGTERM");
    await Promise.race([ended, new Promise((yes) => setTimeout(yes, 10_000))]);
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  fs.mkdirSync(OUT, { recursive: true });
  fs.writeFileSync(path.join(OUT, "lighthouse.json"), `${JSON.stringify(rows, null, 1)}\n`);
  const wrong = rows.flatMap((row) => [
    row.shown === row.page ? [] : [`${row.page} leads to ${row.shown}: another page was measured`],
    row.bytes < BYTES_MAX ? [] : [`${row.page} weighs ${row.bytes} bytes, over ${BYTES_MAX}`],
    row.interactive <= INTERACTIVE_MAX ? [] : [`${row.page} is interactive after ${row.interactive} ms, over ${INTERACTIVE_MAX}`],
    row.strangers.length === 0 ? [] : [`${row.page} asks ${row.strangers}`],
  ]).flat();
  wrong.forEach((text) => console.error(text));
  if (rows.length === 0) console.error("no such page");
  console.log(`${rows.length} pages; heaviest ${Math.max(...rows.map((r) => r.bytes))} B, slowest ${Math.max(...rows.map((r) => r.interactive))} ms`);
  process.exitCode = wrong.length === 0 && rows.length > 0 ? 0 : 1;
}

await main();
