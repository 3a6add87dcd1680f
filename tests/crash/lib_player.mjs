// lib_player.mjs - people who follow one request to its end, whatever happens to the bot meanwhile: they look, do the next
// thing that there is to do, and wait until everything has come to rest. The same rules play a scenario undisturbed and
// after a crash; each act that was acknowledged must show something (R1).
import assert from 'node:assert/strict';
import { World } from '../sandbox/people.mjs';

export const FINAL = / · (done: |outcome unknown: |failed: |stale: |lapsed: |expired: |denied by |cancelled by )/;
const NOT_DONE = /restarted while working on that: nothing was done|^Nothing was done: I /; // what a dying bot's promise says
const ENDS_MS = 18 * 60_000; // after a decision: "no trace" is said after a quarter of an hour, the rest goes faster
const STEPS_MAX = 90;
const ANSWER_MS = 70_000; // an answer whose posting was unclear is posted again within a minute
const MINUTE = 60_000;

const button = (message, label) => World.buttons(message).find((one) => one.text.text === label);

export class Player {
  constructor(world, scenario) {
    Object.assign(this, { world, scenario, approved: new Set(), pressed: new Set(), phase: null, waits: 0, done: new Set() });
  }

  // What this person sees that an act of theirs may change: all that is meant for them alone, and the card.
  async look(user) {
    const { all, view } = await this.world.sees(user);
    const own = all.filter((one) => one.kind !== 'thread').map((one) => [one.channel, one.ts, one.kind, one.text, World.buttons(one).length]);
    return { text: JSON.stringify([own, view]), all, view };
  }

  // Does it, waits for rest, and gives what became of it: the newest private or direct message that is new, if any. When
  // that one says that nothing was done, the card is as before: none, or waiting.
  async act(user, what, doing) {
    const { world } = this;
    await world.quiet();
    const before = await this.look(user);
    let outcome = null;
    try {
      outcome = await doing();
    } catch (error) {
      this.trouble = error; // the message may have been replaced, or nobody was there to take it
    }
    await world.quiet();
    let after = await this.look(user);
    for (let ms = 0; outcome?.state === 'acked' && after.text === before.text; ms += 1000) {
      assert.ok(ms < ANSWER_MS, `R1: ${user}: ${what}: it was acknowledged, and nothing came of it`);
      await world.passes(1000);
      after = await this.look(user);
    }
    const seen = new Set(before.all.map((one) => `${one.channel} ${one.ts} ${one.text}`));
    const news = after.all.filter((one) => ['private', 'direct'].includes(one.kind) && !seen.has(`${one.channel} ${one.ts} ${one.text}`)).at(-1);
    const isUndone = NOT_DONE.test(news?.text || '');
    if (isUndone && ['none', 'pending'].includes(this.phase)) await this.stillIs(this.phase, `${user}: ${what}: "${news.text}"`);
    return { outcome, after, isUndone };
  }

  // What was called "not done" has no effect, now and a while later.
  async stillIs(phase, what) {
    const { world } = this;
    await world.passes(2000);
    const card = (await world.sees('U0AUDRA')).all.find((one) => one.kind === 'channel');
    assert.equal(card ? button(card, 'Approve') && 'pending' : 'none', phase, `R1: ${what}, but the card says ${card?.text}`);
    if (!this.isApproved()) assert.equal((await world.resets()).length, 0, `R1: ${what}, but it was sent`);
  }

  // Everybody whose approval it takes has pressed, and was not told that nothing was done.
  isApproved() {
    return this.pressed.size === this.scenario.approvers.length;
  }

  async press(user, message, label) {
    const found = button(message, label);
    assert.ok(found, `no button ${label} on ${message.text}`);
    const { action_id, block_id } = found;
    const { id } = await this.world.post('click', { user, channel: message.channel, ts: message.ts, action_id, block_id });
    return this.world.get(`act?id=${id}&wait_ms=4000`);
  }

  // ---- asking ------------------------------------------------------------------------------------------------------------

  async answers(preview) {
    const { world, scenario } = this;
    for (const [what, value] of Object.entries({ verified: 'called_back', holds: 'yes', ...(scenario.lock ? { lock: scenario.lock } : {}) })) {
      await world.chooses(scenario.user, what, value).catch((error) => { this.trouble = error; });
      await world.quiet();
    }
    return this.act(scenario.user, 'Send', () => this.press(scenario.user, preview, 'Send for approval'));
  }

  async submits(user, values, what) {
    return this.act(user, what, async () => {
      const { id } = await this.world.post('submit', { user, values });
      return this.world.get(`act?id=${id}&wait_ms=4000`);
    });
  }

  async asks() {
    const { scenario } = this;
    const { user } = scenario;
    const { all, view } = await this.look(user);
    const mine = all.filter((one) => one.kind === 'private');
    const preview = mine.findLast((one) => button(one, 'Send for approval'));
    const picks = scenario.pick && mine.findLast((one) => button(one, scenario.pick));
    if (preview) return this.answers(preview);
    if (picks) return this.act(user, 'the choice', () => this.press(user, picks, scenario.pick));
    if (mine.some((one) => one.text.includes('is sent for approval'))) return this.world.passes(1000);
    if (scenario.form && view) return this.submits(user, scenario.form, 'the form');
    return this.act(user, scenario.text, () => this.world.types(user, scenario.text));
  }

  // ---- deciding ------------------------------------------------------------------------------------------------------------

  async approves(card) {
    const user = this.scenario.approvers.find((one) => !this.approved.has(one)) || this.scenario.approvers[0];
    const result = await this.act(user, 'Approve', () => this.press(user, card, 'Approve'));
    if (!result.isUndone) this.pressed.add(user);
    if (result.outcome?.state === 'acked' && !result.isUndone) this.approved.add(user);
  }

  async denies(card) {
    const [user] = this.scenario.approvers;
    const { view } = await this.look(user);
    if (view && JSON.stringify(view).includes('Deny')) {
      const { outcome } = await this.submits(user, { reason: 'that is not the owner' }, 'the reason');
      if (outcome?.state !== 'acked') await this.world.post('close_view', { user, clear: true }).catch(() => {});
      return;
    }
    await this.act(user, 'Deny', () => this.press(user, card, 'Deny'));
  }

  async decides(card) {
    const { world, scenario } = this;
    const id = card.text.match(/^R-\w+/)[0];
    if (scenario.meanwhile && !this.done.has('meanwhile')) {
      this.done.add('meanwhile');
      await scenario.meanwhile(world, this);
      await world.quiet();
      return;
    }
    if (scenario.decision === 'deny') await this.denies(card);
    else if (scenario.decision === 'cancel') await this.act(scenario.user, 'cancel', () => world.types(scenario.user, `cancel ${id}`));
    else if (scenario.decision === 'expire') await world.passes(this.waits++ < 2 ? 16 * MINUTE : 1000); // past half time, past its end
    else await this.approves(card);
  }

  // ---- the code --------------------------------------------------------------------------------------------------------------

  async opensCode() {
    const { world, scenario } = this;
    const { user } = scenario;
    for (let showings = 0, looks = 0; looks < 60; looks++) {
      const { all } = await world.sees(user);
      const told = all.findLast((one) => one.kind === 'direct' && button(one, 'Show'));
      if (!told) {
        await world.passes(1000);
        continue;
      }
      assert.ok(++showings <= 4, 'the code took more than four presses');
      const { after } = await this.act(user, 'Show', () => this.press(user, told, 'Show'));
      const text = JSON.stringify(after.view || '');
      await world.post('close_view', { user, clear: true }).catch(() => {});
      await world.quiet();
      if (text.includes('Read it aloud')) {
        assert.ok(text.includes(scenario.code), 'the form shows another code');
        return;
      }
    }
    assert.fail('the code was never shown');
  }

  // ---- the way --------------------------------------------------------------------------------------------------------------

  async enters(phase) {
    if (phase === this.phase) return;
    const { world, scenario } = this;
    this.phase = phase;
    if (phase === 'going') this.going_ms = world.moved_ms;
    if (phase === 'final' && this.going_ms !== undefined) assert.ok(world.moved_ms - this.going_ms <= ENDS_MS, 'R4: it ended late');
    if (phase === scenario.from) await world.count(true);
    if (phase === scenario.to) await world.count(false);
  }

  async step() {
    const { world, scenario } = this;
    await world.up;
    const { all } = await world.sees('U0AUDRA');
    const card = all.find((one) => one.kind === 'channel');
    const isFinal = card && FINAL.test(card.text);
    await this.enters(!card ? 'none' : button(card, 'Approve') ? 'pending' : isFinal ? 'final' : 'going');
    if (scenario.at === this.phase && !this.done.has('at')) {
      this.done.add('at');
      return void await scenario.then(world, this);
    }
    if (isFinal) return card;
    if (!card) await this.asks();
    else if (button(card, 'Approve')) await this.decides(card);
    else await world.passes(this.waits++ < 20 ? 3000 : MINUTE); // "no trace" takes a quarter of an hour
    return null;
  }

  // Follows the request to its end, and lets what is still on its way arrive.
  async plays() {
    let card = null;
    for (let i = 0; !card && i < STEPS_MAX; i++) card = await this.step();
    if (!card) throw new Error(`the request came to no end ${this.trouble || ''}`);
    if (this.scenario.code && card.text.includes(' · done: ')) await this.opensCode();
    for (let i = 0; i < 4; i++) await this.world.passes(2000);
    await this.enters('end');
    return card;
  }
}
