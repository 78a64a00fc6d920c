// Says while a number is typed whether its form and check digit hold. The node checks it again; without scripts it does so alone.
"use strict";
(() => {
  const form = document.getElementById("guard");
  const number = document.getElementById("number");
  const said = document.getElementById("said");
  if (!form || !number || !said) return;

  const digits = (text) => [...text].map(Number);
  const isDay = (year, month, day) => {
    const date = new Date(Date.UTC(year, month - 1, day));
    date.setUTCFullYear(year); // two digits are no year of the last century here
    return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  };
  const weighed = (d, weights) => weights.reduce((sum, w, i) => sum + w * d[i], 0) % 11;

  // Kazakhstan's IIN: decree 406 of 2007, annex 1.
  const iin = (text) => {
    if (!/^\d{0,12}$/.test(text)) return "form";
    if (text.length < 12) return "more";
    const d = digits(text);
    if (d[6] > 6) return "form";
    const year = Number(text.slice(0, 2)) + (d[6] ? 1800 + 100 * Math.floor((d[6] - 1) / 2) : 2000);
    if (!isDay(year, Number(text.slice(2, 4)), Number(text.slice(4, 6)))) return "date";
    let check = weighed(d, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    if (check === 10) check = weighed(d, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]);
    return check === d[11] ? "good" : "checksum";
  };

  // China's resident ID: GB 11643, ISO 7064 mod 11-2.
  const resident = (text) => {
    if (!/^\d{0,17}[\dX]?$/.test(text) || text.length > 18) return "form";
    if (text.length < 18) return "more";
    const places = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83";
    if (text[0] !== "9" && !places.split(" ").includes(text.slice(0, 2))) return "place";
    const [year, month, day] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)].map(Number);
    if (!isDay(year, month, day)) return "date";
    const rest = digits(text.slice(0, 17)).reduce((r, d) => (r + d) * 2 % 11, 0);
    return "10X98765432"[rest] === text[17] ? "good" : "checksum";
  };

  // Viet Nam's CCCD: decree 137/2015; no check digit, but not every province has a number.
  const provinces = new Set(("001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 "
    + "037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 "
    + "084 086 087 089 091 092 093 094 095 096").split(" "));
  const cccd = (text) => {
    if (text.includes("|")) return ""; // the text of the card's own code: the node reads it
    if (!/^\d{0,12}$/.test(text)) return "form";
    if (text.length < 12) return "more";
    return provinces.has(text.slice(0, 3)) ? "good" : "place";
  };

  // ICAO 9303: weights 7, 3, 1; letters are 10 to 35, a filler nothing.
  const mrzCheck = (field) => [...field].reduce((sum, c, i) =>
    sum + (c === "<" ? 0 : parseInt(c, 36)) * [7, 3, 1][i % 3], 0) % 10;
  const passport = (text) => {
    if (!text.includes("<")) {
      if (!/^[A-Z0-9]{0,12}$/.test(text)) return "form";
      return text.length < 5 || (text.match(/\d/g) ?? []).length < 3 ? "more" : "good";
    }
    const zone = text.replace(/\s/g, "");
    if (!/^P[A-Z0-9<]{0,87}$/.test(zone)) return "form";
    if (zone.length < 88) return "more";
    const holds = (from, to) => String(mrzCheck(zone.slice(from, to))) === zone[to];
    return holds(44, 53) && holds(57, 63) && holds(65, 71) ? "good" : "checksum";
  };

  const kinds = { "iin": iin, "resident-id": resident, "cccd": cccd, "passport": passport };

  const say = () => {
    const kind = form.querySelector('input[name="kind"]:checked');
    const text = number.value.trim().toUpperCase();
    const bare = text.includes("<") || text.includes("|") ? text : text.replace(/[\s-]/g, "");
    const found = kind && bare ? kinds[kind.value](bare) : "";
    const bad = ["form", "date", "place", "checksum"].includes(found);
    said.className = `hint ${found === "good" ? "good" : bad ? "bad" : ""}`.trim();
    said.textContent = found === "good" ? said.dataset.good
      : found === "form" || found === "more" || !found ? kind?.dataset.form ?? "" : said.dataset[found];
    if (bad) number.setAttribute("aria-invalid", "true");
    else number.removeAttribute("aria-invalid");
    number.inputMode = kind && ["iin", "cccd"].includes(kind.value) ? "numeric" : "text";
  };

  form.addEventListener("input", say);
  form.addEventListener("change", say);
  form.addEventListener("submit", (e) => {
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });
  if (!number.value && !document.getElementById("told")) number.focus(); // else the answer is what matters
  say();
})();
