// lib_bolt.mjs - Slack's own framework, as it comes from npm, runs an app against the sandbox: each kind of message that
// resetbot uses, in both directions. bolt5.mjs and bolt4.mjs give the version; what they see must be the same.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { World, run, sleep, source } from '../sandbox/people.mjs';

const need = createRequire(import.meta.url);
const CHANNEL = 'C0HELPDESK';
const FORM = {
  type: 'modal', callback_id: 'deny_form',
  title: { type: 'plain_text', text: 'Deny' }, submit: { type: 'plain_text', text: 'Deny' }, close: { type: 'plain_text', text: 'Back' },
  blocks: [{ type: 'input', block_id: 'why', label: { type: 'plain_text', text: 'Why?' }, element: { type: 'plain_text_input', action_id: 'text' } }],
};

function card(text, buttons = true) {
  const button = (id, label) => ({ type: 'button', action_id: id, value: `${id}-1`, text: { type: 'plain_text', text: label } });
  const blocks = [{ type: 'section', block_id: 'facts', text: { type: 'mrkdwn', text } }];
  if (buttons) blocks.push({ type: 'actions', block_id: 'decide', elements: [button('approve', 'Approve'), button('deny', 'Deny')] });
  return { text, blocks };
}

// ---- the app -----------------------------------------------------------------------------------------------------------

// What a small approval app does with Bolt. `seen` collects what its handlers were given.
function teach(app, seen) {
  app.command('/passcode', async ({ command, ack, respond, client }) => {
    seen.commands.push(command);
    if (command.text === 'help') return ack('how to use it');
    if (command.text === 'late') return undefined;
    await ack();
    if (command.text === 'ping') return undefined;
    const posted = await client.chat.postMessage({
      channel: command.channel_id, ...card('Approve? 100 % & <!channel> ü'), unfurl_links: false,
      metadata: { event_type: 'reset_request', event_payload: { id: 'R-1', attempts: 2 } },
    });
    seen.posted.push(posted);
    seen.posted.push(await client.chat.postMessage({ channel: command.channel_id, thread_ts: posted.ts, text: 'asked', reply_broadcast: true }));
    return respond({ text: 'sent for approval', response_type: 'ephemeral' });
  });
  app.action('approve', async ({ ack, body, action, respond, client }) => {
    await ack();
    seen.actions.push({ body, action });
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, ...card('approved', false) });
    await respond({ text: 'you approved', replace_original: false, response_type: 'ephemeral' });
  });
  app.action('deny', async ({ ack, body, client }) => {
    await ack();
    seen.opened.push(await client.views.open({ trigger_id: body.trigger_id, view: { ...FORM, private_metadata: body.message.ts } }));
  });
  app.view('deny_form', async ({ ack, view, client }) => {
    const why = view.state.values.why.text.value;
    if (why.length < 5) return ack({ response_action: 'errors', errors: { why: 'say a little more' } });
    await ack();
    seen.views.push(view);
    return client.chat.postMessage({ channel: CHANNEL, thread_ts: view.private_metadata, text: `denied: ${why}` });
  });
  app.event('app_mention', async ({ event, client }) => {
    const user = await client.users.info({ user: event.user });
    const members = await client.conversations.members({ channel: event.channel });
    const same = await client.users.lookupByEmail({ email: user.user.profile.email });
    const group = await client.usergroups.users.list({ usergroup: 'S0APPROVERS' });
    seen.mentions.push({ event, user, members, same, group });
  });
  app.error(async (error) => { seen.errors.push(error); });
}

let going = null;

async function started(packageName) {
  const { App, LogLevel } = need(packageName);
  const world = new World({ sandbox: ['--fast'] });
  // also when the program is ended from outside
  process.on('exit', () => {
    world.sandbox?.kill('SIGKILL');
    rmSync(world.dir, { recursive: true, force: true });
  });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));
  await world.startSandbox();
  const seen = { commands: [], posted: [], actions: [], opened: [], views: [], mentions: [], errors: [] };
  const app = new App({
    token: 'xoxb-sandbox', appToken: 'xapp-sandbox', socketMode: true, logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: `${world.url}/api/` },
  });
  teach(app, seen);
  await app.start();
  return { app, world, seen };
}

async function until(what, look, limitMs = 15000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not seen within ${limitMs} ms: ${what}`);
    await sleep(30);
  }
}

// ---- the tests ---------------------------------------------------------------------------------------------------------

// As npm verified it against the lock's checksum; nothing of ours lies in between.
function isPinned(packageName, version) {
  const folder = dirname(need.resolve(`${packageName}/package.json`));
  const { version: installed, name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(source, 'tests', 'package-lock.json'), 'utf8'));
  assert.equal(name, '@slack/bolt');
  assert.equal(packages[`node_modules/${packageName}`].version, installed);
  assert.equal(installed.split('.')[0], version);
}

async function slash({ world, seen }) {
  const act = await world.types('U0HANNA', 'reset adele@contoso.com locked');
  assert.equal(act.state, 'acked');
  const command = seen.commands.at(-1);
  assert.equal(command.command, '/passcode');
  assert.equal(command.user_id, 'U0HANNA');
  assert.equal(command.team_id, 'T0SANDBOX');
  assert.equal(command.channel_id, CHANNEL);
  assert.match(command.text, /^reset <mailto:adele@contoso\.com\|adele@contoso\.com> locked$/);
  assert.match(command.trigger_id, /^\d+\.\d+\.[0-9a-f]+$/);
  const shown = await world.waitSees('U0AUDRA', 'Approve? 100 %', 15000, 'channel');
  assert.deepEqual(World.buttons(shown).map((b) => b.value), ['approve-1', 'deny-1']);
  const reply = await world.waitSees('U0AUDRA', 'asked', 15000, 'thread');
  assert.equal(reply.thread_ts, shown.ts);
  const answer = await world.waitSees('U0HANNA', 'sent for approval', 15000, 'private');
  assert.equal(answer.only_for, 'U0HANNA');
  assert.ok(!(await world.sees('U0ARVID')).all.some((m) => m.kind === 'private'));
}

async function replyShape({ seen, app }) {
  const [posted] = seen.posted;
  assert.equal(posted.ok, true);
  assert.equal(posted.channel, CHANNEL);
  assert.match(posted.ts, /^\d+\.\d{6}$/);
  assert.equal(posted.message.bot_id, 'B0RESETBOT');
  // the clients read these from the headers
  assert.ok(posted.response_metadata.scopes.includes('chat:write'));
  assert.deepEqual(posted.response_metadata.acceptedScopes, ['chat:write']);
  const history = await app.client.conversations.history({ channel: CHANNEL, include_all_metadata: true, limit: 5 });
  const found = history.messages.find((message) => message.ts === posted.ts);
  assert.deepEqual(found.metadata, { event_type: 'reset_request', event_payload: { id: 'R-1', attempts: 2 } });
  const replies = await app.client.conversations.replies({ channel: CHANNEL, ts: posted.ts });
  assert.deepEqual(replies.messages.map((m) => m.text.slice(0, 8)), ['Approve?', 'asked']);
}

async function textAck({ world }) {
  const act = await world.types('U0HENRY', 'help');
  assert.equal(act.state, 'acked');
  assert.equal((await world.waitSees('U0HENRY', 'how to use it', 5000, 'private')).only_for, 'U0HENRY');
}

async function noAck({ world }) {
  const act = await world.types('U0HENRY', 'late');
  assert.equal(act.state, 'failed');
  assert.match(act.error, /operation_timeout/);
}

async function button({ world, seen }) {
  const act = await world.presses('U0ARVID', 'Approve', { part: 'Approve? 100 %' });
  assert.equal(act.state, 'acked');
  const shown = await world.waitSees('U0AUDRA', /^approved$/, 15000, 'channel');
  assert.equal(shown.ts, seen.posted[0].ts);
  assert.deepEqual(World.buttons(shown), []);
  await world.waitSees('U0ARVID', 'you approved', 15000, 'private');
  const { body, action } = seen.actions[0];
  assert.equal(body.user.id, 'U0ARVID');
  assert.equal(body.team.id, 'T0SANDBOX');
  assert.equal(body.container.message_ts, shown.ts);
  assert.equal(action.value, 'approve-1');
}

async function form({ world, seen }) {
  await world.types('U0HANNA', 'reset adele@contoso.com');
  await world.presses('U0AGNES', 'Deny', { part: 'Approve? 100 %' });
  const view = await world.waitView('U0AGNES', 'Why?');
  assert.equal((await until('the answer of views.open', () => seen.opened[0])).view.id, view.id);
  const submit = async (why) => {
    const { id } = await world.post('submit', { user: 'U0AGNES', values: { why } });
    return world.get(`act?id=${id}&wait_ms=10000`);
  };
  await submit('no');
  const refused = await world.waitView('U0AGNES', 'say a little more');
  assert.deepEqual(refused.errors, { why: 'say a little more' });
  assert.equal((await submit('not the owner')).state, 'acked');
  const line = await world.waitSees('U0AUDRA', 'denied: not the owner', 15000, 'thread');
  assert.equal(line.thread_ts, seen.views[0].private_metadata);
  assert.equal((await world.sees('U0AGNES')).view, null);
}

async function mention({ world, seen }) {
  await world.post('say', { user: 'U0HANNA', channel: CHANNEL, text: '<@U0RESETBOT> who is here?' });
  const { event, user, members, same, group } = await until('app_mention', () => seen.mentions[0]);
  assert.equal(event.user, 'U0HANNA');
  assert.equal(user.user.profile.email, 'hanna@contoso.com');
  assert.equal(same.user.id, 'U0HANNA');
  assert.ok(members.members.includes('U0ARVID'));
  assert.deepEqual([...group.users].sort(), ['U0AGNES', 'U0ARVID']);
}

async function tooMany({ app, world }) {
  const before = await world.lastNumber();
  await world.fault('slack.chat.postMessage.429', 1);
  const begin = Date.now();
  const posted = await app.client.chat.postMessage({ channel: CHANNEL, text: 'after a pause' });
  assert.equal(posted.ok, true);
  assert.ok(Date.now() - begin >= 1000, 'Retry-After was read');
  const { entries } = await world.get(`journal?after=${before}&kind=api`);
  assert.deepEqual(entries.map((e) => [e.method, e.status]), [['chat.postMessage', 429], ['chat.postMessage', 200]]);
}

// The client leaves the connection, waits 5 s by itself, and is there again.
const survives = (reason) => async ({ world }) => {
  const before = await world.lastNumber();
  const fresh = world.journal('hello', before, 20000);
  await world.post('refresh', { reason, which: 'all' });
  assert.equal((await world.journal('close_frame', before, 5000)).code, 1000);
  await fresh;
  assert.equal((await world.types('U0HANNA', 'ping')).state, 'acked');
};

async function stops({ app, world, seen }) {
  const before = await world.lastNumber();
  await world.settings({ tcp_after_close_ms: 100 });
  await app.stop();
  assert.equal((await world.journal('close_frame', before, 5000)).code, 1000);
  assert.deepEqual(seen.errors, []);
  const trouble = ['ack_unknown', 'ack_invalid', 'ack_again', 'ack_late', 'event_lost'];
  const { entries } = await world.get('journal?after=0');
  assert.deepEqual(entries.filter((entry) => trouble.includes(entry.kind)), []);
  assert.deepEqual(entries.filter((entry) => entry.kind === 'api' && entry.error && entry.error !== 'ratelimited'), []);
  await world.stop();
}

// Plays all of it with one app: each test goes on where the one before it ended. version: the first number of the package's.
export async function playBolt(packageName, version) {
  try {
    need.resolve(packageName);
  } catch {
    console.log('the packages of tests/package.json are missing: run tests/setup');
    process.exit(77);
  }
  const on = (test) => async () => test(await (going ||= started(packageName)));
  await run({
    'the package is the pinned one': () => isPinned(packageName, version),
    'a slash command is acked, posts blocks, a thread line and a private answer': on(slash),
    'replies have the shape that the client reads': on(replyShape),
    'an ack with a text is shown to the typist': on(textAck),
    'a command without an ack fails after three seconds': on(noAck),
    'a button is acked and its message edited': on(button),
    'a form opens, is refused with an error, is taken': on(form),
    'a mention arrives, people and groups can be read': on(mention),
    'a call answered 429 is made again after Retry-After': on(tooMany),
    'refresh_requested is survived': on(survives('refresh_requested')),
    'warning is survived': on(survives('warning')),
    'stopping closes the connection with 1000': on(stops),
  });
}
