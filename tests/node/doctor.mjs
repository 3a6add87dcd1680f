// doctor.mjs - `resetbot doctor` against the sandbox: each thing that can be wrong is found and said, nothing else; and it leaves no
// trace. No packages.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { Skipped, World, build, run, source } from '../sandbox/people.mjs';

const SECRETS = ['xapp-sandbox', 'xoxb-sandbox', 'sandbox-secret'];
const NAMES = ['config', 'policy', 'languages', 'secrets', 'store', 'disk', 'names', 'slack_bot_token', 'slack_scopes', 'slack_app_token',
  'slack_channels', 'slack_people', 'entra_token', 'graph_roles', 'graph_devices', 'entra_people', 'clock'];

// The program as a person starts it: its two outputs and its exit code.
function program(args, env = {}) {
  return new Promise((done) => {
    const child = spawn(resolve(build, 'resetbot'), args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => { out[name] += data; });
    child.on('close', (code) => done({ ...out, code }));
  });
}

async function doctor(world, env, usable = true) {
  const said = await program(['doctor', '--json', '--config', join(world.dir, 'resetbot.yaml')], env);
  for (const secret of SECRETS) assert.ok(!(said.stdout + said.stderr).includes(secret), `${secret} is shown: ${said.stdout}`);
  const report = JSON.parse(said.stdout);
  assert.equal(said.stdout.split('\n').length, 2, 'one document on one line');
  assert.equal(said.stderr, '');
  assert.deepEqual(Object.keys(report), ['ok', 'at', 'checks']);
  assert.match(report.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(report.checks.map((one) => one.name), NAMES);
  for (const one of report.checks) {
    assert.deepEqual(Object.keys(one), ['name', 'result', 'found', 'fix']);
    assert.ok(['ok', 'failed', 'skipped'].includes(one.result) && one.found.length > 0 && (one.fix === null || one.fix.length > 0), JSON.stringify(one));
  }
  assert.equal(report.ok, !report.checks.some((one) => one.result === 'failed'));
  assert.equal(said.code, !usable ? 2 : report.ok ? 0 : 1);
  return Object.fromEntries(report.checks.map((one) => [one.name, one]));
}

const failed = (checks) => Object.values(checks).filter((one) => one.result === 'failed').map((one) => one.name);
const skipped = (checks) => Object.values(checks).filter((one) => one.result === 'skipped').map((one) => one.name);

let last; // what doctor said in the newest world

// A world with a sandbox and files, whose bot does not run; change(world) spoils it. Only the checks named fail.
const finds = (names, part, { options = {}, change = async () => {}, skips = null, env = () => ({}), usable = true } = {}) => async () => {
  const world = await new World(options).startSandbox();
  try {
    world.writeConfig();
    await change(world);
    const checks = await doctor(world, env(world), usable);
    last = checks;
    assert.deepEqual(failed(checks), names, JSON.stringify(checks, null, 1));
    if (names.length) assert.match(`${checks[names[0]].found}: ${checks[names[0]].fix}`, part);
    if (skips) assert.deepEqual(skipped(checks), skips);
  } finally {
    await world.stop();
  }
};

const edit = (world, from, to, file = 'resetbot.yaml') => {
  const before = readFileSync(join(world.dir, file), 'utf8');
  assert.ok(before.includes(from), `${from} is not in ${file}`);
  world.file(file, before.replace(from, to));
};

// ---- all is well -----------------------------------------------------------------------------------------------------

async function wellAndWithoutATrace() {
  const world = await new World().startSandbox();
  try {
    world.writeConfig();
    const files = readdirSync(world.dir).sort();
    const checks = await doctor(world);
    assert.deepEqual(failed(checks), [], JSON.stringify(checks, null, 1));
    assert.deepEqual(skipped(checks), []);
    assert.match(checks.store.found, /is not there yet: the first run makes it/);
    assert.deepEqual(readdirSync(world.dir).sort(), files);
    const journal = await world.get('journal?after=0');
    const methods = new Set(journal.entries.filter((one) => one.kind === 'api').map((one) => one.method));
    const reading = ['auth.test', 'apps.connections.open', 'conversations.info', 'users.info', 'usergroups.users.list'];
    assert.deepEqual([...methods].filter((one) => !reading.includes(one)), []);
    assert.deepEqual(journal.entries.filter((one) => one.kind === 'conn_open'), [], 'a websocket was opened');
    const graph = journal.entries.filter((one) => one.kind.startsWith('graph'));
    assert.ok(graph.length > 0 && graph.every((one) => (one.method || 'GET') === 'GET'), JSON.stringify(graph));
    assert.deepEqual(await world.resets(), []);
  } finally {
    await world.stop();
  }
}

async function besideARunningBot() {
  const world = await new World().start();
  try {
    const hello = (await world.get('world')).connections?.length;
    const checks = await doctor(world);
    assert.deepEqual(failed(checks), [], JSON.stringify(checks, null, 1));
    assert.match(checks.store.found, new RegExp(`is whole; a bot is running on it \\(pid ${world.bot.pid}\\)`));
    assert.equal((await world.get('world')).connections?.length, hello);
    const id = await world.asks('U0HANNA', 'reset F2LXK4QQ4F2K locked out');
    await world.waitCard(id, 'waiting for 1 approval');
    await world.stopBot();
    const after = await doctor(world);
    assert.deepEqual(failed(after), []);
    assert.match(after.store.found, /no bot is running on it/);
  } finally {
    await world.stop();
  }
}

async function forPeople() {
  const world = await new World().startSandbox();
  try {
    world.writeConfig();
    await world.post('scopes', { bot: 'commands,chat:write,users:read,users:read.email,usergroups:read,channels:read,groups:read,channels:history,groups:history' });
    const said = await program(['doctor', '--config', join(world.dir, 'resetbot.yaml')]);
    assert.equal(said.code, 1);
    const lines = said.stdout.trimEnd().split('\n');
    assert.equal(lines.length, NAMES.length + 2);
    assert.match(lines[0], /^RESULT {2}CHECK +FOUND$/);
    assert.match(said.stdout, /^failed {2}Slack scopes +the bot token lacks: im:write: add them \(OAuth & Permissions, or the manifest\), and install the app again$/m);
    assert.match(lines.at(-1), /^16 ok, 1 failed, 0 skipped$/);
    assert.equal(said.stderr, '');
  } finally {
    await world.stop();
  }
}

// The manifest asks for no scope that doctor does not look for, and for all that it does.
async function manifestScopes() {
  const manifest = readFileSync(join(source, 'config', 'slack-manifest.yaml'), 'utf8');
  const scopes = manifest.slice(manifest.indexOf('scopes:'), manifest.indexOf('settings:')).match(/^ +- \S+$/gm).map((line) => line.trim().slice(2));
  const world = await new World().startSandbox();
  try {
    world.writeConfig();
    await world.post('scopes', { bot: scopes.join(',') });
    const checks = await doctor(world);
    assert.deepEqual(failed(checks), []);
    assert.equal(checks.slack_scopes.found, `all ${scopes.length} are there`);
  } finally {
    await world.stop();
  }
}

// ---- each thing that can be wrong --------------------------------------------------------------------------------------

const AFTER_SLACK = ['slack_scopes', 'slack_channels', 'slack_people'];
const tokens = { sandbox: ['--strict-tokens'] };

const badBotToken = finds(['slack_bot_token'], /Slack answered invalid_auth: put the Bot User OAuth Token/, {
  options: { ...tokens, secrets: { botToken: 'xoxb-another' } }, skips: AFTER_SLACK,
});
const badAppToken = finds(['slack_app_token'], /Slack answered invalid_auth: switch Socket Mode on/, {
  options: { ...tokens, secrets: { appToken: 'xapp-another' } }, skips: [],
});
const wrongKind = finds(['secrets'], /chat\.slack\.app_token is a token of another kind/, {
  options: { secrets: { appToken: 'xoxb-sandbox' } },
  skips: ['slack_bot_token', 'slack_scopes', 'slack_app_token', 'slack_channels', 'slack_people', 'entra_token', 'graph_roles', 'graph_devices', 'entra_people', 'clock'],
});
const openSecret = finds(['secrets'], /can be read by others: run chmod 600/, { change: async (world) => chmodSync(join(world.dir, 'credential'), 0o644) });
const wrongSecret = finds(['entra_token'], /Entra refused the client secret: it is wrong.*AADSTS7000215/, {
  options: { secrets: { credential: 'another-secret' } }, skips: ['graph_roles', 'graph_devices', 'entra_people'],
});
const missingRole = finds(['graph_roles'], /the token lacks: DeviceManagementManagedDevices\.PrivilegedOperations\.All: add them/, {
  change: (world) => world.post('app_entra', { roles: ['DeviceManagementManagedDevices.Read.All', 'User.Read.All'] }),
});
const slackAway = finds(['slack_bot_token', 'slack_app_token'], /no connection to 127\.0\.0\.1.*: check chat\.slack\.api_url/, {
  change: async (world) => edit(world, `api_url: ${world.url}/api/`, 'api_url: http://127.0.0.1:9/api/'), skips: AFTER_SLACK,
});
const graphAway = finds(['entra_token'], /Entra could not be reached.*: try again/, {
  change: async (world) => edit(world, `login_url: ${world.url}`, 'login_url: http://127.0.0.1:9'),
});
const noName = finds(['names', 'slack_bot_token', 'slack_app_token'], /nobody\.invalid has no address/, {
  change: async (world) => edit(world, `api_url: ${world.url}/api/`, 'api_url: https://nobody.invalid/api/'),
});
const notSlack = finds(['slack_bot_token', 'slack_app_token'], /Slack answered not_found: check chat\.slack\.api_url/, {
  change: async (world) => edit(world, '/api/', '/nowhere/api/'),
});
const clockOff = finds(['clock'], /this machine's clock is (599|600) s behind that of 127\.0\.0\.1: set the clock/, { change: (world) => world.advance(600000) });
const unknownChannel = finds(['slack_channels'], /C0NOWHERE is not there, or a private channel without the bot: mend/, {
  options: { policy: { channels: '{allowed: [C0HELPDESK], request: C0NOWHERE}' } },
});
const otherChannels = finds(['slack_channels'], /the bot is not in C0RANDOM.*; C0ARCHIVED is archived: mend/, {
  options: { policy: { channels: '{allowed: [C0HELPDESK, C0ARCHIVED, C0SHARED], request: C0RANDOM}' } },
});
const strangers = finds(['slack_people', 'entra_people'], /group S0NONE: Slack answered no_such_subteam; U0GONE is deactivated; U0GUEST is a guest/, {
  options: {
    policy: {
      roles: '{helpdesk: {groups: [S0HELPDESK, S0NONE]}, approvers: {users: [U0ARVID, U0GONE, U0GUEST]}}',
      people: '[{slack: U0HANNA, entra: 00000001-0000-4000-8000-000000000001}, {slack: U0ARVID, entra: 99999999-0000-4000-8000-000000000099}]',
    },
  },
});
const openStore = finds(['store'], /can be read by others \(mode 644\): run chmod 600/, {
  change: async (world) => { writeFileSync(join(world.dir, 'resetbot.db'), ''); chmodSync(join(world.dir, 'resetbot.db'), 0o644); },
});
// Root may read everything; the service, which is another user, may not.
const anothersFile = (end) => finds(['store'], new RegExp(`resetbot\\.db${end.replace('.', '\\.')} belongs to user 4321, but its folder to user 0: give it`), {
  change: async (world) => {
    if (process.getuid() !== 0) throw new Skipped('only root can give a file away');
    chownSync(world.file(`resetbot.db${end}`, ''), 4321, 4321);
  },
});

// Secrets as credentials from a folder that stands in for systemd's.
const credentials = (names, part, folderMode, fileMode) => finds(names, part, {
  env: (world) => ({ CREDENTIALS_DIRECTORY: join(world.dir, 'credentials') }),
  change: async (world) => {
    mkdirSync(join(world.dir, 'credentials'), { mode: 0o700 });
    for (const name of ['app-token', 'bot-token', 'credential']) {
      world.file(join('credentials', name), readFileSync(join(world.dir, name), 'utf8'));
      edit(world, `file:${name}`, `credential:${name}`);
    }
    chmodSync(join(world.dir, 'credentials', 'bot-token'), fileMode);
    chmodSync(join(world.dir, 'credentials'), folderMode);
  },
});
const halfAKey = finds(['store'], /resetbot\.db\.approval-key is no key of 32 bytes: restore it/, { change: async (world) => world.file('resetbot.db.approval-key', 'short') });
const notAStore = finds(['store'], /./, { change: async (world) => world.file('resetbot.db', 'this is no database, but it is longer than the header of one'.repeat(20)) });
const noFolder = finds(['store'], /No such file or directory: make the folder/, {
  change: async (world) => edit(world, 'sqlite:resetbot.db', 'sqlite:/nowhere-at-all/resetbot.db'), skips: ['disk'],
});
const openPolicy = finds(['policy'], /can be changed by others: let only its owner write to it/, { change: async (world) => chmodSync(join(world.dir, 'policy.yaml'), 0o666) });
const badPolicy = finds(['policy'], /resetbot check-config names all 2 faults/, {
  change: async (world) => world.file('policy.yaml', 'approvals: none\nfrozen: perhaps\n'), skips: ['slack_channels', 'slack_people', 'entra_people'],
  usable: false,
});
const noConfig = finds(['config'], /resetbot\.yaml:1:1: chatt is not a known key: did you mean chat\? \(resetbot check-config names all 3 faults\)/, { change: async (world) => edit(world, 'chat:', 'chatt:'), skips: NAMES.slice(1), usable: false });
const noLanguage = finds(['languages'], /there is no language xx/, { options: { config: 'language: xx\n' } });

// A server in another's place, which answers what answer(path, token) gives it; key is the configuration's line that leads to it.
const elsewhere = (names, part, answer, { key = 'api_url', options = {}, skips = null } = {}) => async () => {
  const server = createServer((request, reply) => {
    const token = (request.headers.authorization || '').slice(7);
    reply.setHeader('content-type', 'application/json');
    reply.setHeader('x-oauth-scopes', token);
    reply.end(JSON.stringify(answer(request.url, token)));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    await finds(names, part, { options, skips, change: async (world) => edit(world, `${key}: ${world.url}`, `${key}: http://127.0.0.1:${server.address().port}`) })();
  } finally {
    server.close();
    server.closeAllConnections();
  }
};

const echo = elsewhere(['slack_bot_token', 'slack_app_token'], /an answer that holds a secret, and is not shown/, (path, token) => ({ ok: false, error: token }));

// As long as Slack's own, which do not fit whole where its words are kept.
const long = (kind) => `${kind}-${Array.from({ length: 24 }, (_, i) => `${kind[1]}${100 + i}`).join('')}`.slice(0, 100);
const longEcho = elsewhere(['slack_bot_token', 'slack_app_token'], /an answer that holds a secret, and is not shown/, (path, token) => ({ ok: false, error: token.slice(path.endsWith('open') ? 5 : 0) }),
  { options: { secrets: { appToken: long('xapp'), botToken: long('xoxb') } } });

// To the bot an access token is opaque: one that says nothing lacks nothing, and has nothing either.
const opaqueToken = elsewhere(['graph_devices', 'entra_people'], /did not accept the bot's token/, () => ({ token_type: 'Bearer', expires_in: 3599, access_token: 'opaque-to-us' }), { key: 'login_url', skips: ['graph_roles'] });

// What the firewall lets through for Slack's Web API, it may not for its sockets.
const noSocket = elsewhere(['slack_scopes', 'slack_app_token', 'slack_channels', 'slack_people'], /./,
  (path) => (path.endsWith('/auth.test') ? { ok: true, team_id: 'T1', user_id: 'U1' } : { ok: true, url: 'wss://nobody.invalid/link/?ticket=1' }));

// A server that does not answer is waited for ten seconds, not for ever, and the rest is looked at.
const hangs = finds(['slack_bot_token'], /no answer from 127\.0\.0\.1 within 10000 ms/, {
  change: (world) => world.fault('slack.auth.test.hang_before'), skips: AFTER_SLACK,
});

// Once Slack cannot be reached, nobody waits for the next forty answers.
const awayAtChannels = finds(['slack_channels'], /^C0HELPDESK: [^;]*: check chat\.slack\.api_url, the network/, {
  options: { policy: { channels: '{allowed: [C0HELPDESK, C0RANDOM, C0ARCHIVED], request: C0HELPDESK}' } },
  change: (world) => world.fault('slack.conversations.info.reset_before', undefined, -1), skips: ['slack_people'],
});
const awayAtGroups = finds(['slack_people'], /^group S0HELPDESK: [^;]*; there are more, which were not looked at: check chat\.slack\.api_url, the network/, {
  change: (world) => world.fault('slack.usergroups.users.list.reset_before', undefined, -1), skips: [],
});
const awayAtPeople = finds(['slack_people'], /^U0AUDRA [^;]*; there are more, which were not looked at: check chat\.slack\.api_url, the network/, {
  change: (world) => world.fault('slack.users.info.reset_before', undefined, -1), skips: [],
});

// What is skipped names what failed, not what is well.
const needs = (test, check, title) => async () => {
  await test();
  for (const name of check) assert.equal(last[name].found, `needs: ${title}`, name);
};
const oddBotToken = finds(['slack_bot_token'], /chat\.slack\.bot_token holds a space or an odd character/, {
  options: { secrets: { botToken: 'xoxb-sand box' } }, skips: ['slack_scopes', 'slack_app_token', 'slack_channels', 'slack_people'],
});
const oddAppToken = finds(['slack_app_token'], /chat\.slack\.app_token holds a space or an odd character/, {
  options: { secrets: { appToken: 'xapp-sand box' } }, skips: ['slack_bot_token', ...AFTER_SLACK],
});
const AFTER_NAMES = NAMES.slice(NAMES.indexOf('names') + 1);
const noAuthorities = finds(['names'], /no-authorities\.pem/, {
  options: { config: 'net: {ca_file: no-authorities.pem}\n' }, change: async (world) => world.file('no-authorities.pem', 'none'), skips: AFTER_NAMES,
});

await run({
  S5_all_is_well_and_doctor_leaves_no_trace: wellAndWithoutATrace,
  a_running_bot_is_fine_and_keeps_its_connections: besideARunningBot,
  people_read_a_table_with_what_to_do: forPeople,
  the_scopes_are_those_of_the_manifest: manifestScopes,
  a_bad_bot_token: badBotToken,
  a_bad_app_token: badAppToken,
  a_token_of_the_wrong_kind: wrongKind,
  S6_a_secret_that_others_can_read: openSecret,
  a_wrong_client_secret: wrongSecret,
  a_missing_permission: missingRole,
  slack_is_away: slackAway,
  entra_is_away: graphAway,
  a_name_without_address: noName,
  an_address_that_is_not_slacks: notSlack,
  a_clock_off_by_ten_minutes: clockOff,
  a_channel_that_is_not_there: unknownChannel,
  channels_without_the_bot_or_archived: otherChannels,
  people_and_groups_that_are_not_there: strangers,
  S6_a_store_that_others_can_read: openStore,
  S6_credentials_that_nobody_else_can_read: credentials([], null, 0o700, 0o600),
  S6_a_folder_of_credentials_that_is_open: credentials(['secrets'], /^the folder \S+\/credentials is open to others \(mode 755\): run chmod 700 on it: null$/, 0o755, 0o600),
  S6_a_credential_that_others_can_read: credentials(['secrets'], /^\S+\/credentials\/bot-token can be read by others \(mode 640\): run chmod 600 on it: null$/, 0o700, 0o640),
  a_store_of_another_user: anothersFile(''),
  a_log_of_the_store_of_another_user: anothersFile('-wal'),
  a_lock_of_another_user: anothersFile('.lock'),
  a_key_of_the_buttons_of_another_user: anothersFile('.approval-key'),
  a_key_of_the_buttons_that_is_none: halfAKey,
  a_file_that_is_no_store: notAStore,
  a_folder_that_is_not_there: noFolder,
  a_policy_that_others_can_change: openPolicy,
  a_policy_with_faults: badPolicy,
  a_configuration_with_a_fault: noConfig,
  a_language_that_is_not_there: noLanguage,
  S6_a_server_that_echoes_gets_no_secret_onto_the_screen: echo,
  S6_nor_a_part_of_a_long_one: async () => {
    await longEcho();
    for (const name of ['slack_bot_token', 'slack_app_token']) assert.match(last[name].found, /^an answer that holds a secret, and is not shown$/);
  },
  a_token_that_does_not_say_what_it_allows: opaqueToken,
  sockets_without_an_address: async () => {
    await noSocket();
    assert.match(last.slack_app_token.found, /^Slack gave an address for a connection, but nobody\.invalid has no address: /);
  },
  slack_is_away_once_channels_are_asked_for: needs(awayAtChannels, ['slack_people'], 'Slack channels'),
  slack_is_away_once_groups_are_asked_for: awayAtGroups,
  slack_is_away_once_people_are_asked_for: awayAtPeople,
  a_bot_token_with_a_space: needs(oddBotToken, ['slack_scopes', 'slack_app_token', 'slack_channels', 'slack_people'], 'Slack bot token'),
  an_app_token_with_a_space: needs(oddAppToken, ['slack_bot_token', ...AFTER_SLACK], 'Slack app token'),
  authorities_that_are_none: needs(noAuthorities, AFTER_NAMES, 'names resolve'),
  a_server_that_does_not_answer_is_waited_for_ten_seconds: hangs,
});
