// prism.mjs - the bot's requests to Graph v1.0 against a server nobody here wrote: Prism, on Microsoft's own description.
// Prism looks at paths, methods, bodies, tokens and the form of known parameters, not at names it does not know; those
// are checked here against the same description. Wrong requests show that both look.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { device, run } from '../sandbox/people.mjs';
import { Description, needs, openapiFile } from './lib_openapi.mjs';
import { everyCall } from './lib_story.mjs';

needs([openapiFile], ['@stoplight/prism-cli/package.json', 'js-yaml']);
const need = createRequire(import.meta.url);
const described = new Description();
const DEVICES = '/v1.0/deviceManagement/managedDevices';

// ---- Prism -------------------------------------------------------------------------------------------------------------

async function startPrism() {
  const folder = mkdtempSync(join(tmpdir(), 'resetbot-prism-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const paths = Object.entries(described.doc.paths).map(([path, item]) => [`/v1.0${path}`, item]);
  const copy = join(folder, 'openapi.json');
  writeFileSync(copy, JSON.stringify({ ...described.doc, paths: Object.fromEntries(paths) }));
  const home = dirname(need.resolve('@stoplight/prism-cli/package.json'));
  const program = join(home, need('@stoplight/prism-cli/package.json').bin.prism);
  const words = ['mock', '--errors', '--multiprocess', 'false', '--host', '127.0.0.1', '--port', '0', copy];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  process.on('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));
  return new Promise((done, failed) => {
    let all = '';
    const hear = (data) => {
      all += data;
      const port = all.match(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
      if (port) done(Number(port[1]));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => failed(new Error(`Prism ended with ${code}: ${all}`)));
  });
}

// The status of Prism's answer. The address goes out byte for byte.
function send(port, { method, path, query = '', headers = {}, body = '' }) {
  return new Promise((done, failed) => {
    const call = request({ host: '127.0.0.1', port, method, path: query ? `${path}?${query}` : path, headers }, (reply) => {
      reply.resume();
      reply.on('end', () => done(reply.statusCode));
    });
    call.on('error', failed);
    call.end(body);
  });
}

// ---- what Prism does not see -------------------------------------------------------------------------------------------

// Query names that the description lacks. $skiptoken: only the service makes it, in the nextLink of a list (OData 4.01, server-driven paging).
const ALSO = { $skiptoken: (call) => call.operation === 'list' };
const OPERATORS = new Set('eq ne gt ge lt le and or not in null true false startswith endswith contains'.split(' '));

function namesIn(option, value) {
  if (option === '$select') return value.split(',').map((name) => name.trim());
  if (option === '$orderby') return value.split(',').map((name) => name.trim().split(' ')[0]);
  if (option === '$filter') return (value.replace(/'(?:[^']|'')*'/g, "''").match(/[A-Za-z_][\w/]*/g) || []).filter((word) => !OPERATORS.has(word));
  return [];
}

// What the description says against a call of the journal; [] when nothing.
function problems(call) {
  const operation = described.operation(call.method, call.path.replace(/^\/v1\.0/, ''));
  if (!operation) return [`no operation ${call.method} ${call.path}`];
  const known = described.queryNames(operation);
  const properties = described.answered(operation);
  const found = [];
  for (const part of (call.query || '').split('&').filter(Boolean)) {
    const [option, value] = [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)].map(decodeURIComponent);
    if (!known.includes(option) && !ALSO[option]?.(call)) found.push(`no parameter ${option}`);
    for (const name of namesIn(option, value)) if (!(name in (properties || {}))) found.push(`no property ${name} for ${option}`);
  }
  return found;
}

// ---- the tests ---------------------------------------------------------------------------------------------------------

let going = null;
const ready = () => (going ||= Promise.all([startPrism(), everyCall()]));

// As the bot sent it. The token itself is in no journal.
function replayed({ method, path, query, headers, body }) {
  const { authorization, ...rest } = headers;
  return { method, path, query, body, headers: authorization === 'Bearer' ? { ...rest, authorization: 'Bearer any' } : rest };
}

async function v1Calls() {
  const [port, entries] = await ready();
  const calls = entries.filter((entry) => entry.kind === 'graph.call' && entry.path.startsWith('/v1.0/'));
  // the same request again proves nothing more
  return [port, [...new Map(calls.map((call) => [`${call.method} ${call.path} ${call.query}`, call])).values()]];
}

async function allKinds() {
  const [, calls] = await v1Calls();
  const templates = calls.map((call) => `${call.method} ${described.operation(call.method, call.path.replace('/v1.0', ''))?.template}`);
  assert.deepEqual([...new Set(templates)].sort(), [
    'GET /deviceManagement/managedDevices', 'GET /deviceManagement/managedDevices/{managedDevice-id}',
    'GET /deviceManagement/managedDevices/{managedDevice-id}/users', 'GET /users', 'GET /users/{user-id}',
    'POST /deviceManagement/managedDevices/{managedDevice-id}/resetPasscode',
  ]);
  assert.ok(calls.some((call) => call.query.includes('$skiptoken=')), 'a next page');
  assert.ok(calls.some((call) => call.query.includes('%27%27')), 'a quote in a literal');
}

async function prismTakesThem() {
  const [port, calls] = await v1Calls();
  for (const call of calls) {
    const status = await send(port, replayed(call));
    assert.equal(status, call.method === 'POST' ? 204 : 200, JSON.stringify(call));
  }
}

async function namesAreDescribed() {
  const [, calls] = await v1Calls();
  for (const call of calls) assert.deepEqual(problems(call), [], JSON.stringify(call));
}

async function resetIsBare() {
  const [, calls] = await v1Calls();
  const resets = calls.filter((call) => call.path.endsWith('/resetPasscode'));
  assert.ok(resets.length > 0);
  for (const { query, body, headers } of resets) {
    assert.deepEqual([query, body, headers['content-length'], headers['content-type']], ['', '', '0', undefined]);
  }
}

const get = (path, query) => ({ method: 'GET', path, query, headers: { authorization: 'Bearer any' } });
const post = (path, headers = {}, body = '') => ({ method: 'POST', path, headers: { authorization: 'Bearer any', ...headers }, body });
const reset = `${DEVICES}/${device('01')}/resetPasscode`;
const BODY = '{"keepUserData":false}';
const WRONG = {
  'a misspelt parameter': get(DEVICES, "$fliter=serialNumber%20eq%20'F2LXK4QQ4F2K'"),
  'an unknown property to select': get(`${DEVICES}/${device('01')}`, '$select=id,ownerName'),
  'a body for resetPasscode': post(reset, { 'content-type': 'application/json', 'content-length': BODY.length }, BODY),
  'a wipe': post(`${DEVICES}/${device('01')}/wipe`),
  'an unknown property to filter by': get(DEVICES, "$filter=serial%20eq%20'F2LXK4QQ4F2K'"),
  'a property of beta': get(`${DEVICES}/${device('01')}`, '$select=id,lostModeState'),
  'a negative page size': get(DEVICES, '$top=-1'),
  'a page mark where there are no pages': get(`${DEVICES}/${device('01')}`, '$skiptoken=x'),
  'a reset by GET': get(reset),
  'no token': { method: 'GET', path: `${DEVICES}/${device('01')}` },
};

const isRejected = (call) => async () => {
  const [port] = await ready();
  const status = await send(port, call);
  const found = problems(call);
  assert.ok(status >= 400 || found.length > 0, `Prism answered ${status} and the check found nothing`);
};

await run({
  'the story has every kind of request to v1.0': allKinds,
  'Prism takes each request as the bot sent it': prismTakesThem,
  'each parameter and property is described': namesAreDescribed,
  'a reset has neither query nor body': resetIsBare,
  ...Object.fromEntries(Object.entries(WRONG).map(([name, call]) => [`rejected: ${name}`, isRejected(call)])),
});
