// lib_bad_input.mjs - what the tests of bad input share: a world of its own for each test, the answer to one act, the
// record, and that nothing was done.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { World, build, sleep } from '../sandbox/people.mjs';

export const IPHONE = 'F2LXK4QQ4F2K'; // adele's
const worlds = new Set();

// Also when the program itself is ended from outside nothing stays behind.
process.on('exit', () => {
  for (const world of worlds) for (const child of [world.bot, world.sandbox]) child?.kill('SIGKILL');
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

export function inWorld(options, play) {
  return async () => {
    const world = new World({
      sandbox: ['--fast'],
      ...options,
      settings: { device_checkin_ms: 200, device_active_ms: 50, ...options.settings },
    });
    worlds.add(world);
    try {
      await world.start();
      await play(world);
      const how = await world.stopBot();
      assert.ok(!['SIGABRT', 'SIGSEGV', 'SIGILL'].includes(how), `the bot ended by ${how}\n${world.botLog()}`);
      assert.doesNotMatch(world.botLog(), /Sanitizer|runtime error:|Assertion/);
    } finally {
      await world.stop();
      worlds.delete(world);
    }
  };
}

// Tries until the check no longer throws.
export async function soon(check, limitMs = 10000) {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
  }
}

// The newest message of this kind (or these kinds) that the person sees after the act and did not see before.
export async function hears(world, user, act, kind = 'private') {
  const key = (message) => `${message.channel} ${message.ts} ${message.text}`;
  const now = async () => (await world.sees(user)).all.filter((message) => kind.includes(message.kind));
  const before = new Set((await now()).map(key));
  await act();
  return soon(async () => {
    const fresh = (await now()).filter((message) => !before.has(key(message))).at(-1);
    assert.ok(fresh, `${user} hears nothing\n${await world.transcript()}\n${world.botLog()}`);
    return fresh;
  });
}

export const typed = (world, user, text, channel) => hears(world, user, () => world.types(user, text, channel));

// Every part stands in the message; texts compare as people read them.
export function says(message, ...parts) {
  const text = message.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  for (const part of parts) {
    assert.ok(part instanceof RegExp ? part.test(text) : text.includes(part), `"${part}" is missing in: ${text}`);
  }
}

async function lines(world, ...command) {
  const config = join(world.dir, 'resetbot.yaml');
  const { stdout } = await promisify(execFile)(join(build, 'resetbot'), [...command, '--json', '--config', config], { maxBuffer: 1 << 26 });
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

// The record of the store, which must be whole.
export async function records(world) {
  const all = await lines(world, 'audit');
  assert.equal(all.pop().chain, 'unbroken');
  return all;
}

export function recorded(world, kind, { user, request, text } = {}) {
  return soon(async () => {
    const all = await records(world);
    const hit = all.findLast((one) => one.kind === kind && (!user || one.user === user) &&
      (!request || one.request === request) && (!text || one.text.includes(text)));
    assert.ok(hit, `no record ${kind} of ${user} about ${request} with "${text}" in\n${all.map((one) => JSON.stringify(one)).join('\n')}`);
    return hit;
  });
}

export async function open(world) {
  return (await lines(world, 'status')).filter((one) => ['pending', 'approved', 'intent', 'sending', 'accepted', 'in_progress'].includes(one.state));
}

export async function cards(world) {
  return (await world.sees('U0AUDRA')).all.filter((message) => message.kind === 'channel');
}

// No reset was sent, no request is open, the channel shows no card.
export async function nothingDone(world) {
  assert.deepEqual(await world.resets(), []);
  assert.deepEqual(await open(world), []);
  assert.deepEqual(await cards(world), []);
}

// The request waits as before: nothing was sent, and its card still has its two buttons.
export async function stillWaits(world, id) {
  const card = await world.waitCard(id, 'waiting for');
  assert.deepEqual(await world.resets(), []);
  assert.deepEqual((await open(world)).map((one) => [one.id, one.state]), [[id, 'pending']]);
  assert.deepEqual(World.buttons(card).map((button) => button.action_id), ['approve', 'deny']);
  return card;
}

// Everything on disk and everything anybody was shown.
export async function everything(world) {
  const files = readdirSync(world.dir).filter((name) => !name.startsWith('policy')).map((name) => readFileSync(join(world.dir, name), 'latin1'));
  return [...files, await world.transcript()].join('\n');
}

// A new policy, or a bad one: waits until the bot says what became of it.
export async function reloads(world, changes, event) {
  const before = world.botLog().length;
  world.options.policy = changes;
  world.writeConfig();
  world.bot.kill('SIGHUP');
  await soon(() => assert.match(world.botLog().slice(before), event));
}

export const button = (message, action) => World.buttons(message).find((one) => one.action_id === action);

// A click as Slack sends it, also one that no client would make: any person, any value, any place.
export function pressed(world, user, message, { action, value, team = 'T0SANDBOX', channel = message.channel, ts = message.ts, is_ephemeral = false }) {
  const block_id = World.buttons(message).find((one) => one.action_id === action)?.block_id;
  const now = `${Date.now() / 1000}${Math.floor(Math.random() * 1000)}`;
  return world.post('deliver', {
    envelope: {
      envelope_id: crypto.randomUUID(), type: 'interactive', accepts_response_payload: false,
      payload: {
        type: 'block_actions', team: { id: 'T0SANDBOX', domain: 'sandbox' }, user: { id: user, team_id: team, name: user.toLowerCase() }, api_app_id: 'A0RESETBOT',
        trigger_id: crypto.randomUUID(), container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral },
        channel: { id: channel }, message: { ts }, state: { values: {} },
        actions: [{ type: 'button', action_id: action, block_id, value, action_ts: now }],
      },
    },
  });
}

// A form as Slack sends it when it is submitted, also by a person who never saw it or with other hidden data.
export function submitted(world, user, view, values, more = {}) {
  const state = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { [name]: { type: 'plain_text_input', value } }]));
  return world.post('deliver', {
    envelope: {
      envelope_id: crypto.randomUUID(), type: 'interactive', accepts_response_payload: true,
      payload: {
        type: 'view_submission', team: { id: 'T0SANDBOX' }, user: { id: user, team_id: 'T0SANDBOX', name: user.toLowerCase() },
        trigger_id: crypto.randomUUID(), view: { ...view, state: { values: state }, ...more },
      },
    },
  });
}

// ---- requests --------------------------------------------------------------------------------------------------------

export const ANY = ['private', 'direct'];
export const RELOADED = /event=policy_reloaded/;
export const entra = (n) => `000000${n}-0000-4000-8000-0000000000${n}`;
const IDS = { U0HANNA: '01', U0HENRY: '02', U0ARVID: '03', U0AGNES: '04', U0ADELE: '07' };

// The policy's people table: names, or pairs of a name and a number of Entra.
export function people(...entries) {
  const line = ([name, n]) => `  - {slack: ${name}, entra: ${entra(n)}}`;
  return `\n${entries.map((entry) => line(Array.isArray(entry) ? entry : [entry, IDS[entry]])).join('\n')}`;
}

// A preview with its answers given, not sent yet.
export async function answered(world, text = `reset ${IPHONE} locked`, user = 'U0HANNA', channel = 'C0HELPDESK') {
  const id = (await typed(world, user, text, channel)).text.match(/^R-\w+/)[0];
  await world.chooses(user, 'verified', 'called_back');
  await world.chooses(user, 'holds', 'yes');
  return id;
}

export const send = (world, id, user = 'U0HANNA') => hears(world, user, () => world.presses(user, 'Send for approval', { part: id }), ANY);

// A request whose card waits for its approvers.
export async function asked(world, text, user = 'U0HANNA') {
  const id = await answered(world, text, user);
  await send(world, id, user);
  return { id, card: await world.waitCard(id, 'waiting for') };
}

// The same request's card once its buttons bear new values, after a new policy.
export const renewed = (world, id, card) => soon(async () => {
  const now = await stillWaits(world, id);
  assert.notEqual(button(now, 'approve').value, button(card, 'approve').value);
  return now;
});

// Presses the button that the message had, wherever that message is now.
export const press = (world, user, message, action = 'approve', value = button(message, action).value) =>
  hears(world, user, () => pressed(world, user, message, { action, value }), ANY);

// The first look at the outcome comes five seconds after the POST.
export async function done(world, id) {
  await world.waitCard(id, 'queued by Intune');
  await world.advance(5000);
  await world.waitCard(id, 'done: Intune reports');
}

export async function approvedAndDone(world, id, user = 'U0ARVID') {
  await world.presses(user, 'Approve', { part: id });
  await done(world, id);
}
