// lib_checks.mjs - what must hold when a request has come to its end, whatever happened to the bot on the way there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from '../sandbox/people.mjs';

const DUPLICATE_MS = 70_000; // a duplicate lives at most a minute
const REST_STEPS = 12;

async function lines(folder, word) {
  const { stdout } = await promisify(execFile)(join(build, 'resetbot'), [word, '--json', '--config', join(folder, 'resetbot.yaml')], { maxBuffer: 1 << 26 });
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const cardsOf = async (world) => (await world.sees('U0AUDRA')).all.filter((one) => one.kind === 'channel');

// One card, no line of its thread twice, none missing.
function assertOnce(cards, id) {
  assert.deepEqual(cards.map((one) => one.text.match(/^R-\w+/)?.[0]), [id], 'cards');
  const numbers = (cards[0].replies || []).map((reply) => Number(reply.text.match(/^(\d+) ·/)?.[1]));
  assert.deepEqual(numbers, [...numbers.keys()].map((i) => i + 1), `lines: ${(cards[0].replies || []).map((reply) => reply.text).join('\n')}`);
}

// Tries again as time passes: what is still on its way may need a while.
async function inTime(world, check) {
  for (let i = 0; ; i++) {
    try {
      return await check();
    } catch (error) {
      if (i === REST_STEPS) throw error;
      await world.passes(2000);
    }
  }
}

// How the channel reads, with what differs from playing to playing taken out.
export async function channelOf(world) {
  const texts = (await cardsOf(world)).flatMap((card) => [card.text, ...(card.replies || []).map((reply) => reply.text)]);
  return texts.map((text) => text.replace(/R-[0-9A-Z]{4,}/g, 'ID').replace(/((request-id|Activity ID) )[0-9a-f-]{36}/g, '$1GUID')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/g, 'WHEN').replace(/\d\d:\d\d UTC/g, 'TIME').replace(/^\d+ · WHEN · /, ''));
}

// Lines that a crash may add or take away, and the words of a bot that found the time over when it started.
const OF_EXPIRY = / \(the bot was not running, or was being restarted, when its time was over\)(?=$| · WHEN$)/;
const OF_SENDING = /restarted while this was being sent|the outcome is not known yet|accepted by Intune: queued|passcode was shown/;
const settled = (texts) => texts.filter((text) => !OF_SENDING.test(text)).map((text) => text.replace(OF_EXPIRY, ''));

// R2, and no reset without an approval.
async function assertResets(world, player, card) {
  const resets = await world.resets();
  const acted = resets.filter((one) => one.acted).length;
  const isDone = card.text.includes(' · done: ');
  assert.ok(acted <= 1, `R2: ${acted} resets that acted: ${JSON.stringify(resets)}`);
  assert.equal(new Set(resets.map((one) => one.client_request_id)).size, resets.length, 'R2: two attempts with one id');
  assert.ok(!isDone || acted === 1, 'R3: done, and nothing acted');
  assert.ok(resets.length === 0 || player.isApproved(), 'a reset without approval');
  if (!player.scenario.ends.test(' · done: Intune reports')) assert.equal(acted, 0, `${card.text}, and a reset acted`);
  return { resets, acted };
}

// R3: nobody is told "done" before Intune's action results say so.
async function assertNotDoneEarly(world) {
  const { entries } = await world.get('journal?after=0');
  const finished = entries.find((one) => one.kind === 'graph.action' && one.state === 'done');
  const told = entries.find((one) => one.kind === 'api' && /chat\.(update|postMessage)/.test(one.method) && / · done: |done: Intune reports/.test(JSON.stringify(one.args)));
  assert.ok(!told || (finished && finished.n < told.n), `R3: said done at ${told?.n}, was done at ${finished?.n}`);
  return entries;
}

// S6: the code is in a form and nowhere else.
function assertNoCode(world, entries, code) {
  const folders = [world.dir, ...(world.left ? [world.left] : [])];
  for (const folder of folders) {
    for (const name of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, name.name);
      if (name.isFile() && existsSync(path)) assert.ok(!readFileSync(path, 'latin1').includes(code), `S6: the code lies in ${name.name}`);
    }
  }
  const leak = entries.find((one) => one.kind === 'api' && !one.method.startsWith('views.') && JSON.stringify(one).includes(code));
  assert.ok(!leak, `S6: the code went out by ${leak?.method}`);
}

// UNKNOWN is an end only where the kill fell between SENDING and Intune's answer.
async function assertUnknownIsTrue(world) {
  const states = (await lines(world.left, 'status')).map((one) => one.state);
  assert.ok(states.includes('sending'), `UNKNOWN, but when it was killed it was ${states.join(' ') || 'nothing'}`);
}

export async function checked(world, player, card, undisturbed) {
  const { scenario } = player;
  const isUnknown = card.text.includes('outcome unknown: ');
  const id = card.text.match(/^R-\w+/)[0];
  assert.match(card.text, undisturbed ? scenario.ends : scenario.alone);
  const before = await assertResets(world, player, card);
  if (isUnknown && world.left && !scenario.hold) await assertUnknownIsTrue(world);
  await world.passes(DUPLICATE_MS);
  await inTime(world, async () => assertOnce(await cardsOf(world), id));
  if (undisturbed && !isUnknown) await inTime(world, async () => assert.deepEqual(settled(await channelOf(world)), settled(undisturbed)));
  assert.deepEqual((await assertResets(world, player, card)).acted, before.acted);
  const entries = await assertNotDoneEarly(world);
  if (scenario.code) assertNoCode(world, entries, scenario.code);
  if (scenario.check) await scenario.check(world);
  const record = await lines(world.dir, 'audit');
  assert.equal(record.pop().chain, 'unbroken', 'A2');
}
