// Nodes of processes of their own, so that one of them can be cut off: the demo's region again in another folder.
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { BIN, folder } from "./region.mjs";

const nodes = [];

const freePort = () => new Promise((yes) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => yes(port));
  });
});

const edit = (file, change) => fs.writeFileSync(file, change(fs.readFileSync(file, "utf8")));

/** A node of its own process: the address of its pages, its log, and its end. */
export async function run(config) {
  const node = spawn(BIN, ["run", "--config", config], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  const log = [];
  const end = async () => {
    if (node.exitCode !== null) return;
    const ended = new Promise((yes) => node.once("exit", yes));
    node.kill("SIGTERM");
    await Promise.race([ended, new Promise((yes) => setTimeout(yes, 5_000))]);
  };
  nodes.push({ log, end });
  const pages = await new Promise((yes, no) => {
    const take = (data) => {
      log.push(data.toString());
      const found = /pages: (\S+)/.exec(log.join(""));
      if (found) yes(found[1]);
    };
    node.stdout.on("data", take);
    node.stderr.on("data", take);
    node.once("exit", (code) => no(new Error(`${config} ended with ${code}: ${log.join("")}`)));
  });
  return { pages, end };
}

/** Ends them all; what they said. */
export async function endAll() {
  for (const node of nodes) await node.end();
}

export const logs = () => nodes.map(({ log }) => log.join(""));

/** Copies the demo's region without what its nodes have stored; the authority and this door know where to find each other. */
export async function found(name, door, change = (text) => text) {
  const place = path.join(folder, name);
  const keep = (from) => !/[\\/]data([\\/]|$)/.test(path.relative(path.join(folder, "region"), from));
  fs.cpSync(path.join(folder, "region"), place, { recursive: true, filter: keep });
  const port = await freePort();
  const authority = path.join(place, "authority", "config.toml");
  const config = path.join(place, door, "config.toml");
  edit(authority, (text) => text.replace('listen = ["127.0.0.1:0"]', `listen = ["127.0.0.1:${port}"]`));
  edit(config, (text) => change(text.replace("dial = []", `dial = ["127.0.0.1:${port}"]`)));
  return { place, authority, config };
}

/** The staff's way in to a node that `found` has made. */
export function entrance(place, node, pages) {
  const key = fs.readFileSync(path.join(place, node, "data", "access.key"), "utf8").trim();
  return new URL(`/enter?key=${key}`, pages).href;
}

/** Waits until a node has what the region publishes. */
export async function informed(pages) {
  const rules = async () => {
    const text = await (await fetch(new URL("/healthz", pages))).text();
    return ["policy", "trust", "tracing-keys", "revocations"].every((kind) => text.includes(`"kind":"${kind}"`));
  };
  while (!(await rules())) await new Promise((yes) => setTimeout(yes, 200));
}
