// recovery.mjs - what goes wrong on the bot's own side: a slow, full or broken disk, a lost store, a second bot, a
// configuration that cannot be used. Nothing acknowledged is lost, nothing that was called "not done" ever acts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { World, build as given, run, sleep } from '../sandbox/people.mjs';
import { cards, inWorld, nothingDone, open, recorded, records, says, soon, stillWaits, typed } from './lib_bad_input.mjs';
import { IPHONE, approved, asked, assertOnce, assertResets, sideBySide, told, until, untilLine } from './lib_faults.mjs';

const build = resolve(given);
const DONE = 'done: Intune reports the passcode removed';
const NOT_SAVED = 'Nothing was done: I could not save your request in time.';

// ---- a disk that is slow, full or broken ----------------------------------------------------------------------------------

// The bot with tests/support/bad_disk.c in front of its system calls; disk() writes the control file.
function withDisk(play) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'resetbot-disk-'));
    const control = join(folder, 'control');
    const disk = (word) => writeFileSync(control, word);
    disk('');
    const env = { LD_PRELOAD: join(build, 'tests', 'bad_disk.so'), BAD_DISK: control };
    try {
      await inWorld({ env }, (world) => play(world, disk))();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

// Nothing is being saved any more: the number of records stays.
async function quiet(world) {
  let before = -1;
  await soon(async () => {
    const now = (await records(world)).length;
    const isSame = now === before;
    before = now;
    if (!isSame) await sleep(250);
    assert.ok(isSame);
  });
}

const whatIsShown = (act) => JSON.stringify(act);

const slowDisk = {
  a_command_saved_after_1900_ms_is_acknowledged_and_answered: withDisk(async (world, disk) => {
    await quiet(world);
    disk('slow 1900');
    const begin = Date.now();
    const act = await world.types('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    assert.equal(act.state, 'acked', whatIsShown(act));
    assert.ok(Date.now() - begin >= 1850, 'it was acknowledged before it was saved');
    const preview = await world.waitSees('U0HANNA', 'Only you see this', 10000, 'private');
    assert.ok(!preview.text.includes('Nothing was done: I could not'));
    assert.ok(!(await world.sees('U0HANNA')).all.some((message) => message.text.includes(NOT_SAVED)));
  }),
  a_command_not_saved_after_2100_ms_is_told_and_never_acts: withDisk(async (world, disk) => {
    await quiet(world);
    disk('slow 2100');
    const act = await world.types('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    assert.equal(act.state, 'acked', whatIsShown(act));
    await world.waitSees('U0HANNA', NOT_SAVED, 5000, 'private');
    await recorded(world, 'abandoned', { user: 'U0HANNA' });
    await sleep(1000);
    assert.equal((await world.sees('U0HANNA')).all.filter((message) => message.kind === 'private').length, 1);
    await nothingDone(world);
    await asked(world); // the next one works
  }),
  an_approval_not_saved_in_time_is_told_and_never_acts: withDisk(async (world, disk) => {
    const id = await asked(world);
    await quiet(world);
    disk('slow 2100');
    const act = await world.presses('U0ARVID', 'Approve', { part: id });
    assert.equal(act.state, 'acked', whatIsShown(act));
    await world.waitSees('U0ARVID', NOT_SAVED, 5000, 'private');
    await recorded(world, 'abandoned', { user: 'U0ARVID' });
    await sleep(500);
    await stillWaits(world, id);
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE);
    await assertResets(world, 1, 1);
  }),
  an_approval_called_not_done_stays_so_after_a_kill: withDisk(async (world, disk) => {
    const id = await asked(world);
    await quiet(world);
    disk('slow 2400');
    const act = await world.presses('U0ARVID', 'Approve', { part: id });
    assert.equal(act.state, 'acked', whatIsShown(act));
    await world.stopBot('SIGKILL'); // acknowledged as not done, its row may be on disk
    await world.startBot();
    await sleep(1500);
    await stillWaits(world, id);
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE);
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
  a_form_not_saved_in_time_stays_open_with_the_reason: withDisk(async (world, disk) => {
    await world.types('U0HANNA', 'reset');
    await world.waitView('U0HANNA', 'target');
    await quiet(world);
    disk('slow 2100');
    await world.post('submit', { user: 'U0HANNA', values: { target: IPHONE.serial, reason: 'locked out', ticket: 'INC0012345' } });
    await world.waitView('U0HANNA', NOT_SAVED, 6000);
    await sleep(800);
    await nothingDone(world);
    await world.post('submit', { user: 'U0HANNA', values: { target: IPHONE.serial, reason: 'locked out', ticket: 'INC0012345' } });
    await world.waitSees('U0HANNA', 'Only you see this', 10000, 'private');
  }),
};

// One sentence of the bot's own besides its events.
function sentence(world) {
  const lines = world.botLog().split('\n').filter((line) => line.startsWith('resetbot: '));
  assert.equal(lines.length, 1, world.botLog());
  return lines[0];
}

// What a failed sync left is there or not: either is a whole state. What a full disk refused is never there.
const failedDisk = (word, told, line) => ({
  [`a_${word}_disk_ends_it_with_one_sentence_and_nothing_is_acknowledged`]: withDisk(async (world, disk) => {
    const id = await asked(world);
    await quiet(world);
    disk(word);
    const act = await world.presses('U0ARVID', 'Approve', { part: id });
    assert.notEqual(act.state, 'acked', whatIsShown(act)); // the platform's own warning mark
    assert.equal(await world.botEnded, 1);
    world.bot = null;
    assert.match(sentence(world), /(disk|space|store|saved|write)/i);
    disk('');
    await world.startBot();
    await stillWaits(world, id);
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE);
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
  [`after_a_${word}_disk_people_are_answered`]: withDisk(async (world, disk) => {
    await quiet(world);
    await world.fault('graph.slow', 1500, 3);
    const act = await world.types('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    assert.equal(act.state, 'acked');
    disk(word); // saved and acknowledged; what it leads to cannot be saved
    assert.equal(await world.botEnded, 1);
    world.bot = null;
    sentence(world);
    disk('');
    await world.post('fault_clear', {});
    await world.startBot();
    await world.waitSees('U0HANNA', told, 10000, 'private');
    await nothingDone(world);
  }),
  [`a_${word}_disk_while_the_reset_is_on_its_way_sends_nothing_twice`]: withDisk(async (world, disk) => {
    await world.post('hold', { on: true });
    const id = await approved(world);
    await world.journal('graph.reset');
    await quiet(world);
    disk(word);
    await world.post('release', {});
    assert.equal(await world.botEnded, 1);
    world.bot = null;
    disk('');
    await world.startBot();
    await until(world, id, DONE);
    await untilLine(world, id, line);
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
});

const RESTARTED = 'restarted while working on that: nothing was done';
const full = failedDisk('full', RESTARTED, 'restarted while this was being sent');
const broken = failedDisk('broken', new RegExp(`${RESTARTED}|Only you see this`), DONE);

// ---- a stop and a start ---------------------------------------------------------------------------------------------------------

const restarts = {
  a_restart_goes_on_where_it_was: inWorld({}, async (world) => {
    const id = await asked(world);
    assert.equal(await world.stopBot(), 0);
    await world.startBot();
    await stillWaits(world, id);
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE);
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
  what_ran_out_while_it_was_stopped_ends_at_the_start: inWorld({}, async (world) => {
    const id = await asked(world);
    assert.equal(await world.stopBot(), 0);
    await world.advance(45 * 60_000);
    await world.startBot();
    await until(world, id, 'expired: ', { stepMs: 1000 });
    assert.deepEqual(await open(world), []);
    assert.equal(World.buttons((await cards(world))[0]).length, 0);
  }),
  // nobody can be told yet, but nothing waits for that
  a_start_without_slack_keeps_the_deadlines: inWorld({}, async (world) => {
    const id = await asked(world);
    await untilLine(world, id, /^1 · /, { stepMs: 1000 });
    assert.equal(await world.stopBot('SIGKILL'), 'SIGKILL');
    await world.fault('slack.down', undefined, -1);
    world.options.startMs = 1500;
    await world.startBot().catch(() => {}); // no hello comes
    for (let i = 0; i < 8; i++) {
      await world.advance(5 * 60_000);
      await sleep(150);
    }
    await soon(async () => assert.deepEqual(await open(world), []));
    await world.post('fault_clear', {});
    await until(world, id, 'expired: ', { stepMs: 5000, pauseMs: 200 });
    await untilLine(world, id, 'expired: ', { stepMs: 2000 });
    await told(world, 'U0HANNA', 'expired: ');
    await assertOnce(world, id);
  }),
  a_start_without_graph_goes_on_when_it_is_back: inWorld({}, async (world) => {
    const id = await approved(world, IPHONE, () => world.fault('graph.down', undefined, -1));
    await world.waitCard(id, 'approved, about to be sent');
    assert.equal(await world.stopBot('SIGKILL'), 'SIGKILL');
    await world.startBot();
    await sleep(500);
    await world.post('fault_clear', {});
    await until(world, id, DONE);
    await assertResets(world, 1, 1);
    await assertOnce(world, id);
  }),
  // killed while a post was under way whose message shows up later still
  a_card_that_shows_up_long_after_a_kill_is_not_left_twice: inWorld({}, async (world) => {
    await world.fault('slack.chat.postMessage.late', 9000, 1, { match: 'C0HELPDESK' });
    await world.fault('slack.chat.postMessage.hang', undefined, 1, { match: 'C0HELPDESK' });
    const since = await world.lastNumber();
    const id = await world.asks('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    await world.journal('api', since, 5000, (one) => one.method === 'chat.postMessage' && JSON.stringify(one.args).includes('C0HELPDESK'));
    assert.equal(await world.stopBot('SIGKILL'), 'SIGKILL');
    await world.startBot();
    await soon(async () => assert.equal((await cards(world)).length, 1)); // posted again
    await world.advance(9000);
    await soon(async () => assert.equal((await cards(world)).length, 2)); // the first one is there now too
    await world.advance(51_000);
    await soon(() => assertOnce(world, id), 5000);
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, DONE);
    await assertOnce(world, id);
  }),
  // its first post failed: the row of the second is kept for the look for a duplicate, and holds the card's first words
  a_card_that_was_posted_again_keeps_its_newest_words_over_a_kill: inWorld({ settings: { device_checkin_ms: -1 } }, async (world) => {
    await world.fault('slack.chat.postMessage.500_before', undefined, 1, { match: 'C0HELPDESK' });
    const id = await world.asks('U0HANNA', `reset ${IPHONE.serial} locked out INC0012345`);
    await until(world, id, 'waiting for 1 approval', { stepMs: 1000 });
    await world.presses('U0ARVID', 'Approve', { part: id });
    await until(world, id, 'queued', { stepMs: 500 });
    assert.equal(await world.stopBot('SIGKILL'), 'SIGKILL');
    await world.startBot();
    for (let i = 0; i < 10; i++) {
      await sleep(150);
      assert.match((await cards(world))[0].text, /queued/);
      await world.advance(5000);
    }
    await assertOnce(world, id);
  }),
  a_lost_store_answers_old_buttons_with_not_in_my_records: inWorld({}, async (world) => {
    await asked(world);
    assert.equal(await world.stopBot(), 0);
    for (const name of readdirSync(world.dir)) if (/^resetbot\.db(-wal|-shm)?$/.test(name)) rmSync(join(world.dir, name));
    await world.startBot();
    await world.presses('U0ARVID', 'Approve');
    says(await world.waitSees('U0ARVID', 'not in my records', 10000, 'private'), 'Nothing was done');
    await recorded(world, 'bad_value', { user: 'U0ARVID' });
    await assertResets(world, 0, 0);
    assert.deepEqual(await open(world), []);
  }),
  a_lost_store_and_key_answer_the_same: inWorld({}, async (world) => {
    await asked(world);
    assert.equal(await world.stopBot(), 0);
    for (const name of readdirSync(world.dir)) if (name.startsWith('resetbot.db')) rmSync(join(world.dir, name));
    await world.startBot();
    await world.presses('U0AGNES', 'Approve');
    says(await world.waitSees('U0AGNES', 'not in my records', 10000, 'private'), 'Nothing was done');
    await assertResets(world, 0, 0);
  }),
};

// ---- a bot that does not start -----------------------------------------------------------------------------------------------------

// Runs a second bot on this world's configuration until it ends; gives its exit code and what it said.
async function another(world) {
  const child = spawn(join(build, 'resetbot-test'), ['run', '--config', join(world.dir, 'resetbot.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, RESETBOT_TEST_CLOCK: `${world.url}/_sandbox/clock` },
  });
  let said = '';
  child.stderr.on('data', (data) => { said += data; });
  const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const code = await new Promise((done) => child.on('close', done));
  clearTimeout(limit);
  return { code, said };
}

const refusesToStart = (spoil, code, ...parts) => inWorld({}, async (world) => {
  assert.equal(await world.stopBot(), 0);
  spoil(world);
  const ended = await another(world);
  assert.equal(ended.code, code, ended.said);
  for (const part of parts) assert.match(ended.said, part);
  assert.match(ended.said, /^resetbot: /m);
});

const withLine = (line) => (world) => {
  world.options.config = line;
  world.writeConfig();
};

const starts = {
  a_second_bot_on_the_same_store_exits_1_and_names_the_first: inWorld({}, async (world) => {
    const ended = await another(world);
    assert.equal(ended.code, 1, ended.said);
    assert.match(ended.said, new RegExp(`^resetbot: another resetbot \\(pid ${world.bot.pid}\\)`, 'm'));
    await asked(world); // the first one is not disturbed
  }),
  a_store_left_by_a_killed_bot_is_taken_over: inWorld({}, async (world) => {
    assert.equal(await world.stopBot('SIGKILL'), 'SIGKILL');
    await world.startBot();
    await asked(world);
  }),
  an_unknown_key_exits_2_and_names_its_place_and_the_nearest: refusesToStart(withLine('aproval: {key: x}'), 2, /resetbot\.yaml:\d+:\d+: .*aproval/, /approval/),
  a_missing_secret_exits_2_and_names_it: refusesToStart((world) => rmSync(join(world.dir, 'bot-token')), 2, /bot_token|bot-token/),
  an_empty_secret_exits_2: refusesToStart((world) => world.file('bot-token', ''), 2, /bot_token|bot-token/),
  a_token_of_the_wrong_kind_exits_2_and_says_which: refusesToStart((world) => world.file('app-token', 'xoxb-sandbox'), 2, /app_token/, /xapp-/),
  two_tokens_the_wrong_way_round_are_both_told: refusesToStart((world) => {
    world.file('app-token', 'xoxb-sandbox');
    world.file('bot-token', 'xapp-sandbox');
  }, 2, /app_token/, /bot_token/),
  an_unreadable_policy_exits_2: refusesToStart((world) => rmSync(join(world.dir, 'policy.yaml')), 2, /policy/),
  no_token_is_ever_said: refusesToStart((world) => world.file('app-token', 'xoxb-very-secret-value'), 2, /^(?![\s\S]*very-secret-value)/),
};

await run(sideBySide({ ...slowDisk, ...full, ...broken, ...restarts, ...starts }, 4));
