// A text as a QR symbol (ISO/IEC 18004), for pages that must draw one without a server: alphanumeric or bytes, level L or M.
"use strict";
(() => {
  const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  // Of each version: codewords for correction in a block, and blocks; for L and for M.
  const CORRECTION = {
    L: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26],
    M: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28],
  };
  const BLOCKS = {
    L: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12],
    M: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21],
  };
  const LEVEL_BITS = { L: 1, M: 0 };

  // Arithmetic in GF(256) with x^8 + x^4 + x^3 + x^2 + 1.
  const EXP = new Uint8Array(512), LOG = new Uint8Array(256);
  for (let n = 0, x = 1; n < 255; n++) { EXP[n] = EXP[n + 255] = x; LOG[x] = n; x = x << 1 ^ (x & 128 ? 0x11d : 0); }
  const times = (a, b) => a && b ? EXP[LOG[a] + LOG[b]] : 0;
  const generator = (degree) => {
    let poly = [1];
    for (let n = 0; n < degree; n++) {
      const next = new Array(poly.length + 1).fill(0);
      poly.forEach((c, at) => { next[at] ^= c; next[at + 1] ^= times(c, EXP[n]); });
      poly = next;
    }
    return poly.slice(1);
  };
  const remainder = (data, divisor) => {
    const rest = new Array(divisor.length).fill(0);
    for (const byte of data) {
      const factor = byte ^ rest.shift();
      rest.push(0);
      divisor.forEach((c, at) => { rest[at] ^= times(c, factor); });
    }
    return rest;
  };

  const places = (version) => {
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2, last = version * 4 + 10;
    const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
    const all = [6];
    for (let at = last; all.length < count; at -= step) all.splice(1, 0, at);
    return all;
  };
  const modules = (version) => {
    const side = version * 4 + 17, count = version === 1 ? 0 : Math.floor(version / 7) + 2;
    const alignment = count ? 25 * (count * count - 3) - 10 * (count - 2) : 0;
    return side * side - 3 * 64 - 31 - 2 * (side - 16) - alignment - (version >= 7 ? 36 : 0);
  };
  const codewords = (version, level) =>
    Math.floor(modules(version) / 8) - CORRECTION[level][version - 1] * BLOCKS[level][version - 1];

  const push = (bits, value, length) => { for (let n = length - 1; n >= 0; n--) bits.push(value >>> n & 1); };
  const encoded = (text, version) => {
    const bits = [];
    if ([...text].every((c) => LETTERS.includes(c))) {
      push(bits, 2, 4);
      push(bits, text.length, version < 10 ? 9 : 11);
      for (let n = 0; n < text.length; n += 2) {
        const one = LETTERS.indexOf(text[n]);
        if (n + 1 < text.length) push(bits, one * 45 + LETTERS.indexOf(text[n + 1]), 11);
        else push(bits, one, 6);
      }
    } else {
      const bytes = new TextEncoder().encode(text);
      push(bits, 4, 4);
      push(bits, bytes.length, version < 10 ? 8 : 16);
      bytes.forEach((byte) => push(bits, byte, 8));
    }
    return bits;
  };

  const interleaved = (bits, version, level) => {
    const room = codewords(version, level) * 8;
    push(bits, 0, Math.min(4, room - bits.length));
    push(bits, 0, (8 - bits.length % 8) % 8);
    for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) push(bits, pad, 8);
    const data = [];
    for (let n = 0; n < bits.length; n += 8) data.push(parseInt(bits.slice(n, n + 8).join(""), 2));
    const count = BLOCKS[level][version - 1], length = CORRECTION[level][version - 1];
    const total = Math.floor(modules(version) / 8), short = Math.floor(total / count) - length;
    const shorter = count - total % count, divisor = generator(length);
    const blocks = [];
    for (let n = 0, at = 0; n < count; n++) {
      const own = data.slice(at, at += short + (n < shorter ? 0 : 1));
      blocks.push({ own, check: remainder(own, divisor) });
    }
    const all = [];
    for (let n = 0; n <= short; n++) for (const { own } of blocks) if (n < own.length) all.push(own[n]);
    for (let n = 0; n < length; n++) for (const { check } of blocks) all.push(check[n]);
    return all;
  };

  const MASKS = [
    (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0, (x, y) => x * y % 2 + x * y % 3 === 0,
    (x, y) => (x * y % 2 + x * y % 3) % 2 === 0, (x, y) => ((x + y) % 2 + x * y % 3) % 2 === 0,
  ];

  const drawn = (words, version, level, mask) => {
    const side = version * 4 + 17;
    const dark = Array.from({ length: side }, () => new Array(side).fill(false));
    const fixed = Array.from({ length: side }, () => new Array(side).fill(false));
    const set = (x, y, on) => { dark[y][x] = on; fixed[y][x] = true; };
    for (let n = 0; n < side; n++) { set(6, n, n % 2 === 0); set(n, 6, n % 2 === 0); }
    for (const [cx, cy] of [[3, 3], [side - 4, 3], [3, side - 4]]) {
      for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
        const far = Math.max(Math.abs(dx), Math.abs(dy)), x = cx + dx, y = cy + dy;
        if (x >= 0 && x < side && y >= 0 && y < side) set(x, y, far !== 2 && far !== 4);
      }
    }
    const at = places(version), last = at.length - 1;
    at.forEach((x, i) => at.forEach((y, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) {
        set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }));
    let format = LEVEL_BITS[level] << 3 | mask, rest = format;
    for (let n = 0; n < 10; n++) rest = rest << 1 ^ (rest >>> 9) * 0x537;
    format = (format << 10 | rest) ^ 0x5412;
    const bit = (n) => (format >>> n & 1) === 1;
    for (let n = 0; n <= 5; n++) set(8, n, bit(n));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let n = 9; n < 15; n++) set(14 - n, 8, bit(n));
    for (let n = 0; n < 8; n++) set(side - 1 - n, 8, bit(n));
    for (let n = 8; n < 15; n++) set(8, side - 15 + n, bit(n));
    set(8, side - 8, true);
    if (version >= 7) {
      let check = version;
      for (let n = 0; n < 12; n++) check = check << 1 ^ (check >>> 11) * 0x1f25;
      const bits = version << 12 | check;
      for (let n = 0; n < 18; n++) {
        const on = (bits >>> n & 1) === 1, a = side - 11 + n % 3, b = Math.floor(n / 3);
        set(a, b, on); set(b, a, on);
      }
    }
    let n = 0;
    for (let right = side - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < side; step++) for (let half = 0; half < 2; half++) {
        const x = right - half, up = (right + 1 & 2) === 0, y = up ? side - 1 - step : step;
        if (fixed[y][x]) continue;
        const on = n < words.length * 8 && (words[n >>> 3] >>> 7 - (n & 7) & 1) === 1;
        dark[y][x] = on !== MASKS[mask](x, y);
        n++;
      }
    }
    return dark;
  };

  // How hard a mask makes reading: runs, squares, what looks like a finder, too much of one colour.
  const penalty = (dark) => {
    const side = dark.length;
    let points = 0, count = 0;
    const line = (of) => {
      let run = 1;
      for (let n = 1; n <= side; n++) {
        if (n < side && of(n) === of(n - 1)) { run++; continue; }
        if (run >= 5) points += run - 2;
        run = 1;
      }
      let text = "";
      for (let n = 0; n < side; n++) text += of(n) ? "1" : "0";
      for (const finder of ["10111010000", "00001011101"]) {
        for (let at = text.indexOf(finder); at >= 0; at = text.indexOf(finder, at + 1)) points += 40;
      }
    };
    for (let k = 0; k < side; k++) { line((n) => dark[k][n]); line((n) => dark[n][k]); }
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
      if (dark[y][x]) count++;
      if (x && y && dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x - 1]) points += 3;
    }
    return points + Math.floor(Math.abs(count * 20 - side * side * 10) / (side * side)) * 10;
  };

  /** The rows of a text's symbol, without margin: true is dark. Null where it is too long. */
  const symbol = (text) => {
    for (const level of ["M", "L"]) {
      for (let version = 1; version <= 25; version++) {
        const bits = encoded(text, version);
        if (bits.length > codewords(version, level) * 8) continue;
        const words = interleaved(bits, version, level);
        const tried = MASKS.map((_, mask) => drawn(words, version, level, mask));
        return tried.reduce((best, one) => penalty(one) < penalty(best) ? one : best);
      }
    }
    return null;
  };

  globalThis.qr = { symbol };
})();
