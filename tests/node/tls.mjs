// tls.mjs - whom the bot talks to (issue "Proof" 8): the sandbox's own authority is accepted when it is configured; a
// certificate of another authority, for another name or expired is refused, for websocket and HTTP, Slack and Graph, with a
// sentence that says which, and nothing is sent over such a connection.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { World, run, sleep } from '../sandbox/people.mjs';

const WHY = {
  'unknown-authority': 'unknown authority: no trusted authority has signed it',
  'wrong-name': 'wrong name: it was issued for another host',
  expired: 'expired: its owner must renew it',
};
const READ = 'devices adele@contoso.com';

async function inWorld(options, test) {
  const world = new World({ ...options, sandbox: ['--fast', '--tls'] });
  try {
    await test(world);
  } finally {
    await world.stop();
  }
}

const entries = async (world, ...kinds) => (await world.get('journal?after=0')).entries.filter((entry) => kinds.includes(entry.kind));

async function waitLog(world, part) {
  const end = Date.now() + 15000;
  while (!world.botLog().includes(part)) {
    assert.ok(Date.now() < end, `the log never says "${part}":\n${world.botLog()}`);
    await sleep(50);
  }
}

// The bot runs and is kept from its workspace.
async function startDeaf(world) {
  world.writeConfig();
  world.options.startMs = 1;
  await assert.rejects(world.startBot(), /no hello/);
}

const accepted = () => inWorld({ slack: 'good', graph: 'good' }, async (world) => {
  await world.start();
  const id = await world.asks('U0HANNA', 'reset adele@contoso.com locked out INC0012345', { pick: 'Choose …4F2K' });
  await world.waitCard(id, 'waiting for 1 approval');
  // longer than the seconds that a handshake may take
  await sleep(6000);
  assert.ok((await entries(world, 'conn_open')).every((open) => open.tls), 'a socket without TLS');
  assert.deepEqual(await entries(world, 'conn_close'), []);
});

const refusedHttp = (kind) => () => inWorld({ slack: kind }, async (world) => {
  await world.startSandbox();
  await startDeaf(world);
  await waitLog(world, WHY[kind]);
  assert.deepEqual(await entries(world, 'api'), []);
});

const refusedSocket = (kind) => () => inWorld({ slack: 'good' }, async (world) => {
  await world.startSandbox();
  await world.settings({ link_port: Number(new URL(world.tls[kind]).port) });
  await startDeaf(world);
  await waitLog(world, WHY[kind]);
  assert.deepEqual(await entries(world, 'conn_open', 'upgrade_refused', 'hello'), []);
});

const refusedGraph = (kind) => () => inWorld({ graph: kind }, async (world) => {
  await world.start();
  await world.types('U0HANNA', READ);
  await world.waitSees('U0HANNA', WHY[kind], 20000, 'private');
  assert.deepEqual(await entries(world, 'entra.token', 'graph.call'), []);
});

// The system's own authorities have not signed it.
const refusedUnconfigured = () => inWorld({ slack: 'good', caFile: '/etc/ssl/certs/ca-certificates.crt' }, async (world) => {
  await world.startSandbox();
  await startDeaf(world);
  await waitLog(world, WHY['unknown-authority']);
  assert.deepEqual(await entries(world, 'api'), []);
});

const noAuthority = () => inWorld({ slack: 'good' }, async (world) => {
  await world.startSandbox();
  world.options.caFile = join(world.dir, 'policy.yaml');
  await startDeaf(world);
  assert.equal(await world.botEnded, 2);
  world.bot = null;
  assert.match(world.botLog(), /the CA file \S+ holds no certificate in PEM form/);
});

// Side by side: most of each is waiting for a process to start.
const tests = { a_configured_authority_is_accepted: accepted, a_foreign_authority_is_refused_without_configuration: refusedUnconfigured, a_ca_file_without_certificates_is_a_fault_of_configuration: noAuthority };
for (const kind of Object.keys(WHY)) {
  const name = kind.replace('-', '_');
  tests[`slack_${name}_is_refused_by_name`] = refusedHttp(kind);
  tests[`socket_${name}_is_refused_by_name`] = refusedSocket(kind);
  tests[`graph_${name}_is_refused_by_name`] = refusedGraph(kind);
}
await run(tests);
