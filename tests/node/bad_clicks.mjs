// bad_clicks.mjs - buttons pressed by the wrong person, with a wrong value, or in the wrong place: each is answered and recorded,
// and decides nothing.
import assert from 'node:assert/strict';
import { World, run } from '../sandbox/people.mjs';
import { ANY, IPHONE, asked, button, done, hears, inWorld, nothingDone, open, people, press, pressed, records, recorded, says, stillWaits, submitted, typed } from './lib_bad_input.mjs';

const NOT_MINE = ['not in my records', 'Nothing was done', '/passcode list'];

// ---- values ----------------------------------------------------------------------------------------------------------

const forged = inWorld({}, async (world) => {
  const { card } = await asked(world);
  const other = await asked(world, 'reset LABSERIAL001 locked');
  const good = button(card, 'approve').value;
  const parts = good.split('.');
  const change = (at, text) => parts.map((part, index) => (index === at ? text : part)).join('.');
  const flip = (text) => text.replace(/.$/, (c) => (c === 'A' ? 'Q' : 'A'));
  const values = {
    empty: '', 'no value of ours': 'approve', long: 'x'.repeat(2000), 'mac changed': flip(good), 'mac missing': parts.slice(0, 7).join('.'),
    'mac empty': change(7, ''), 'expiry moved': change(3, String(Number(parts[3]) + 3600)), 'person put in': change(4, 'U0ARVID'),
    'deny made approve': button(card, 'deny').value.replace('1.d.', '1.a.'), 'another request': change(2, other.id), 'unknown request': change(2, 'R-ZZZZ'),
    'other key': change(6, '00000000'), 'mac of another request': change(7, button(other.card, 'approve').value.split('.')[7]),
    'more fields': `${good}.x`, 'another version': change(0, '2'), 'line break': `${good}\n`,
  };
  for (const [what, value] of Object.entries(values)) {
    says(await press(world, 'U0ARVID', card, 'approve', value), ...NOT_MINE);
    await recorded(world, 'bad_value', { user: 'U0ARVID' });
    assert.deepEqual((await open(world)).map((one) => one.state), ['pending', 'pending'], what);
  }
  assert.equal((await records(world)).filter((one) => one.kind === 'bad_value').length, Object.keys(values).length);
  assert.deepEqual(await world.resets(), []);
});

const moved = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  const other = await asked(world, 'reset LABSERIAL001 locked');
  const good = button(card, 'approve').value;
  // the card's value on another card, on a thread line, in a private message, in another channel
  const line = await world.waitSees('U0AUDRA', /^1 · .* asked/, 15000, 'thread');
  const places = [{ ts: other.card.ts }, { ts: line.ts }, { is_ephemeral: true }, { channel: 'C0RANDOM' }, { ts: '' }];
  for (const place of places) {
    const heard = await hears(world, 'U0ARVID', () => pressed(world, 'U0ARVID', card, { action: 'approve', value: good, ...place }), ANY);
    says(heard, ...NOT_MINE);
    await recorded(world, 'bad_value', { user: 'U0ARVID', request: id, text: 'moved' });
  }
  // one's own private value counts for oneself alone
  const mine = await typed(world, 'U0ARVID', `approve ${id}`);
  const personal = button(mine, 'approve').value;
  says(await press(world, 'U0AGNES', card, 'approve', personal), ...NOT_MINE);
  await recorded(world, 'bad_value', { user: 'U0AGNES', request: id, text: 'somebody else' });
  assert.deepEqual((await open(world)).map((one) => one.state), ['pending', 'pending']);
  assert.deepEqual(await world.resets(), []);
});

const replayed = inWorld({}, async (world) => {
  const { id } = await asked(world);
  const before = await world.lastNumber();
  await world.presses('U0ARVID', 'Approve', { part: id });
  const envelope = await world.journal('envelope', before, 5000, (entry) => entry.type === 'interactive');
  await done(world, id);
  for (let n = 0; n < 3; n++) await world.post('deliver', { envelope_id: envelope.envelope_id });
  await typed(world, 'U0ARVID', 'help');
  assert.equal((await world.resets()).length, 1);
  assert.equal((await records(world)).filter((one) => one.kind === 'approved').length, 1);
});

const expiredValue = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  await world.advance(31 * 60000);
  await world.waitCard(id, 'expired: nobody decided in time');
  const heard = await press(world, 'U0ARVID', card, 'approve');
  says(heard, id, /Too late|already decided|not in my records/, 'expired');
  assert.deepEqual(await world.resets(), []);
  await recorded(world, 'click_without_effect', { user: 'U0ARVID', request: id });
});

const previewsValue = inWorld({}, async (world) => {
  const preview = await typed(world, 'U0HANNA', `reset ${IPHONE} locked`);
  const { action_id, value } = World.buttons(preview).find((one) => one.text.text === 'Send for approval');
  says(await hears(world, 'U0HENRY', () => pressed(world, 'U0HENRY', preview, { action: action_id, value, is_ephemeral: true }), ANY), ...NOT_MINE);
  await recorded(world, 'bad_value', { user: 'U0HENRY', text: 'somebody else' });
  await nothingDone(world);
});

const denyForm = inWorld({}, async (world) => {
  const { id } = await asked(world);
  const other = await asked(world, 'reset LABSERIAL001 locked');
  await world.presses('U0ARVID', 'Deny', { part: id });
  const view = await world.waitView('U0ARVID', 'Why?');
  const good = view.private_metadata;
  const tries = [['U0AGNES', good], ['U0GUEST', good], ['U0ARVID', good.replace(id, other.id)], ['U0ARVID', good.replace('1.e.', '1.a.')], ['U0ARVID', ''], ['U0ARVID', 'x'.repeat(2000)]];
  for (const [user, private_metadata] of tries) {
    const heard = await hears(world, user, () => submitted(world, user, view, { reason: 'no' }, { private_metadata }), ANY);
    says(heard, /not in my records|guests/, /[Nn]othing was done/);
    await recorded(world, user === 'U0GUEST' ? 'refused' : 'bad_value', { user });
  }
  assert.deepEqual((await open(world)).map((one) => one.state), ['pending', 'pending']);
  await world.post('submit', { user: 'U0ARVID', values: { reason: 'wrong person' } });
  await world.waitCard(id, 'denied by Arvid Lind');
  assert.deepEqual(await world.resets(), []);
});

const showsValue = inWorld({}, async (world) => {
  const { id } = await asked(world, 'reset R5CW30ABCDE locked');
  await world.presses('U0AGNES', 'Approve', { part: id });
  await done(world, id);
  const told = await world.waitSees('U0HANNA', /A temporary passcode waits for you/, 15000, 'direct');
  const { action_id, value } = World.buttons(told).find((one) => one.text.text === 'Show');
  for (const user of ['U0HENRY', 'U0AGNES', 'U0ADELE']) {
    says(await hears(world, user, () => pressed(world, user, told, { action: action_id, value, channel: 'C0HELPDESK' }), ANY), ...NOT_MINE);
    await recorded(world, 'bad_value', { user, request: id, text: 'somebody else' });
    assert.equal((await world.sees(user)).view, null);
  }
  assert.deepEqual((await records(world)).filter((one) => one.kind === 'shown'), []);
});

// ---- who presses -----------------------------------------------------------------------------------------------------

const strangers = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  for (const user of ['U0GUEST', 'U0OUTSIDE']) await world.post('member', { channel: 'C0HELPDESK', user });
  const value = button(card, 'approve').value;
  const why = {
    U0GUEST: ['guests', 'Ask a member of the helpdesk'], U0OUTSIDE: ['another organisation', 'Ask a member of the helpdesk'],
    U0AUDRA: ['your role does not allow it', '/passcode help'], U0ADELE: ['your role does not allow it', '/passcode help'],
    U0HENRY: ['your role does not allow it', '/passcode help'], U0HANNA: ['your role does not allow it', '/passcode help'],
  };
  for (const [user, parts] of Object.entries(why)) {
    for (const action of ['approve', 'deny']) {
      const heard = await hears(world, user, () => pressed(world, user, card, { action, value: button(card, action).value, team: user === 'U0OUTSIDE' ? 'T0PARTNER' : undefined }), ANY);
      says(heard, 'not possible', 'Nothing was done', ...parts);
      await recorded(world, 'refused', { user });
    }
  }
  // nobody can tell those who are gone or whom nobody knows; it is recorded
  for (const user of ['U0GONE', 'U0NOBODY', 'U0RESETBOT']) {
    await pressed(world, user, card, { action: 'approve', value });
    await recorded(world, 'refused', { user });
  }
  await stillWaits(world, id);
});

const leaves = inWorld({}, async (world) => {
  const { id, card } = await asked(world);
  await world.post('user', { id: 'U0ARVID', fields: { deleted: true } });
  await world.advance(61000); // what was read of people counts for a minute
  await pressed(world, 'U0ARVID', card, { action: 'approve', value: button(card, 'approve').value });
  await recorded(world, 'refused', { user: 'U0ARVID', text: 'deactivated' });
  await stillWaits(world, id);
});

const PEOPLE = people('U0HANNA', ['U0HANNA2', '01'], 'U0ARVID', ['U0ARVID2', '03'], 'U0AGNES');
const ROLES = `
  helpdesk: {users: [U0HANNA, U0HENRY]}
  approvers: {users: [U0HANNA, U0HANNA2, U0ARVID, U0ARVID2, U0AGNES, U0ADA]}`;

async function withSecondAccounts(world) {
  for (const [id, name] of [['U0HANNA2', 'hanna.private'], ['U0ARVID2', 'arvid.private'], ['U0ADA', 'ada.two']]) {
    await world.post('user', { id, fields: { name, real_name: name, profile: { display_name: name, email: `${name}@contoso.com` } } });
    await world.post('member', { channel: 'C0HELPDESK', user: id });
  }
}

const threePeople = inWorld({ policy: { people: PEOPLE, roles: ROLES } }, async (world) => {
  await withSecondAccounts(world);
  const mine = await asked(world);
  for (const user of ['U0HANNA', 'U0HANNA2']) {
    says(await press(world, user, mine.card, 'approve'), mine.id, 'you asked for it, by this or another account', 'Ask another approver', 'Nothing was done');
    await recorded(world, 'refused', { user, request: mine.id, text: 'asked for it' });
    says(await typed(world, user, `approve ${mine.id}`), 'you asked for it', 'Nothing was done');
  }
  says(await press(world, 'U0ADA', mine.card, 'approve'), 'not in the people table', 'administrator of resetbot', 'Nothing was done');
  await recorded(world, 'refused', { user: 'U0ADA', request: mine.id, text: 'people table' });
  await stillWaits(world, mine.id);
  await typed(world, 'U0HANNA', `cancel ${mine.id}`);
  await world.waitCard(mine.id, 'cancelled by');
  // arvid owns the first, and enrolled the second
  for (const serial of ['G6TZ9QWERT', 'DX3F70WARD7']) {
    const his = await asked(world, `reset ${serial} locked`);
    for (const user of ['U0ARVID', 'U0ARVID2']) {
      for (const action of ['approve', 'deny']) {
        says(await press(world, user, his.card, action), his.id, 'this is your own device', 'Ask another approver', 'Nothing was done');
        await recorded(world, 'refused', { user, request: his.id, text: 'own device' });
      }
    }
    await stillWaits(world, his.id);
    await typed(world, 'U0HANNA', `cancel ${his.id}`);
    await world.waitCard(his.id, 'cancelled by');
  }
  // a requester without people entry
  says(await typed(world, 'U0HENRY', `reset ${IPHONE} locked`), 'not in the people table', 'administrator of resetbot', 'Nothing was done');
  await recorded(world, 'refused', { user: 'U0HENRY', text: 'people table' });
  assert.deepEqual(await world.resets(), []);
});

const twoApprovals = inWorld({ policy: { people: PEOPLE, roles: ROLES, approvals: '2' } }, async (world) => {
  await withSecondAccounts(world);
  const { id, card } = await asked(world);
  says(card, 'waiting for 2 approval');
  await world.presses('U0ARVID', 'Approve', { part: id });
  says(await world.waitCard(id, 'waiting for 1 approval'), 'Approved by Arvid');
  for (const user of ['U0ARVID', 'U0ARVID2']) {
    const now = await world.waitCard(id, 'waiting for 1 approval');
    says(await press(world, user, now, 'approve'), 'you have approved it already, by this or another account', 'Another approver must decide too');
    await recorded(world, 'refused', { user, request: id, text: 'approved it already' });
  }
  assert.deepEqual(await world.resets(), []);
  await world.presses('U0AGNES', 'Approve', { part: id });
  await done(world, id);
  assert.equal((await world.resets()).length, 1);
});

// ---- typed decisions -------------------------------------------------------------------------------------------------

const typedDecisions = inWorld({}, async (world) => {
  const { id } = await asked(world);
  for (const verb of ['approve', 'deny', 'APPROVE']) {
    const shown = await typed(world, 'U0ARVID', `${verb} ${id.toLowerCase()} yes please do it now`);
    says(shown, id, 'iPhone 14 (…4F2K) of Adele Vance', 'Asked by Hanna', 'waiting for 1 approval');
    assert.deepEqual(World.buttons(shown).map((one) => one.text.text), ['Approve', 'Deny']);
    await stillWaits(world, id);
  }
  says(await typed(world, 'U0HENRY', `approve ${id}`), 'your role does not allow it', 'Nothing was done');
  const shown = await typed(world, 'U0ARVID', `approve ${id}`);
  for (const action of ['approve', 'deny']) {
    says(await press(world, 'U0AGNES', shown, action), ...NOT_MINE);
  }
  await stillWaits(world, id);
  await pressed(world, 'U0ARVID', shown, { action: 'approve', value: button(shown, 'approve').value, is_ephemeral: true });
  await done(world, id);
  says(await typed(world, 'U0AGNES', `approve ${id}`), 'already decided', 'done');
  assert.equal((await world.resets()).length, 1);
});

await run({
  S4_forged_values_do_nothing: forged,
  S4_a_value_pressed_elsewhere_or_by_another_does_nothing: moved,
  S4_a_replayed_click_changes_nothing: replayed,
  S4_an_expired_value_is_answered_too_late: expiredValue,
  S4_a_deny_form_counts_for_the_person_who_opened_it: denyForm,
  S6_a_code_is_shown_to_its_requester_alone: showsValue,
  S4_a_preview_of_somebody_else_cannot_be_sent: previewsValue,
  S1_strangers_guests_outsiders_and_the_unknown_decide_nothing: strangers,
  S1_an_approver_who_left_decides_nothing: leaves,
  S3_requester_approver_and_owner_are_three_people_by_any_account: threePeople,
  S3_two_approvals_are_two_people_not_two_accounts: twoApprovals,
  S4_typed_decisions_show_the_card_and_decide_nothing: typedDecisions,
});
