// A QR symbol of version 10, level L, and a moving picture of it, so that a browser has something to hold a camera to.
import assert from "node:assert/strict";
import fs from "node:fs";

const SIDE = 57;
const DATA = [68, 68, 69, 69]; // codewords of each block
const CHECK = 18; // check codewords of each block
const EXP = new Array(512);
const LOG = new Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
  x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
}
const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

function checks(data) {
  let generator = [1];
  for (let i = 0; i < CHECK; i++) {
    const next = new Array(generator.length + 1).fill(0);
    generator.forEach((c, at) => { next[at] ^= c; next[at + 1] ^= times(c, EXP[i]); });
    generator = next;
  }
  const rest = [...data, ...new Array(CHECK).fill(0)];
  for (let i = 0; i < data.length; i++) {
    const factor = rest[i];
    generator.forEach((c, at) => { rest[i + at] ^= times(c, factor); });
  }
  return rest.slice(data.length);
}

function codewords(text) {
  const bytes = [...Buffer.from(text, "latin1")];
  const most = DATA.reduce((a, b) => a + b);
  assert.ok(bytes.length <= most - 3, `${bytes.length} bytes do not fit`);
  let bits = `0100${bytes.length.toString(2).padStart(16, "0")}`;
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  bits += "0000";
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  const all = bits.match(/.{8}/g).map((b) => parseInt(b, 2));
  for (let pad = 0xec; all.length < most; pad ^= 0xfd) all.push(pad);
  const blocks = [];
  for (let from = 0, n = 0; n < DATA.length; from += DATA[n], n++) blocks.push(all.slice(from, from + DATA[n]));
  const out = [];
  for (let i = 0; i < Math.max(...DATA); i++) for (const block of blocks) if (i < block.length) out.push(block[i]);
  const tails = blocks.map(checks);
  for (let i = 0; i < CHECK; i++) for (const tail of tails) out.push(tail[i]);
  return out;
}

/** The modules of a symbol, row by row: 1 is dark. */
export function symbol(text) {
  const module = Array.from({ length: SIDE }, () => new Array(SIDE).fill(undefined));
  const put = (x, y, dark) => { if (x >= 0 && y >= 0 && x < SIDE && y < SIDE) module[y][x] = dark ? 1 : 0; };
  for (const [cx, cy] of [[3, 3], [SIDE - 4, 3], [3, SIDE - 4]]) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      put(cx + dx, cy + dy, ring !== 2 && ring !== 4);
    }
  }
  const middles = [6, 28, 50];
  for (const cx of middles) for (const cy of middles) {
    if ((cx === 6 && cy === 6) || (cx === 6 && cy === 50) || (cx === 50 && cy === 6)) continue;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) put(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }
  for (let i = 8; i < SIDE - 8; i++) {
    if (module[6][i] === undefined) put(i, 6, i % 2 === 0);
    if (module[i][6] === undefined) put(6, i, i % 2 === 0);
  }
  const version = 0x0a4d3; // 10, with its check bits
  for (let i = 0; i < 18; i++) {
    const dark = (version >> i) & 1;
    put(SIDE - 11 + (i % 3), Math.floor(i / 3), dark);
    put(Math.floor(i / 3), SIDE - 11 + (i % 3), dark);
  }
  const format = 0x77c4; // level L, mask 0
  for (let i = 0; i < 15; i++) {
    const dark = (format >> i) & 1;
    // Down the left finder's right side, and along the bottom of it; then at the two others.
    if (i < 6) put(8, i, dark); else if (i < 8) put(8, i + 1, dark); else put(8, SIDE - 15 + i, dark);
    if (i < 8) put(SIDE - 1 - i, 8, dark); else if (i < 9) put(7, 8, dark); else put(14 - i, 8, dark);
  }
  put(8, SIDE - 8, 1);
  const bits = codewords(text).flatMap((byte) => [...byte.toString(2).padStart(8, "0")].map(Number));
  let at = 0;
  for (let right = SIDE - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right -= 1;
    for (let step = 0; step < SIDE; step++) {
      const y = up ? SIDE - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (module[y][x] !== undefined) continue;
        module[y][x] = (bits[at++] ?? 0) ^ ((x + y) % 2 === 0 ? 1 : 0);
      }
    }
  }
  return module;
}

/** A Y4M file in which the symbol is held up to a camera of 640 by 480 pixels. */
export function film(file, text, frames = 5) {
  const [width, height, scale] = [640, 480, 6];
  const luma = Buffer.alloc(width * height, 200);
  const [left, top] = [(width - SIDE * scale) >> 1, (height - SIDE * scale) >> 1];
  symbol(text).forEach((row, y) => row.forEach((dark, x) => {
    for (let dy = 0; dy < scale; dy++) luma.fill(dark ? 30 : 220, (top + y * scale + dy) * width + left + x * scale, (top + y * scale + dy) * width + left + (x + 1) * scale);
  }));
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128)]);
  fs.writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...new Array(frames).fill(frame)]));
}
