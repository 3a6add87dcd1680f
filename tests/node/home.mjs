// home.mjs - the Home tab as people use it: what each kind of person finds there, that it follows what happens elsewhere, and
// what its buttons do; also for those who press somebody else's.
import assert from 'node:assert/strict';
import { run, sleep } from '../sandbox/people.mjs';
import { IPHONE, hears, inWorld, recorded, reloads, says, soon, stillWaits } from './lib_bad_input.mjs';
import { SAMSUNG, sideBySide, until } from './lib_faults.mjs';

const HANNA = 'U0HANNA';
const ARVID = 'U0ARVID';
const AGNES = 'U0AGNES';

// ---- the tab on a screen ---------------------------------------------------------------------------------------------

const homeOf = async (world, user) => (await world.get(`state?user=${user}`)).home;

function words(node) {
  if (Array.isArray(node)) return node.map(words).join('');
  if (node === null || typeof node !== 'object') return '';
  return Object.entries(node).map(([key, value]) => {
    if (typeof value !== 'string') return words(value);
    if (['text', 'fallback'].includes(key)) return value; // runs of one sentence
    return ['user_id', 'usergroup_id', 'channel_id'].includes(key) ? ` ${value}` : '';
  }).join('');
}

const buttons = (home) => home.blocks.filter((block) => block.type === 'actions')
  .flatMap((block) => block.elements.map((element) => ({ ...element, block_id: block.block_id })));

const holds = (text, part) => (part instanceof RegExp ? part.test(text) : text.includes(part));

// Waits until the tab shows all of these, and none of those.
async function shows(world, user, parts, not = []) {
  return soon(async () => {
    const home = await homeOf(world, user);
    assert.ok(home, `${user} has no Home tab\n${world.botLog()}`);
    const text = words(home.blocks);
    for (const part of parts) assert.ok(holds(text, part), `${user} does not see "${part}" in:${text}\n${world.botLog()}`);
    for (const part of not) assert.ok(!holds(text, part), `${user} sees "${part}" in:${text}`);
    return home;
  });
}

async function opens(world, user, parts = [], not = []) {
  await world.post('home', { user });
  return shows(world, user, parts, not);
}

// The button for the request: the first of that kind behind its name.
async function pressed(world, user, action, { of = user, value } = {}) {
  const home = await homeOf(world, of);
  const button = buttons(home).find((one) => one.action_id === action);
  assert.ok(button, `${of} has no button ${action}: ${JSON.stringify(home.blocks)}`);
  const view = await homeOf(world, user);
  const own = buttons(view).find((one) => one.action_id === action) || buttons(view)[0];
  const { id } = await world.post('click', {
    user, view_id: view.id, action_id: own.action_id, block_id: own.block_id, ...(of !== user ? { value: button.value } : {}), ...(value ? { value } : {}),
  });
  const act = await world.get(`act?id=${id}&wait_ms=10000`);
  assert.equal(act.state, 'acked');
}

async function publishes(world, user, after = 0) {
  const { entries } = await world.get(`journal?after=${after}&kind=home_publish`);
  return entries.filter((entry) => entry.user === user);
}

const asks = (world) => world.asks(HANNA, `reset ${IPHONE} locked out INC0012345`);

// ---- opened ----------------------------------------------------------------------------------------------------------

async function eachTheirOwn(world) {
  const id = await asks(world);
  await world.waitCard(id, 'waiting for 1 approval');
  const home = await opens(world, HANNA, ['Your drafts and open requests', id, 'waiting for 1 approval until', 'open the card'], ['Asked by']);
  assert.deepEqual(buttons(home).map((button) => button.action_id), ['form', 'cancel']);
  const approver = await opens(world, ARVID, ['Waiting for you', id, 'Asked by Hanna Berg (U0HANNA) · INC0012345 · "locked out"', 'open the card']);
  assert.deepEqual(buttons(approver), [], 'nothing is decided in the Home tab');
  assert.match(JSON.stringify(approver.blocks), /"url":"https:\/\/sandbox\.slack\.com\/archives\/C0HELPDESK\/p\d+"/);
  await opens(world, 'U0HENRY', ['Nothing waits for you.', 'Nothing of yours is open.'], [id]);
  await opens(world, 'U0AUDRA', [/in the threads of this channel:\s+C0HELPDESK/], [id]);
  await opens(world, 'U0ADELE', ['You have no role here', 'Ask the helpdesk', 'S0HELPDESK', 'U0ADMIN'], [id]);
  await opens(world, 'U0GUEST', ['guests of the workspace may not do this'], [id]);
}

// An outsider has no such tab; the event is forged as another workspace's.
async function outsider(world) {
  await asks(world);
  const after = await world.lastNumber();
  const payload = {
    type: 'event_callback', team_id: 'T0PARTNER', event_id: 'Ev0FORGED',
    event: { type: 'app_home_opened', user: 'U0OUTSIDE', channel: 'D0OUTSIDE', tab: 'home', event_ts: '1.2' },
  };
  await world.post('deliver', { envelope: { envelope_id: 'forged-1', type: 'events_api', payload, accepts_response_payload: false } });
  payload.team_id = 'T0SANDBOX';
  payload.event_id = 'Ev1FORGED';
  await world.post('deliver', { envelope: { envelope_id: 'forged-2', type: 'events_api', payload, accepts_response_payload: false } });
  await world.journal('api', after, 15000, (call) => call.method === 'users.info' && call.args.user === 'U0OUTSIDE');
  await sleep(1500);
  const { entries } = await world.get(`journal?after=${after}&kind=api`);
  const drawn = entries.filter((call) => call.method === 'views.publish' && call.args.user_id === 'U0OUTSIDE');
  for (const call of drawn) assert.match(JSON.stringify(call.args), /another organisation|could not read your account/);
}

// ---- live ------------------------------------------------------------------------------------------------------------

async function follows(world) {
  await opens(world, HANNA, ['Nothing of yours is open.']);
  await opens(world, ARVID, ['Nothing waits for you.']);
  await opens(world, AGNES, ['Nothing waits for you.']);
  const id = await asks(world);
  await shows(world, ARVID, [id, 'open the card']);
  await shows(world, HANNA, [id, 'waiting for 1 approval']);
  await world.presses(AGNES, 'Approve', { part: id });
  await shows(world, ARVID, ['Nothing waits for you.'], [id]);
  await shows(world, AGNES, ['Nothing waits for you.'], [id]);
  await shows(world, HANNA, ['Recently finished', id, 'done: Intune reports the passcode removed', 'Nothing of yours is open.']);
  for (const user of [HANNA, ARVID, AGNES]) {
    const times = (await publishes(world, user)).map((entry) => entry.at);
    assert.ok(times.length <= 8, `${times.length} times for ${user}`);
    times.slice(1).forEach((at, i) => assert.ok(at - times[i] >= 1900, `${user}: ${at - times[i]} ms between two`));
  }
}

async function neverInTheWay(world) {
  await opens(world, ARVID, ['Nothing waits for you.']);
  await world.fault('slack.views.publish.429', 3, -1);
  const before = await world.lastNumber();
  const id = await asks(world);
  await world.waitCard(id, 'waiting for 1 approval');
  await world.journal('api', before, 15000, (call) => call.method === 'views.publish' && call.status === 429);
  await world.presses(ARVID, 'Approve', { part: id });
  await until(world, id, 'done: Intune reports');
  const { entries } = await world.get(`journal?after=${before}&kind=api`);
  const tries = entries.filter((call) => call.method === 'views.publish');
  assert.ok(tries.length >= 1 && tries.every((call) => call.status === 429), JSON.stringify(tries));
  tries.slice(1).forEach((call, i) => assert.ok(call.at - tries[i].at >= 2900, 'Slack asked for 3 s'));
  await world.post('fault_clear', {});
  await shows(world, ARVID, ['Nothing waits for you.'], [id]);
}

async function roleTakenAway(world) {
  const id = await asks(world);
  await opens(world, ARVID, [id]);
  await reloads(world, { roles: '\n  helpdesk: {groups: [S0HELPDESK]}\n  approvers: {users: [U0AGNES]}\n  admins: {users: [U0ADMIN]}' }, /event=policy_reloaded/);
  await shows(world, ARVID, ['You have no role here'], [id]);
}

// ---- pressed ---------------------------------------------------------------------------------------------------------

async function cancels(world) {
  await opens(world, HANNA);
  const id = await asks(world);
  const home = await shows(world, HANNA, [id, 'open the card']);
  assert.equal(buttons(home).find((button) => button.action_id === 'cancel').confirm.title.text, 'Cancel this request?');
  says(await hears(world, HANNA, () => pressed(world, HANNA, 'cancel'), 'direct'), `${id} is cancelled`);
  await until(world, id, 'cancelled');
  await shows(world, HANNA, ['Nothing of yours is open.', 'Recently finished', id]);
}

async function previews(world) {
  await opens(world, HANNA);
  await world.types(HANNA, `reset ${IPHONE} locked out INC0012345`);
  await shows(world, HANNA, ['draft, not sent']);
  const preview = await hears(world, HANNA, () => pressed(world, HANNA, 'preview'), 'direct');
  says(preview, /^R-\w+ · /, 'Only you see this');
  const id = preview.text.match(/^R-\w+/)[0];
  await world.chooses(HANNA, 'verified', 'called_back');
  await world.chooses(HANNA, 'holds', 'yes');
  await world.presses(HANNA, 'Send for approval', { part: id });
  await world.waitCard(id, 'waiting for 1 approval');
  await soon(async () => assert.ok(!(await world.sees(HANNA)).all.some((message) => message.kind === 'direct' && message.text.includes('Only you see this')), 'the preview stands there still'));
}

async function opensForm(world) {
  await opens(world, HANNA);
  await pressed(world, HANNA, 'form');
  const view = await world.waitView(HANNA, 'target');
  const target = view.blocks.find((block) => block.element?.action_id === 'target');
  const preview = await hears(world, HANNA, () => world.post('submit', { user: HANNA, view_id: view.id, values: { [target.block_id]: IPHONE } }), 'direct');
  says(preview, 'Only you see this', 'iPhone 14');
}

async function showsCode(world) {
  const id = await world.asks(HANNA, `reset ${SAMSUNG.serial} forgot it INC0012345`, { lock: 'work_profile' });
  await world.waitCard(id, 'waiting for 1 approval');
  await opens(world, 'U0HENRY');
  await world.presses(ARVID, 'Approve', { part: id });
  await until(world, id, 'done: Intune reports');
  await opens(world, HANNA, ['A temporary passcode waits for you', id]);
  await opens(world, 'U0HENRY', ['Nothing waits for you.'], [id]);
  await hears(world, 'U0HENRY', () => pressed(world, 'U0HENRY', 'show', { of: HANNA }), 'direct');
  await recorded(world, 'bad_value', { user: 'U0HENRY' });
  assert.equal((await world.sees('U0HENRY')).view, null);
  await pressed(world, HANNA, 'show');
  await world.waitView(HANNA, 'Read it aloud');
}

async function foreign(world) {
  const id = await asks(world);
  await world.waitCard(id, 'waiting for 1 approval');
  await opens(world, HANNA, [id]);
  await opens(world, 'U0HENRY');
  says(await hears(world, 'U0HENRY', () => pressed(world, 'U0HENRY', 'cancel', { of: HANNA }), 'direct'), 'Nothing was done');
  await recorded(world, 'bad_value', { user: 'U0HENRY', request: id, text: 'made for somebody else' });
  // a value from the card: whoever has it, a decision is made where the card is
  const card = await world.waitCard(id, 'waiting for 1 approval');
  const approve = card.blocks.flatMap((block) => block.elements || []).find((element) => element.action_id === 'approve');
  const home = await homeOf(world, HANNA);
  const own = buttons(home)[0];
  await world.post('click', { user: HANNA, view_id: home.id, action_id: own.action_id, block_id: own.block_id, value: approve.value });
  await recorded(world, 'bad_value', { user: HANNA, request: id, text: 'moved' });
  await stillWaits(world, id);
}

async function restarts(world) {
  const id = await asks(world);
  await world.waitCard(id, 'waiting for 1 approval');
  await opens(world, ARVID, [id]);
  await opens(world, HANNA, [id]);
  await world.stopBot('SIGKILL');
  await world.startBot();
  await pressed(world, HANNA, 'cancel'); // what stood there still works
  await until(world, id, 'cancelled');
  await sleep(3000);
  await shows(world, ARVID, [id]); // nobody opened it since
  await opens(world, ARVID, ['Nothing waits for you.'], [id]);
}

const tests = {
  'each finds what is theirs: helpdesk, approver, another, audit reader, owner, guest': eachTheirOwn,
  'S1 an outsider is shown nothing': outsider,
  'S4 it follows what happens in the channel, at most every two seconds': follows,
  'R5 when Slack refuses it, nothing else waits': neverInTheWay,
  'S3 a role that is taken away takes its list': roleTakenAway,
  'Cancel is asked about, done, and answered directly': cancels,
  'Preview comes back as a direct message, and is sent from there': previews,
  'the form opens from there, and is answered directly': opensForm,
  'S6 a code is shown by its requester\'s button alone': showsCode,
  'S4 somebody else\'s button, and a card\'s, do nothing there': foreign,
  'after a restart it is drawn when it is opened': restarts,
};
const worlds = Object.fromEntries(Object.entries(tests).map(([name, test]) => [name, inWorld({}, test)]));
await run(sideBySide(worlds, 4));
