// lib_secrets.mjs - where a planted text is: in the memory of a process, in files, in what people and Graph saw.
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

// Free blocks lose their first bytes to the allocator, and registers hold parts: eight bytes in a row are found.
const PIECE = 8;
const CHUNK = 8 << 20;

const hex = (byte, digits) => byte.toString(16).padStart(2, '0')[digits]();

// The text as protocols write it: as it is, in JSON (non-ASCII as it is or as \uXXXX), in a URL or form, for Slack.
export function forms(text) {
  const json = JSON.stringify(text).slice(1, -1);
  const bytes = [...Buffer.from(text)];
  const percent = (digits) => bytes.map((b) => (/[A-Za-z0-9_.~-]/.test(String.fromCharCode(b)) ? String.fromCharCode(b) : `%${hex(b, digits)}`)).join('');
  const slack = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [...new Set([
    text,
    json,
    json.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    json.replaceAll('/', '\\/'),
    percent('toUpperCase'),
    percent('toLowerCase'),
    encodeURIComponent(text),
    new URLSearchParams({ t: text }).toString().slice(2),
    slack,
    JSON.stringify(slack).slice(1, -1),
  ])];
}

// Every run of eight bytes of the text in any form.
export function pieces(text) {
  const all = new Map();
  for (const form of forms(text)) {
    const bytes = Buffer.from(form);
    for (let at = 0; at + PIECE <= bytes.length; at++) all.set(bytes.subarray(at, at + PIECE).toString('hex'), bytes.subarray(at, at + PIECE));
  }
  return [...all.values()];
}

function mappings(pid) {
  return readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').map((line) => line.match(/^([0-9a-f]+)-([0-9a-f]+) (r\S+) \S+ \S+ \S+ *(.*)$/))
    .filter((hit) => hit && /w/.test(hit[3]))
    .map(([, from, to, rights, name]) => ({ from: parseInt(from, 16), to: parseInt(to, 16), rights, name: name || 'anonymous' }));
}

// A test may read the memory of another process of the same user only when it is root, or when that process allows it.
export function mayReadMemory(pid) {
  try {
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
    return true;
  } catch {
    return false;
  }
}

function* chunks(pid) {
  const fd = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = Buffer.alloc(CHUNK);
  try {
    for (const map of mappings(pid)) {
      // chunks overlap, so that nothing hides on their border
      for (let at = map.from; at + 256 < map.to; at += CHUNK - 256) {
        let got = 0;
        try {
          got = readSync(fd, buffer, 0, Math.min(CHUNK, map.to - at), at);
        } catch {
          break; // gone meanwhile, or a guard page
        }
        yield { map, at, bytes: buffer.subarray(0, got) };
      }
    }
  } finally {
    closeSync(fd);
  }
}

// Where the process holds one of these: address, mapping, and (places alone) what surrounds it, for whoever has to mend it.
export function inMemory(pid, needles) {
  const found = [];
  for (const { map, at, bytes } of chunks(pid)) {
    for (const needle of needles) {
      for (let hit = bytes.indexOf(needle); hit >= 0; hit = bytes.indexOf(needle, hit + 1)) {
        found.push({ address: at + hit, map: `${map.name} ${map.rights}`, around: bytes.subarray(Math.max(0, hit - 48), hit + 80).toString('latin1').replace(/[^\x20-\x7e]/g, '.') });
      }
    }
  }
  // overlapping parts of one copy count once
  return found.sort((a, b) => a.address - b.address).filter((hit, i, all) => i === 0 || hit.address - all[i - 1].address >= PIECE);
}

export function* filesBelow(dir) {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

// The files below dir that hold the text in any form.
export function inFiles(dir, text) {
  const needles = forms(text);
  return [...filesBelow(dir)].filter((path) => {
    const bytes = readFileSync(path);
    return needles.some((needle) => bytes.includes(needle));
  });
}

export const isIn = (text, hay) => forms(text).some((form) => hay.includes(form));
