// bad_policy.mjs - what the policy forbids, and where the bot cannot be asked: each refusal is answered, recorded, and does nothing.
import assert from 'node:assert/strict';
import { run } from '../sandbox/people.mjs';
import { IPHONE, answered, approvedAndDone, asked, entra, hears, inWorld, nothingDone, open, people, recorded, reloads, renewed, says, send, stillWaits, typed, ANY, RELOADED } from './lib_bad_input.mjs';

const MINUTE = 60000;
const ADMIN = 'An administrator of resetbot can change that in the policy file';

// ---- where -----------------------------------------------------------------------------------------------------------

const places = inWorld({}, async (world) => {
  for (const text of [`reset ${IPHONE} locked`, 'help', 'list']) {
    says(await typed(world, 'U0HANNA', text, 'C0RANDOM'), 'not allowed in this channel', 'direct message to me', ADMIN, 'Nothing was done');
  }
  await recorded(world, 'refused', { user: 'U0HANNA', text: 'this channel' });
  await world.post('member', { channel: 'C0SHARED', user: 'U0HANNA' });
  says(await typed(world, 'U0HANNA', `reset ${IPHONE} locked`, 'C0SHARED'), 'not allowed in this channel', 'Nothing was done');
  says(await typed(world, 'U0OUTSIDE', `reset ${IPHONE} locked`, 'C0SHARED'), 'another organisation', 'Nothing was done');
  await recorded(world, 'refused', { user: 'U0OUTSIDE', text: 'another organisation' });
  await nothingDone(world);
  // the direct message works; the card goes to the request channel alone
  says(await typed(world, 'U0HANNA', 'help', 'dm'), '/passcode reset');
  says(await typed(world, 'U0HANNA', 'devices adele@contoso.com', 'dm'), 'iPhone 14');
  const id = await answered(world, `reset ${IPHONE} locked`, 'U0HANNA', 'dm');
  says(await send(world, id), 'is sent for approval');
  await stillWaits(world, id);
  says(await typed(world, 'U0ARVID', `approve ${id}`, 'dm'), id, 'waiting for 1 approval');
});

const members = inWorld({}, async (world) => {
  await world.post('member', { channel: 'C0HELPDESK', user: 'U0GUEST' });
  says(await typed(world, 'U0GUEST', `reset ${IPHONE} locked`), 'guests', 'Nothing was done');
  says(await typed(world, 'U0ADELE', `reset ${IPHONE} locked`), 'your role does not allow it', '/passcode help', ADMIN, 'Nothing was done');
  says(await typed(world, 'U0ARVID', `reset ${IPHONE} locked`), 'your role does not allow it', 'Nothing was done');
  for (const user of ['U0GUEST', 'U0ADELE', 'U0ARVID']) await recorded(world, 'refused', { user });
  await world.fault('slack.users.info.error', 'internal_error', -1);
  await world.advance(61000);
  says(await typed(world, 'U0HENRY', `reset ${IPHONE} locked`), 'could not read your account', 'Try again in a minute', 'Nothing was done');
  await nothingDone(world);
});

const requestChannel = inWorld({}, async (world) => {
  const id = await answered(world, `reset ${IPHONE} locked`, 'U0HANNA', 'dm');
  const troubles = [
    ['I am not a member', () => world.post('member', { channel: 'C0HELPDESK', user: 'U0RESETBOT', in: false }), () => world.post('member', { channel: 'C0HELPDESK', user: 'U0RESETBOT', in: true })],
    ['is archived', () => world.post('channel', { id: 'C0HELPDESK', is_archived: true }), () => world.post('channel', { id: 'C0HELPDESK', is_archived: false })],
    ['is shared with another organisation', () => world.post('channel', { id: 'C0HELPDESK', is_ext_shared: true }), () => world.post('channel', { id: 'C0HELPDESK', is_ext_shared: false })],
    ['could not be read', () => world.fault('slack.conversations.info.error', 'internal_error', -1), () => world.post('fault_clear', {})],
    ['I cannot see', () => reloads(world, { channels: '{allowed: [C0HELPDESK], request: C0NOWHERE}' }, RELOADED), () => reloads(world, {}, RELOADED)],
    ['is shared with another organisation', () => reloads(world, { channels: '{allowed: [C0HELPDESK], request: C0SHARED}' }, RELOADED), () => reloads(world, {}, RELOADED)],
  ];
  for (const [part, breaks, mends] of troubles) {
    await breaks();
    const told = await hears(world, 'U0ADMIN', async () => says(await send(world, id), 'Not sent', part, 'administrator must mend it', 'press Send again', `/passcode status ${id}`), 'direct');
    says(told, 'could not be sent', part, 'invite me, unarchive');
    await recorded(world, 'refused', { user: 'U0HANNA', request: id });
    assert.deepEqual(await open(world), [], part);
    await mends();
  }
  assert.deepEqual((await world.get('state?user=U0OUTSIDE')).channels.flatMap((channel) => channel.messages), []);
  says(await send(world, id), 'is sent for approval');
  await stillWaits(world, id);
});

// ---- what the policy says --------------------------------------------------------------------------------------------

const never = inWorld({}, async (world) => {
  const draft = await answered(world);
  const rules = [
    ['{users: [Adele@Contoso.com]}', 'never allows a reset for this user'], [`{users: [${entra('07')}]}`, 'never allows a reset for this user'],
    [`{devices: [${IPHONE.toLowerCase()}]}`, 'never allows a reset of this device'], ['{devices: [d0000001-0000-4000-8000-000000000001]}', 'never allows a reset of this device'],
  ];
  for (const [rule, why] of rules) {
    await reloads(world, { never: rule }, RELOADED);
    says(await typed(world, 'U0HANNA', `reset ${IPHONE} locked`), 'not possible', why, 'Ask an administrator of resetbot', 'Nothing was done');
    says(await send(world, draft), why, 'Nothing was done');
    await recorded(world, 'refused', { user: 'U0HANNA', request: draft });
  }
  await nothingDone(world);
});

const frozen = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  const draft = await answered(world, 'reset LABSERIAL001 locked', 'U0HENRY');
  await reloads(world, { frozen: 'true' }, RELOADED);
  for (const user of ['U0HANNA', 'U0HENRY']) says(await typed(world, user, 'reset LABSERIAL002 locked'), 'all sending is frozen by the policy', 'Ask an administrator', 'Nothing was done');
  says(await send(world, draft, 'U0HENRY'), 'frozen', 'Nothing was done');
  await recorded(world, 'refused', { user: 'U0HENRY', text: 'frozen' });
  // what is approved meanwhile is not sent, and lapses
  await renewed(world, id, card);
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'approved, about to be sent');
  await world.advance(10 * MINUTE + 1000);
  await world.waitCard(id, 'lapsed: approved, but it could not be sent in time; nothing was sent to Intune');
  says(await world.waitSees('U0HANNA', /lapsed/, 15000, 'direct'), id, 'Press Ask again');
  says(await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Ask again'), ANY), 'frozen', 'Nothing was done');
  assert.deepEqual(await world.resets(), []);
  assert.deepEqual(await open(world), []);
});

const ceilings = inWorld({ policy: { ceilings: '{device_day: 1, requester_hour: 2, all_hour: 3}' } }, async (world) => {
  const draft = await answered(world);
  await approvedAndDone(world, (await asked(world)).id);
  says(await typed(world, 'U0HENRY', `reset ${IPHONE} locked`), 'reset as often as a day allows', 'Wait until tomorrow', 'Nothing was done');
  says(await send(world, draft), 'as often as a day allows', 'Nothing was done');
  await approvedAndDone(world, (await asked(world, 'reset LABSERIAL001 locked')).id);
  says(await typed(world, 'U0HANNA', 'reset LABSERIAL002 locked'), 'as many resets as an hour allows', 'ask a colleague', 'Nothing was done');
  await approvedAndDone(world, (await asked(world, 'reset LABSERIAL002 locked', 'U0HENRY')).id);
  says(await typed(world, 'U0HENRY', 'reset LABSERIAL003 locked'), 'allows for everybody', 'tell an administrator', 'Nothing was done');
  // counted in the store: a restart forgets nothing, time does
  await world.stopBot();
  await world.startBot();
  says(await typed(world, 'U0HENRY', 'reset LABSERIAL003 locked'), 'allows for everybody');
  await recorded(world, 'refused', { user: 'U0HENRY', text: 'for everybody' });
  await world.advance(61 * MINUTE);
  says(await typed(world, 'U0HENRY', 'reset LABSERIAL003 locked'), 'Only you see this');
  says(await typed(world, 'U0HENRY', `reset ${IPHONE} locked`), 'as often as a day allows');
  await world.advance(23 * 60 * MINUTE);
  says(await typed(world, 'U0HENRY', `reset ${IPHONE} locked`), 'Only you see this');
  assert.equal((await world.resets()).length, 3);
});

// The ceiling is looked at again just before sending: two devices approved at once, one allowed.
const ceilingAtSending = inWorld({ policy: { ceilings: '{device_day: 1, requester_hour: 1, all_hour: 30}' } }, async (world) => {
  const first = await asked(world);
  const second = await asked(world, 'reset LABSERIAL001 locked');
  await world.presses('U0ARVID', 'Approve', { part: first.id });
  await world.waitCard(first.id, 'queued by Intune');
  await world.presses('U0ARVID', 'Approve', { part: second.id });
  says(await world.waitCard(second.id, 'stale'), 'as many resets as an hour allows', 'nothing was sent to Intune');
  says(await world.waitSees('U0HANNA', /stale/, 15000, 'direct'), second.id);
  assert.equal((await world.resets()).length, 1);
});

const tooFew = inWorld({ policy: { approvals: '3' } }, async (world) => {
  const why = ['fewer approvers can be reached', 'roles.approvers', 'people', 'Nothing was done'];
  const BOTH = 'Can be reached: Arvid Lind (U0ARVID), Agnes Holm (U0AGNES). Cannot: nobody else has the role.';
  const draft = await answered(world);
  says(await send(world, draft), draft, ...why, 'Approvals needed: 3.', BOTH);
  await recorded(world, 'refused', { user: 'U0HANNA', request: draft, text: 'fewer approvers' });
  // two are enough by number, but one owns the device, has no entry, or has left
  await reloads(world, { approvals: '2' }, RELOADED);
  const his = await answered(world, 'reset G6TZ9QWERT locked');
  says(await send(world, his), his, ...why, 'Can be reached: Agnes Holm (U0AGNES). Cannot: Arvid Lind (U0ARVID): owns the device.');
  await reloads(world, { approvals: '2', people: people('U0HANNA', 'U0HENRY', 'U0ARVID', 'U0ADELE') }, RELOADED);
  says(await send(world, draft), ...why, 'Can be reached: Arvid Lind (U0ARVID). Cannot: Agnes Holm (U0AGNES): not in the people table.');
  await reloads(world, { approvals: '1', roles: '{helpdesk: {users: [U0HANNA]}, approvers: {users: [U0HANNA]}}' }, RELOADED);
  says(await send(world, draft), ...why, 'Can be reached: nobody. Cannot: Hanna Berg (U0HANNA): asked for it.');
  await reloads(world, { approvals: '2' }, RELOADED);
  await world.post('user', { id: 'U0AGNES', fields: { deleted: true } });
  await world.advance(61000);
  says(await send(world, draft), ...why, 'Arvid Lind (U0ARVID)');
  await nothingDone(world);
});

const empty = inWorld({ policy: { people: '[]', roles: '{}' } }, async (world) => {
  for (const user of ['U0HANNA', 'U0ARVID', 'U0ADMIN']) {
    says(await typed(world, user, `reset ${IPHONE} locked`), 'your role does not allow it', 'Nothing was done');
    says(await typed(world, user, 'approve R-7K3F'), 'your role does not allow it', 'Nothing was done');
  }
  await nothingDone(world);
});

await run({
  commands_work_in_allowed_channels_and_in_the_direct_message_only: places,
  S1_only_members_with_the_role_may_ask: members,
  a_request_channel_that_cannot_take_the_card_is_named_before_posting: requestChannel,
  never_lists_refuse_users_and_devices: never,
  a_frozen_policy_sends_nothing: frozen,
  ceilings_are_counted_across_restarts: ceilings,
  ceilings_are_looked_at_again_before_sending: ceilingAtSending,
  too_few_reachable_approvers_refuse_before_posting: tooFew,
  S1_an_empty_policy_allows_nobody: empty,
});
