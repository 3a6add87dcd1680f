// kill.mjs - kill -9 at 50 random moments of two stories, 20 times while the reset is on its way, and 20 times twice while
// single calls fail. People repeat what stayed unanswered or was answered "nothing was done". Per request at most one reset
// that may have acted; the end is DONE with exactly one, or UNKNOWN, and UNKNOWN only where a kill fell into SENDING; the
// channel reads as if nothing had been.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { World, build, run, sleep } from '../sandbox/people.mjs';
import { inWorld, records, soon } from './lib_bad_input.mjs';
import { assertOnce, sideBySide } from './lib_faults.mjs';

const SEED = Number(process.env.RESETBOT_SEED) || Math.floor(Math.random() * 1e9);
const MOMENTS = Number(process.env.RESETBOT_KILLS) || 50;
const IN_SENDING = Number(process.env.RESETBOT_KILLS_SENDING) || 20;
const TWICE = Number(process.env.RESETBOT_KILLS_TWICE) || 20;
console.log(`seed ${SEED} (repeat with RESETBOT_SEED=${SEED})`);

// mulberry32: a small generator with a seed, each test has its own
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const STORIES = {
  apple: { user: 'U0HANNA', approver: 'U0ARVID', text: 'reset adele@contoso.com locked out INC0012345', pick: 'Choose …4F2K' },
  android: { user: 'U0HENRY', approver: 'U0AGNES', text: 'reset adele@contoso.com "forgot the code" INC0012399', pick: 'Choose …03QP', lock: 'work_profile', hasCode: true },
};

// ---- a person who does not give up -------------------------------------------------------------------------------------

const FINAL = / · (done: |outcome unknown: |failed: |stale: |lapsed: |expired: )/;
const button = (message, label) => World.buttons(message).find((one) => one.text.text === label);

class Player {
  constructor(world, story) {
    Object.assign(this, { world, story, showings: 0 });
  }

  async press(user, message, label) {
    const { action_id, block_id } = button(message, label);
    const { id } = await this.world.post('click', { user, channel: message.channel, ts: message.ts, action_id, block_id });
    return this.world.get(`act?id=${id}&wait_ms=4000`);
  }

  // Does it, then waits until the person sees something new, or for as long as patience lasts.
  async act(doing) {
    const look = async () => JSON.stringify((await this.world.sees(this.story.user)).all.map((one) => [one.ts, one.text]));
    const before = await look();
    await doing().catch((error) => { this.trouble = error; }); // the message may have been replaced meanwhile
    for (let waited = 0; waited < 2000 && (await look()) === before; waited += 50) await sleep(50);
  }

  async answers(preview) {
    const { world, story } = this;
    await world.chooses(story.user, 'verified', 'called_back');
    await world.chooses(story.user, 'holds', 'yes');
    if (story.lock) await world.chooses(story.user, 'lock', story.lock);
    await this.press(story.user, preview, 'Send for approval');
  }

  async goOnWithDraft(all) {
    const { story } = this;
    const mine = all.filter((one) => one.kind === 'private');
    const preview = mine.findLast((one) => button(one, 'Send for approval'));
    const picks = mine.findLast((one) => button(one, story.pick));
    if (preview) return this.act(() => this.answers(preview));
    if (picks) return this.act(() => this.press(story.user, picks, story.pick));
    if (mine.some((one) => one.text.includes('is sent for approval'))) return this.world.advance(500).then(() => sleep(100));
    return this.act(() => this.world.types(story.user, story.text));
  }

  async step() {
    const { world, story } = this;
    const { all } = await world.sees(story.user);
    const card = all.find((one) => one.kind === 'channel');
    if (!card) {
      await this.goOnWithDraft(all);
    } else if (FINAL.test(card.text)) {
      return card;
    } else if (button(card, 'Approve')) {
      const seen = (await world.sees(story.approver)).all.find((one) => one.kind === 'channel');
      await this.act(() => this.press(story.approver, seen, 'Approve'));
    } else {
      this.waits = (this.waits || 0) + 1;
      await world.advance(this.waits < 20 ? 3000 : 60_000); // "no trace" takes a quarter of an hour
      await sleep(100);
    }
    return null;
  }

  async opensCode() {
    const { world, story } = this;
    for (let i = 0; i < 20; i++) {
      const { all } = await world.sees(story.user);
      const told = all.findLast((one) => one.kind === 'direct' && button(one, 'Show'));
      if (!told) {
        await world.advance(1000);
        await sleep(150);
        continue;
      }
      this.showings++;
      await this.press(story.user, told, 'Show').catch(() => {});
      const view = await world.waitView(story.user, 'Read it aloud', 2500).catch(() => null);
      if (view) return world.post('close_view', { user: story.user });
      await world.post('close_view', { user: story.user, clear: true }).catch(() => {});
    }
    throw new Error(`the code was never shown\n${await world.transcript()}\n${world.botLog()}`);
  }

  async plays() {
    const end = Date.now() + 60_000;
    let card = null;
    while (!card && Date.now() < end) card = await this.step();
    if (!card) throw new Error(`the request came to no end ${this.trouble || ''}\n${await this.world.transcript()}\n${this.world.botLog()}`);
    if (this.story.hasCode && card.text.includes(' · done: ')) await this.opensCode();
    return card;
  }
}

// ---- the channel, as it reads --------------------------------------------------------------------------------------------

// Ids and GUIDs by order of appearance, times and numbers away.
function plain(texts) {
  const names = new Map();
  const named = (kind) => (word) => {
    if (!names.has(word)) names.set(word, `${kind}${names.size}`);
    return names.get(word);
  };
  return texts.map((text) => text.replace(/R-[0-9A-Z]{4,}/g, named('R'))
    .replace(/(client-request-id )[0-9a-f-]{36}/g, '$1GUID')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/g, 'WHEN').replace(/\d\d:\d\d UTC/g, 'TIME').replace(/^\d+ · WHEN · /, ''));
}

const OF_SENDING = /restarted while this was being sent|the outcome is not known yet|accepted by Intune: queued/;

async function channelOf(world, isInSending) {
  const cards = (await world.sees('U0AUDRA')).all.filter((one) => one.kind === 'channel');
  const lines = plain(cards.flatMap((card) => [card.text, ...(card.replies || []).map((reply) => reply.text)]));
  const shown = lines.findIndex((line) => line.includes('passcode was shown'));
  return lines.filter((line, i) => !(isInSending && OF_SENDING.test(line)) && !(line.includes('passcode was shown') && i !== shown));
}

// As far away as the real ones: otherwise hardly a kill falls between a call's effect and its answer.
async function farAway(world) {
  await world.fault('slack.any.slow', 40, -1);
  await world.fault('graph.slow', 40, -1);
}

const undisturbed = {};
for (const [name, story] of Object.entries(STORIES)) {
  await inWorld({}, async (world) => {
    await farAway(world);
    const first = await world.lastNumber();
    await new Player(world, story).plays();
    const entries = (await world.lastNumber()) - first;
    await soon(async () => {
      await world.advance(2000);
      assert.equal((await channelOf(world)).length, story.hasCode ? 7 : 6);
    });
    undisturbed[name] = { entries, full: await channelOf(world, false), bare: await channelOf(world, true) };
  })();
}

// ---- one kill ----------------------------------------------------------------------------------------------------------------

async function openStates(world) {
  const { stdout } = await promisify(execFile)(join(build, 'resetbot'), ['status', '--json', '--config', join(world.dir, 'resetbot.yaml')]);
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).state);
}

async function killedAndStartedAgain(world, name) {
  assert.equal(await world.stopBot('SIGKILL'), 'SIGKILL');
  const states = await openStates(world);
  console.log(`killed: ${name}, open then: ${states.join(' ') || 'nothing'}`);
  await world.startBot();
  return states.includes('sending');
}

async function checked(world, name, player, card, isInSending) {
  const seen = await world.resets();
  const acted = seen.filter((one) => one.acted).length;
  const isUnknown = card.text.includes('outcome unknown: ');
  assert.ok(card.text.includes(' · done: ') || isUnknown, card.text);
  assert.ok(isUnknown ? acted <= 1 : acted === 1, `${acted} acted, ${card.text}`);
  assert.ok(!isUnknown || isInSending, `UNKNOWN, but the kill did not fall into SENDING: ${card.text}`);
  const wanted = undisturbed[name][isInSending ? 'bare' : 'full'];
  await soon(async () => {
    await world.advance(2000);
    const now = await channelOf(world, isInSending);
    if (isUnknown) assert.deepEqual(now.slice(1, 4), wanted.slice(1, 4));
    else assert.deepEqual(now, wanted);
  });
  await world.advance(70_000); // a duplicate lives at most a minute
  await soon(async () => assertOnce(world, card.text.match(/^R-\w+/)[0]));
  assert.equal((await world.resets()).filter((one) => one.acted).length, acted);
  await records(world); // the chain holds
  if (player.showings > 4) throw new Error('the code took more than four presses');
}

async function withContext(world, play) {
  await farAway(world);
  try {
    await play();
  } catch (error) {
    error.stack += `\n${JSON.stringify(await world.resets())}\n${await world.transcript()}\n${world.botLog()}`;
    throw error;
  }
}

// Single calls that fail, each in its own way, some of them after their effect.
const STUMBLES = [
  ...['500_after', 'reset_after', 'close_after', '500_before', '429', 'late'].map((kind) => `slack.chat.postMessage.${kind}`),
  'slack.chat.update.500_after', 'slack.chat.update.429', 'slack.conversations.history.500_before', 'slack.conversations.replies.429',
  'slack.response_url.500_after', 'slack.users.info.500_before', 'slack.usergroups.users.list.500_before', 'slack.any.rate_limited',
  'graph.get.503', 'graph.beta.500', 'graph.list.429', 'graph.owners.504', 'graph.reset.401', 'graph.reset.429', 'entra.500',
];

async function stumbles(world, next) {
  for (let i = 0; i < 5; i++) {
    const name = STUMBLES[Math.floor(next() * STUMBLES.length)];
    const value = name.endsWith('late') ? 3000 : name.startsWith('slack') && name.endsWith('429') ? 2 : undefined;
    await world.fault(name, value, 1, { skip: Math.floor(next() * 6), ...(name.includes('postMessage') ? { match: 'C0HELPDESK' } : {}) });
  }
}

const killedAt = (name, number, isTwice = false) => inWorld({}, (world) => withContext(world, async () => {
  const next = random(SEED + number);
  if (isTwice) await stumbles(world, next);
  const moment = (await world.lastNumber()) + Math.floor(next() * undisturbed[name].entries);
  const jitter = next() * 20;
  const player = new Player(world, STORIES[name]);
  let isOver = false;
  const kill = (async () => {
    while (!isOver && (await world.lastNumber()) <= moment) await world.get(`journal?after=${moment}&wait_ms=200`);
    await sleep(jitter);
    const isInSending = await killedAndStartedAgain(world, name);
    if (!isTwice) return isInSending;
    await sleep(next() * 800);
    return await killedAndStartedAgain(world, name) || isInSending;
  })();
  kill.catch(() => {}); // told below
  const card = await player.plays().finally(() => { isOver = true; });
  await checked(world, name, player, card, await kill);
}));

// The reset was read and its answer is held, or never comes; every fourth has no effect at all.
const killedInSending = (name, number) => inWorld({}, (world) => withContext(world, async () => {
  const next = random(SEED + 1000 + number);
  const hasEffect = number % 4 !== 3;
  if (hasEffect) await world.post('hold', { on: true });
  else await world.fault('graph.reset.hang');
  const player = new Player(world, STORIES[name]);
  const kill = (async () => {
    await world.journal('graph.reset', 0, 30_000);
    await sleep(next() * 300);
    const isInSending = await killedAndStartedAgain(world, name);
    await world.post('release', {});
    return isInSending;
  })();
  kill.catch(() => {});
  const card = await player.plays();
  assert.ok(await kill, 'the kill did not fall into SENDING');
  assert.equal((await world.resets()).length, 1);
  assert.ok(card.text.includes(hasEffect ? ' · done: ' : 'outcome unknown: no trace'), card.text);
  await soon(async () => {
    await world.advance(2000);
    const lines = await world.thread(card.text.match(/^R-\w+/)[0]);
    assert.ok(lines.some((line) => line.includes('restarted while this was being sent')), lines.join('\n'));
  });
  await checked(world, name, player, card, true);
}));

const tests = {};
const names = Object.keys(STORIES);
for (let i = 0; i < MOMENTS; i++) tests[`killed_at_a_random_moment_${i}_${names[i % 2]}`] = killedAt(names[i % 2], i);
for (let i = 0; i < IN_SENDING; i++) tests[`killed_while_the_reset_is_on_its_way_${i}_${names[i % 2]}`] = killedInSending(names[i % 2], i);
for (let i = 0; i < TWICE; i++) tests[`killed_twice_while_calls_fail_${i}_${names[i % 2]}`] = killedAt(names[i % 2], 2000 + i, true);
await run(sideBySide(tests, 5));
