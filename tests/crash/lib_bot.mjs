// lib_bot.mjs - a world whose bot runs under resetbot-crash, is started again when it was killed, and can be asked whether
// everything has come to rest.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { World, build, policyText, sleep } from '../sandbox/people.mjs';

const EXIT_HIT = 42;
const STORE_FILES = ['resetbot.db', 'resetbot.db-wal', 'resetbot.db-journal', 'resetbot.db.approval-key'];
const CALM_SAMPLES = 3;
const SAMPLE_MS = 3;

// Does no thread of this process run, wait for the disk, or stand still for the tracer?
function isAsleep(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).every((task) => {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1');
      return stat[stat.lastIndexOf(')') + 2] === 'S';
    });
  } catch {
    return true; // it is gone
  }
}

export class CrashWorld extends World {
  // trace: { mode: 'record' | 'entry' | 'exit', what: file or point }
  constructor(trace, options) {
    super(options);
    this.trace = trace;
    this.kills = 0;
    this.isHit = false;
    this.up = Promise.resolve();
    this.moved_ms = 0;
  }

  // The bot under the tracer. isNow: points count from its first call on.
  async startTraced(isNow) {
    const log = openSync(join(this.dir, 'bot.log'), 'a');
    const words = [...(isNow ? ['--now'] : []), join(this.dir, 'resetbot.db'), this.trace.mode, this.trace.what, '--',
      resolve(build, 'resetbot-test'), 'run', '--config', join(this.dir, 'resetbot.yaml')];
    const before = await this.lastNumber();
    this.bot = spawn(resolve(build, 'resetbot-crash'), words, {
      stdio: ['ignore', log, log, 'pipe'],
      env: { ...process.env, LD_BIND_NOW: '1', RESETBOT_TEST_CLOCK: `${this.url}/_sandbox/clock` },
    });
    let told = '';
    const hasPid = new Promise((done) => this.bot.stdio[3].on('data', (data) => {
      told += data;
      const pid = told.match(/^pid (\d+)$/m)?.[1];
      if (pid) done(this.botPid = Number(pid));
    }));
    this.botEnded = new Promise((done) => this.bot.on('exit', (code, signal) => done(signal || code)));
    this.tracer = this.bot;
    const ended = this.botEnded.then((how) => this.afterEnd(how));
    this.up = Promise.race([hasPid.then(() => this.journal('hello', before, 20_000)), ended]);
    this.up.catch(() => {}); // told to whoever waits for it
    await this.up;
  }

  // The traced bot has ended: what it left is kept, and it is started again as a supervisor would, without the tracer.
  async afterEnd(how) {
    this.tracer = null;
    this.bot = null;
    if (this.isOver) return;
    if (how === 77) throw new Error('resetbot-crash may not trace here');
    this.isHit = how === EXIT_HIT;
    if (!this.isHit && !this.mayEnd) throw new Error(`the bot ended with ${how}\n${this.botLog()}`);
    this.keepStore();
    this.up = this.startBot();
    this.up.catch(() => {});
    await this.up;
  }

  // A copy of the store as the kill left it, for a later look.
  keepStore() {
    this.left = join(this.dir, 'left');
    mkdirSync(this.left, { recursive: true });
    for (const name of ['resetbot.yaml', 'policy.yaml', 'app-token', 'bot-token', 'credential', ...STORE_FILES]) {
      if (existsSync(join(this.dir, name))) copyFileSync(join(this.dir, name), join(this.left, name));
    }
  }

  async startBot() {
    await super.startBot();
    this.botPid = this.bot.pid;
    return this;
  }

  // From when to when points count.
  count(isOn) {
    this.tracer?.kill(isOn ? 'SIGUSR1' : 'SIGUSR2');
    return sleep(2);
  }

  signalBot(signal) {
    try {
      process.kill(this.botPid, signal);
    } catch {
      // it was killed meanwhile
    }
  }

  // Waits until bot and sandbox have nothing more to do but to wait.
  async quiet(limitMs = 8000) {
    const end = Date.now() + limitMs;
    for (let calm = 0; calm < CALM_SAMPLES;) {
      if (Date.now() > end) throw new Error(`bot and sandbox do not come to rest within ${limitMs} ms`);
      await sleep(SAMPLE_MS);
      await this.up;
      calm = isAsleep(this.sandbox.pid) && isAsleep(this.botPid) ? calm + 1 : 0;
    }
  }

  async passes(ms) {
    await this.up;
    this.moved_ms += ms;
    await this.advance(ms);
    await this.quiet();
  }

  // The policy on disk changes, and the bot is told.
  newPolicy(changes) {
    writeFileSync(join(this.dir, 'policy.yaml'), policyText({ ...this.options.policy, ...changes }), { mode: 0o600 });
    this.signalBot('SIGHUP');
  }

  async stop() {
    this.isOver = true;
    const { tracer } = this;
    if (tracer) {
      this.signalBot('SIGTERM');
      const limit = setTimeout(() => tracer.kill('SIGKILL'), 3000);
      await this.botEnded;
      clearTimeout(limit);
      this.bot = null;
    }
    await super.stop();
  }

  killAll() {
    for (const child of [this.tracer, this.bot, this.sandbox]) child?.kill('SIGKILL');
  }
}
