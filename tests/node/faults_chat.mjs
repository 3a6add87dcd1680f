// faults_chat.mjs - what goes wrong at Slack: posts that took effect and then failed, rate limits, answers whose address is
// dead, Slack away for an hour. The channel ends with one card a request and no line twice.
import assert from 'node:assert/strict';
import { run, sleep } from '../sandbox/people.mjs';
import { inWorld, open, says, soon, typed } from './lib_bad_input.mjs';
import { IPHONE, MINUTE, SAMSUNG, approved, asked, assertOnce, assertResets, sideBySide, told, until, untilLine } from './lib_faults.mjs';

const DONE = 'done: Intune reports the passcode removed';
const POST = 'slack.chat.postMessage';
const CARD = { match: 'C0HELPDESK' }; // posts in the channel, not the direct messages

// ---- posts whose effect is not known -----------------------------------------------------------------------------------

async function askedUnderFault(world, fault, value, times = 1) {
  await world.fault(`${POST}.${fault}`, value, times, CARD);
  const id = await world.asks('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
  return id;
}

// The card's post took effect or not, and its answer was lost: it is found or posted again, and the story goes on.
const cardSurvives = (fault, value, posts = 2) => inWorld({}, async (world) => {
  const id = await askedUnderFault(world, fault, value);
  await until(world, id, 'waiting for 1 approval', { stepMs: 1000 });
  await untilLine(world, id, /^1 · /, { stepMs: 1000 });
  const calls = (await world.get('journal?after=0&kind=api')).entries.filter((one) => one.method === 'chat.postMessage' &&
    one.args.metadata?.event_payload.seq === 0);
  assert.equal(calls.length, posts, 'posts of the card');
  await world.presses('U0ARVID', 'Approve', { part: id });
  await until(world, id, DONE, { stepMs: 3000 });
  await untilLine(world, id, DONE, { stepMs: 2000 });
  await world.advance(MINUTE);
  await soon(() => assertOnce(world, id));
  await assertResets(world, 1, 1);
});

// The same for a line of the thread.
const lineSurvives = (fault, value) => inWorld({}, async (world) => {
  const id = await asked(world);
  await untilLine(world, id, /^1 · /, { stepMs: 1000 });
  await world.fault(`${POST}.${fault}`, value, 1, CARD);
  await world.presses('U0ARVID', 'Approve', { part: id });
  await until(world, id, DONE, { stepMs: 3000 });
  await untilLine(world, id, /^5 · .*done/, { stepMs: 2000 });
  await world.advance(MINUTE);
  await soon(() => assertOnce(world, id));
});

const unclear = {
  a_card_posted_before_a_500_is_adopted: cardSurvives('500_after', undefined, 1),
  a_card_posted_before_a_reset_is_adopted: cardSurvives('reset_after', undefined, 1),
  a_card_posted_before_a_close_is_adopted: cardSurvives('close_after', undefined, 1),
  a_card_whose_post_hangs_is_adopted: cardSurvives('hang', undefined, 1),
  a_card_that_was_not_posted_is_posted_again: cardSurvives('500_before'),
  a_card_whose_connection_is_reset_before_is_posted_again: cardSurvives('reset_before'),
  a_line_posted_before_a_500_is_adopted: lineSurvives('500_after'),
  a_line_posted_before_a_reset_is_adopted: lineSurvives('reset_after'),
  a_line_that_was_not_posted_is_posted_again: lineSurvives('500_before'),
  a_429_with_retry_after_is_waited_for: cardSurvives('429', 3),
  a_429_without_retry_after_is_waited_for: cardSurvives('429', -1),
  the_other_shape_of_a_rate_limit_is_waited_for: cardSurvives('rate_limited'),

  // shown 3 s late, and its answer lost
  a_card_that_shows_up_late_is_adopted: inWorld({}, async (world) => {
    await world.fault(`${POST}.late`, 3000, 1, CARD);
    const id = await askedUnderFault(world, '500_after');
    await until(world, id, 'waiting for 1 approval', { stepMs: 500, pauseMs: 300 });
    await untilLine(world, id, /^1 · /, { stepMs: 1000 });
    await world.advance(MINUTE);
    await soon(() => assertOnce(world, id));
  }),
  // later than the bot waits before it posts again: two for a while, one after a minute
  a_card_that_shows_up_after_it_was_posted_again_is_deleted: inWorld({}, async (world) => {
    await world.fault(`${POST}.late`, 9000, 1, CARD);
    const id = await askedUnderFault(world, '500_after');
    await until(world, id, 'waiting for 1 approval', { stepMs: 1000, pauseMs: 200 });
    await soon(async () => {
      await world.advance(2000);
      const deleted = (await world.get('journal?after=0&kind=api')).entries.filter((one) => one.method === 'chat.delete');
      assert.equal(deleted.length, 1);
    }, 15000);
    await soon(() => assertOnce(world, id));
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE, { stepMs: 3000 });
    await untilLine(world, id, DONE, { stepMs: 2000 });
    await soon(() => assertOnce(world, id));
  }),
  an_approval_pressed_while_the_cards_place_is_not_known_counts: inWorld({}, async (world) => {
    const id = await askedUnderFault(world, '500_after');
    await world.waitCard(id, 'waiting for 1 approval');
    const act = await world.presses('U0ARVID', 'Approve', { part: id });
    assert.equal(act.state, 'acked');
    await until(world, id, DONE, { stepMs: 2000 });
    assert.ok(!(await world.sees('U0ARVID')).all.some((message) => message.text.includes('not in my records')));
    await assertResets(world, 1, 1);
  }),
};

// ---- answers ----------------------------------------------------------------------------------------------------------------

const answers = {
  a_dead_response_url_is_followed_by_an_ephemeral_message: inWorld({}, async (world) => {
    await world.settings({ response_url_uses: 0 });
    says(await typed(world, 'U0HANNA', 'help'), 'reset');
    const used = (await world.get('journal?after=0&kind=api')).entries.filter((one) => one.method === 'chat.postEphemeral');
    assert.equal(used.length, 1);
  }),
  where_no_ephemeral_message_arrives_a_direct_one_does: inWorld({}, async (world) => {
    await world.settings({ response_url_uses: 0 });
    await world.fault('slack.chat.postEphemeral.error', 'user_not_in_channel', -1);
    await world.types('U0HANNA', 'help');
    says(await world.waitSees('U0HANNA', 'reset', 15000, 'direct'), 'reset');
  }),
  an_answer_lost_on_its_way_is_sent_again_once: inWorld({}, async (world) => {
    await world.fault('slack.response_url.500_before', undefined, 1);
    await world.types('U0HANNA', 'help');
    await soon(async () => {
      await world.advance(1000);
      assert.ok((await world.sees('U0HANNA')).all.some((message) => message.text.includes('reset')));
    });
  }),
  an_owner_who_cannot_be_told_is_said_on_the_card: inWorld({}, async (world) => {
    await world.fault(`${POST}.error`, 'channel_not_found', -1, { match: 'ADELE' });
    await world.fault('slack.conversations.open.error', 'user_disabled', -1, { match: 'U0ADELE' });
    const id = await world.asks('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    await until(world, id, 'owner not told', { stepMs: 1500 });
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE, { stepMs: 3000 });
    await assertOnce(world, id);
  }),
};

// ---- Slack away ---------------------------------------------------------------------------------------------------------------

// The pauses between tries to connect have grown by now: time passes until one succeeds.
async function connectsAgain(world, since) {
  await soon(async () => {
    await world.advance(10_000);
    await sleep(200);
    assert.ok((await world.get(`journal?after=${since}&kind=hello`)).entries.length);
  }, 15000);
}

async function hourPasses(world, minutes = 60) {
  for (let passed = 0; passed < minutes; passed += 5) {
    await world.advance(5 * MINUTE);
    await sleep(150);
  }
}

const outages = {
  slack_away_for_an_hour_expires_what_waited_and_the_card_says_so_when_it_is_back: inWorld({}, async (world) => {
    const id = await asked(world);
    await untilLine(world, id, /^1 · /, { stepMs: 1000 });
    await world.fault('slack.down', undefined, -1);
    await hourPasses(world);
    assert.deepEqual(await open(world), []);
    const since = await world.lastNumber();
    await world.post('fault_clear', {});
    await until(world, id, 'expired: ', { stepMs: 5000, pauseMs: 200 });
    await untilLine(world, id, 'expired: ', { stepMs: 2000 });
    await told(world, 'U0HANNA', 'expired: ');
    await assertOnce(world, id);
    await assertResets(world, 0, 0);
    await connectsAgain(world, since);
    says(await typed(world, 'U0HANNA', 'list'), /.+/);
  }),
  slack_away_while_a_result_is_awaited_ends_done_once_it_is_back: inWorld({}, async (world) => {
    const id = await approved(world, SAMSUNG);
    await world.journal('graph.reset');
    await world.fault('slack.down', undefined, -1);
    await hourPasses(world);
    assert.deepEqual(await open(world), []);
    await world.post('fault_clear', {});
    await until(world, id, 'done: Intune reports', { stepMs: 5000, pauseMs: 200 });
    await untilLine(world, id, 'done: Intune reports', { stepMs: 2000 });
    await world.advance(MINUTE);
    await soon(() => assertOnce(world, id));
    await assertResets(world, 1, 1);
  }),
  slack_and_graph_away_for_an_hour_lapse_what_was_approved: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, async () => world.fault('graph.down', undefined, -1));
    await world.waitCard(id, 'approved, about to be sent');
    await world.fault('slack.down', undefined, -1);
    await hourPasses(world);
    assert.deepEqual(await open(world), []);
    await world.post('fault_clear', {});
    await until(world, id, 'lapsed: ', { stepMs: 5000, pauseMs: 200 });
    await untilLine(world, id, 'lapsed: ', { stepMs: 2000 });
    await told(world, 'U0HANNA', 'lapsed: ');
    await assertOnce(world, id);
    await assertResets(world, 0, 0);
  }),
  // rights that cannot be read never allow: it waits, then lapses
  slack_away_just_before_the_post_sends_nothing: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.get.503', undefined, -1));
    await world.waitCard(id, 'approved, about to be sent');
    await world.fault('slack.down', undefined, -1);
    await world.advance(2 * MINUTE);
    await world.post('fault_clear', { name: 'graph.get.503' });
    await hourPasses(world, 20);
    assert.deepEqual(await open(world), []);
    await assertResets(world, 0, 0);
    await world.post('fault_clear', {});
    await until(world, id, 'lapsed: ', { stepMs: 5000, pauseMs: 200 });
  }),
  five_minutes_of_refusals_lose_no_line: inWorld({}, async (world) => {
    const id = await approved(world);
    await world.fault('slack.any.500_before', undefined, -1);
    await hourPasses(world, 5);
    await world.post('fault_clear', {});
    await until(world, id, DONE, { stepMs: 5000, pauseMs: 200 });
    await untilLine(world, id, /^5 · .*done/, { stepMs: 2000 });
    await assertOnce(world, id);
  }),
};

await run(sideBySide({ ...unclear, ...answers, ...outages }));
