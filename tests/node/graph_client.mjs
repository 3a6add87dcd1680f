// graph_client.mjs - Microsoft's own Graph client, unmodified, lists, reads and resets a device on the sandbox. It sends
// its token over TLS alone, so it talks to the TLS listener; Node takes the sandbox's authority only at its start, so the
// tests run in a child of this program.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { World, device, run } from '../sandbox/people.mjs';

const need = createRequire(import.meta.url);
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LIST = '/deviceManagement/managedDevices';
const ADELES = ['01', '02', '03', '04'].map(device);
const ADELE = "userPrincipalName eq 'adele@contoso.com'";

// ---- the parent: the sandbox and the child -----------------------------------------------------------------------------

async function parent() {
  try {
    need.resolve('@microsoft/microsoft-graph-client');
  } catch {
    console.log('the packages of tests/package.json are missing: run tests/setup');
    process.exit(77);
  }
  const world = new World({ sandbox: ['--fast', '--tls'] });
  let child = null;
  process.on('exit', () => {
    child?.kill('SIGKILL');
    world.sandbox?.kill('SIGKILL');
    rmSync(world.dir, { recursive: true, force: true });
  });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));
  await world.startSandbox();
  const env = {
    RESETBOT_TLS: world.tls.good, RESETBOT_PLAIN: world.url, RESETBOT_UNKNOWN: world.tls['unknown-authority'],
    NODE_EXTRA_CA_CERTS: join(world.tlsDir, 'ca.pem'),
  };
  const again = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  child = spawn(process.execPath, again, { stdio: 'inherit', env: { ...process.env, ...env } });
  const code = await new Promise((done) => child.on('exit', (status) => done(status ?? 1)));
  await world.stop();
  process.exit(code);
}

// ---- the child ---------------------------------------------------------------------------------------------------------

const { RESETBOT_TLS: tls, RESETBOT_PLAIN: plain, RESETBOT_UNKNOWN: unknown } = process.env;
const world = tls ? new World() : null;
if (tls) {
  world.url = plain;
  process.on('exit', () => rmSync(world.dir, { recursive: true, force: true }));
}

async function token() {
  const reply = await fetch(`${tls}/contoso.com/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials', client_id: '22222222-2222-4222-8222-222222222222', client_secret: 'sandbox-secret',
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  return (await reply.json()).access_token;
}

function client(base, hosts) {
  const { Client } = need('@microsoft/microsoft-graph-client');
  const authProvider = (done) => token().then((text) => done(null, text), (error) => done(error, null));
  return Client.init({ baseUrl: `${base}/`, defaultVersion: 'v1.0', customHosts: new Set(hosts), authProvider });
}

const ours = () => client(tls, ['127.0.0.1']);
const calls = async (after) => (await world.get(`journal?after=${after}&kind=graph.call`)).entries;

async function refusedWith(promise, status, code) {
  const error = await promise.then(() => assert.fail('it was not refused'), (problem) => problem);
  assert.equal(error.statusCode, status, error.stack);
  assert.equal(error.code, code);
  assert.match(error.requestId, GUID);
  return error;
}

async function lists() {
  const { PageIterator } = need('@microsoft/microsoft-graph-client');
  const before = await world.lastNumber();
  const graph = ours();
  const first = await graph.api(LIST).filter(ADELE).select('id,deviceName').top(2).get();
  assert.equal(first.value.length, 2);
  assert.deepEqual(Object.keys(first.value[0]).filter((key) => !key.startsWith('@')).sort(), ['deviceName', 'id']);
  const ids = [];
  await new PageIterator(graph, first, ({ id }) => ids.push(id)).iterate();
  assert.deepEqual(ids.sort(), ADELES);
  const made = await calls(before);
  assert.deepEqual(made.map((call) => [call.path, call.status]), [[`/v1.0${LIST}`, 200], [`/v1.0${LIST}`, 200]]);
  assert.match(made[1].query, /skiptoken/);
}

async function reads() {
  const one = await ours().api(`${LIST}/${device('01')}`).get();
  assert.equal(one.id, device('01'));
  assert.equal(one.model, 'iPhone 14');
  assert.equal(one.serialNumber, 'F2LXK4QQ4F2K');
  assert.equal(one.userPrincipalName, 'adele@contoso.com');
  const { value } = await ours().api(`${LIST}/${device('01')}/users`).select('id,userPrincipalName').get();
  assert.deepEqual(value.map((user) => user.userPrincipalName), ['adele@contoso.com']);
}

const results = async (n) => (await ours().api(`${LIST}/${device(n)}`).select('deviceActionResults').get()).deviceActionResults;

async function resets() {
  await world.settings({ device_checkin_ms: -1 });
  const before = (await world.resets()).length;
  assert.equal(await ours().api(`${LIST}/${device('01')}/resetPasscode`).post(), undefined);
  const made = (await world.resets()).slice(before);
  assert.deepEqual(made.map((reset) => [reset.device, reset.acted, reset.reply]), [[device('01'), true, '204']]);
  const [pending] = await results('01');
  assert.equal(pending.actionName, 'resetPasscode');
  assert.equal(pending.actionState, 'pending');
  await world.post('checkin', { device: device('01') });
  assert.equal((await results('01'))[0].actionState, 'done');
}

async function readsTheCode() {
  await world.post('passcode', { device: device('02'), text: '8k3x9p2m' });
  await ours().api(`${LIST}/${device('02')}/resetPasscode`).post();
  await world.post('checkin', { device: device('02') });
  const [done] = await results('02');
  assert.deepEqual([done.actionState, done.passcode], ['done', '8k3x9p2m']);
}

async function isRefused() {
  const error = await refusedWith(ours().api(`${LIST}/${device('04')}/resetPasscode`).post(), 400, 'BadRequest');
  assert.ok(error.message.length > 0);
  await refusedWith(ours().api('/users/nobody@contoso.com').get(), 404, 'Request_ResourceNotFound');
  await refusedWith(ours().api(LIST).query('$select=nonsense').get(), 400, 'BadRequest');
}

async function waitsItsTurn() {
  const before = await world.lastNumber();
  await world.fault('graph.get.429', 1);
  const begin = Date.now();
  assert.equal((await ours().api(`${LIST}/${device('01')}`).get()).id, device('01'));
  assert.ok(Date.now() - begin >= 1000, 'Retry-After was read');
  assert.deepEqual((await calls(before)).map((call) => call.status), [429, 200]);
}

const isOutside = (base, hosts) => refusedWith(client(base, hosts).api(LIST).get(), 401, 'InvalidAuthenticationToken');

async function knowsItsAuthority() {
  await assert.rejects(fetch(`${unknown}/v1.0/users`), (error) => /certificate|issuer/.test(`${error.cause?.code} ${error.cause?.message}`));
}

if (tls) {
  await run({
    'a list by user comes in pages': lists,
    'a device and its users are read': reads,
    'a reset is queued, then done': resets,
    'a temporary passcode is read': readsTheCode,
    'refusals have a status, a code and a request id': isRefused,
    'a call answered 429 is made again': waitsItsTurn,
    'no token goes over plain http': () => isOutside(plain, ['127.0.0.1']),
    'no token goes to a host that is not listed': () => isOutside(tls, ['localhost']),
    'an unknown authority is refused': knowsItsAuthority,
  });
} else {
  await parent();
}
