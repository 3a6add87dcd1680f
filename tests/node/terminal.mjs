// terminal.mjs - what the subcommands print: to a pipe, to a terminal (script(1) makes one), and for tools. No packages.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Skipped, World, build, run } from '../sandbox/people.mjs';

const PROGRAM = resolve(build, 'resetbot');
const NASTY = '日本 \u001b[2J\u202e\u009b31m🔒 e\u0301 \u0007<b>';
const SHOWN = '日本 [2J31m🔒 e\u0301 <b>'; // as it is shown: nothing that a terminal would obey

function collect(command, args, env) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TERM: 'xterm', ...env } });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (data) => { out[name] += data; });
    }
    child.on('close', (code) => done({ ...out, code }));
  });
}

const piped = (args, env = {}) => collect(PROGRAM, args, env);

// On a terminal of so many columns; both outputs are one there.
async function shown(args, columns, env = {}) {
  if (!existsSync('/usr/bin/script')) throw new Skipped('script(1) is not there');
  const line = `stty cols ${columns} rows 24 -onlcr; exec '${PROGRAM}' ${args.map((one) => `'${one}'`).join(' ')}`;
  return collect('script', ['-qec', line, '/dev/null'], { TERM: 'xterm', NO_COLOR: '', ...env });
}

// Cells of a text as a terminal counts them, for the characters used here.
function cells(text) {
  let n = 0;
  for (const char of text) {
    const code = char.codePointAt(0);
    if (code >= 0x300 && code < 0x370) continue;
    n += (code >= 0x2e80 && code < 0xa4d0) || (code >= 0xac00 && code < 0xd7a4) || code >= 0x1f300 ? 2 : 1;
  }
  return n;
}

const plain = (text) => text.replace(/\u001b\[[0-9;]*[mK]/g, '');
const inert = (text) => assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(text), JSON.stringify(text));

let world;
const config = () => ['--config', join(world.dir, 'resetbot.yaml')];

// One open request and one draft, asked by somebody with a nasty name; the bot is gone again.
async function begin() {
  world = await new World({ sandbox: ['--fast'] }).start();
  await world.post('user', { id: 'U0HANNA', fields: { real_name: NASTY, profile: { real_name: NASTY } } });
  await world.post('device', { id: 'F2LXK4QQ4F2K', fields: { model: `${NASTY} ${'long '.repeat(20)}end` } });
  const id = await world.asks('U0HANNA', 'reset F2LXK4QQ4F2K locked out after the update INC0012345');
  await world.waitCard(id, 'waiting for 1 approval');
  await world.types('U0HENRY', 'reset adele@contoso.com forgotten');
  await world.stopBot();
}

// ---- people ------------------------------------------------------------------------------------------------------------

async function alignedInAPipe() {
  const { stdout, stderr, code } = await piped(['status', ...config()]);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0], /^REQUEST +STATE +SINCE +DEVICE +WITH$/);
  assert.equal(lines.length, 3);
  inert(stdout);
  assert.ok(stdout.includes(`${SHOWN} ${'long '.repeat(20)}end`), 'a text is cut in a pipe');
  const at = (line, part) => cells(line.slice(0, line.indexOf(part)));
  const asked = at(lines[0], 'WITH');
  const pending = lines.find((one) => one.includes('pending'));
  assert.equal(cells(lines.find((one) => one.includes('draft')).replace(/Henry Ek$/, '')), asked);
  assert.equal(cells(pending.slice(0, pending.lastIndexOf(SHOWN))), asked);
}

async function cutOnATerminal() {
  for (const columns of [60, 80, 120]) {
    const { stdout, code } = await shown(['status', ...config()], columns);
    assert.equal(code, 0);
    const lines = plain(stdout).trimEnd().split('\n');
    assert.equal(lines.length, 3, stdout);
    for (const line of lines) assert.ok(cells(line) <= columns, `${columns}: ${line}`);
    assert.ok(plain(stdout).includes('…'));
    assert.match(plain(stdout), /R-\w{4}/);
    inert(plain(stdout));
  }
}

async function wrappedOnATerminal() {
  const { stdout } = await shown(['audit', ...config()], 80);
  const lines = plain(stdout).trimEnd().split('\n');
  for (const line of lines.slice(0, -1)) assert.ok(cells(line) <= 80, line);
  inert(plain(stdout));
  const whole = (await piped(['audit', '--json', ...config()])).stdout.trimEnd().split('\n').map((line) => JSON.parse(line)).find((one) => one.kind === 'asked').text;
  const words = (text) => text.split(/\s+/).filter(Boolean);
  const seen = new Set(words(plain(stdout)));
  for (const word of words(whole)) assert.ok(seen.has(word), `${word} of the record is not shown`);
}

async function colour() {
  const coloured = await shown(['status', ...config()], 80);
  assert.ok(coloured.stdout.includes('\u001b[33mpending\u001b[0m'), JSON.stringify(coloured.stdout));
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { TERM: '' }]) {
    const { stdout } = await shown(['status', ...config()], 80, env);
    assert.ok(!stdout.includes('\u001b'), `${JSON.stringify(env)}: ${JSON.stringify(stdout)}`);
    assert.equal(stdout, plain(coloured.stdout), 'colour is the only difference');
  }
  assert.ok(!(await piped(['status', ...config()])).stdout.includes('\u001b'));
  const empty = await shown(['status', ...config()], 80, { NO_COLOR: '' }); // no-color.org: "not an empty string"
  assert.ok(empty.stdout.includes('\u001b['));
}

async function faultsAreInert() {
  world.file('bad.yaml', `chat: {slack: {"a\\e[2J\\u202eb": 1}}\n`);
  const { stderr, code } = await piped(['check-config', '--config', join(world.dir, 'bad.yaml')]);
  assert.equal(code, 2);
  assert.match(stderr, /a\[2Jb/);
  inert(stderr);
  const path = await piped(['check-config', '--config', '/nowhere\u001b[2J\u202e.yaml']);
  assert.equal(path.code, 2);
  inert(path.stderr);
  const typed = await piped(['sta\u001b[2Jtus\u202e']);
  assert.equal(typed.code, 2);
  inert(typed.stderr);
}

// ---- tools --------------------------------------------------------------------------------------------------------------

const rows = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

async function jsonKeys() {
  const status = await piped(['status', '--json', ...config()]);
  inert(status.stdout);
  for (const row of rows(status.stdout)) {
    assert.deepEqual(Object.keys(row), ['id', 'state', 'since', 'device_id', 'model', 'requester']);
    assert.match(row.since, ISO);
  }
  assert.deepEqual(rows(status.stdout).map((row) => row.state).sort(), ['draft', 'pending']);
  const audit = await piped(['audit', '--json', ...config()]);
  inert(audit.stdout);
  const all = rows(audit.stdout);
  for (const row of all.slice(0, -1)) {
    assert.deepEqual(Object.keys(row), ['seq', 'at', 'at_utc_ms', 'request', 'kind', 'team', 'user', 'who_name', 'text', 'hash', 'is_linked']);
    assert.match(row.at, ISO);
  }
  assert.deepEqual(Object.keys(all.at(-1)), ['chain', 'records', 'head']);
  const check = await piped(['check-config', '--json', ...config()]);
  assert.equal(check.stderr, '');
  const [good] = rows(check.stdout);
  assert.deepEqual(Object.keys(good), ['ok', 'file', 'policy', 'policy_version', 'faults']);
  assert.equal(good.ok, true);
  assert.match(good.policy_version, /^[0-9a-f]{16}$/);
  world.file('bad.yaml', 'chat: {slackk: 1}\n');
  const bad = await piped(['check-config', '--json', '--config', join(world.dir, 'bad.yaml')]);
  assert.equal(bad.code, 2);
  const [told] = rows(bad.stdout);
  assert.equal(told.ok, false);
  assert.equal(told.policy_version, null);
  assert.ok(told.faults.length > 1);
  for (const fault of told.faults) assert.deepEqual(Object.keys(fault), ['level', 'file', 'line', 'col', 'text']);
  assert.match(told.faults.find((one) => one.text.includes('slackk')).text, /did you mean chat\.slack\?/);
  const [version] = rows((await piped(['version', '--json'])).stdout);
  assert.deepEqual(Object.keys(version), ['name', 'version']);
  assert.equal((await piped(['version'])).stdout, `resetbot ${version.version}\n`);
}

// What --help says of --json is what is printed.
async function helpNamesTheKeys() {
  const printed = { status: (await piped(['status', '--json', ...config()])).stdout, audit: (await piped(['audit', '--json', ...config()])).stdout,
    'check-config': (await piped(['check-config', '--json', ...config()])).stdout, version: (await piped(['version', '--json'])).stdout };
  for (const [name, text] of Object.entries(printed)) {
    const { stdout, code } = await piped([name, '--help']);
    assert.equal(code, 0);
    for (const key of new Set(rows(text).flatMap((row) => Object.keys(row)))) assert.match(stdout, new RegExp(`\\b${key}\\b`), `${name} --help does not name ${key}`);
  }
}

// ---- words and exit codes ------------------------------------------------------------------------------------------------

async function exitCodes() {
  const is = async (args, code, part) => {
    const said = await piped(args);
    assert.equal(said.code, code, `${args}: ${said.stderr}`);
    if (part) assert.match(said.stderr, part, args.join(' '));
    if (code) assert.equal(said.stdout, '', args.join(' '));
  };
  await is(['--help'], 0);
  await is(['help'], 0);
  await is([], 2, /^resetbot: reset device passcodes[^]*usage: /);
  await is(['frobnicate'], 2, /^resetbot: there is no subcommand frobnicate: resetbot --help lists them\n$/);
  await is(['staus'], 2, /^resetbot: there is no subcommand staus: did you mean status\? /);
  await is(['chekc-config'], 2, /did you mean check-config\?/);
  await is(['docter'], 2, /did you mean doctor\?/);
  await is(['status', '--jsn'], 2, /^resetbot: status takes no option --jsn: did you mean --json\? resetbot status --help lists what it takes\n$/);
  await is(['audit', '--confg', 'x'], 2, /did you mean --config\?/);
  await is(['status', '--secrets'], 2, /status takes no option --secrets: resetbot status --help/);
  await is(['version', '--config', 'x'], 2, /version takes no option --config/);
  await is(['status', '--json=yes'], 2, /status takes no value with --json/);
  await is(['status', '-x'], 2, /status takes no option -x/);
  await is(['status', '--config'], 2, /--config needs a value/);
  await is(['status', 'R-1'], 2, /status takes no word R-1/);
  await is(['audit', 'R-1', 'R-2'], 2, /audit takes no word R-2/);
  await is(['init', 'polisy'], 2, /did you mean policy\?/);
  await is(['status', '--config', '/nowhere.yaml'], 2, /^\/nowhere\.yaml: cannot be opened/);
  await is(['status', `--config=${world.file('none.yaml', readFileSync(join(world.dir, 'resetbot.yaml'), 'utf8').replace('sqlite:resetbot.db', 'sqlite:none.db'))}`], 2, /^resetbot: .*none\.db cannot be opened/);
  for (const args of [['status', ...config()], ['audit', ...config()], ['version'], ['check-config', ...config()], ['init']]) {
    const full = await collect('sh', ['-c', `exec "$@" >/dev/full`, 'sh', PROGRAM, ...args], {});
    assert.equal(full.code, 1, `${args}: a full disk is no success`);
    assert.match(full.stderr, /^resetbot: .* cannot be written( out)?: .*look at where/);
  }
}

// A value that is no option of ours may be a secret.
async function noValueIsRepeated() {
  const { stderr } = await piped(['status', '--tokken=xoxb-very-secret']);
  assert.match(stderr, /--tokken/);
  assert.ok(!stderr.includes('very-secret'), stderr);
}

// ---- progress ------------------------------------------------------------------------------------------------------------

// Long work says how far it is, on one line that is gone at the end. (Of audit: unit/audit_print_test.c.)
async function progress() {
  const loud = await shown(['doctor', ...config()], 80);
  assert.match(loud.stdout, /\r\u001b\[Kasking Slack about channels\r\u001b\[K/);
  assert.match(loud.stdout, /\r\u001b\[K(\u001b\[1m)?RESULT/, 'the line is not taken away');
  for (const line of plain(loud.stdout.slice(loud.stdout.indexOf('RESULT'))).trimEnd().split('\n')) assert.ok(cells(line) <= 80, line);
  assert.equal((await piped(['doctor', ...config()])).stderr, '');
  assert.ok(!(await shown(['doctor', ...config()], 80, { TERM: 'dumb' })).stdout.includes('asking'));
}

await begin();
await run({
  a_table_is_aligned_and_whole_in_a_pipe: alignedInAPipe,
  a_table_is_cut_to_the_terminal: cutOnATerminal,
  the_record_is_wrapped_on_a_terminal_and_loses_no_word: wrappedOnATerminal,
  colour_is_for_terminals_that_want_it_and_says_nothing_alone: colour,
  S7_faults_and_typed_words_are_inert: faultsAreInert,
  json_has_the_same_keys_always: jsonKeys,
  help_names_the_keys_of_json: helpNamesTheKeys,
  exit_codes_and_the_nearest_word: exitCodes,
  S6_the_value_of_an_unknown_option_is_not_repeated: noValueIsRepeated,
  progress_is_for_terminals_alone: progress,
}, () => world.stop());
