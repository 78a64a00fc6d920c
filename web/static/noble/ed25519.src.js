import { ed25519 } from "@noble/curves/ed25519.js";
globalThis.nobleEd25519 = { getPublicKey: ed25519.getPublicKey, sign: ed25519.sign, randomSecretKey: ed25519.utils.randomSecretKey };
