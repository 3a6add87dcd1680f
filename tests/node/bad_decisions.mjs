// bad_decisions.mjs - decisions made twice, at once, against, too late or not at all: exactly one counts, and everybody is told.
import assert from 'node:assert/strict';
import { World, run, sleep } from '../sandbox/people.mjs';
import { ANY, IPHONE, answered, asked, button, done, hears, inWorld, nothingDone, open, press, pressed, records, recorded, says, send, soon, stillWaits, typed } from './lib_bad_input.mjs';

// ---- twice, and at once ----------------------------------------------------------------------------------------------

const secondClick = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  await world.presses('U0ARVID', 'Approve', { part: id });
  await done(world, id);
  for (const [user, action] of [['U0ARVID', 'approve'], ['U0AGNES', 'approve'], ['U0AGNES', 'deny']]) {
    says(await press(world, user, card, action), id, 'already decided', 'nothing was done', 'done: Intune reports');
    await recorded(world, 'click_without_effect', { user, request: id });
  }
  assert.equal((await world.resets()).length, 1);
});

const atOnce = inWorld({}, async (world) => {
  for (let n = 1; n <= 4; n++) {
    const { id, card } = await asked(world, `reset LABSERIAL00${n} locked`);
    await world.presses('U0AGNES', 'Deny', { part: id });
    await world.waitView('U0AGNES', id);
    const sentBefore = (await world.resets()).length;
    const approve = () => pressed(world, 'U0ARVID', card, { action: 'approve', value: button(card, 'approve').value });
    const deny = () => world.post('submit', { user: 'U0AGNES', values: { reason: 'wrong person' } });
    await Promise.all(n % 2 ? [approve(), deny()] : [deny(), approve()]);
    const final = await world.waitCard(id, /denied by|queued by Intune/);
    const isDenied = /denied by/.test(final.text);
    const loser = isDenied ? 'U0ARVID' : 'U0AGNES';
    await soon(async () => assert.ok((await world.sees(loser)).all.some((one) => one.text.includes(`${id} is already decided`)), `${loser} is not told`));
    await recorded(world, 'click_without_effect', { user: loser, request: id });
    assert.equal((await world.resets()).length - sentBefore, isDenied ? 0 : 1);
    const decisions = (await records(world)).filter((one) => one.request === id && ['approved', 'denied'].includes(one.kind));
    assert.equal(decisions.length, 1);
  }
});

const twoApprove = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  const value = button(card, 'approve').value;
  await Promise.all(['U0ARVID', 'U0AGNES', 'U0ARVID', 'U0AGNES', 'U0ARVID'].map((user) => pressed(world, user, card, { action: 'approve', value })));
  await done(world, id);
  await soon(async () => assert.equal((await records(world)).filter((one) => one.request === id && one.kind === 'click_without_effect').length, 4));
  assert.equal((await records(world)).filter((one) => one.request === id && one.kind === 'approved').length, 1);
  assert.equal((await world.resets()).length, 1);
});

// ---- deny, cancel ----------------------------------------------------------------------------------------------------

const denied = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  await world.presses('U0AGNES', 'Deny', { part: id });
  const view = await world.waitView('U0AGNES', 'Why? The requester and the thread are told.');
  assert.equal(view.blocks.find((block) => block.type === 'input').optional, false);
  await stillWaits(world, id);
  await world.post('submit', { user: 'U0AGNES', values: { reason: 'the caller could not name the model' } });
  const final = await world.waitCard(id, 'denied by Agnes Holm (U0AGNES): the caller could not name the model');
  assert.deepEqual(World.buttons(final), []);
  says(await world.waitSees('U0AUDRA', /^2 · .* denied by/, 15000, 'thread'), 'the caller could not name the model');
  says(await world.waitSees('U0HANNA', /denied by/, 15000, 'direct'), id, 'could not name the model', 'Talk to the approver');
  says(await world.waitSees('U0ADELE', /denied by/, 15000, 'direct'), id, 'Hanna Berg');
  says(await press(world, 'U0ARVID', card, 'approve'), 'already decided', 'denied');
  await recorded(world, 'denied', { user: 'U0AGNES', request: id });
  await nothingOpen(world);
});

async function nothingOpen(world) {
  assert.deepEqual(await open(world), []);
  assert.deepEqual(await world.resets(), []);
}

const formTooLate = inWorld({}, async (world) => {
  const { id } = await asked(world);
  await world.fault('slack.views.open.error', 'expired_trigger_id');
  says(await hears(world, 'U0ARVID', () => world.presses('U0ARVID', 'Deny', { part: id }), ANY), 'could not be opened in time', 'Press the button again', 'Nothing was done');
  await stillWaits(world, id);
  await world.presses('U0ARVID', 'Deny', { part: id });
  await world.waitView('U0ARVID', 'Why?');
});

const cancelled = inWorld({}, async (world) => {
  const first = await asked(world);
  says(await typed(world, 'U0HENRY', `cancel ${first.id}`), 'only its requester or an approver', 'Nothing was done');
  await recorded(world, 'refused', { user: 'U0HENRY', request: first.id });
  says(await typed(world, 'U0ADELE', `cancel ${first.id}`), 'not possible', 'Nothing was done');
  await stillWaits(world, first.id);
  says(await typed(world, 'U0HANNA', `cancel ${first.id}`), `${first.id} is cancelled`, 'Nothing was sent to Intune');
  const final = await world.waitCard(first.id, 'cancelled by Hanna Berg (U0HANNA); nothing was sent to Intune');
  assert.deepEqual(World.buttons(final), []);
  says(await typed(world, 'U0HANNA', `cancel ${first.id}`), first.id, 'already decided');
  says(await press(world, 'U0ARVID', first.card, 'approve'), 'already decided', 'cancelled');
  const second = await asked(world);
  says(await typed(world, 'U0AGNES', `cancel ${second.id}`), 'is cancelled');
  says(await world.waitSees('U0HANNA', /cancelled by Agnes/, 15000, 'direct'), second.id);
  // a draft: its own button, then Send does nothing
  const preview = await typed(world, 'U0HANNA', `reset ${IPHONE} locked`);
  const send = World.buttons(preview).find((one) => one.text.text === 'Send for approval');
  await world.chooses('U0HANNA', 'verified', 'video');
  await world.chooses('U0HANNA', 'holds', 'yes');
  says(await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Cancel', { part: preview.text.slice(0, 6) })), 'is cancelled', 'Nothing was done');
  says(await hears(world, 'U0HANNA', () => pressed(world, 'U0HANNA', preview, { action: send.action_id, value: send.value, is_ephemeral: true }), ANY), 'already decided');
  await nothingOpen(world);
});

const cancelLate = inWorld({ settings: { device_checkin_ms: -1 } }, async (world) => {
  // approved, but Graph is away: it can still be taken back
  const first = await asked(world);
  await world.fault('graph.down', undefined, -1);
  await world.presses('U0ARVID', 'Approve', { part: first.id });
  await world.waitCard(first.id, 'approved, about to be sent');
  says(await typed(world, 'U0HANNA', `cancel ${first.id}`), 'is cancelled', 'Nothing was sent');
  await world.post('fault_clear', {});
  await world.waitCard(first.id, 'cancelled by');
  await sleep(500);
  await nothingOpen(world);
  // accepted by Intune: too late
  const second = await asked(world);
  await world.presses('U0ARVID', 'Approve', { part: second.id });
  await world.waitCard(second.id, 'queued by Intune');
  for (const user of ['U0HANNA', 'U0AGNES']) {
    says(await typed(world, user, `cancel ${second.id}`), 'Too late', second.id, 'next check-in', 'lock or wipe the device in the portal');
    await recorded(world, 'cancel_too_late', { user, request: second.id });
  }
  assert.equal((await world.resets()).length, 1);
  assert.deepEqual((await open(world)).map((one) => one.state), ['accepted']);
});

// ---- time ------------------------------------------------------------------------------------------------------------

const expires = inWorld({}, async (world) => {
  const { id } = await asked(world);
  await world.advance(15 * 60000 + 1000);
  for (const user of ['U0ARVID', 'U0AGNES']) says(await world.waitSees(user, /Half of the time is over/, 15000, 'direct'), id, 'iPhone 14', `/passcode approve ${id}`);
  await stillWaits(world, id);
  const halves = (await world.sees('U0ARVID')).all.filter((one) => /Half of the time/.test(one.text));
  assert.equal(halves.length, 1);
  await world.advance(15 * 60000);
  const final = await world.waitCard(id, 'expired: nobody decided in time; nothing was sent to Intune');
  assert.deepEqual(World.buttons(final), []);
  says(await world.waitSees('U0HANNA', /expired: nobody decided/, 15000, 'direct'), id, 'Press Ask again');
  says(await world.waitSees('U0ADELE', /expired/, 15000, 'direct'), id);
  // who was asked is not left with a question: the same message says how it ended
  const told = await world.waitSees('U0ARVID', /Nothing is left for you to decide/, 15000, 'direct');
  says(told, id, 'expired: nobody decided in time');
  assert.equal(told.ts, halves[0].ts);
  await nothingOpen(world);
  // Ask again: everything anew, under a new id
  const preview = await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Ask again'), ANY);
  says(preview, 'iPhone 14 (…4F2K)', 'Reason: locked', 'Only you see this', `Earlier, within 7 days: ${id} expired`);
  assert.ok(!preview.text.startsWith(id));
  const again = preview.text.match(/^R-\w+/)[0];
  await world.chooses('U0HANNA', 'verified', 'video');
  await world.chooses('U0HANNA', 'holds', 'yes');
  await world.presses('U0HANNA', 'Send for approval', { part: again });
  await world.waitCard(again, 'waiting for 1 approval');
  await world.presses('U0ARVID', 'Approve', { part: again });
  await done(world, again);
  assert.equal((await world.resets()).length, 1);
});

const draftExpires = inWorld({}, async (world) => {
  const id = await answered(world);
  await world.advance(31 * 60000);
  says(await send(world, id), id, /Too late|already decided/, 'expired');
  await nothingDone(world);
});

await run({
  a_second_click_is_harmless_and_answered: secondClick,
  approve_and_deny_at_once_exactly_one_wins: atOnce,
  five_approvals_at_once_send_once: twoApprove,
  a_denial_has_its_reason_everywhere: denied,
  a_deny_form_that_cannot_open_is_told: formTooLate,
  cancel_is_for_the_requester_and_approvers: cancelled,
  cancel_before_sending_stops_it_and_after_says_too_late: cancelLate,
  expiry_removes_the_buttons_and_offers_to_ask_again: expires,
  a_draft_cannot_be_sent_after_its_time: draftExpires,
});
