// stop.mjs - the bot is asked to stop, once or by several signals, at rest or while a POST is under way: it ends in peace.
import assert from 'node:assert/strict';
import { run, sleep } from '../sandbox/people.mjs';
import { asked, button, inWorld, pressed } from './lib_bad_input.mjs';

async function ends(world) {
  const how = await Promise.race([world.botEnded, sleep(20000).then(() => 'never')]);
  assert.equal(how, 0, world.botLog());
}

async function signalled(world, signals) {
  for (const signal of signals) {
    world.bot.kill(signal);
    await sleep(120); // longer than the bot's own look at whether all is over
  }
}

const atRest = inWorld({}, async (world) => {
  await signalled(world, ['SIGTERM']);
  await ends(world);
});

// The reset's answer is held: the bot stays for it, and what comes meanwhile (a second Ctrl-C, systemd's SIGTERM after
// somebody's SIGINT) changes nothing.
const whileSending = inWorld({}, async (world) => {
  const { card } = await asked(world);
  await world.post('hold', { on: true });
  const before = await world.lastNumber();
  await pressed(world, 'U0ARVID', card, { action: 'approve', value: button(card, 'approve').value });
  await world.journal('graph.reset', before, 20000);
  await signalled(world, ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGINT', 'SIGTERM']);
  assert.equal(world.bot.exitCode, null, 'it did not wait for the answer of its POST');
  await world.post('release', {});
  await ends(world);
  await world.startBot();
  assert.equal((await world.resets()).length, 1);
});

await run({ one_signal_ends_it: atRest, many_signals_while_a_reset_is_on_its_way_end_it_like_one: whileSending });
