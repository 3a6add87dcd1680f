// bad_targets.mjs - users and devices that are unknown, too many, or must not be reset: each refusal says what, why, who can
// help and what to type next, and nothing is done.
import assert from 'node:assert/strict';
import { World, device, run, sleep } from '../sandbox/people.mjs';
import { IPHONE, answered, asked, button, cards, done, hears, inWorld, nothingDone, open, pressed, recorded, says, send as sends, soon, stillWaits, typed } from './lib_bad_input.mjs';

const ADMIN = 'An administrator of resetbot can change that in the policy file';
const labels = (message) => World.buttons(message).map((button) => button.text.text);

// ---- users -----------------------------------------------------------------------------------------------------------

const users = inWorld({}, async (world) => {
  says(await typed(world, 'U0HANNA', 'reset nobody@contoso.com'), 'know no user nobody@contoso.com', '/passcode reset <serial number>', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'reset none@contoso.com locked'), 'Nona None has no device', 'enrolled by somebody else', '/passcode reset <serial number>', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'reset many@contoso.com'), 'too many devices', '/passcode reset <serial number>', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'devices many@contoso.com'), 'too many devices', '<serial number>');
  says(await typed(world, 'U0HANNA', 'reset @audra'), 'not in the people table', 'name@example.com', '/passcode reset <serial number>', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'reset @everyone'), 'know no user', 'Nothing was done');
  says(await typed(world, 'U0HANNA', 'reset LABSERIAL033 locked'), 'iPhone 12 (…L033) of Manfred Many');
  says(await typed(world, 'U0HANNA', "reset o'brien@contoso.com locked"), "iPhone 13 (…OBRN) of Niamh O'Brien");
  await nothingDone(world);
});

// A filter that Graph does not understand gives every device of the tenant: no text may become one.
const filters = inWorld({}, async (world) => {
  for (const text of ["x'%20or%20'1'eq'1", "a@contoso.com'or'1'eq'1", '$filter=', '*', '%', "adele@contoso.com'--", 'd0000001-0000-4000-8000-00000000000', '../users', 'LABSERIAL']) {
    const answer = await typed(world, 'U0HANNA', `reset ${text} locked`);
    says(answer, /Intune (and Entra know no user|has no device)|^Nobody has /, 'Nothing was done');
    assert.deepEqual(labels(answer), []);
  }
  assert.deepEqual((await world.get('journal?after=0&kind=graph.filter_ignored')).entries, []);
  await nothingDone(world);
});

const mentioned = inWorld({}, async (world) => {
  const list = await typed(world, 'U0HANNA', 'reset @adele locked');
  says(list, 'which device of adele@contoso.com');
  await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Choose …4F2K'));
  const again = await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Other device'));
  says(again, 'which device of adele@contoso.com');
  assert.ok(labels(again).includes('Choose …03QP'));
  const id = again.text.match(/R-\w+/)[0];
  await world.post('reload', { user: 'U0HANNA' });
  says(await typed(world, 'U0HANNA', `status ${id}`), 'iPhone 14 (…4F2K)', 'Only you see this');
  says(await typed(world, 'U0HANNA', 'devices @adele'), 'Devices of adele@contoso.com');
  await nothingDone(world);
});

const pages = inWorld({}, async (world) => {
  for (let n = 0; n < 12; n++) await world.post('device_add', { like: IPHONE, fields: { serialNumber: `PAGEXYZ${10 + n}` } });
  const first = await typed(world, 'U0HANNA', 'reset adele@contoso.com');
  assert.equal(labels(first).filter((label) => label.startsWith('Choose')).length, 8);
  says(first, 'Not possible here: ', 'User Enrollment', 'Windows PC');
  const second = await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'More'));
  assert.equal(labels(second).filter((label) => label.startsWith('Choose')).length, 6);
  assert.ok(!labels(second).includes('More'));
  const both = new Set([...labels(first), ...labels(second)].filter((label) => label.startsWith('Choose')));
  assert.equal(both.size, 14);
  await nothingDone(world);
});

// ---- devices ---------------------------------------------------------------------------------------------------------

const unsupported = inWorld({}, async (world) => {
  const refusals = {
    PF4ABC12: ['ThinkPad', 'Windows PC', 'I forgot my PIN'],
    C02XK0AAJGH5: ['MacBook Pro', 'FileVault'],
    DMPJ2A7QX3: ['iPad Air', 'User Enrollment', 'recovery mode'],
    '9WV4C18A23004567': ['P20 lite', 'Android 7.0', 'enrol the device again'],
    DNPZQ1ABN72J: ['iPhone 11', 'wipe, retire or delete is under way'],
    H7KLM2NPQR: ['iPhone SE', 'lost mode', 'administrator ends lost mode'],
    '21034523026789': ['TC52X', 'no user is named', ADMIN],
    '803148F120001234': ['RoomPanel', 'no user is named', ADMIN],
    '352345076543210': ['Lumia 950', 'not confirmed to work', 'Windows 10 Mobile', ADMIN],
    FP5S1234567: ['FP5', 'not confirmed to work', 'which kind of Android', ADMIN],
    F4GXHANNAXR: ['iPhone XR', 'your own device', 'three different people', 'Ask a colleague'],
  };
  for (const [serial, parts] of Object.entries(refusals)) {
    const answer = await typed(world, 'U0HANNA', `reset ${serial} locked`);
    says(answer, 'not possible', 'Nothing was done', ...parts);
    assert.deepEqual(labels(answer), [], serial);
    await recorded(world, 'refused', { user: 'U0HANNA', text: 'this device (d0000' });
  }
  const all = await typed(world, 'U0HANNA', 'reset agnes@contoso.com');
  says(all, 'MacBook Pro', 'FileVault', 'FP5', 'not confirmed');
  await nothingDone(world);
});

const NO_OWNERS = { allow_ownerless: 'true' };
const kiosk = inWorld({ policy: NO_OWNERS }, async (world) => {
  const id = await world.asks('U0HANNA', 'reset 21034523026789 gate closed');
  const card = await stillWaits(world, id);
  says(card, 'TC52X (…6789), no user');
  assert.ok(!card.text.includes('owner not told'), 'nobody is there to be told');
});

const unconfirmed = inWorld({ policy: { allow_unconfirmed: 'true' } }, async (world) => {
  const lumia = await world.asks('U0HANNA', 'reset 352345076543210 locked');
  says(await world.waitCard(lumia, 'waiting for 1 approval'), 'Reset PIN', 'not confirmed to work on this device; the policy allows trying');
  const fairphone = await world.asks('U0HANNA', `reset ${device('0e')} locked`);
  says(await world.waitCard(fairphone, 'waiting for 1 approval'), 'Reset passcode', 'not confirmed to work');
  assert.deepEqual(await world.resets(), []);
});

// Beta cannot be read: maybe, never supported.
const betaAway = inWorld({}, async (world) => {
  await world.fault('graph.beta.503', undefined, -1);
  const answer = await typed(world, 'U0HANNA', `reset ${IPHONE} locked`);
  says(answer, 'iPhone 14', 'not possible', 'kind of enrolment could not be read', 'try again in a few minutes', 'Nothing was done');
  await nothingDone(world);
});

const ownersUnknown = inWorld({}, async (world) => {
  await world.fault('graph.owners.503', undefined, -1);
  says(await typed(world, 'U0HANNA', `reset ${IPHONE} locked`), 'not every user', 'could be resolved', 'Try again in a few minutes', 'Nothing was done');
  await nothingDone(world);
});

const otherDevice = inWorld({}, async (world) => {
  await world.fault('graph.get.other_device', device('0f'), -1);
  says(await typed(world, 'U0HANNA', `reset ${device('01')} locked`), 'did not fit the question', 'Nothing was done');
  await world.post('fault_clear', {});
  await world.fault('graph.list.foreign_row', device('0f'), -1);
  const answer = await typed(world, 'U0HANNA', 'reset adele@contoso.com locked');
  assert.ok(!answer.text.includes('ARVID') && !answer.text.includes('15 Pro'), answer.text);
  await nothingDone(world);
});

const graphRefuses = inWorld({}, async (world) => {
  await world.post('app_entra', { roles: [] });
  says(await typed(world, 'U0HANNA', `reset ${IPHONE} locked`), 'Intune', 'administrator', 'Nothing was done');
  await nothingDone(world);
});

// ---- the answers of the preview --------------------------------------------------------------------------------------

async function previewed(world, text) {
  return (await typed(world, 'U0HANNA', text)).text.match(/^R-\w+/)[0];
}
const send = sends;

const answers = inWorld({}, async (world) => {
  const id = await previewed(world, `reset ${IPHONE} locked`);
  says(await send(world, id), id, 'how the caller was verified is not answered', 'Knowledge questions do not count', 'Nothing was done');
  await recorded(world, 'refused', { request: id, text: 'verified' });
  await world.chooses('U0HANNA', 'verified', 'video');
  for (const holds of [null, 'no', 'unknown']) {
    if (holds) await world.chooses('U0HANNA', 'holds', holds);
    says(await send(world, id), 'the owner must hold the device', 'lock or wipe it in the portal', 'Nothing was done');
    await recorded(world, 'refused', { request: id, text: 'hold' });
  }
  await nothingDone(world);
  await world.chooses('U0HANNA', 'holds', 'yes');
  says(await send(world, id), 'is sent for approval', `/passcode cancel ${id}`);
  says(await stillWaits(world, id), 'Caller seen on live video with badge');
});

const wrongLock = inWorld({}, async (world) => {
  for (const serial of ['29051FDH2003QP', 'R5CT90XYZAB']) {
    const id = await previewed(world, `reset ${serial} locked`);
    await world.chooses('U0HANNA', 'verified', 'in_person');
    await world.chooses('U0HANNA', 'holds', 'yes');
    says(await send(world, id), 'which lock is stuck is not answered', 'Nothing was done');
    await world.chooses('U0HANNA', 'lock', 'phone');
    says(await send(world, id), 'only the work profile', "the phone's own lock is the stuck one", 'Google account', 'Nothing was done');
    await recorded(world, 'refused', { request: id, text: "the phone's own lock" });
  }
  await nothingDone(world);
});

// ---- the owner -------------------------------------------------------------------------------------------------------

const ownerTold = inWorld({}, async (world) => {
  const id = await world.asks('U0HANNA', `reset ${IPHONE} locked`);
  assert.ok(!(await world.waitCard(id, 'waiting')).text.includes('owner not told'));
  says(await world.waitSees('U0ADELE', id, 15000, 'direct'), 'iPhone 14 (…4F2K)', 'Hanna Berg', 'This was not you?', 'Call the helpdesk');
});

const ownerNotTold = inWorld({}, async (world) => {
  const lena = await world.asks('U0HANNA', 'reset DX3F70WARD7 locked');
  says(await world.waitCard(lena, 'waiting'), 'owner not told', 'Attention:', 'enrolled by arvid@contoso.com');
  await world.fault('slack.chat.postMessage.error', 'user_disabled', -1, { match: 'ADELE' });
  await world.fault('slack.conversations.open.error', 'user_disabled', -1, { match: 'ADELE' });
  const adele = await world.asks('U0HANNA', `reset ${IPHONE} locked`);
  says(await world.waitCard(adele, 'owner not told'), 'waiting for 1 approval');
  assert.deepEqual(await world.resets(), []);
});

// ---- one at a time ---------------------------------------------------------------------------------------------------

const secondAsker = inWorld({}, async (world) => {
  const first = await world.asks('U0HANNA', `reset ${IPHONE} locked`);
  const card = await world.waitCard(first, 'waiting');
  const begun = await typed(world, 'U0HENRY', `reset ${IPHONE} also locked`);
  const second = begun.text.match(/^R-\w+/)[0];
  await world.chooses('U0HENRY', 'verified', 'video');
  await world.chooses('U0HENRY', 'holds', 'yes');
  const answer = await hears(world, 'U0HENRY', () => world.presses('U0HENRY', 'Send for approval', { part: second }));
  says(answer, 'Not sent', `${first} is already open for this device`, `/passcode status ${first}`, `p${card.ts.replace('.', '')}`);
  await recorded(world, 'refused', { user: 'U0HENRY', request: second, text: 'open request' });
  await stillWaits(world, first);
  assert.equal((await open(world)).length, 1);
  await soon(async () => says(await typed(world, 'U0HENRY', `status ${first}`), 'waiting for 1 approval'));
});

const sendsAtOnce = inWorld({}, async (world) => {
  const hers = await answered(world);
  const his = await answered(world, `reset ${IPHONE} also locked`, 'U0HENRY');
  const presses = (user, id) => world.presses(user, 'Send for approval', { part: id, limitMs: 1000 });
  const gone = (error) => assert.match(error.message, /sees no button/); // her first press may have been faster
  await Promise.all([presses('U0HANNA', hers), presses('U0HENRY', his), presses('U0HANNA', hers).catch(gone)]);
  const [one] = await soon(async () => {
    const all = await open(world);
    assert.equal(all.length, 1);
    return all;
  });
  const loser = one.id === hers ? 'U0HENRY' : 'U0HANNA';
  await soon(async () => assert.ok((await world.sees(loser)).all.some((message) => message.text.includes(`${one.id} is already open for this device`))));
  await world.waitCard(one.id, 'waiting for 1 approval');
  assert.equal((await cards(world)).length, 1);
  assert.deepEqual(await world.resets(), []);
});

const changedSincePreview = inWorld({}, async (world) => {
  const id = await answered(world);
  await world.post('device', { id: device('01'), fields: { owner: 'lena@contoso.com' } }).catch(() => world.post('device', { id: device('01'), fields: { managedDeviceOwnerType: 'personal' } }));
  says(await send(world, id), 'The device changed since this preview was made: look again, then send', 'Only you see this');
  await nothingDone(world);
  await world.post('device_remove', { device: device('01') });
  says(await send(world, id), 'Intune has no device', 'Nothing was done');
  await nothingDone(world);
});

const tellApprovers = inWorld({}, async (world) => {
  await world.post('member', { channel: 'C0HELPDESK', user: 'U0AGNES', in: false });
  const { id } = await asked(world);
  says(await world.waitSees('U0AGNES', id, 15000, 'direct'), 'iPhone 14 (…4F2K) of Adele Vance', 'Asked by Hanna', `/passcode approve ${id}`, 'open the card');
  await sleep(300);
  assert.deepEqual((await world.sees('U0ARVID')).all.filter((message) => message.kind === 'direct'), [], 'who sees the channel is told twice');
  const shown = await typed(world, 'U0AGNES', `approve ${id}`, 'dm');
  await pressed(world, 'U0AGNES', shown, { action: 'approve', value: button(shown, 'approve').value, is_ephemeral: true });
  await done(world, id);
});

await run({
  unknown_users_and_users_without_devices_are_told_apart: users,
  no_text_becomes_a_filter_that_fails_open: filters,
  a_mention_names_a_user_through_the_people_table: mentioned,
  a_pick_list_has_eight_devices_a_page_and_more: pages,
  devices_that_cannot_be_reset_are_refused_before_anybody_is_asked: unsupported,
  a_device_without_user_needs_allow_ownerless: kiosk,
  an_unconfirmed_kind_needs_allow_unconfirmed: unconfirmed,
  without_beta_nothing_counts_as_supported: betaAway,
  owners_that_cannot_be_read_refuse: ownersUnknown,
  another_device_than_asked_for_is_never_shown: otherDevice,
  an_application_without_rights_is_told_to_an_administrator: graphRefuses,
  the_two_answers_of_the_preview_are_required: answers,
  the_phones_own_lock_is_not_reset_by_a_work_profile_reset: wrongLock,
  the_owner_is_told_at_once: ownerTold,
  an_owner_who_cannot_be_told_stands_on_the_card: ownerNotTold,
  two_sends_at_once_open_one_request: sendsAtOnce,
  a_device_that_changed_since_the_preview_is_shown_again: changedSincePreview,
  approvers_outside_the_channel_are_told_directly: tellApprovers,
  a_second_asker_gets_a_link_to_the_first_request: secondAsker,
});
