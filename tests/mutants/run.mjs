// run.mjs - see run. Each job has a copy of the tree and a build tree; mutants are applied and taken back one after the other.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { apply, readMutants } from './edits.mjs';

const BUILD_TIMEOUT_S = 900;
// A test that hangs has noticed something only when it is never slow by itself: its limits are ten times what it takes
// without a fault, at least these, and it must hang twice.
const TIMES = 10;
const LEAST_TEST_S = 30;
const LEAST_CASE_S = 12;
const CHECK_CASE_S = 4; // Check's own limit of a case, which CK_TIMEOUT_MULTIPLIER multiplies
const HUNG = ' (it hung)';
const PROGRAMS = ['resetbot', 'resetbot-test', 'resetbot-sandbox']; // what the Node programs start
const started = Date.now();
const root = process.argv[2];
const work = join(process.env.RESETBOT_BUILD || join(root, 'build'), 'mutants');
const options = readOptions(process.argv.slice(3));
const running = new Set();

function die(text) {
  process.stderr.write(`tests/mutants/run: ${text}\n`);
  process.exit(2);
}

function readOptions(args) {
  const read = { only: null, some: 0, seed: Date.now() % 100000, jobs: 0, list: false };
  for (let i = 0; i < args.length; i++) {
    const key = args[i].replace(/^--/, '');
    if (key === 'list') read.list = true;
    else if (key === 'only' && args[i + 1]) read.only = args[++i].split(',');
    else if (['some', 'seed', 'jobs'].includes(key) && /^\d+$/.test(args[i + 1] || '')) read[key] = Number(args[++i]);
    else die(`${args[i]} is not understood: see --help`);
  }
  return read;
}

// ---- which ---------------------------------------------------------------------------------------------------------

// The same choice for the same seed (xorshift). Those that need whole programs are left to the full run.
function chooseSome(mutants, n, seed) {
  const rest = mutants.filter((mutant) => !mutant.tests.some(isNode));
  let state = (seed + 1) * 2654435761 >>> 0 || 1;
  const chosen = [];
  while (chosen.length < n && rest.length) {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
    chosen.push(...rest.splice(state % rest.length, 1));
  }
  return chosen;
}

function choose() {
  const all = readMutants(join(root, 'tests/mutants'));
  const unknown = (options.only || []).filter((name) => !all.some((mutant) => mutant.name === name));
  if (unknown.length) die(`no mutant is called ${unknown.join(', ')}`);
  if (options.only) return all.filter((mutant) => options.only.includes(mutant.name));
  if (!options.some) return all;
  console.log(`seed ${options.seed}`);
  return chooseSome(all, options.some, options.seed);
}

// ---- programs ------------------------------------------------------------------------------------------------------

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it is gone
  }
}

// Gives {status, text, signal, isLate}; status null when a signal ended it, isLate when that was ours, after its time.
function run(command, args, { cwd, env, timeoutS }) {
  return new Promise((resolve) => {
    let isLate = false;
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    const stop = () => { isLate = true; kill(child, 'SIGTERM'); };
    const timers = [setTimeout(stop, timeoutS * 1000), setTimeout(() => kill(child, 'SIGKILL'), timeoutS * 1000 + 5000)];
    running.add(child);
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const end = (status, text, signal = null) => {
      timers.forEach(clearTimeout);
      running.delete(child);
      resolve({ status, text, signal, isLate });
    };
    child.on('error', (error) => end(127, String(error)));
    child.on('close', (status, signal) => end(status, Buffer.concat(chunks).toString(), signal));
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    running.forEach((child) => kill(child, 'SIGKILL'));
    process.exit(1);
  });
}

// ---- copies --------------------------------------------------------------------------------------------------------

function walk(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (/^(\.git|node_modules|build.*)$/.test(entry.name)) return [];
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function filesOfTree() {
  const listed = spawnSync('git', ['-C', root, 'ls-files', '-z', '-co', '--exclude-standard'], { maxBuffer: 1 << 26 });
  const files = listed.status === 0 ? listed.stdout.toString().split('\0').filter(Boolean) : walk('.');
  return files.filter((file) => existsSync(join(root, file)) && statSync(join(root, file)).isFile());
}

// Only what differs is written, so that a build tree of the last run is still good.
function copyTree(tree) {
  const files = filesOfTree();
  for (const file of files) {
    const from = join(root, file);
    const to = join(tree, file);
    const bytes = readFileSync(from);
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, bytes, { mode: statSync(from).mode });
  }
  const wanted = new Set(files.map((file) => join(tree, file)));
  const known = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of known) {
    const path = join(entry.parentPath || entry.path, entry.name);
    if (!wanted.has(path)) rmSync(path);
  }
  for (const modules of ['tests/node_modules', 'tests/node20/node_modules']) {
    if (existsSync(join(root, modules)) && !existsSync(join(tree, modules))) symlinkSync(join(root, modules), join(tree, modules));
  }
}

function makeJob(n, share) {
  const folder = join(work, String(n));
  const job = { n, share, folder, tree: join(folder, 'tree'), build: join(folder, 'build') };
  mkdirSync(job.tree, { recursive: true });
  copyTree(job.tree);
  job.env = {
    LC_ALL: 'C.UTF-8', CCACHE_BASEDIR: folder,
    RESETBOT_SOURCE: job.tree, RESETBOT_BUILD: job.build,
    RESETBOT_CONTRACTS: process.env.RESETBOT_CONTRACTS || join(root, '../shared/contracts'),
  };
  return job;
}

async function configure(job) {
  const ccache = spawnSync('ccache', ['--version']).status === 0 ? ['-DCMAKE_C_COMPILER_LAUNCHER=ccache'] : [];
  const args = ['-S', job.tree, '-B', job.build, '-G', 'Ninja', '-DCMAKE_C_COMPILER=gcc', '-DCMAKE_BUILD_TYPE=Mutant', '-DCMAKE_C_FLAGS_MUTANT=-O1', ...ccache];
  const done = await run('cmake', args, { env: job.env, timeoutS: BUILD_TIMEOUT_S });
  if (done.status !== 0) throw new Error(`cmake fails:\n${done.text}`);
}

// ---- tests ---------------------------------------------------------------------------------------------------------

function isNode(test) {
  return test.startsWith('node/');
}

async function build(job, tests) {
  const targets = [...new Set(tests.flatMap((test) => (isNode(test) || test.endsWith('_sandbox_test') ? [...PROGRAMS, test] : [test])))];
  const args = ['--build', job.build, '-j', String(job.share), '--target', ...targets.filter((target) => !isNode(target))];
  const done = await run('cmake', args, { env: job.env, timeoutS: BUILD_TIMEOUT_S });
  writeFileSync(join(job.folder, 'build.log'), done.text);
  return done.status === 0 ? null : (done.text.match(/^.*(error:|undefined reference).*$/m) || ['see build.log'])[0];
}

// What failed first in it, a hanging case only when no other failed. Check writes "FILE:LINE:F:CASE:TEST:ROUND: ...", the
// Node programs "FAIL NAME".
function firstFailure({ status, signal, isLate, text }) {
  const cases = [...text.matchAll(/^\S+?:\d+:[FE]:[^:]*:(\w+):(.*)$/mg)].map(([, name, why]) => ({ name, isHung: /Test timeout expired/.test(why) }));
  const failed = cases.find((one) => !one.isHung)?.name || (text.match(/^FAIL (\S+)/m) || [])[1];
  if (failed) return failed;
  if (cases.length) return `${cases[0].name}${HUNG}`;
  if (isLate) return `the whole of it${HUNG}`;
  return status === null ? `it ended by ${signal}` : `exit code ${status}`;
}

// Runs it within its limits; clean is what it took without any fault, unknown in the run that finds that out.
function start(job, test, { clean, env }) {
  const timeoutS = clean ? Math.max(LEAST_TEST_S, TIMES * clean.seconds) : BUILD_TIMEOUT_S;
  const caseS = clean ? Math.max(LEAST_CASE_S, TIMES * clean.longest) : BUILD_TIMEOUT_S;
  const limits = { timeoutS, env: { ...job.env, ...env, CK_TIMEOUT_MULTIPLIER: String(Math.ceil(caseS / CHECK_CASE_S)) } };
  return isNode(test)
    ? run('node', [join(job.tree, 'tests', `${test}.mjs`)], { cwd: job.tree, ...limits })
    : run(join(job.build, 'tests', test), [], { cwd: job.build, ...limits });
}

// null when the test passes, else its name with what failed in it. One that hangs is tried once more: the machine may
// have been busy.
async function failureOf(job, test, more, times = 2) {
  const done = await start(job, test, more);
  writeFileSync(join(job.folder, 'test.log'), done.text);
  if (done.status === 0) return null;
  const what = firstFailure(done);
  if (what.endsWith(HUNG) && times > 1) return failureOf(job, test, more, times - 1);
  return `${test}/${what}`;
}

// Without any fault: {failure, seconds, longest}, the last being its slowest case.
async function timeClean(job, test) {
  const file = join(job.folder, 'cases.xml');
  rmSync(file, { force: true });
  const from = Date.now();
  const failure = await failureOf(job, test, { env: { CK_XML_LOG_FILE_NAME: file } }, 1);
  const seconds = (Date.now() - from) / 1000;
  const cases = existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/<duration>([\d.]+)</g)].map(([, text]) => Number(text)) : [];
  return { failure, seconds, longest: cases.length ? Math.max(...cases) : seconds };
}

// ---- mutants -------------------------------------------------------------------------------------------------------

async function tryOne(job, mutant, clean) {
  const undo = apply(job.tree, mutant);
  try {
    const error = await build(job, mutant.tests);
    if (error) return `DOES NOT BUILD · ${error}`;
    for (const test of mutant.tests) {
      const failure = await failureOf(job, test, { clean: clean.get(test) });
      if (failure) return `caught by ${failure}`;
    }
    return 'NOT CAUGHT';
  } finally {
    undo();
  }
}

async function workThrough(job, queue, clean, count) {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const from = Date.now();
    let what;
    try {
      what = await tryOne(job, mutant, clean);
    } catch (error) {
      what = `DOES NOT APPLY · ${error.message}`;
    }
    const isCaught = what.startsWith('caught by');
    count[isCaught ? 'caught' : 'missed']++;
    if (what.endsWith(HUNG)) count.hung++;
    console.log(`${mutant.name} · ${what} · ${((Date.now() - from) / 1000).toFixed(1)}`);
  }
}

// Without any fault all named tests pass; else everything would look caught. Fills in how long each takes.
async function checkTree(job, mutants, clean) {
  const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))];
  const error = await build(job, tests);
  if (error) return `the tree as it is does not build: ${error}`;
  for (const test of tests) {
    const took = await timeClean(job, test);
    if (took.failure) return `the tree as it is fails ${took.failure}: ${join(job.folder, 'test.log')}`;
    clean.set(test, took);
  }
  return null;
}

async function main() {
  const mutants = choose();
  if (options.list) {
    for (const mutant of mutants) console.log(`${mutant.name} · ${mutant.promise} · ${mutant.what} · ${mutant.tests.join(' ')}`);
    return 0;
  }
  const cores = Math.min(availableParallelism(), 8);
  const wanted = options.jobs || (mutants.length > 8 ? Math.min(cores, 4) : 1);
  const jobs = Array.from({ length: Math.min(wanted, mutants.length) || 1 }, (_, n) => makeJob(n, Math.max(1, Math.ceil(cores / wanted))));
  const count = { caught: 0, missed: 0, hung: 0 };
  const clean = new Map();
  for (const job of jobs) await configure(job);
  const fault = await checkTree(jobs[0], mutants, clean);
  if (fault) {
    console.log(`${fault}\n0 passed, 1 failed, 0 skipped`);
    return 1;
  }
  const queue = [...mutants];
  await Promise.all(jobs.map((job) => workThrough(job, queue, clean, count)));
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${mutants.length} mutants, ${count.caught} caught${count.hung ? ` (${count.hung} by a test that hung)` : ''}, ${count.missed} not caught, ${seconds} s`);
  console.log(`${count.caught} passed, ${count.missed} failed, 0 skipped`);
  return count.missed === 0 && count.caught > 0 ? 0 : 1;
}

main().then((status) => process.exit(status), (error) => die(error.message));
