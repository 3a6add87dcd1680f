// gap_refused.mjs - R6 where Slack itself refuses the replacement: the old socket serves until Slack closes it, the time
// without a socket is measured and logged with what to do, and ends as soon as Slack lets the bot in.
import assert from 'node:assert/strict';
import { run, sleep } from '../sandbox/people.mjs';
import { inWorld, says, soon, typed } from './lib_bad_input.mjs';
import { coverage } from './lib_gap.mjs';

const NOTICE_MS = 4000;

const LINKS = ['conn_open', 'hello', 'conn_close', 'close_frame', 'server_close'];

async function gapSeen(world) {
  const { entries } = await world.get('journal?after=0');
  return coverage(entries.filter((entry) => LINKS.includes(entry.kind)));
}

// refuse and allow: switches in Slack. why: the word that the log has for it, with advice for a lasting one.
const refusedBy = ({ refuse, allow, why, isLasting }) => inWorld({ connections: 1, settings: { refresh_close_ms: NOTICE_MS } }, async (world) => {
  const begin = await world.lastNumber();
  await refuse(world);
  await world.post('refresh', { reason: 'warning' });
  await soon(() => assert.match(world.botLog(), new RegExp(`slack_connect_failed why=${why} .*advice="\\S.*"`)), 15000);
  says(await typed(world, 'U0HANNA', 'help'), 'reset'); // on the old socket
  assert.doesNotMatch(world.botLog(), /slack_no_socket/);

  await world.journal('server_close', begin, 2 * NOTICE_MS);
  await soon(() => assert.match(world.botLog(), /event=slack_no_socket/));
  assert.match((await world.types('U0HANNA', 'help')).error, /dispatch_failed/);
  await sleep(1000);
  await allow(world);
  await soon(async () => {
    await world.advance(isLasting ? 20_000 : 1000);
    await sleep(200);
    assert.match(world.botLog(), /event=slack_gap_over gap_ms=\d+/);
  }, 30000);
  says(await typed(world, 'U0HENRY', 'help'), 'reset');

  // as long as Slack saw it, and no more than that once
  const measured = Number(world.botLog().match(/slack_gap_over gap_ms=(\d+)/)[1]);
  const { gaps, deafMs } = await gapSeen(world);
  assert.equal(gaps, 1);
  assert.equal(world.botLog().match(/slack_no_socket/g).length, 1);
  assert.ok(measured >= 1000 && Math.abs(measured - deafMs) < 2000, `measured ${measured} ms, Slack saw ${deafMs} ms`);
  console.log(`${why}: a gap of ${measured} ms measured, Slack saw ${deafMs} ms`);
});

await run({
  R6_a_replacement_refused_with_409: refusedBy({
    why: 'upgrade_409',
    refuse: (world) => world.fault('slack.link.status', 409, -1), allow: (world) => world.post('fault_clear', {}),
  }),
  R6_a_replacement_without_hello: refusedBy({
    why: 'no_hello',
    refuse: async (world) => { await world.fault('slack.hello.delay', undefined, -1); await world.settings({ refresh_close_ms: 15000 }); },
    allow: (world) => world.post('fault_clear', {}),
  }),
  R6_a_replacement_refused_as_too_many: refusedBy({
    why: 'too_many_websockets', isLasting: true,
    refuse: (world) => world.settings({ max_connections: 1 }), allow: (world) => world.settings({ max_connections: 10 }),
  }),
  R6_a_replacement_refused_as_link_disabled: refusedBy({
    why: 'link_disabled', isLasting: true,
    refuse: (world) => world.settings({ link_disabled: 1 }), allow: (world) => world.settings({ link_disabled: 0 }),
  }),
});
