// bad_input.mjs - what people type wrong, too long, or should never have typed: each has its answer, and nothing is done.
import assert from 'node:assert/strict';
import { run } from '../sandbox/people.mjs';
import { IPHONE, cards, everything, hears, inWorld, nothingDone, open, recorded, records, says, soon, submitted, typed } from './lib_bad_input.mjs';

const SECRET = '90817263';
const NO_SECRET = 'leave it out, nobody needs it here';

// ---- what is not understood ------------------------------------------------------------------------------------------

const unknownWords = inWorld({}, async (world) => {
  says(await typed(world, 'U0HANNA', 'resett adele@contoso.com'), 'There is no command resett', 'Did you mean: /passcode reset adele@contoso.com', '/passcode help', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'remvoe adele@contoso.com'), 'Did you mean: /passcode remove adele@contoso.com');
  says(await typed(world, 'U0ARVID', 'aprove R-7K3F'), 'Did you mean: /passcode approve R-7K3F');
  const far = await typed(world, 'U0HANNA', 'frobnicate everything');
  says(far, 'do not know that command', '/passcode help', 'Nothing was done');
  assert.ok(!/Did you mean|frobnicate/.test(far.text), far.text);
  await nothingDone(world);
});

const emptyText = inWorld({}, async (world) => {
  const help = await typed(world, 'U0HANNA', 'help');
  says(help, '/passcode reset <user, name, serial or device id>', '/passcode cancel');
  assert.ok(!help.text.includes('/passcode approve'), 'help shows what this person may not do');
  const spaces = await typed(world, 'U0ARVID', '   \u00a0 ');
  says(spaces, '/passcode approve <request>', '/passcode deny');
  assert.ok(!spaces.text.includes('/passcode reset <'), 'help shows what this person may not do');
  says(await typed(world, 'U0ADELE', ''), 'You have no role here yet', 'administrator');
  await world.types('U0HANNA', 'reset');
  await world.waitView('U0HANNA', 'User, serial number or device id');
  await world.types('U0HENRY', '');
  await world.waitView('U0HENRY', 'User, serial number or device id');
  await nothingDone(world);
});

const slowForm = inWorld({}, async (world) => {
  await world.fault('slack.views.open.error', 'expired_trigger_id');
  says(await typed(world, 'U0HANNA', 'reset'), 'could not be opened in time', '/passcode reset name@example.com');
  await world.presses('U0HANNA', 'Open the form');
  await world.waitView('U0HANNA', 'User, serial number or device id');
  await nothingDone(world);
});

const missingWords = inWorld({}, async (world) => {
  for (const verb of ['approve', 'deny']) {
    says(await typed(world, 'U0ARVID', verb), `/passcode ${verb} R-7K3F`, '/passcode list', 'Nothing was done');
    says(await typed(world, 'U0ARVID', `${verb} adele@contoso.com`), `/passcode ${verb} R-7K3F`, 'Nothing was done');
  }
  says(await typed(world, 'U0HANNA', 'cancel'), '/passcode cancel R-7K3F', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'status R-ZZZZ'), 'no request R-ZZZZ', '/passcode list');
  says(await typed(world, 'U0ARVID', 'approve r-zoil'), 'no request R-Z011', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'reset R-7K3F'), 'is a request, not a device', '/passcode status R-7K3F');
  says(await typed(world, 'U0HANNA', 'devices'), '/passcode devices name@example.com');
  says(await typed(world, 'U0HANNA', 'list'), 'Nothing is open', '/passcode reset');
  await nothingDone(world);
});

const tooLong = inWorld({}, async (world) => {
  says(await typed(world, 'U0HANNA', `reset ${IPHONE} ${'locked out '.repeat(273)}`), 'too long', 'at most 500 characters', 'Nothing was done', 'Shorten');
  says(await typed(world, 'U0HANNA', `reset ${IPHONE} ${'x'.repeat(501)}`), 'at most 500 characters', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'x'.repeat(3000)), 'do not know that command', '/passcode help');
  const target = await typed(world, 'U0HANNA', `reset ${'a'.repeat(3000)}`);
  says(target, 'too long', 'user name, serial number or device id', 'Nothing was done');
  await nothingDone(world);
  assert.deepEqual((await records(world)).filter((one) => one.kind === 'drafted'), []);
  // 500 characters of four bytes are not too long
  const long = await typed(world, 'U0HANNA', `reset ${IPHONE} ${'\u{1d538}'.repeat(500)}`);
  says(long, '\u{1d538}'.repeat(500), 'Only you see this');
});

// ---- strange writing -------------------------------------------------------------------------------------------------

const oddWriting = inWorld({}, async (world) => {
  const preview = async (text, ...parts) => says(await typed(world, 'U0HANNA', text), 'iPhone 14 (…4F2K) of Adele Vance', ...parts);
  await preview(`reset ${IPHONE} “locked out” INC0012345`, 'Ticket: INC0012345', 'Reason: locked out\n');
  await preview(`RESET ${IPHONE.toLowerCase()} «utelåst på ön» inc0012345`, 'utelåst på ön');
  await preview(`Remove\u00a0${IPHONE}\u2003locked\u202fout`, 'Reason: locked out\n');
  await preview(`pin “${IPHONE}” ‚locked‘`, 'Reason: locked\n');
  await preview(`reset ${IPHONE} 端末がロックされた`, 'Reason: 端末がロックされた');
  says(await typed(world, 'U0HANNA', 'reset o’brien@contoso.com'), 'iPhone 13 (…OBRN) of Niamh O\'Brien');
  // what cannot be seen is gone, what turns the line around too
  const odd = await typed(world, 'U0HANNA', `reset ${IPHONE} lo\u200bcked\u202e tuo\u0007 \u2066now\u{e0041}`);
  says(odd, 'Reason: locked tuo now\n');
  await nothingDone(world);
});

async function deliverRaw(world, body) {
  const answer = await (await fetch(`${world.url}/_sandbox/deliver`, { method: 'POST', body })).json();
  assert.ok(answer.ok, answer.error);
}

const slash = (text, more = {}) => ({
  envelope_id: crypto.randomUUID(), type: 'slash_commands', accepts_response_payload: true,
  payload: { team_id: 'T0SANDBOX', user_id: 'U0HANNA', user_name: 'hanna', channel_id: 'C0HELPDESK', command: '/passcode', trigger_id: crypto.randomUUID(), text, ...more },
});

const invalidUtf8 = inWorld({}, async (world) => {
  const before = Buffer.from(JSON.stringify({ envelope: slash(`reset ${IPHONE} ABC`) }));
  const bad = Buffer.from(before);
  const at = bad.indexOf('ABC');
  bad[at] = 0xff;
  bad[at + 1] = 0xc0;
  bad[at + 2] = 0xaf;
  says(await hears(world, 'U0HANNA', () => deliverRaw(world, bad)), 'Reason: \ufffd\ufffd\ufffd\n', 'Only you see this');
  says(await typed(world, 'U0HANNA', `reset ${IPHONE} fine`), 'Reason: fine');
  // a lone surrogate is valid JSON and invalid text
  const lone = Buffer.from(JSON.stringify({ envelope: slash(`reset ${IPHONE} a?b`) }).replace('a?b', 'a\\ud800b'));
  const heard = await hears(world, 'U0HANNA', () => deliverRaw(world, lone));
  says(heard, /Reason: a\ufffd+b\n/);
  await nothingDone(world);
  assert.ok(world.bot.exitCode === null);
});

const brokenFrames = inWorld({}, async (world) => {
  for (const text of ['', '{', '[]', 'null', '{"type":"slash_commands"}', '{"envelope_id":"e1","type":"slash_commands","payload":"text"}',
    '{"envelope_id":"e2","type":"interactive","payload":{"type":"block_actions"}}', '{"envelope_id":"e3","type":"nonsense","payload":{}}',
    `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`]) await world.post('deliver', { text });
  await world.post('deliver', { text: '\u0000\u0001binary', binary: true });
  await world.post('deliver', { envelope: slash('reset', { user_id: '' }) });
  await world.post('deliver', { envelope: slash('reset', { user_id: 'U0HANNA'.repeat(100) }) });
  says(await typed(world, 'U0HANNA', 'frobnicate'), 'do not know that command');
  assert.deepEqual(await records(world), []);
  await nothingDone(world);
});

// ---- mentions and links are inert ------------------------------------------------------------------------------------

// Every place that shows the reason: no block but plain text, and in the plain text no live <...>.
function assertInert(message, what) {
  const live = (message.text.match(/<[^>]*>/g) || []).filter((part) => part !== '<!subteam^S0APPROVERS>');
  assert.deepEqual(live, [], `${what}: ${message.text}`);
  const elements = (message.blocks || []).flatMap((block) => (block.elements || []).flatMap((element) => element.elements || []));
  const kinds = new Set(elements.map((element) => element.type));
  for (const kind of ['link', 'user', 'channel', 'broadcast', 'emoji', 'color', 'team']) assert.ok(!kinds.has(kind), `${what} holds a ${kind}`);
  for (const date of elements.filter((element) => element.type === 'date')) {
    assert.match(date.format, /^(\{date_num\} \{time_secs\}|\{date_short_pretty\}( \{time\})?)$/, what);
    assert.match(date.fallback, /^\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)? UTC$/, what);
    assert.ok(!date.url, what);
  }
  const groups = elements.filter((element) => element.type === 'usergroup').map((element) => element.usergroup_id);
  assert.ok(groups.every((group) => group === 'S0APPROVERS'), `${what} mentions ${groups}`);
  assert.ok(!JSON.stringify(message.blocks || []).includes('"mrkdwn"'), `${what} holds mrkdwn`);
}

const inertReason = inWorld({}, async (world) => {
  const reason = '<!channel> <!here|here> <@U0ARVID|arvid> <#C0RANDOM|random> <https://evil.example/?a=b|your bank> <!subteam^S0HELPDESK|@helpdesk> *bold* `mono` _it_ & <b>';
  const id = await world.asks('U0HANNA', `reset ${IPHONE} ${reason}`);
  const card = await world.waitCard(id, 'waiting for 1 approval');
  says(card, '@channel', '@here', '<@U0ARVID>', '#random', 'your bank', '*bold* `mono` _it_ & <b>');
  const line = await world.waitSees('U0AUDRA', /^1 · .* asked/, 15000, 'thread');
  const owner = await world.waitSees('U0ADELE', id, 15000, 'direct');
  const shown = await typed(world, 'U0ARVID', `approve ${id}`);
  for (const [message, what] of [[card, 'card'], [line, 'thread'], [shown, 'private card'], [owner, 'owner']]) assertInert(message, what);
  await world.presses('U0ARVID', 'Deny', { part: id });
  await world.waitView('U0ARVID', 'Why?');
  await world.post('submit', { user: 'U0ARVID', values: { reason: '<!everyone> <@U0HANNA> <https://evil.example|no> *no*' } });
  const denied = await world.waitCard(id, 'denied by');
  says(denied, '<!everyone> <@U0HANNA> <https://evil.example|no> *no*');
  const told = await world.waitSees('U0HANNA', /denied by/, 15000, 'direct');
  const last = await world.waitSees('U0AUDRA', /^2 · .* denied by/, 15000, 'thread');
  const ownerTold = await world.waitSees('U0ADELE', /denied by/, 15000, 'direct');
  for (const [message, what] of [[denied, 'final card'], [told, 'requester'], [last, 'final line'], [ownerTold, 'owner told']]) assertInert(message, what);
  assert.deepEqual(await world.resets(), []);
});

const inertNames = inWorld({}, async (world) => {
  await world.post('device', { id: 'd0000001-0000-4000-8000-000000000001', fields: { deviceName: '<!channel> *x* \u202ek', model: '<https://evil.example|iPhone>', userDisplayName: '<@U0ARVID> Vance' } });
  await world.post('user', { id: 'U0HANNA', fields: { real_name: '<!here> Berg', profile: { real_name: '<!here> Berg', display_name: '<!here> Berg' } } });
  const id = await world.asks('U0HANNA', `reset ${IPHONE} locked`);
  const card = await world.waitCard(id, 'waiting for 1 approval');
  says(card, '<https://evil.example|iPhone>', '<@U0ARVID> Vance', '<!here> Berg');
  assertInert(card, 'card');
  const owner = await world.waitSees('U0ADELE', id, 15000, 'direct');
  assertInert(owner, 'owner');
  assertInert(await world.waitSees('U0AUDRA', /^1 · .* asked/, 15000, 'thread'), 'thread');
  assert.ok(!card.text.includes('\u202e'));
});

// ---- a passcode where none belongs -----------------------------------------------------------------------------------

async function assertForgotten(world, secret = SECRET) {
  const all = (await everything(world)).split('\n').filter((line) => !/ command: /.test(line)).join('\n');
  assert.ok(!all.includes(secret), `${secret} is kept in: ${all.split('\n').find((line) => line.includes(secret))?.slice(0, 200)}`);
}

const secretReason = inWorld({ log: 'debug' }, async (world) => {
  const texts = [`pin ${SECRET}`, `the code is hUnter2Zx9Q`, `lösenordet är hemligtOrd77`, SECRET, 'PIN:\u00a0hUnter2Zx9Q', `password = hemligtOrd77 INC0012345`, 'it is P@ssw0rdhemligtOrd77'];
  for (const text of texts) {
    const answer = await typed(world, 'U0HANNA', `reset ${IPHONE} ${text}`);
    says(answer, 'looks like a passcode or password', 'stored nothing', 'type the command again without it');
    await recorded(world, 'refused', { user: 'U0HANNA', text: 'looked like a passcode' });
  }
  assert.equal((await records(world)).filter((one) => one.text.includes('looked like a passcode')).length, texts.length);
  for (const verb of ['frobnicate a', 'devices adele@contoso.com', 'status R-7K3F', 'help me']) await typed(world, 'U0HANNA', `${verb} pin ${SECRET}`);
  // the command's name was forgotten
  for (const first of [IPHONE, 'adele@contoso.com', '<@U0ADELE>', 'R-7K3F', 'd0000001-0000-4000-8000-000000000001']) await typed(world, 'U0HANNA', `${first} ${SECRET}`);
  await nothingDone(world);
  for (const secret of [SECRET, 'hUnter2Zx9Q', 'hemligtOrd77']) await assertForgotten(world, secret);
});

const honestReasons = inWorld({}, async (world) => {
  for (const reason of ['forgot the passcode after the update INC0012345', 'ticket 4711123 phone locked since 2026-03-02', 'ios 17.5.1, called back on 0701234567', 'PIN not accepted any more']) {
    says(await typed(world, 'U0HANNA', `reset ${IPHONE} ${reason}`), 'Only you see this');
  }
});

const secretInForm = inWorld({ log: 'debug' }, async (world) => {
  await world.types('U0HANNA', 'reset');
  await world.waitView('U0HANNA', 'Reset a passcode');
  const fails = async (values, block, part) => {
    await world.post('submit', { user: 'U0HANNA', values, force: true });
    await soon(async () => {
      const { view } = await world.sees('U0HANNA');
      assert.ok(view.errors?.[block]?.includes(part), `${JSON.stringify(view.errors)} for ${JSON.stringify(values)}`);
    });
  };
  await fails({ target: IPHONE, reason: `the pin is ${SECRET}` }, 'reason', NO_SECRET);
  await fails({ target: IPHONE, reason: 'locked', ticket: `pin ${SECRET}` }, 'ticket', NO_SECRET);
  await fails({ target: `${IPHONE} pin ${SECRET}`, reason: 'locked', ticket: '' }, 'target', NO_SECRET);
  await fails({ target: '   ', reason: 'locked', ticket: '' }, 'target', 'serial number');
  await fails({ target: 'x'.repeat(330), reason: 'locked', ticket: '' }, 'target', 'too long');
  await fails({ target: IPHONE, reason: 'x'.repeat(501), ticket: '' }, 'reason', '500');
  await fails({ target: IPHONE, reason: 'x'.repeat(3000), ticket: '' }, 'reason', 'too long');
  await nothingDone(world);
  assert.deepEqual(await records(world), []);
  // the same form, without it: it works, and numbers that are tickets are none
  const preview = await hears(world, 'U0HANNA', () => world.post('submit', { user: 'U0HANNA', values: { target: IPHONE, reason: 'locked out', ticket: '4711123' } }));
  says(preview, 'iPhone 14', 'Ticket: 4711123 · Reason: locked out');
  await assertForgotten(world);
});

const secretInDeny = inWorld({ log: 'debug' }, async (world) => {
  const id = await world.asks('U0HANNA', `reset ${IPHONE} locked`);
  await world.waitCard(id, 'waiting for 1 approval');
  await world.presses('U0ARVID', 'Deny', { part: id });
  await world.waitView('U0ARVID', 'Why?');
  for (const [reason, part] of [[`use ${SECRET} instead`, NO_SECRET], ['   ', 'Say why']]) {
    await world.post('submit', { user: 'U0ARVID', values: { reason }, force: true });
    await soon(async () => assert.ok((await world.sees('U0ARVID')).view?.errors?.reason?.includes(part)));
    assert.deepEqual((await open(world)).map((one) => one.state), ['pending']);
  }
  await assertForgotten(world);
  await world.post('submit', { user: 'U0ARVID', values: { reason: 'wrong device' } });
  says(await world.waitCard(id, 'denied by'), 'Arvid', 'wrong device');
  assert.deepEqual(await world.resets(), []);
  assert.equal((await cards(world)).length, 1);
});

// ---- forms that are not ours any more --------------------------------------------------------------------------------

const forgedForm = inWorld({}, async (world) => {
  await world.types('U0HANNA', 'reset');
  const view = await world.waitView('U0HANNA', 'Reset a passcode');
  const direct = (user, act) => hears(world, user, act, 'direct');
  const forged = view.private_metadata.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'));
  for (const [more, user] of [[{ private_metadata: forged }], [{ private_metadata: '' }], [{ private_metadata: view.private_metadata }, 'U0HENRY']]) {
    const answer = await direct(user || 'U0HANNA', () => submitted(world, user || 'U0HANNA', view, { target: IPHONE }, more));
    says(answer, 'too old or not mine', 'Nothing was done', '/passcode reset');
    await recorded(world, 'bad_value', { user: user || 'U0HANNA' });
  }
  await world.advance(31 * 60000);
  says(await direct('U0HANNA', () => world.post('submit', { user: 'U0HANNA', values: { target: IPHONE } })), 'too old or not mine', '/passcode reset');
  await nothingDone(world);
});

await run({
  an_unknown_subcommand_is_answered_with_the_nearest_one: unknownWords,
  empty_text_is_answered_with_what_this_person_may_do: emptyText,
  a_form_that_cannot_open_in_time_leaves_a_button_that_opens_it: slowForm,
  a_command_without_its_request_or_device_says_how_to_type_it: missingWords,
  three_thousand_characters_are_refused_by_name: tooLong,
  curly_quotes_capitals_odd_spaces_and_other_letters_are_understood: oddWriting,
  invalid_utf8_is_survived_and_does_nothing: invalidUtf8,
  frames_that_are_no_envelope_do_nothing: brokenFrames,
  mentions_and_links_in_a_reason_are_inert_everywhere: inertReason,
  names_of_devices_and_people_are_inert: inertNames,
  a_passcode_in_a_reason_is_refused_not_stored_not_echoed: secretReason,
  honest_reasons_are_not_taken_for_passcodes: honestReasons,
  a_passcode_in_the_form_is_a_field_error: secretInForm,
  a_passcode_in_a_deny_reason_is_a_field_error: secretInDeny,
  a_forged_moved_or_old_form_does_nothing: forgedForm,
});
