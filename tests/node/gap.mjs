// gap.mjs - R6, no deaf gap: a thousand times sockets are told to go while a person types a command every 20 ms. resetbot
// loses none, answers all, is never without a live socket and never holds more than one socket too many. @slack/bolt 5
// stands beside it in the same table, at the same pace: a measurement, not a demand.
//
//   node gap.mjs                             all 1,000 refreshes of resetbot, about four minutes
//   RESETBOT_GAP_REFRESHES=200 node gap.mjs  a share
//   RESETBOT_GAP_BESIDE=4 ...                for a busy machine: four rows at a time in place of twelve
//
// The number is a demand as well: each row goes on until as many sockets as it is meant for were told to go.
//
// Nobody answers in time who is not let run. Where a machine with other things to do kept the sandbox or the disk waiting, a
// row that failed is played again, with fewer beside it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Skipped, run } from '../sandbox/people.mjs';
import { eventMs, playRow } from './lib_gap.mjs';

const REFRESHES = Number(process.env.RESETBOT_GAP_REFRESHES || 1000);
const BESIDE = Number(process.env.RESETBOT_GAP_BESIDE || 12);
const FAST = 4; // refreshes come in hours: most rows are played with a clock that goes four times as fast

const REASONS = ['warning', 'refresh_requested'];
const HELLOS = [0, 5000];
const WAYS = [[1, 1], [2, 1], [2, 2]]; // connections, told at once

const fastRows = WAYS.flatMap(([connections, atOnce]) => REASONS.flatMap((reason) => HELLOS.map((helloMs) =>
  ({ program: 'resetbot', connections, reason, atOnce, helloMs, rate: FAST }))));
// in real time, since Bolt knows no other
const realRows = HELLOS.flatMap((helloMs) => [
  ...[[1, 1], [2, 2]].map(([connections, atOnce]) => ({ program: 'resetbot', connections, reason: 'warning', atOnce, helloMs, rate: 1 })),
  ...REASONS.map((reason) => ({ program: '@slack/bolt', connections: 1, reason, atOnce: 1, helloMs, rate: 1 })),
]);

const isOurs = (row) => row.program === 'resetbot';

// Why a row cannot be played: "" for one that can.
const boltLacks = (() => {
  try {
    createRequire(import.meta.url).resolve('@slack/bolt');
    return '';
  } catch {
    return '@slack/bolt is not installed: run tests/setup';
  }
})();
const whySkipped = (row) => (isOurs(row) ? '' : boltLacks);

const nameOf = (row) => `${isOurs(row) ? 'R6 no deaf gap' : `measured: ${row.program}`}: ${row.connections} connection${row.connections > 1 ? 's' : ''}, ${row.reason}, ` +
  `${row.atOnce > 1 ? 'both at once' : 'one at a time'}, hello after ${row.helloMs / 1000} s${row.rate === 1 ? ', in real time' : ''}`;

// ---- playing ---------------------------------------------------------------------------------------------------------

// What rows are meant for when they take so long: whole events each, rounded up.
const REAL_EVENTS = REFRESHES < 1000 ? 2 : 4;
const realMs = REAL_EVENTS * eventMs(realRows[0]);
const share = (row, ms) => ({ ...row, wanted: row.atOnce * Math.max(2, Math.ceil(ms / eventMs(row))) });
const sum = (rows, name) => rows.reduce((all, row) => all + row[name], 0);

// Somewhat more time than it takes, for a refresh that finds every socket on its way out already; Bolt has its time and no number.
const withTime = (row) => ({ ...row, ms: 1.5 * (row.wanted / row.atOnce + 1) * eventMs(row) + 15000 });

function meant() {
  const real = realRows.filter(isOurs).map((row) => share(row, realMs));
  const perMs = fastRows.reduce((all, row) => all + row.atOnce / eventMs(row), 0);
  const fast = fastRows.map((row) => share(row, (REFRESHES - sum(real, 'wanted')) / perMs));
  const bolt = realRows.filter((row) => !isOurs(row)).map((row) => ({ ...row, wanted: Infinity, ms: realMs }));
  return [fast.map(withTime), [...real.map(withTime), ...bolt]];
}

// Side by side; they start together, so that they share the machine evenly.
async function playTogether(rows) {
  let nReady = 0;
  let everybodyReady = null;
  const start = new Promise((done) => { everybodyReady = done; });
  const whenReady = () => {
    if (++nReady === rows.length) everybodyReady();
    return start;
  };
  return Promise.all(rows.map((row) => playRow(row, whenReady).then((seen) => ({ row, seen }), (error) => {
    whenReady();
    return { row, error };
  })));
}

async function play(rows) {
  const results = rows.filter(whySkipped).map((row) => ({ row, skipped: whySkipped(row) }));
  const rest = rows.filter((row) => !whySkipped(row));
  for (let i = 0; i < rest.length; i += BESIDE) results.push(...await playTogether(rest.slice(i, i + BESIDE)));
  return results;
}

const STARVED_MS = 2000 / FAST / 4; // a fourth of the time that the bot has to save a command, as its clock goes

const isPerfect = ({ seen, row }) => seen && !seen.lost && !seen.unanswered && !seen.gaps && seen.most <= row.connections + 1;
const isStarved = ({ seen }) => seen && seen.starvedMs > STARVED_MS;

// What a starved machine spoilt, three at a time at most.
async function playAgain(results, times = 2) {
  const spoilt = results.filter((one) => isOurs(one.row) && isStarved(one) && !isPerfect(one));
  for (let i = 0; i < spoilt.length; i += 3) {
    const some = spoilt.slice(i, i + 3);
    console.log(some.map(({ row, seen }) => `the machine was busy for ${seen.starvedMs} ms, played again: ${nameOf(row)}`).join('\n'));
    const again = await play(some.map((one) => one.row));
    again.forEach((one) => { results[results.findIndex(({ row }) => row === one.row)] = one; });
  }
  return spoilt.length > 0 && times > 1 ? playAgain(results, times - 1) : results;
}

async function playAll() {
  const results = [];
  for (const rows of meant()) results.push(...await playAgain(await play(rows)));
  return results;
}

// ---- the table -------------------------------------------------------------------------------------------------------

const COLUMNS = [
  ['program', (r) => r.program], ['connections', (r) => r.connections], ['reason', (r) => r.reason],
  ['at once', (r) => r.atOnce], ['hello', (r) => `${r.helloMs / 1000} s`], ['clock', (r) => `x${r.rate}`],
  ['refreshes', (r) => r.refreshes], ['commands', (r) => r.commands], ['lost', (r) => r.lost],
  ['unanswered', (r) => r.unanswered], ['refused', (r) => r.refused], ['undeliverable', (r) => r.undeliverable], ['unacked', (r) => r.unacked],
  ['late', (r) => r.late], ['elsewhere', (r) => r.elsewhere], ['gaps', (r) => r.gaps], ['deaf ms', (r) => r.deafMs], ['most sockets', (r) => r.most],
  ['slowest ack ms', (r) => r.slowestMs], ['machine busy ms', (r) => r.starvedMs],
];

function table(results) {
  const cells = ({ row, seen, skipped }) => (seen ? COLUMNS.map(([, value]) => String(value(seen)))
    : COLUMNS.map(([name, value], i) => (i < 6 ? String(value(row)) : name === 'refreshes' ? (skipped ? 'skipped' : 'failed') : '-')));
  const lines = [COLUMNS.map(([name]) => name), ...results.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const isText = (i) => i === 0 || i === 2;
  return lines.map((line) => line.map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

function total(seen) {
  return `resetbot: ${sum(seen, 'refreshes')} of ${REFRESHES} refreshes, ${sum(seen, 'commands')} commands, ${sum(seen, 'lost')} lost, ` +
    `${sum(seen, 'unanswered')} unanswered, ${sum(seen, 'refused')} told that nothing was done, ${sum(seen, 'deafMs')} ms deaf`;
}

// ---- the tests -------------------------------------------------------------------------------------------------------

function check({ row, seen, error, skipped }) {
  if (skipped) throw new Skipped(skipped);
  if (error) throw error;
  if (!isOurs(row)) return;
  const log = seen.log.split('\n').filter((line) => !line.includes('test_clock_moved')).slice(-60).join('\n');
  const bad = `\n${table([{ row, seen }])}\n${log}`;
  // notices in the journal, sockets that were told to go
  assert.ok(seen.refreshes >= row.wanted && seen.told === seen.refreshes, `${seen.refreshes} refreshes, ${seen.told} told, ${row.wanted} meant${bad}`);
  assert.equal(seen.lost, 0, `lost${bad}`);
  assert.equal(seen.unanswered, 0, `unanswered${bad}`);
  // what cannot be saved in time is refused, as it must be: that takes a machine that kept the disk waiting
  assert.ok(seen.refused === 0 || isStarved({ seen }), `told that nothing was done${bad}`);
  assert.equal(seen.gaps, 0, `without a live socket${bad}`);
  assert.equal(seen.deafMs, 0, `without a live socket${bad}`);
  assert.ok(seen.most <= row.connections + 1, `too many sockets${bad}`);
  assert.doesNotMatch(seen.log, /slack_no_socket|slack_ack_lost/);
}

const results = await playAll();
const ours = results.filter(({ row, seen }) => seen && isOurs(row)).map(({ seen }) => seen);
console.log(`${table(results)}\n${total(ours)}`);
if (boltLacks) console.log(`skipped: ${boltLacks}`);
await run({
  ...Object.fromEntries(results.map((one) => [nameOf(one.row), () => check(one)])),
  [`R6 sockets were told to go ${REFRESHES} times`]: () => assert.ok(sum(ours, 'refreshes') >= REFRESHES, total(ours)),
});
