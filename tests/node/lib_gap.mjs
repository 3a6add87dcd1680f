// lib_gap.mjs - one client under forced refreshes while a person types a command every 20 ms: what was lost, what was not
// answered, how long no socket was live. Everything is counted by the sandbox, which plays Slack.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { World, sleep, source } from '../sandbox/people.mjs';

const TYPE_EVERY_MS = 20;
const NOTICE_MS = 10_000; // Slack closes about 10 s after a warning
const STEP_MS = 100; // real time between two moves of a fast clock

// The stores lie in memory: the question is what sockets do, not how fast the disk is beside other work.
const MEMORY = '/dev/shm';
if (existsSync(MEMORY)) process.env.TMPDIR ||= MEMORY;

const worlds = new Set();
process.on('exit', () => {
  for (const world of worlds) {
    for (const child of [world.bot, world.sandbox]) child?.kill('SIGKILL');
    rmSync(world.dir, { recursive: true, force: true });
  }
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

// ---- the clients -------------------------------------------------------------------------------------------------------

async function startResetbot(row) {
  const world = new World({ sandbox: ['--fast'], connections: row.connections });
  worlds.add(world);
  await world.start();
  return world;
}

// The app of the bench: it acknowledges, answers by the response URL, saves nothing.
async function startBolt() {
  const world = new World({ sandbox: ['--fast'] });
  worlds.add(world);
  await world.startSandbox();
  world.bot = spawn('node', [join(source, 'tests', 'bench', 'bolt.mjs')], {
    stdio: 'ignore', env: { ...process.env, BENCH_URL: world.url },
  });
  world.botEnded = new Promise((done) => world.bot.on('exit', (code, signal) => done(signal || code)));
  await world.journal('hello', 0, 20000);
  return world;
}

async function liveSockets(world) {
  const { sockets } = await world.get('world');
  return sockets.filter((socket) => socket.hello && !socket.closing);
}

// ---- time and refreshes --------------------------------------------------------------------------------------------------

// row.rate: so many times as fast as real time goes the clock of sandbox and bot, in steps of 0.1 s of real time.
function hurry(world, rate) {
  let before = Date.now();
  let isOver = rate === 1;
  const over = (async () => {
    while (!isOver) {
      await sleep(STEP_MS);
      const now = Date.now();
      await world.advance((now - before) * (rate - 1));
      before = now;
    }
  })();
  return () => { isOver = true; return over; };
}

// Tells the sockets to go that have not been told yet: the oldest, or all of them at once. How many were told.
async function refresh(world, row) {
  const fresh = (await liveSockets(world)).filter((socket) => !socket.refreshing);
  const meant = fresh.slice(0, row.atOnce);
  await Promise.all(meant.map(({ n }) => world.post('refresh', { reason: row.reason, which: n })));
  return meant.length;
}

// Sockets are opened at most 4 + 2 * connections times a minute (slack_plan.h): no more are told to go, so that each
// refresh is one that a client must take in its stride. Jitter, so that it meets every phase of the ones before.
export function eventMs(row) {
  return (60_000 / (4 + 2 * row.connections)) * row.atOnce / row.rate * 1.05;
}

// Until so many sockets were told to go as the row wants, or the time is over. How many were told.
async function keepRefreshing(world, row, endMs) {
  let told = 0;
  let next = Date.now() + Math.random() * eventMs(row);
  while (told < row.wanted && next < endMs) {
    await sleep(Math.max(0, next - Date.now()));
    told += await refresh(world, row);
    next += eventMs(row) * (0.97 + 0.06 * Math.random());
  }
  return told;
}

// The last refresh is followed to its end: as many sockets as there should be, none of them told to go.
async function replaced(world, row) {
  const end = Date.now() + (NOTICE_MS + row.helloMs) / row.rate + 5000;
  for (let isOver = false; !isOver && Date.now() < end; await sleep(50)) {
    const { sockets } = await world.get('world');
    isOver = sockets.length === row.connections && sockets.every((socket) => socket.hello && !socket.closing && !socket.refreshing);
  }
}

// ---- the machine ---------------------------------------------------------------------------------------------------------

// How long it took at worst to get 4 kB onto the disk that the bot's store is on.
function watchDisk(world) {
  let isOver = false;
  let worstMs = 0;
  const over = (async () => {
    const file = await open(join(world.dir, 'probe'), 'w');
    for (; !isOver; await sleep(STEP_MS)) {
      const begin = Date.now();
      await file.write(Buffer.alloc(4096), 0, 4096, 0);
      await file.datasync();
      worstMs = Math.max(worstMs, Date.now() - begin);
    }
    await file.close();
    return worstMs;
  })();
  return () => { isOver = true; return over; };
}

// ---- what became of it ---------------------------------------------------------------------------------------------------

// Walks through the journal: how long no socket was live, and how many were open at most.
export function coverage(entries) {
  const open = new Set();
  const live = new Set();
  let most = 0;
  let deafMs = 0;
  let gaps = 0;
  let sinceMs = null;
  for (const { kind, conn, at } of entries) {
    const was = live.size;
    if (kind === 'conn_open') open.add(conn);
    if (kind === 'hello') live.add(conn);
    if (kind === 'conn_close') open.delete(conn);
    if (['conn_close', 'close_frame', 'server_close'].includes(kind)) live.delete(conn);
    most = Math.max(most, open.size);
    if (was > 0 && live.size === 0) {
      gaps++;
      sinceMs = at;
    }
    if (live.size > 0 && sinceMs !== null) {
      deafMs += at - sinceMs;
      sinceMs = null;
    }
  }
  return { most, deafMs, gaps };
}

// Waits for what is still on its way: an ack may take 3 s, and what was acked is answered.
async function settled(world) {
  const end = Date.now() + 8000;
  for (;;) {
    const counts = await world.get('counts');
    const n = (kind) => counts.journal[kind] || 0;
    const isDone = n('act') === n('act_done') && counts.commands_answered + counts.acks_with_payload >= n('ack') + n('ack_elsewhere');
    if (isDone || Date.now() > end) return { counts, n };
    await sleep(50);
  }
}

function outcome(row, { counts, n }, entries, told, diskMs, log) {
  const acked = n('ack') + n('ack_elsewhere');
  return {
    ...row, ...coverage(entries),
    refreshes: entries.filter((entry) => entry.kind === 'disconnect').length,
    commands: n('act'),
    lost: n('act') - acked,
    unanswered: n('act') - counts.commands_answered - counts.acks_with_payload,
    undeliverable: n('undeliverable'),
    unacked: n('unacked'),
    late: n('ack_late'),
    elsewhere: n('ack_elsewhere'),
    refused: counts.acks_with_payload,
    slowestMs: counts.slowest_ack_ms,
    told,
    starvedMs: Math.max(counts.typed_late_ms, diskMs),
    log,
  };
}

// One row of the table: row.wanted refreshes, or as many as there are in row.ms of real time.
export async function playRow(row, whenReady) {
  const world = await (row.program === 'resetbot' ? startResetbot(row) : startBolt());
  try {
    await world.settings({ journal_brief: 1, refresh_close_ms: NOTICE_MS / row.rate, ack_limit_ms: 3000 });
    for (const end = Date.now() + 10000; (await liveSockets(world)).length < row.connections;) {
      if (Date.now() > end) throw new Error(`not ${row.connections} sockets after 10 s`);
      await sleep(50);
    }
    await whenReady();
    await world.settings({ hello_delay_ms: row.helloMs / row.rate });
    await world.post('keep_typing', { user: 'U0HANNA', channel: 'C0HELPDESK', text: 'help', every_ms: TYPE_EVERY_MS });
    const stopHurry = hurry(world, row.rate);
    const stopDisk = watchDisk(world);
    const told = await keepRefreshing(world, row, Date.now() + row.ms);
    await replaced(world, row);
    await stopHurry();
    const diskMs = await stopDisk();
    await world.post('keep_typing', { every_ms: 0 });
    const last = await settled(world);
    const { entries } = await world.get('journal?after=0');
    return outcome(row, last, entries, told, diskMs, row.program === 'resetbot' ? world.botLog() : '');
  } finally {
    await world.stop();
    worlds.delete(world);
  }
}
