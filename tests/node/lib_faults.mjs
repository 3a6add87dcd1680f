// lib_faults.mjs - what the tests of faults share: tests that run side by side, a request up to its approval, time that
// passes while somebody waits for a card, and what the channel and Graph saw.
import assert from 'node:assert/strict';
import { World, sleep } from '../sandbox/people.mjs';
import { soon } from './lib_bad_input.mjs';

export const IPHONE = { serial: 'F2LXK4QQ4F2K', id: 'd0000001-0000-4000-8000-000000000001' }; // adele's, no code
export const SAMSUNG = { serial: 'R5CT90XYZAB', id: 'd0000007-0000-4000-8000-000000000007' }; // lena's, work profile, a code
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

// The same tests, `width` of them at a time. Each has a world of its own, and most of its time is waiting.
export function sideBySide(tests, width = 4) {
  const only = process.argv[2];
  const entries = Object.entries(tests).filter(([name]) => !only || name.includes(only));
  const results = new Map();
  const next = async () => {
    for (let entry = entries.shift(); entry; entry = entries.shift()) {
      const [, , settle] = results.get(entry[0]);
      await entry[1]().then(() => settle(null), (error) => settle(error));
    }
  };
  for (const [name] of entries) {
    let settle = null;
    const settled = new Promise((done) => { settle = done; });
    results.set(name, [name, settled, settle]);
  }
  for (let i = 0; i < width; i++) next();
  return Object.fromEntries(Object.keys(tests).map((name) => [name, async () => {
    const error = await results.get(name)[1];
    if (error) throw error;
  }]));
}

// A request whose card waits for its approver; gives its id.
export async function asked(world, device = IPHONE, user = 'U0HANNA') {
  const lock = device === SAMSUNG ? 'work_profile' : undefined;
  const id = await world.asks(user, `reset ${device.serial} locked out INC0012345`, { lock });
  await world.waitCard(id, 'waiting for 1 approval');
  return id;
}

export async function approved(world, device = IPHONE, before = async () => {}) {
  const id = await asked(world, device);
  await before(id);
  await world.presses('U0ARVID', 'Approve', { part: id });
  return id;
}

export async function card(world, id) {
  const { all } = await world.sees('U0AUDRA');
  return all.find((message) => message.kind === 'channel' && message.text.startsWith(id));
}

const holds = (text, part) => (part instanceof RegExp ? part.test(text) : text.includes(part));

// Lets time pass in steps until the card shows the part. Each step leaves the bot real time to do its work.
export async function until(world, id, part, { stepMs = 6000, limitMs = 25000, pauseMs = 120 } = {}) {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    const now = await card(world, id);
    if (now && holds(now.text, part)) return now;
    await world.advance(stepMs);
    await sleep(pauseMs);
  }
  throw new Error(`the card of ${id} does not show ${part}\n${await world.transcript()}\n${world.botLog()}`);
}

// The same for a line of the thread.
export async function untilLine(world, id, part, options = {}) {
  const { stepMs = 6000, limitMs = 25000, pauseMs = 120 } = options;
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    const hit = (await world.thread(id)).find((line) => holds(line, part));
    if (hit) return hit;
    await world.advance(stepMs);
    await sleep(pauseMs);
  }
  throw new Error(`no line of ${id} shows ${part}\n${await world.transcript()}\n${world.botLog()}`);
}

// How many resets Graph read, and how many of them may have acted.
export async function assertResets(world, read, acted) {
  const seen = await world.resets();
  assert.equal(seen.length, read, `resets: ${JSON.stringify(seen)}\n${world.botLog()}`);
  assert.equal(seen.filter((one) => one.acted).length, acted, JSON.stringify(seen));
  const ids = seen.map((one) => one.client_request_id);
  assert.equal(new Set(ids).size, ids.length, 'each attempt has an id of its own');
}

// One card a request, no line twice, lines in order.
export async function assertOnce(world, ...ids) {
  const { all } = await world.sees('U0AUDRA');
  const cards = all.filter((message) => message.kind === 'channel');
  assert.deepEqual(cards.map((message) => message.text.match(/^R-\w+/)?.[0]).sort(), [...ids].sort(), await world.transcript());
  for (const one of cards) {
    const numbers = (one.replies || []).map((reply) => Number(reply.text.match(/^(\d+) ·/)?.[1]));
    assert.deepEqual(numbers, [...numbers.keys()].map((i) => i + 1), await world.transcript());
  }
}

export async function told(world, user, ...parts) {
  for (const part of parts) await world.waitSees(user, part, 15000, 'direct');
}

// A sentence of the bot's own log.
export function logged(world, part, limitMs = 10000) {
  return soon(async () => assert.match(world.botLog(), part), limitMs);
}

export { World };
