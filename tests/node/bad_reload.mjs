// bad_reload.mjs - groups that cannot be read, and what a new policy does to open requests: nothing is allowed by mistake.
import assert from 'node:assert/strict';
import { World, run, sleep } from '../sandbox/people.mjs';
import { IPHONE, approvedAndDone, asked, button, inWorld, open, people, press, recorded, records, reloads, renewed, says, stillWaits, typed, RELOADED } from './lib_bad_input.mjs';

const MINUTE = 60000;
const ROLES = (helpdesk, approvers) => `
  helpdesk: ${helpdesk}
  approvers: ${approvers}
  audit: {users: [U0AUDRA]}
  admins: {users: [U0ADMIN]}`;

// ---- what cannot be read never allows --------------------------------------------------------------------------------

const groups = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  const troubles = [
    [() => world.fault('slack.usergroups.users.list.error', 'internal_error', -1), ['reset LABSERIAL001 locked']],
    [() => world.settings({ free_plan: 1 }), ['reset LABSERIAL001 locked', 'devices adele@contoso.com', `status ${id}`]],
  ];
  for (const [breaks, texts] of troubles) {
    await breaks();
    await world.advance(61000);
    for (const text of texts) {
      says(await typed(world, 'U0HENRY', text), 'chat group', 'could not be read', 'Try again in a few minutes', 'Nothing was done');
    }
    says(await press(world, 'U0ARVID', card), id, 'chat group', 'could not be read', 'Nothing was done');
    await recorded(world, 'refused', { user: 'U0ARVID', request: id, text: 'group' });
    says(await typed(world, 'U0ARVID', `approve ${id}`), 'could not be read');
    await stillWaits(world, id);
    await world.post('fault_clear', {});
  }
  await world.settings({ free_plan: 0 });
  await world.advance(61000);
  await approvedAndDone(world, id);
  assert.equal((await world.resets()).length, 1);
});

const groupBeforePost = inWorld({}, async (world) => {
  const { id } = await asked(world);
  await world.fault('graph.down', undefined, -1);
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'approved, about to be sent');
  await world.fault('slack.usergroups.users.list.error', 'internal_error', -1);
  await world.advance(61000);
  await world.post('fault_clear', { name: 'graph.down' });
  for (let n = 0; n < 4; n++) await world.advance(MINUTE).then(() => sleep(200));
  assert.deepEqual(await world.resets(), []);
  await world.advance(6 * MINUTE);
  await world.waitCard(id, 'lapsed');
  assert.deepEqual(await world.resets(), []);
});

// ---- a new policy ----------------------------------------------------------------------------------------------------

const badFile = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  for (const bad of [{ approvals: '0' }, { approvalz: '2' }, { roles: '{approvers: {users: []' }, { people: '[{slack: U0HANNA, entra: nobody}]' }, { frozen: 'perhaps' }]) {
    await reloads(world, bad, /event=policy_not_reloaded/);
    assert.match(world.botLog(), /policy\.yaml:\d+:\d+: /);
  }
  // the old one stays, whole: same card, same buttons
  const now = await stillWaits(world, id);
  assert.equal(button(now, 'approve').value, button(card, 'approve').value);
  assert.deepEqual((await records(world)).filter((one) => one.kind === 'renewed' || one.kind === 'stale'), []);
  says(await typed(world, 'U0HANNA', 'reset LABSERIAL001 locked'), 'Only you see this');
  await approvedAndDone(world, id);
});

const removed = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  await reloads(world, { roles: ROLES('{groups: [S0HELPDESK]}', '{users: [U0AGNES]}') }, RELOADED);
  const now = await renewed(world, id, card);
  await recorded(world, 'renewed', { request: id });
  // the removed approver's buttons refuse, old values are nobody's any more
  says(await press(world, 'U0ARVID', now), id, 'your role does not allow it', 'Nothing was done');
  says(await press(world, 'U0ARVID', now, 'deny'), id, 'your role does not allow it', 'Nothing was done');
  says(await typed(world, 'U0ARVID', `approve ${id}`), 'your role does not allow it');
  for (const user of ['U0ARVID', 'U0AGNES']) says(await press(world, user, card), 'not in my records', 'Nothing was done');
  await recorded(world, 'bad_value', { user: 'U0AGNES', request: id, text: 'older policy' });
  await stillWaits(world, id);
  await approvedAndDone(world, id, 'U0AGNES');
  assert.equal((await world.resets()).length, 1);
});

const stale = inWorld({}, async (world) => {
  const rules = [
    [{ never: '{users: [adele@contoso.com]}' }, 'never allows a reset for this user'],
    [{ never: `{devices: [${IPHONE}]}` }, 'never allows a reset of this device'],
    [{ roles: ROLES('{users: [U0HENRY]}', '{groups: [S0APPROVERS]}') }, 'your role does not allow it'],
    [{ people: people('U0HENRY', 'U0ARVID', 'U0AGNES', 'U0ADELE') }, 'not in the people table'],
    [{ people: people(['U0HANNA', '06'], 'U0HENRY', 'U0ARVID', 'U0AGNES', 'U0ADELE') }, 'people table'],
  ];
  for (const [rule, why] of rules) {
    const { id, card } = await asked(world);
    await reloads(world, rule, RELOADED);
    const final = await world.waitCard(id, 'stale: ');
    says(final, why, 'nothing was sent to Intune');
    assert.deepEqual(World.buttons(final), []);
    says(await world.waitSees('U0HANNA', /stale: /, 15000, 'direct'), why);
    await recorded(world, 'stale', { request: id, text: why });
    says(await press(world, 'U0ARVID', card), /already decided|not in my records/);
    assert.deepEqual(await open(world), []);
    await reloads(world, {}, RELOADED);
  }
  assert.deepEqual(await world.resets(), []);
});

const moreNeeded = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  says(card, 'waiting for 1 approval');
  await reloads(world, { approvals: '2' }, RELOADED);
  await world.waitCard(id, 'waiting for 2 approval');
  await world.presses('U0ARVID', 'Approve', { part: id });
  const half = await world.waitCard(id, 'waiting for 1 approval');
  says(half, 'Approved by Arvid');
  // fewer are needed again: the one that is there does not send by itself, the next one decides
  await reloads(world, { approvals: '1' }, RELOADED);
  await renewed(world, id, half);
  assert.deepEqual(await world.resets(), []);
  await approvedAndDone(world, id, 'U0AGNES');
  assert.equal((await world.resets()).length, 1);
});

// An approver who is removed after approving, before the POST left.
const approverGone = inWorld({}, async (world) => {
  const { id } = await asked(world);
  await world.fault('graph.down', undefined, -1);
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'approved, about to be sent');
  await reloads(world, { roles: ROLES('{groups: [S0HELPDESK]}', '{users: [U0AGNES]}') }, RELOADED);
  says(await world.waitCard(id, 'stale: '), 'role does not allow it', 'nothing was sent');
  await world.post('fault_clear', {});
  await world.advance(MINUTE);
  await sleep(300);
  assert.deepEqual(await world.resets(), []);
});

const groupLeft = inWorld({}, async (world) => {
  const { id } = await asked(world);
  await world.fault('graph.down', undefined, -1);
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'approved, about to be sent');
  await world.post('group', { id: 'S0APPROVERS', handle: 'mobile-approvers', users: ['U0AGNES'] });
  await world.post('fault_clear', {});
  await world.advance(61000);
  says(await world.waitCard(id, 'stale: '), 'role does not allow it', 'nothing was sent');
  assert.deepEqual(await world.resets(), []);
});

await run({
  a_group_that_cannot_be_read_never_allows: groups,
  a_group_that_cannot_be_read_before_the_post_waits_then_lapses: groupBeforePost,
  a_bad_policy_file_keeps_the_old_policy: badFile,
  a_removed_approver_decides_nothing_and_the_card_is_renewed: removed,
  an_open_request_that_is_no_longer_allowed_is_stale_with_the_rule: stale,
  more_approvals_after_a_reload_count_for_open_requests: moreNeeded,
  S3_an_approver_removed_before_the_post_stops_it: approverGone,
  S3_an_approver_who_left_the_group_before_the_post_stops_it: groupLeft,
});
