// form.mjs - the form of `reset` as people use it: opened by the command without arguments or from the menu of a message,
// looked up in, corrected, sent; and as those use it who should not.
import assert from 'node:assert/strict';
import { World, device, run } from '../sandbox/people.mjs';
import { entra, everything, hears, inWorld, nothingDone, recorded, says, soon, stillWaits, typed } from './lib_bad_input.mjs';

const DESK = 'C0HELPDESK';
const ADELE = 'adele@contoso.com';
const PREVIEW = /^R-\w+ · .*Only you see this/s;

// ---- the form on a screen --------------------------------------------------------------------------------------------

const blockOf = (view, action) => view.blocks.find((block) => [block.element, ...(block.elements || [])].some((one) => one?.action_id === action));
const inputs = (view) => view.blocks.filter((block) => block.type === 'input').map((block) => block.element.action_id);
const words = (view) => JSON.stringify(view.blocks.filter((block) => ['context', 'rich_text', 'section'].includes(block.type)));
const options = (view, action) => blockOf(view, action).element.options.map((one) => [one.text.text, one.value]);
const chosen = (view, action) => view.state.values[blockOf(view, action).block_id]?.[action]?.selected_option?.value;
const entered = (view, action) => view.state.values[blockOf(view, action).block_id]?.[action]?.value;

const top = async (world, user) => (await world.sees(user)).view;

async function opened(world, user = 'U0HANNA') {
  await world.types(user, 'reset');
  return world.waitView(user, 'look_up');
}

// Values by name of the field, wherever that stands now.
async function byBlock(world, user, values) {
  const view = await top(world, user);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [blockOf(view, name).block_id, { [name]: value }]));
}

const fill = async (world, values, user = 'U0HANNA') => world.post('fill', { user, values: await byBlock(world, user, values) });

// Waits until the form's content is another one, and `part` is in it.
async function renewed(world, user, act, part) {
  const before = (await top(world, user)).hash;
  await act();
  return soon(async () => {
    const view = await top(world, user);
    assert.ok(view && view.hash !== before && JSON.stringify(view).includes(part),
      `the form of ${user} does not say ${part}: ${JSON.stringify(view?.blocks)}\n${await world.transcript()}\n${world.botLog()}`);
    return view;
  });
}

async function lookUp(world, target, part, user = 'U0HANNA') {
  if (target !== null) await fill(world, { target }, user);
  const view = await top(world, user);
  const press = { user, view_id: view.id, action_id: 'look_up', block_id: blockOf(view, 'look_up').block_id };
  return renewed(world, user, () => world.post('click', press), part);
}

// Sends the form; gives what Slack's client made of the answer.
async function send(world, values = {}, user = 'U0HANNA') {
  const { id } = await world.post('submit', { user, values: await byBlock(world, user, values) });
  return world.get(`act?id=${id}&wait_ms=10000`);
}

// An error at that field; the form stays.
async function wrongAt(world, name, part, user = 'U0HANNA') {
  return soon(async () => {
    const view = await top(world, user);
    assert.ok(view, 'the form was closed');
    assert.match(view.errors?.[blockOf(view, name).block_id] || '', part, JSON.stringify(view.errors));
  });
}

// Everything that the bot wrote, but for what people see.
const onDisk = (world) => everything({ dir: world.dir, transcript: async () => '' });

const preview = (world, user = 'U0HANNA') => world.waitSees(user, PREVIEW, 15000, 'private');
const picked = (message, action) => message.state.values[message.blocks.find((one) => one.accessory?.action_id === action).block_id]?.[action]?.selected_option?.value;

// ---- looking up ------------------------------------------------------------------------------------------------------

// By the button, with everything that was typed kept; the form's answers are the preview's, and only Send is left.
const wholeWay = inWorld({}, async (world) => {
  const first = await opened(world);
  assert.deepEqual(inputs(first), ['target', 'reason', 'ticket', 'verified', 'holds']);
  await fill(world, { target: ADELE, reason: 'locked out', ticket: 'INC0012345', verified: 'video', holds: 'yes' });
  const view = await lookUp(world, null, 'Devices of');
  assert.deepEqual(options(view, 'device'), [
    ['iPhone 14 (…4F2K) · iOS 17.5.1 · company', device('01')],
    ['Pixel 7 (…03QP) · Android 14 · personal', device('02')],
  ]);
  assert.match(words(view), /Not possible here: .*ThinkPad.*iPad/s);
  assert.deepEqual(inputs(view), ['target', 'device', 'reason', 'ticket', 'verified', 'holds', 'lock']);
  assert.equal(entered(view, 'target'), ADELE);
  assert.equal(entered(view, 'reason'), 'locked out');
  assert.equal(chosen(view, 'verified'), 'video');
  assert.equal(chosen(view, 'device'), undefined);

  assert.equal((await send(world, { device: device('01') })).state, 'acked');
  const message = await preview(world);
  says(message, 'iPhone 14 (…4F2K)', 'locked out', 'INC0012345');
  assert.equal(picked(message, 'verified'), 'video');
  assert.equal(picked(message, 'holds'), 'yes');
  await nothingDone(world);
  await world.presses('U0HANNA', 'Send for approval');
  const id = message.text.match(/^R-\w+/)[0];
  await world.waitCard(id, 'waiting for');
  const card = await stillWaits(world, id);
  says(card, 'live video');
});

// Enter looks up like the button. One device that can be reset is chosen; the lock is asked of a work profile.
const byEnter = inWorld({}, async (world) => {
  await opened(world);
  const view = await renewed(world, 'U0HANNA',
    async () => world.post('fill', { user: 'U0HANNA', values: { target: 'R5CT90XYZAB' }, dispatch: true }), 'Devices of');
  assert.equal(chosen(view, 'device'), device('07'));
  await send(world, { lock: 'work_profile', holds: 'yes', verified: 'in_person' });
  const message = await preview(world);
  assert.equal(picked(message, 'lock'), 'work_profile');
});

// A second look-up has a list of its own: nothing chosen in the first counts there.
const lookedUpTwice = inWorld({}, async (world) => {
  await opened(world);
  await lookUp(world, ADELE, 'Devices of');
  await fill(world, { device: device('02'), reason: 'typed before' });
  const view = await lookUp(world, 'henry@contoso.com', 'SM-S911B');
  assert.deepEqual(options(view, 'device').map(([, value]) => value), [device('05')]);
  assert.equal(entered(view, 'reason'), 'typed before');
  await send(world);
  says(await preview(world), 'SM-S911B');
});

// Part of a name lists people and picks nobody, also not a single one; choosing one shows their devices.
const partOfAName = inWorld({}, async (world) => {
  await opened(world);
  await fill(world, { reason: 'typed before' });
  let view = await lookUp(world, 'adele', 'in their name');
  const people = options(view, 'person');
  assert.ok(people.length > 1, JSON.stringify(people));
  assert.deepEqual(people.find(([text]) => text.includes(ADELE))?.[1], entra('07'));
  assert.ok(people.some(([text]) => / · adele@contoso.com · \S/.test(text)), JSON.stringify(people));
  assert.equal(chosen(view, 'person'), undefined);
  assert.ok(!inputs(view).includes('device') && !JSON.stringify(view).includes('iPhone'));

  const choose = async () => world.post('select', { user: 'U0HANNA', view_id: view.id, action_id: 'person', block_id: blockOf(view, 'person').block_id, value: entra('07') });
  view = await renewed(world, 'U0HANNA', choose, 'Devices of');
  assert.equal(entered(view, 'target'), ADELE);
  assert.equal(entered(view, 'reason'), 'typed before');
  assert.ok(!inputs(view).includes('person'));
  await send(world, { device: device('01') });
  says(await preview(world), 'iPhone 14 (…4F2K)', 'typed before');

  await opened(world);
  view = await lookUp(world, 'niamh', 'in their name');
  assert.equal(options(view, 'person').length, 1);
  assert.equal(chosen(view, 'person'), undefined);
  await lookUp(world, 'zzyzx', 'Nobody has zzyzx');
  await lookUp(world, 'a', 'at least two letters');
});

// Sent without a choice, part of a name lists people privately; what was answered in the form stays.
const partOfANameSent = inWorld({}, async (world) => {
  await opened(world);
  await send(world, { target: 'adele', reason: 'locked out', verified: 'video', holds: 'yes' });
  await world.waitSees('U0HANNA', /Nobody is chosen yet/, 15000, 'private');
  await nothingDone(world);
});

// What cannot be answered stands in the form, with what to try; nothing is lost, and nothing is told elsewhere.
const nothingFound = inWorld({}, async (world) => {
  await opened(world);
  await fill(world, { reason: 'typed before' });
  let view = await lookUp(world, 'nobody@contoso.com', 'know no user');
  assert.match(words(view), /serial number/);
  view = await lookUp(world, 'NOSUCHSERIAL1', 'no device NOSUCHSERIAL1');
  view = await lookUp(world, 'none@contoso.com', 'has no device');
  view = await lookUp(world, 'R-7K3F', 'is a request');
  view = await lookUp(world, 'agnes@contoso.com', 'can be reset here');
  assert.ok(!inputs(view).includes('device'));
  await world.fault('graph.down', undefined, -1);
  view = await lookUp(world, ADELE, 'could not be asked');
  assert.equal(entered(view, 'reason'), 'typed before');
  assert.deepEqual((await world.sees('U0HANNA')).all.filter((message) => message.kind === 'private'), []);
  await nothingDone(world);
});

// Without a look-up it is the command: several devices are listed, one is shown; what was chosen in the form stays.
const withoutLookUp = inWorld({}, async (world) => {
  await opened(world);
  await send(world, { target: ADELE, reason: 'locked out', verified: 'called_back', holds: 'yes' });
  await world.presses('U0HANNA', 'Choose …4F2K');
  const message = await preview(world);
  assert.equal(picked(message, 'verified'), 'called_back');
  await world.presses('U0HANNA', 'Other device');
  await world.presses('U0HANNA', 'Choose …03QP');
  const other = await world.waitSees('U0HANNA', /^R-\w+ · .*Pixel 7.*Only you see this/s, 15000, 'private');
  assert.equal(picked(other, 'holds'), undefined); // said of another phone
});

// ---- errors at the field ---------------------------------------------------------------------------------------------

const atTheField = inWorld({}, async (world) => {
  await opened(world);
  await send(world, { target: '  R-7K3F ' });
  await wrongAt(world, 'target', /That is a request/);
  await lookUp(world, ADELE, 'Devices of');
  await send(world, { device: device('01'), target: 'henry@contoso.com' });
  await wrongAt(world, 'target', /changed after the look-up/);
  await nothingDone(world);
});

// A passcode goes nowhere: refused at its field when the form is sent, said below it when devices are looked up.
const S7_passcode = inWorld({}, async (world) => {
  await opened(world);
  await fill(world, { target: ADELE, reason: 'her PIN is 4711, locked out' });
  const view = await lookUp(world, null, 'looks like a passcode');
  assert.ok(inputs(view).includes('device'));
  await send(world, { device: device('01') });
  await wrongAt(world, 'reason', /looks like a passcode/);
  await send(world, { reason: 'locked out' });
  says(await preview(world), 'locked out');
  assert.ok(!(await onDisk(world)).includes('4711'));
  const { entries } = await world.get('journal?after=0&kind=api'); // what the bot called, with everything it showed
  assert.ok(entries.length && !JSON.stringify(entries).includes('4711'));
});

// ---- from a message --------------------------------------------------------------------------------------------------

async function said(world, user, text, channel = DESK) {
  await world.post('say', { user, channel, text });
  const { all } = await world.sees(user);
  return all.filter((message) => message.kind === 'channel' && message.channel === channel).at(-1);
}

const shortcut = (world, user, message) => world.post('shortcut', { user, channel: message.channel, ts: message.ts, callback_id: 'reset_from_message' });

async function filled(world, message, user = 'U0HANNA') {
  await shortcut(world, user, message);
  return world.waitView(user, 'look_up');
}

const byMention = inWorld({}, async (world) => {
  const view = await filled(world, await said(world, 'U0HENRY', '@adele is locked out, henry@contoso.com knows'));
  assert.equal(entered(view, 'target'), ADELE);
  assert.ok(!inputs(view).includes('device'), 'nothing is looked up by itself');
  await lookUp(world, null, 'Devices of');
  await send(world, { device: device('01'), verified: 'video', holds: 'yes' });
  says(await preview(world), 'iPhone 14 (…4F2K)');
  assert.ok(!(await onDisk(world)).includes('is locked out'), 'the message was kept');
});

const byAddress = inWorld({}, async (world) => {
  const view = await filled(world, await said(world, 'U0HENRY', `A ticket from ${ADELE}: no way in.`));
  assert.equal(entered(view, 'target'), ADELE);
});

const byAuthor = inWorld({}, async (world) => {
  const view = await filled(world, await said(world, 'U0ADELE', 'I cannot get into my phone'));
  assert.equal(entered(view, 'target'), ADELE);
});

// A person of whom the policy knows no Intune user: said in the form, which stays open for a name.
const byStranger = inWorld({}, async (world) => {
  const view = await filled(world, await said(world, 'U0HENRY', '@audra is locked out'));
  assert.ok(!entered(view, 'target'));
  assert.match(words(view), /not in the people table/);
  await lookUp(world, ADELE, 'Devices of');
});

const S3_shortcutNeedsTheRole = inWorld({}, async (world) => {
  const message = await said(world, 'U0HENRY', '@adele is locked out');
  says(await hears(world, 'U0ADELE', () => shortcut(world, 'U0ADELE', message)), 'your role does not allow it', 'Nothing was done');
  says(await hears(world, 'U0ARVID', () => shortcut(world, 'U0ARVID', message)), 'your role does not allow it');
  assert.equal(await top(world, 'U0ADELE'), null);
  assert.equal(await top(world, 'U0ARVID'), null);
  await recorded(world, 'refused', { user: 'U0ADELE' });
});

// ---- a restart -------------------------------------------------------------------------------------------------------

// The form stands there still, and goes on where it was.
const restarted = inWorld({}, async (world) => {
  await opened(world);
  await lookUp(world, ADELE, 'Devices of');
  await fill(world, { device: device('02'), reason: 'before the restart' });
  await world.stopBot('SIGKILL');
  await world.startBot();
  const view = await lookUp(world, null, 'Devices of');
  assert.equal(entered(view, 'reason'), 'before the restart');
  await send(world, { device: device('01'), verified: 'video', holds: 'yes' });
  says(await preview(world), 'iPhone 14', 'before the restart');
});

// ---- those who should not --------------------------------------------------------------------------------------------

// An interactive envelope as nobody's client makes it.
const deliver = (world, payload) => world.post('deliver', {
  envelope: { envelope_id: crypto.randomUUID(), type: 'interactive', accepts_response_payload: true, payload: { trigger_id: crypto.randomUUID(), team: { id: 'T0SANDBOX' }, ...payload } },
});

const person = (user) => ({ id: user, team_id: 'T0SANDBOX', name: user.toLowerCase() });

// A device that the look-up did not offer does nothing, whoever put it there.
const S4_changedDevice = inWorld({}, async (world) => {
  await opened(world);
  const view = await lookUp(world, ADELE, 'Devices of');
  const { block_id: block } = blockOf(view, 'device');
  const state = { ...view.state.values, [block]: { device: { type: 'radio_buttons', selected_option: { value: device('05') } } } };
  const answer = await hears(world, 'U0HANNA', () => deliver(world, {
    type: 'view_submission', user: person('U0HANNA'), view: { ...view, state: { values: state } },
  }));
  says(answer, 'not among those of', 'Nothing was done');
  await recorded(world, 'bad_value', { user: 'U0HANNA' });
  await nothingDone(world);
});

// Another person's form does nothing in anybody else's hands, pressed or sent.
const S4_anothersForm = inWorld({}, async (world) => {
  await opened(world);
  await lookUp(world, ADELE, 'Devices of');
  const view = await top(world, 'U0HANNA');
  const click = { type: 'block_actions', container: { type: 'view', view_id: view.id }, view, actions: [{ type: 'button', action_id: 'look_up', action_ts: '1.1' }] };
  says(await hears(world, 'U0HENRY', () => deliver(world, { ...click, user: person('U0HENRY') }), ['direct', 'private']), 'not mine');
  await recorded(world, 'bad_value', { user: 'U0HENRY' });
  says(await hears(world, 'U0HENRY', () => deliver(world, { type: 'view_submission', user: person('U0HENRY'), view }), ['direct', 'private']), 'not mine');
  await nothingDone(world);
});

// Who lost the role meanwhile learns nothing from a form that was opened before.
const S3_roleLost = inWorld({}, async (world) => {
  await opened(world);
  await world.post('group', { id: 'S0HELPDESK', handle: 'helpdesk', users: ['U0HENRY'] });
  await world.advance(61000);
  const view = await lookUp(world, ADELE, 'your role does not allow it');
  assert.ok(!inputs(view).includes('device'));
  assert.ok(!JSON.stringify(view).includes('iPhone'));
  await recorded(world, 'refused', { user: 'U0HANNA' });
});

// A form that was closed before the answer came: said once, privately.
const closed = inWorld({ settings: {} }, async (world) => {
  await opened(world);
  await fill(world, { target: ADELE });
  const view = await top(world, 'U0HANNA');
  const press = { user: 'U0HANNA', view_id: view.id, action_id: 'look_up', block_id: blockOf(view, 'look_up').block_id };
  await world.fault('slack.views.update.error', 'not_found');
  says(await hears(world, 'U0HANNA', () => world.post('click', press)), 'form was closed');
});

await run({
  'the form is looked up in, kept, sent, and only Send is left': wholeWay,
  'Enter looks up too': byEnter,
  'a second look-up has a list of its own': lookedUpTwice,
  'part of a name lists people, and picks nobody': partOfAName,
  'part of a name that is sent lists people privately': partOfANameSent,
  'U2 what is not found is said in the form, with what to try': nothingFound,
  'without a look-up it is the command': withoutLookUp,
  'errors stand at their field': atTheField,
  'S7 a passcode in the reason goes nowhere': S7_passcode,
  'a shortcut takes the person that a message mentions': byMention,
  'a shortcut takes the address in a message': byAddress,
  'a shortcut takes the author of a message': byAuthor,
  'a shortcut says whom it does not know': byStranger,
  'S3 a shortcut needs the role of the command': S3_shortcutNeedsTheRole,
  'R1 a form goes on after a restart': restarted,
  'S4 a changed device does nothing': S4_changedDevice,
  "S4 another person's form does nothing": S4_anothersForm,
  'S3 a role that is lost shows nothing more': S3_roleLost,
  'a form that was closed is told': closed,
});
