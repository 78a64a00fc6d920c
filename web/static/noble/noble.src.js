import { montgomery } from "@noble/curves/abstract/montgomery.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { extract, expand } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
const P = (1n << 255n) - 19n;
const pow = (x, e) => { let r = 1n; for (; e > 0n; e >>= 1n, x = x * x % P) if (e & 1n) r = r * x % P; return r; };
const adjustScalarBytes = (b) => { b[0] &= 248; b[31] &= 127; b[31] |= 64; return b; };
const x25519 = montgomery({ P, type: "x25519", powPminus2: (x) => pow(x, P - 2n), adjustScalarBytes });
globalThis.noble = { x25519, chacha20poly1305, extract, expand, sha256 };
