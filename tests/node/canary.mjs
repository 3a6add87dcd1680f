// canary.mjs - planted secrets in the Android story, with the program that is installed (S6, issue "Proof" 9). A temporary
// passcode is in the one form that shows it, and nowhere else; tokens and the client secret are in their own files alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { World, build, device, run, sleep } from '../sandbox/people.mjs';
import { filesBelow, forms, inFiles, inMemory, isIn, mayReadMemory, pieces } from './lib_secrets.mjs';

const PIXEL = device('02');
// signs that JSON, URLs and Slack each write in their own way; the rest is long enough to be found by parts
const CODE = 'Zq7"\\&é%XkW4vQ9mTr2LpB8dHs5G';
const SECRETS = {
  appToken: 'xapp-1-A0RESETBOT-Canary7Qw3Zx9Kv5Nm1',
  botToken: 'xoxb-77001234-Canary8Lp2Yt6Gh4Rf0',
  credential: 'Cn~8Q"é\\%&+/=canary_Vb3Jk7Wd5Xs9',
};
// how long Slack takes to answer while the memory is looked at
const SLOW_MS = 2000;
const OWN_FILE = { appToken: 'app-token', botToken: 'bot-token', credential: 'credential' };
// how a code is spelled out, sign by sign: words that follow a sign and nothing else, and how its own signs begin
const SPELLED = [' = capital ', ' = small ', ' = digit ', ' = the sign itself',
  ...[...CODE].map((sign) => `${sign} = ${/[A-Z]/.test(sign) ? 'capital' : /[a-z]/.test(sign) ? 'small' : /[0-9]/.test(sign) ? 'digit' : 'the sign'}`)]
  .map((text) => Buffer.from(text));

class CanaryWorld extends World {
  constructor(options = {}) {
    super({
      program: 'resetbot', log: 'debug', secrets: SECRETS,
      // the first poll, 5 s after the POST, sees the action pending and already with its code; the next one sees it done
      settings: { device_checkin_ms: 6500, device_active_ms: 100, graph_passcode_early: 1 },
      ...options,
      sandbox: ['--fast', '--bot-token', SECRETS.botToken, '--app-token', SECRETS.appToken, ...(options.sandbox || [])],
    });
  }

  async startSandbox() {
    await super.startSandbox();
    await this.post('app_entra', { secret: SECRETS.credential });
    await this.post('passcode', { device: PIXEL, text: CODE });
    return this;
  }

  // A second later no byte of the code is left.
  async forgot(what) {
    if (!mayReadMemory(this.bot.pid)) {
      console.log(`note ${what}: memory was not looked at, which only root may`);
      return;
    }
    await sleep(1000);
    const left = inMemory(this.bot.pid, [...pieces(CODE), ...SPELLED]);
    assert.deepEqual(left, [], `${what}: memory of the bot holds the code in ${left.length} places`);
  }

  async poll(after) {
    return this.journal('graph.call', after, 30000, (call) => call.operation === 'get' && call.path.endsWith(PIXEL));
  }
}

async function toDone(world) {
  const id = await world.asks('U0HENRY', 'reset adele@contoso.com "forgot the work profile code" INC0012399', { pick: 'Choose …03QP', lock: 'work_profile' });
  await world.waitCard(id, 'waiting for 1 approval');
  await world.presses('U0AGNES', 'Approve', { part: id });
  const posted = await world.journal('graph.reset', 0);
  await world.poll(posted.n);
  await world.forgot('after a poll that held the code');
  await world.waitCard(id, 'done: Intune reports', 40000);
  await world.forgot('after the poll that said done');
  return id;
}

// The code is there while Slack takes its time to answer, which shows that looking finds it; then it is gone.
async function show(world, id, times) {
  const before = await world.lastNumber();
  await world.fault('slack.views.update.slow', SLOW_MS);
  await world.presses('U0HENRY', 'Show', { part: id });
  const read = await world.journal('graph.call', before, 15000, (call) => call.path.endsWith(PIXEL));
  const view = await world.waitView('U0HENRY', 'Read it aloud');
  assert.ok(isIn(CODE, JSON.stringify(view)), 'the form does not show the code');
  const returned = Date.now() + SLOW_MS;
  if (mayReadMemory(world.bot.pid)) {
    assert.ok(inMemory(world.bot.pid, pieces(CODE)).length, `the code was not found in memory although it was on its way (${read.how})`);
  }
  await sleep(returned - Date.now());
  await world.forgot(`after showing ${times}`);
  await world.post('close_view', { user: 'U0HENRY' });
}

// ---- where it may be --------------------------------------------------------------------------------------------------

function assertNoFileHolds(world, text, own) {
  assert.deepEqual(inFiles(world.dir, text).map((path) => path.slice(world.dir.length + 1)), own ? [own] : []);
}

async function assertOnlyTheFormHolds(world) {
  const { entries } = await world.get('journal?after=0');
  const holders = new Set(entries.filter((entry) => isIn(CODE, JSON.stringify(entry))).map((entry) => `${entry.kind} ${entry.method || ''}`.trim()));
  holders.delete('api views.update');
  holders.delete('view_update');
  assert.deepEqual([...holders], []);
  for (const user of ['U0HANNA', 'U0HENRY', 'U0ARVID', 'U0AGNES', 'U0AUDRA', 'U0ADMIN', 'U0ADELE']) {
    const state = await world.get(`state?user=${user}`);
    assert.ok(!isIn(CODE, JSON.stringify(state)), `${user} still sees the code`);
  }
  let heading = '';
  for (const line of (await world.transcript()).split('\n')) {
    if (/^\S/.test(line)) heading = line;
    if (isIn(CODE, line)) assert.match(heading, /form "Temporary passcode" \(only henry sees this\)/);
  }
  assert.ok(!isIn(CODE, await world.transcript('?private=0')));
}

// How each access token of the sandbox's Entra begins: its header and the first claims.
async function accessToken(world) {
  const form = { client_id: '22222222-2222-4222-8222-222222222222', scope: `${world.url}/.default`, grant_type: 'client_credentials', client_secret: SECRETS.credential };
  const reply = await fetch(`${world.url}/contoso.com/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = await reply.json();
  return token.slice(0, 40);
}

async function assertTokensStay(world) {
  const seen = JSON.stringify(await world.get('journal?after=0')) + await world.transcript();
  for (const [name, text] of Object.entries(SECRETS)) {
    assertNoFileHolds(world, text, OWN_FILE[name]);
    assert.ok(!isIn(text, seen), `${name} was sent somewhere`);
  }
  assertNoFileHolds(world, await accessToken(world));
  assertNoFileHolds(world, 'Bearer ');
}

const files = async (world) => {
  assertNoFileHolds(world, CODE);
  for (const words of SPELLED) assertNoFileHolds(world, words.toString());
  await assertTokensStay(world);
};

async function story(options) {
  const world = new CanaryWorld(options);
  try {
    await world.start();
    const id = await toDone(world);
    await show(world, id, 'once');
    await show(world, id, 'twice');
    await files(world); // with the store open: its write-ahead log counts too
    const name = `/proc/${world.bot.pid}`;
    for (const text of [CODE, ...Object.values(SECRETS)]) {
      assert.ok(!isIn(text, readFileSync(`${name}/cmdline`, 'utf8')));
      if (mayReadMemory(world.bot.pid)) assert.ok(!isIn(text, readFileSync(`${name}/environ`, 'utf8')));
    }
    await assertOnlyTheFormHolds(world);
    assert.equal(await world.stopBot(), 0);
    await files(world);
  } finally {
    await world.stop();
  }
}

// ---- the process ------------------------------------------------------------------------------------------------------

const NOBODY = 65534;
const owner = (pid) => statSync(`/proc/${pid}/maps`).uid;

// Runs the words behind it in the world's folder, as an ordinary user: to root everything belongs anyway.
function asOrdinary(world) {
  const user = process.getuid() === 0 ? `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups` : '';
  return ['sh', '-c', `cd "$0" && exec ${user} "$@"`, world.dir];
}

// That user may not get at the folder of the build, but at a copy.
async function startOrdinary(world) {
  await world.startSandbox();
  world.writeConfig();
  const program = join(world.dir, 'resetbot');
  copyFileSync(join(build, 'resetbot'), program);
  chmodSync(program, 0o755);
  if (process.getuid() === 0) [world.dir, ...filesBelow(world.dir)].forEach((path) => chownSync(path, NOBODY, NOBODY));
  world.options.program = program;
  world.options.wrap = asOrdinary(world);
  await world.startBot();
}

async function nothingIsDumped() {
  const world = new CanaryWorld({ settings: {} });
  try {
    await startOrdinary(world);
    const { pid } = world.bot;
    assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
    const [command, ...words] = asOrdinary(world);
    const other = spawn(command, [...words, 'sleep', '30'], { stdio: 'ignore' });
    await sleep(200);
    const ordinary = owner(other.pid);
    other.kill();
    assert.equal(ordinary, process.getuid() || NOBODY, 'an ordinary process belongs to its user');
    assert.equal(owner(pid), 0, 'others of the same user may read its memory');
    world.bot.kill('SIGSEGV');
    assert.equal(await world.botEnded, 'SIGSEGV');
    assert.deepEqual(readdirSync(world.dir).filter((name) => /core/.test(name)), []);
    world.bot = null;
    rmSync(join(world.dir, 'resetbot'));
    await files(world);
  } finally {
    await world.stop();
  }
}

// Late binding saves registers, with what memcpy moved last, on the stack.
async function everythingIsBound() {
  const world = new CanaryWorld({ settings: {}, env: { LD_BIND_NOW: undefined } });
  try {
    await world.start();
    if (mayReadMemory(world.bot.pid)) assert.match(readFileSync(`/proc/${world.bot.pid}/environ`, 'utf8'), /(^|\0)LD_BIND_NOW=1\0/);
  } finally {
    await world.stop();
  }
}

// Most of a story is waiting for Graph's polls, so both are told at once.
let told = null;
function stories() {
  told ||= [story({}), story({ sandbox: ['--tls'], slack: 'good', graph: 'good' })].map((each) => each.then(() => null, (error) => error));
  return Promise.all(told);
}
const ofStory = (n) => async () => {
  const error = (await stories())[n];
  if (error) throw error;
};

await run({
  S6_a_core_is_not_written_and_memory_not_lent: nothingIsDumped,
  S6_library_calls_are_bound_at_the_start: everythingIsBound,
  S6_a_shown_code_is_in_the_form_and_nowhere_else: ofStory(0),
  S6_nor_is_it_over_TLS: ofStory(1),
});
