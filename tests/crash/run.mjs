// run.mjs - crash everywhere: the bot dies by SIGKILL at every moment at which it touches its store or its sockets, is started
// again, people go on, and the promises hold.
//
//   node tests/crash/run.mjs [--share PERCENT | --all] [--only SCENARIO[,SCENARIO]] [--point POINT] [--width N]
//
// The list of points is the union of three recordings of each scenario; each point is tried on entry to its call and on exit.
// Without --all a share of them, drawn with RESETBOT_SEED; a point that does not come is tried three times.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../sandbox/people.mjs';
import { CrashWorld } from './lib_bot.mjs';
import { channelOf, checked } from './lib_checks.mjs';
import { Player } from './lib_player.mjs';
import { SCENARIOS } from './scenarios.mjs';

const RECORDINGS = 3;
const TRIES = 3;
const NOT_REACHED_MAX = 0.01;
const SEED = Number(process.env.RESETBOT_SEED) || Math.floor(Math.random() * 1e9);

// What a killed process has written is there whatever lies below: memory is as good as a disk, and faster.
if (!process.env.TMPDIR && existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm';

let caFile = null;
const worlds = new Set();
process.on('exit', () => { for (const world of worlds) world.killAll(); });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

function parse(words) {
  const options = { share: 5, width: 3, only: Object.keys(SCENARIOS), point: null };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--all') options.share = 100;
    else if (words[i] === '--share') options.share = Number(words[++i]);
    else if (words[i] === '--width') options.width = Number(words[++i]);
    else if (words[i] === '--only') options.only = words[++i].split(',');
    else if (words[i] === '--point') options.point = words[++i];
    else throw new Error(`run.mjs: ${words[i]}: see its first lines`);
  }
  for (const name of options.only) if (!SCENARIOS[name]) throw new Error(`no scenario is called ${name}`);
  return options;
}

// mulberry32: a small generator with a seed
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// As many at a time as width says.
async function sideBySide(jobs, width, work) {
  const left = [...jobs];
  const next = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: width }, next));
}

// An authority of the sandbox's own. It is never asked here; but to read those of the system is most of what a start costs.
async function oneAuthority() {
  const folder = mkdtempSync(join(tmpdir(), 'resetbot-ca-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const sandbox = spawn(join(build, 'resetbot-sandbox'), ['--tls', '--tls-dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(sandbox.stdout, 'data');
  sandbox.kill('SIGTERM');
  await once(sandbox, 'exit');
  return join(folder, 'ca.pem');
}

// ---- one playing -----------------------------------------------------------------------------------------------------------

async function prepare(world, scenario) {
  await world.startSandbox();
  world.writeConfig();
  await world.settings({ device_checkin_ms: 200, device_active_ms: 50, ack_limit_ms: 500 });
  for (const [name, value, more] of scenario.faults || []) await world.fault(name, value, 1, more);
  if (scenario.code) await world.post('passcode', { device: scenario.device, text: scenario.code });
  if (scenario.hold) await world.post('hold', { on: true });
  world.mayEnd = scenario.mayEnd;
  await (scenario.untraced ? world.startBot() : world.startTraced(scenario.from === 'birth'));
  await world.quiet();
  await world.passes(3000); // the second connection comes a little later
}

// Plays the scenario to its end and checks the promises. undisturbed: how the channel read without a crash, or null.
async function play(scenario, trace, undisturbed) {
  const world = new CrashWorld(trace, { sandbox: ['--fast'], policy: scenario.policy, config: `net: {ca_file: ${caFile}}\n` });
  worlds.add(world);
  try {
    await prepare(world, scenario);
    const player = new Player(world, scenario);
    const card = await player.plays();
    await checked(world, player, card, undisturbed);
    return { isHit: world.isHit, channel: undisturbed ? null : await channelOf(world) };
  } catch (error) {
    error.message += `\n${await world.transcript().catch(() => '')}\n${world.botLog()}`;
    throw error;
  } finally {
    await world.stop();
    worlds.delete(world);
  }
}

// ---- the list ----------------------------------------------------------------------------------------------------------------

// The union of the recordings, in the order of their first coming, and how the channel read at the end.
async function record(name) {
  const points = new Set();
  let channel = null;
  for (let i = 0; i < RECORDINGS; i++) {
    const file = join(tmpdir(), `resetbot-points-${process.pid}-${name}`);
    try {
      ({ channel } = await play(SCENARIOS[name], { mode: 'record', what: file }, null));
      for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) points.add(line);
    } finally {
      rmSync(file, { force: true });
    }
  }
  if (points.size === 0) throw new Error('no point was recorded');
  return { name, points: [...points], channel };
}

// ---- the kills ---------------------------------------------------------------------------------------------------------------

class Tally {
  listed = 0;
  tried = 0;
  hit = 0;
  notReached = [];
  failed = [];
}

// One point on entry or on exit, up to three times when it does not come.
async function kill(job, tally) {
  tally.tried++;
  for (let i = 0; i < TRIES; i++) {
    try {
      const { isHit } = await play(SCENARIOS[job.list.name], { mode: job.mode, what: job.point }, job.list.channel);
      if (!isHit) continue;
      tally.hit++;
      return;
    } catch (error) {
      tally.failed.push(job);
      console.log(`FAIL crash_${job.list.name} on ${job.mode}: ${job.point}\n${error.stack}`);
      return;
    }
  }
  tally.notReached.push(job);
}

// The jobs of all lists, or the wanted share of them, each scenario's in order.
function draw(lists, options) {
  const next = random(SEED);
  const jobs = lists.flatMap((list) => list.points.flatMap((point) => ['entry', 'exit'].map((mode) => ({ list, point, mode }))));
  if (options.point) {
    const these = jobs.filter((job) => job.point === options.point);
    if (these.length === 0) throw new Error(`no recording has the point ${options.point}`);
    return these;
  }
  return jobs.filter(() => next() * 100 < options.share);
}

function tell(lists, tallies, seconds, isShare) {
  const sum = (what) => [...tallies.values()].reduce((n, tally) => n + what(tally), 0);
  let passed = 0;
  for (const { name } of lists) {
    const { listed, tried, hit, notReached, failed } = tallies.get(name);
    const isGood = failed.length === 0;
    passed += isGood;
    console.log(`${isGood ? 'ok  ' : 'FAIL'} crash_${name}: listed ${listed}, tried ${tried}, hit ${hit}, not reached ${notReached.length}, failed ${failed.length}`);
    for (const job of notReached) console.log(`       not reached on ${job.mode}: ${job.point}`);
  }
  const tried = sum((tally) => tally.tried);
  const notReached = sum((tally) => tally.notReached.length);
  // of a share so many more as chance has it
  const isReached = notReached <= tried * NOT_REACHED_MAX + (isShare ? 3 * Math.sqrt(tried * NOT_REACHED_MAX) : 0);
  console.log(`listed ${sum((tally) => tally.listed)}, tried ${tried}, hit ${sum((tally) => tally.hit)}, not reached ${notReached}, failed ${sum((tally) => tally.failed.length)}, seed ${SEED}, ${seconds} s`);
  console.log(`${isReached ? 'ok  ' : 'FAIL'} nearly_every_point_is_reached`);
  const bad = lists.length - passed + (isReached ? 0 : 1);
  console.log(`${lists.length + 1 - bad} passed, ${bad} failed, 0 skipped`);
  return bad ? 1 : 0;
}

function mayTrace() {
  return spawnSync(join(build, 'resetbot-crash'), ['store', 'record', '/dev/null', '--', '/bin/true']).status !== 77;
}

async function main() {
  const options = parse(process.argv.slice(2));
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  if (!mayTrace()) {
    console.log('skipped: this machine does not let a process trace its child');
    process.exit(77);
  }
  caFile = await oneAuthority();
  console.log(`seed ${SEED} (repeat with RESETBOT_SEED=${SEED})`);
  const lists = [];
  await sideBySide(options.only, options.width, async (name) => { lists.push(await record(name)); });
  lists.sort((a, b) => options.only.indexOf(a.name) - options.only.indexOf(b.name));
  const tallies = new Map(lists.map((list) => [list.name, Object.assign(new Tally(), { listed: 2 * list.points.length })]));
  const jobs = draw(lists, options);
  console.log(`${lists.reduce((n, list) => n + list.points.length, 0)} points in ${lists.length} scenarios, recorded in ${seconds()} s; ${jobs.length} kills`);
  let n = 0;
  await sideBySide(jobs, options.width, async (job) => {
    await kill(job, tallies.get(job.list.name));
    if (++n % 500 === 0) console.log(`${n} of ${jobs.length} after ${seconds()} s, in ${job.list.name}`);
  });
  process.exit(tell(lists, tallies, seconds(), options.share < 100));
}

await main();
