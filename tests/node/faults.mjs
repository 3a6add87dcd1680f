// faults.mjs - what goes wrong at Graph: a target that changes after its approval, every answer of the POST, reads that
// lie, outcomes that never come. Each ends in the state of the design, says why, and acts at most once.
import assert from 'node:assert/strict';
import { World, run } from '../sandbox/people.mjs';
import { inWorld, open, recorded, says, soon, typed } from './lib_bad_input.mjs';
import { DAY, HOUR, IPHONE, MINUTE, SAMSUNG, approved, asked, assertOnce, assertResets, logged, sideBySide, told, until, untilLine } from './lib_faults.mjs';

const LENA = 'lena@contoso.com';
const meanwhile = (world, verb, args) => world.fault('graph.get.first', { verb, arguments: args });

async function assertEnded(world, id, ...parts) {
  const shown = await until(world, id, parts[0]);
  assert.deepEqual(World.buttons(shown), []);
  assert.deepEqual(await open(world), []);
  // the card is folded to one line: what it leaves out stands in the thread
  says({ text: await untilLine(world, id, parts[0]) }, ...parts);
  await told(world, 'U0HANNA', parts[0]);
  await assertOnce(world, id);
}

// ---- after the approval, before the POST -----------------------------------------------------------------------------

const staleAfter = (verb, args, ...parts) => inWorld({}, async (world) => {
  const id = await approved(world, IPHONE, () => meanwhile(world, verb, args));
  await assertEnded(world, id, 'stale: ', 'nothing was sent to Intune', ...parts);
  await assertResets(world, 0, 0);
  await recorded(world, 'stale', { request: id, text: parts[0] });
});

const target = {
  a_device_that_changed_owner_after_its_approval_is_stale:
    staleAfter('device', { id: IPHONE.id, fields: { owner: LENA } }, 'the device changed since it was approved', 'userId'),
  a_device_that_became_personal_is_stale:
    staleAfter('device', { id: IPHONE.id, fields: { managedDeviceOwnerType: 'personal' } }, 'managedDeviceOwnerType'),
  a_device_that_was_enrolled_again_is_stale:
    staleAfter('device', { id: IPHONE.id, fields: { enrolledDateTime: '2026-01-01T00:00:00Z' } }, 'enrolledDateTime'),
  a_device_with_a_wipe_pending_is_stale:
    staleAfter('device', { id: IPHONE.id, fields: { managementState: 'wipePending' } }, 'managementState'),
  a_device_deleted_after_its_approval_is_stale: staleAfter('device_remove', { device: IPHONE.id }, 'no longer in Intune'),
  a_portal_reset_in_between_is_stale: staleAfter('portal_reset', { device: IPHONE.id }, 'already queued for this device by somebody else'),

  a_check_in_between_approval_and_post_is_good_news: inWorld({}, async (world) => {
    const fields = { lastSyncDateTime: '2030-01-01T00:00:00Z', osVersion: '18.0', complianceState: 'noncompliant' };
    const id = await approved(world, IPHONE, () => meanwhile(world, 'device', { id: IPHONE.id, fields }));
    await until(world, id, 'done: Intune reports the passcode removed');
    await assertResets(world, 1, 1);
  }),

  a_new_primary_user_makes_it_stale: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => meanwhile(world, 'device', { id: IPHONE.id, fields: { owners: ['0000000b-0000-4000-8000-00000000000b'] } }));
    await assertEnded(world, id, 'stale: ', 'owners');
    await assertResets(world, 0, 0);
  }),

  an_approver_who_lost_the_role_cannot_have_it_sent: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.get.503', undefined, -1));
    await world.waitCard(id, 'approved, about to be sent');
    await world.post('group', { id: 'S0APPROVERS', handle: 'mobile-approvers', users: ['U0AGNES'] });
    await world.advance(70_000);
    await world.post('fault_clear', {});
    await assertEnded(world, id, 'stale: ', 'your role does not allow it');
    await assertResets(world, 0, 0);
  }),

  a_portal_reset_after_the_last_look_is_ambiguous_and_shows_no_code: inWorld({}, async (world) => {
    const id = await approved(world, SAMSUNG, () => world.fault('graph.reset.first', { verb: 'portal_reset', arguments: { device: SAMSUNG.id } }));
    await assertEnded(world, id, 'outcome unknown: ambiguous');
    await assertResets(world, 1, 1);
    const { all } = await world.sees('U0HANNA');
    assert.ok(!all.some((message) => World.buttons(message).some((button) => button.text.text === 'Show')), 'a button to show a code');
  }),
};

// ---- what the POST answers ---------------------------------------------------------------------------------------------

const answered = (fault, value, read, acted, ...parts) => inWorld({}, async (world) => {
  const id = await approved(world, IPHONE, () => world.fault(`graph.reset.${fault}`, value));
  await until(world, id, parts[0], { stepMs: 10_000 });
  await assertEnded(world, id, ...parts);
  await world.advance(20 * MINUTE);
  await assertResets(world, read, acted);
  await assertOnce(world, id);
});
const refusedWith = (fault, ...parts) => answered(fault, undefined, 1, 0, 'failed: ', 'request-id', ...parts);
const DONE = 'done: Intune reports the passcode removed';
const NO_TRACE = 'outcome unknown: no trace';

const posts = {
  a_204_without_effect_is_unknown_after_15_minutes: answered('no_effect', undefined, 1, 0, NO_TRACE),
  a_400_is_failed: refusedWith('400', 'status 400', 'does not support'),
  a_400_three_levels_deep_is_a_sentence: inWorld({ settings: { graph_error_nesting: 3 } }, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.400'));
    await assertEnded(world, id, 'failed: ', 'status 400', 'request-id', 'Activity ID');
    await assertResets(world, 1, 0);
  }),
  a_404_is_failed: refusedWith('404', 'status 404'),
  a_409_is_failed: refusedWith('409', 'status 409'),
  a_412_is_failed: refusedWith('412', 'status 412'),
  a_423_is_failed: refusedWith('423', 'status 423'),
  a_403_names_the_permission: refusedWith('403_role', 'PrivilegedOperations.All'),
  a_403_two_levels_deep_is_failed: refusedWith('403_nested', 'status 403'),
  a_403_three_levels_deep_is_failed: refusedWith('403_deep', 'status 403'),
  a_401_is_renewed_and_tried_again: answered('401', undefined, 2, 1, DONE),
  a_429_with_retry_after_is_tried_again: answered('429', 20, 2, 1, DONE),
  a_429_without_retry_after_is_tried_again: answered('429', undefined, 2, 1, DONE),
  a_500_without_effect_is_looked_up_and_never_repeated: answered('500_before', undefined, 1, 0, NO_TRACE),
  a_500_after_its_effect_is_looked_up: answered('500_after', undefined, 1, 1, DONE),
  a_gateway_that_lost_patience_is_looked_up: answered('504_after', undefined, 1, 1, DONE),
  a_post_closed_on_a_warm_connection_is_seen_once: answered('close', undefined, 1, 0, NO_TRACE),
  a_post_closed_after_its_effect_is_seen_once: answered('close_after', undefined, 1, 1, DONE),
  a_post_whose_connection_is_reset_is_seen_once: answered('rst', undefined, 1, 0, NO_TRACE),
  a_post_reset_after_its_effect_is_seen_once: answered('rst_after', undefined, 1, 1, DONE),
  a_garbled_answer_is_looked_up_or_failed_but_never_repeated: answered('garbage', undefined, 1, 0, 'outcome unknown: '),
  a_redirect_is_not_followed: answered('redirect', undefined, 1, 0, 'failed: ', 'redirect'),
  intunes_own_approval_as_403_is_final: answered('403_approval', undefined, 1, 0, 'multi admin approval', 'approval code'),
  intunes_own_approval_as_409_is_final: answered('409_approval', undefined, 1, 0, 'multi admin approval'),
  intunes_own_approval_as_412_is_final: answered('412_approval', undefined, 1, 0, 'multi admin approval'),

  five_times_429_is_failed: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.429', undefined, -1));
    await assertEnded(world, id, 'failed: ', '5 attempts');
    await assertResets(world, 5, 0);
  }),
  a_retry_after_beyond_the_window_lapses: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.429', 900, -1));
    await until(world, id, 'lapsed: ', { stepMs: MINUTE });
    await assertEnded(world, id, 'lapsed: ');
    await assertResets(world, 1, 0);
  }),
  each_attempt_is_a_record_of_its_own: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.401'));
    await until(world, id, DONE);
    const seen = await world.resets();
    assert.deepEqual(seen.map((one) => one.reply), ['401', '204']);
    const sent = await soon(() => recorded(world, 'sent', { request: id, text: seen[1].client_request_id }));
    await recorded(world, 'sent', { request: id, text: seen[0].client_request_id });
    assert.ok(sent);
    await recorded(world, 'try_again', { request: id });
  }),
};

// The time limit of a call is the machine's own: this one takes half a minute, and so begins first.
const slow = {
  a_post_that_hangs_after_its_effect_is_looked_up: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.hang_after'));
    await until(world, id, DONE, { stepMs: 1000, limitMs: 50_000, pauseMs: 1000 });
    await untilLine(world, id, 'looked up, never sent again', { stepMs: 2000 });
    await assertResets(world, 1, 1);
  }),
};

// ---- reads that lie or fail ----------------------------------------------------------------------------------------------

const asks = (fault, value, text, ...parts) => inWorld({}, async (world) => {
  await world.fault(fault, value, -1);
  says(await typed(world, 'U0HANNA', text), ...parts, 'Nothing was done.');
  assert.deepEqual(await open(world), []);
  await assertResets(world, 0, 0);
});

const reads = {
  a_kind_that_beta_does_not_tell_is_refused: inWorld({}, async (world) => {
    await world.fault('graph.beta.500', undefined, -1);
    const { id } = await world.post('command', { user: 'U0HANNA', channel: 'C0HELPDESK', text: `reset ${IPHONE.serial} x INC1` });
    await world.get(`act?id=${id}&wait_ms=5000`);
    let heard = null;
    for (let i = 0; i < 60 && !heard; i++) {
      await world.advance(3000);
      await new Promise((done) => setTimeout(done, 100));
      heard = (await world.sees('U0HANNA')).all.find((message) => message.kind === 'private');
    }
    assert.ok(heard, world.botLog());
    says(heard, /could not be (read|asked|resolved)|not confirmed/);
    assert.ok(!World.buttons(heard).some((button) => button.text.text === 'Send for approval'), heard.text);
  }),
  a_row_that_nobody_asked_for_lists_nothing_and_alarms: inWorld({}, async (world) => {
    await world.fault('graph.list.foreign_row', 'R5CW30ABCDE', -1);
    const answer = await typed(world, 'U0HANNA', 'devices adele@contoso.com');
    says(answer, 'did not fit the question', 'Nothing was done.');
    assert.ok(!answer.text.includes('iPhone') && !answer.text.includes('Samsung'), answer.text);
    await logged(world, /event=graph_surprise/);
  }),
  a_next_page_on_another_host_is_not_followed: inWorld({ settings: { graph_page_max: 2 } }, async (world) => {
    await world.fault('graph.nextlink.offhost', 'http://127.0.0.1:9/v1.0/deviceManagement/managedDevices?$skiptoken=x', -1);
    const answer = await typed(world, 'U0HANNA', 'devices adele@contoso.com');
    says(answer, 'did not fit the question', 'Nothing was done.');
    assert.ok(!answer.text.includes('iPhone'), answer.text);
  }),
  pages_without_an_end_are_left: inWorld({ settings: { graph_page_max: 2 } }, async (world) => {
    await world.fault('graph.nextlink.endless', undefined, -1);
    says(await typed(world, 'U0HANNA', 'devices adele@contoso.com'), 'Nothing was done.');
  }),
  another_device_than_asked_for_is_refused: asks('graph.get.other_device', 'R5CW30ABCDE', `reset ${IPHONE.id} x INC1`, /did not fit/),
};

// ---- the outcome ----------------------------------------------------------------------------------------------------------

const ends = (device, result, ...parts) => inWorld({}, async (world) => {
  await world.post('device', { id: device.id, result });
  const id = await approved(world, device);
  await until(world, id, parts[0]);
  for (const part of parts) await untilLine(world, id, part);
  await told(world, 'U0HANNA', ...parts);
  for (const line of await world.thread(id)) assert.ok(!/restart (the|your) (phone|device)/i.test(line), line);
  await assertResets(world, 1, 1);
});

const outcomes = {
  an_apple_device_that_failed_is_told_with_advice: ends(IPHONE, 'failed', 'failed: ', 'unlock token'),
  an_android_device_that_failed_is_told_with_advice: ends(SAMSUNG, 'failed', 'failed: ', 'configuration'),
  an_android_device_that_cannot_is_told_with_advice: ends(SAMSUNG, 'notSupported', 'not supported: ', 'reset token was never activated'),
  an_apple_device_that_cannot_is_told_with_advice: ends(IPHONE, 'notSupported', 'not supported: ', 'portal'),
  a_cancel_by_somebody_else_is_told: ends(IPHONE, 'canceled', 'canceled in Intune by somebody else'),

  a_done_of_last_week_is_not_ours: inWorld({}, async (world) => {
    await world.post('stale_done', { device: SAMSUNG.id, days: 7, passcode: 'OLD1CODE' });
    const id = await approved(world, SAMSUNG, () => world.fault('graph.reset.no_effect'));
    await until(world, id, NO_TRACE, { stepMs: MINUTE });
    const { all } = await world.sees('U0HANNA');
    assert.ok(!all.some((message) => World.buttons(message).some((button) => button.text.text === 'Show')));
    assert.ok(!(await world.transcript()).includes('OLD1CODE'));
    await assertResets(world, 1, 0);
  }),
  a_done_of_last_week_that_shows_up_after_the_snapshot_is_not_ours: inWorld({}, async (world) => {
    const late = { verb: 'stale_done', arguments: { device: SAMSUNG.id, days: 7, passcode: 'OLD1CODE' } };
    await world.fault('graph.reset.first', late);
    const id = await approved(world, SAMSUNG, () => world.fault('graph.reset.no_effect'));
    await until(world, id, NO_TRACE, { stepMs: MINUTE });
    assert.ok(!(await world.transcript()).includes('OLD1CODE'));
  }),
  the_code_of_last_week_is_never_shown_as_ours: inWorld({}, async (world) => {
    await world.post('stale_done', { device: SAMSUNG.id, days: 7, passcode: 'OLD1CODE' });
    await world.post('passcode', { device: SAMSUNG.id, text: 'NEW2CODE' });
    const id = await approved(world, SAMSUNG);
    await until(world, id, 'done: Intune reports');
    await world.presses('U0HANNA', 'Show', { part: id });
    assert.ok(JSON.stringify(await world.waitView('U0HANNA', 'NEW2CODE')).includes('Read it aloud'));
    assert.ok(!(await world.transcript()).includes('OLD1CODE'));
  }),
  two_new_results_are_ambiguous_and_show_no_code: inWorld({}, async (world) => {
    const id = await approved(world, SAMSUNG, () => world.fault('graph.reset.double'));
    await assertEnded(world, id, 'outcome unknown: ambiguous', 'more than one new passcode action');
    const { all } = await world.sees('U0HANNA');
    assert.ok(!all.some((message) => World.buttons(message).some((button) => button.text.text === 'Show')));
    await assertResets(world, 1, 1);
  }),
  a_device_that_never_checks_in_is_told_after_a_day_and_unknown_after_seven: inWorld({ settings: { device_checkin_ms: -1 } }, async (world) => {
    const id = await approved(world);
    await until(world, id, 'queued', { stepMs: 5000 });
    await world.advance(23 * HOUR);
    await new Promise((done) => setTimeout(done, 400));
    assert.ok(!(await world.thread(id)).some((line) => line.includes('after 24 hours')));
    await untilLine(world, id, 'still queued after 24 hours', { stepMs: 30 * MINUTE });
    await world.advance(5 * DAY);
    await new Promise((done) => setTimeout(done, 400));
    assert.equal((await open(world)).length, 1);
    await until(world, id, 'outcome unknown: still queued after 7 days', { stepMs: 4 * HOUR });
    await untilLine(world, id, 'still queued after 7 days', { stepMs: 2000 });
    assert.equal((await world.thread(id)).filter((line) => line.includes('after 24 hours')).length, 1);
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
  what_is_found_after_unknown_adds_one_line: inWorld({ settings: { graph_result_lag_ms: 40 * MINUTE } }, async (world) => {
    const id = await approved(world, SAMSUNG);
    await until(world, id, NO_TRACE, { stepMs: MINUTE });
    await until(world, id, 'found later: Intune now reports it done', { stepMs: 5 * MINUTE });
    await untilLine(world, id, 'found later: Intune now reports it done', { stepMs: 2000 });
    await world.waitSees('U0HANNA', 'found later', 10000, 'direct');
    await world.advance(DAY);
    await new Promise((done) => setTimeout(done, 400));
    assert.equal((await world.thread(id)).filter((line) => line.includes('found later')).length, 1);
    await world.presses('U0HANNA', 'Show', { part: id });
    await world.waitView('U0HANNA', 'Read it aloud');
    await assertResets(world, 1, 1);
  }),
  a_cancel_after_the_post_is_too_late_and_recorded: inWorld({ settings: { device_checkin_ms: -1 } }, async (world) => {
    const id = await approved(world);
    await until(world, id, 'queued', { stepMs: 2000 });
    says(await typed(world, 'U0HANNA', `cancel ${id}`), 'Too late', 'lock or wipe');
    await recorded(world, 'cancel_too_late', { request: id });
    assert.equal((await open(world)).length, 1);
  }),
};

// ---- Graph away -------------------------------------------------------------------------------------------------------------

const outages = {
  graph_away_for_an_hour_lapses_what_was_approved: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.down', undefined, -1));
    await world.waitCard(id, 'approved, about to be sent');
    for (let i = 0; i < 12; i++) {
      await world.advance(5 * MINUTE);
      await new Promise((done) => setTimeout(done, 150));
    }
    await assertEnded(world, id, 'lapsed: ');
    await world.post('fault_clear', {});
    await world.advance(5 * MINUTE);
    await assertResets(world, 0, 0);
    await asked(world); // works again at once
  }),
  graph_away_while_a_result_is_awaited_is_waited_for: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.first', { verb: 'offline', arguments: { device: IPHONE.id } }));
    await until(world, id, 'queued', { stepMs: 2000 });
    await world.fault('graph.down', undefined, -1);
    for (let i = 0; i < 12; i++) {
      await world.advance(5 * MINUTE);
      await new Promise((done) => setTimeout(done, 150));
    }
    assert.equal((await open(world)).length, 1);
    await world.post('fault_clear', {});
    await world.post('offline', { device: IPHONE.id, on: false });
    await until(world, id, DONE, { stepMs: MINUTE });
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
  a_command_while_graph_is_away_is_answered: inWorld({}, async (world) => {
    await world.fault('graph.down', undefined, -1);
    await world.types('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    const heard = await soon(async () => {
      await world.advance(2000);
      const found = (await world.sees('U0HANNA')).all.find((message) => message.kind === 'private');
      assert.ok(found);
      return found;
    }, 15000);
    says(heard, 'could not be asked', 'Nothing was done.');
    assert.deepEqual(await open(world), []);
  }),
  a_token_that_is_refused_with_plain_text_is_waited_for: inWorld({}, async (world) => {
    await world.fault('entra.429', 1, 1);
    await asked(world);
  }),
  graph_away_for_seven_days_is_unknown: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.reset.500_after'));
    await world.journal('graph.reset');
    await world.fault('graph.down', undefined, -1);
    await until(world, id, 'Intune could not be asked', { stepMs: 4 * HOUR });
    await assertEnded(world, id, 'outcome unknown: ', 'Intune could not be asked for 7 days');
    await assertResets(world, 1, 1);
  }),
};

await run(sideBySide({ ...slow, ...target, ...posts, ...reads, ...outcomes, ...outages }));
