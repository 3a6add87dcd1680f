// people.mjs - plays people against the sandbox: starts it and the bot, types, presses, waits for what becomes visible.
// No packages; Node 18 or newer. Used by bot/demo, and by the tests in tests/node, tests/web and tests/crash.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const source = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const build = process.env.RESETBOT_BUILD || join(source, 'build');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const entra = (n) => `000000${n}-0000-4000-8000-0000000000${n}`;
export const device = (n) => `d00000${n}-0000-4000-8000-0000000000${n}`;

// The policy of the sandbox's workspace. changes: lines to put in place of those with the same key.
export function policyText(changes = {}) {
  const keys = {
    people: `
  - {slack: U0HANNA, entra: ${entra('01')}}
  - {slack: U0HENRY, entra: ${entra('02')}}
  - {slack: U0ARVID, entra: ${entra('03')}}
  - {slack: U0AGNES, entra: ${entra('04')}}
  - {slack: U0ADELE, entra: ${entra('07')}}`,
    roles: `
  helpdesk: {groups: [S0HELPDESK]}
  approvers: {groups: [S0APPROVERS]}
  audit: {users: [U0AUDRA]}
  admins: {users: [U0ADMIN]}`,
    channels: '{allowed: [C0HELPDESK], request: C0HELPDESK}',
    approvals: '1',
    ...changes,
  };
  return Object.entries(keys).map(([key, value]) => `${key}: ${value}\n`).join('');
}

export class World {
  // options: sandbox (arguments), config (text to append), policy (changes), program, env, log, wrap (words in front of the
  // program), secrets (in place of the bot's own three), slack and graph (kinds of listeners of a sandbox with --tls),
  // english (false: henry and adele read Swedish, as the sandbox has them)
  constructor(options = {}) {
    this.options = options;
    this.dir = mkdtempSync(join(tmpdir(), 'resetbot-'));
    this.bots = 0;
  }

  async startSandbox() {
    this.sandbox = spawn(join(build, 'resetbot-sandbox'), this.options.sandbox || [], { stdio: ['ignore', 'pipe', 'inherit'] });
    const wantsTls = (this.options.sandbox || []).includes('--tls');
    const first = await new Promise((done, failed) => {
      let text = '';
      this.sandbox.stdout.on('data', (data) => {
        text += data;
        if (/^listening http:\/\/\S+\n/m.test(text) && (!wantsTls || /^listening https:\S+\n/m.test(text))) done(text);
      });
      this.sandbox.on('exit', (code) => failed(new Error(`the sandbox ended with ${code}`)));
    });
    this.url = first.match(/listening (http:\/\/\S+)/)[1];
    // a certificate each, see the sandbox's README
    this.tlsDir = first.match(/^tls-dir (.+)$/m)?.[1];
    this.tls = Object.fromEntries([...first.matchAll(/^listening-(\S+) (\S+)$/mg)].map(([, kind, url]) => [kind, url]));
    this.tls.good = first.match(/^listening (https:\S+)$/m)?.[1];
    if (this.options.english !== false) {
      for (const id of ['U0HENRY', 'U0ADELE']) await this.post('user', { id, fields: { locale: 'en-US' } });
    }
    return this;
  }

  file(name, text) {
    const path = join(this.dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    chmodSync(path, 0o600);
    return path;
  }

  writeConfig() {
    const { appToken = 'xapp-sandbox', botToken = 'xoxb-sandbox', credential = 'sandbox-secret' } = this.options.secrets || {};
    const slack = this.tls[this.options.slack] || this.url;
    const graph = this.tls[this.options.graph] || this.url;
    this.file('app-token', appToken);
    this.file('bot-token', botToken);
    this.file('credential', credential);
    this.file('policy.yaml', policyText(this.options.policy));
    return this.file('resetbot.yaml', `chat:
  slack:
    app_token: file:app-token
    bot_token: file:bot-token
    api_url: ${slack}/api/
    connections: ${this.options.connections || 2}
intune:
  tenant: contoso.com
  client_id: 22222222-2222-4222-8222-222222222222
  credential: file:credential
  login_url: ${graph}
  graph_url: ${graph}
store: {url: "sqlite:resetbot.db"}
policy: policy.yaml
log: {level: ${this.options.log || 'info'}}
${this.options.sandbox?.includes('--tls') ? `net: {ca_file: ${this.options.caFile || join(this.tlsDir, 'ca.pem')}}\n` : ''}${this.options.config || ''}`);
  }

  async startBot() {
    const config = join(this.dir, 'resetbot.yaml');
    const log = openSync(join(this.dir, 'bot.log'), 'a');
    const command = [...(this.options.wrap || []), resolve(build, this.options.program || 'resetbot-test'), 'run', '--config', config];
    const before = await this.lastNumber();
    this.bot = spawn(command[0], command.slice(1), {
      stdio: ['ignore', log, log],
      env: { ...process.env, RESETBOT_TEST_CLOCK: `${this.url}/_sandbox/clock`, ...this.options.env },
    });
    this.botEnded = new Promise((done) => this.bot.on('exit', (code, signal) => done(signal || code)));
    await this.journal('hello', before, this.options.startMs || 20000);
    return this;
  }

  async start() {
    await this.startSandbox();
    this.writeConfig();
    if (this.options.settings) await this.settings(this.options.settings);
    await this.startBot();
    return this;
  }

  async stopBot(signal = 'SIGTERM') {
    if (!this.bot) return null;
    this.bot.kill(signal);
    const how = await this.botEnded;
    this.bot = null;
    return how;
  }

  async stop(keep = false) {
    await this.stopBot();
    if (this.sandbox) {
      const gone = new Promise((done) => this.sandbox.on('exit', done));
      this.sandbox.kill('SIGTERM');
      await Promise.race([gone, sleep(5000)]);
    }
    const fault = this.sanitizerSays();
    if (!keep) rmSync(this.dir, { recursive: true, force: true });
    if (fault) throw new Error(`the bot's build found a fault\n${fault}`);
  }

  // What AddressSanitizer and its kin wrote, also at the end: "" without.
  sanitizerSays() {
    const log = existsSync(join(this.dir, 'bot.log')) ? this.botLog() : '';
    const at = log.search(/==\d+==ERROR: \w+Sanitizer|\S+:\d+:\d+: runtime error: /);
    return at < 0 ? '' : log.slice(at);
  }

  botLog() {
    return readFileSync(join(this.dir, 'bot.log'), 'utf8');
  }

  // ---- the control interface -----------------------------------------------------------------------------------------

  async post(verb, body) {
    const reply = await fetch(`${this.url}/_sandbox/${verb}`, { method: 'POST', body: JSON.stringify(body) });
    const answer = await reply.json();
    if (!answer.ok) throw new Error(`${verb} ${JSON.stringify(body)}: ${answer.error}`);
    return answer;
  }

  async get(path) {
    return (await fetch(`${this.url}/_sandbox/${path}`)).json();
  }

  async transcript(query = '') {
    return (await fetch(`${this.url}/_sandbox/transcript${query}`)).text();
  }

  settings(values) {
    return this.post('settings', values);
  }

  fault(name, value, times = 1, more = {}) {
    return this.post('fault', { name, times, ...(value === undefined ? {} : { value }), ...more });
  }

  advance(ms) {
    return this.post('time', { advance_ms: ms });
  }

  async lastNumber() {
    return (await this.get('journal?after=999999999')).last;
  }

  // Waits for a journal entry of this kind with a number above `after`, and gives it.
  async journal(kind, after = 0, limitMs = 15000, match = () => true) {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      const answer = await this.get(`journal?after=${after}&kind=${kind}&wait_ms=500`);
      const hit = answer.entries.find(match);
      if (hit) return hit;
      if (answer.entries.length) after = answer.entries.at(-1).n;
    }
    throw new Error(`no ${kind} within ${limitMs} ms\n${await this.transcript()}\n${this.botLog()}`);
  }

  // ---- people ---------------------------------------------------------------------------------------------------------

  // Types the slash command, waits until Slack's client is satisfied, gives the act.
  async types(user, text, channel = 'C0HELPDESK') {
    const { id } = await this.post('command', { user, channel, text });
    return this.get(`act?id=${id}&wait_ms=10000`);
  }

  // Everything that this person sees now: messages, newest last, each with its channel.
  async sees(user) {
    const state = await this.get(`state?user=${user}`);
    const all = [];
    for (const channel of state.channels) {
      const at = (message, kind) => all.push({ ...message, channel: channel.id, kind });
      for (const message of channel.messages) {
        at(message, channel.is_im ? 'direct' : 'channel');
        for (const reply of message.replies || []) at(reply, 'thread');
      }
      for (const message of channel.private) at(message, 'private');
    }
    all.sort((a, b) => (a.ts < b.ts ? -1 : 1));
    return { all, view: state.views.at(-1) || null, errors: state.errors, acts: state.acts };
  }

  // Waits until the person sees a message whose text holds `part` (text or regular expression); gives the newest.
  async waitSees(user, part, limitMs = 15000, kind = null) {
    const end = Date.now() + limitMs;
    const holds = (text) => (part instanceof RegExp ? part.test(text) : text.includes(part));
    let seen = null;
    while (Date.now() < end) {
      seen = await this.sees(user);
      const hit = seen.all.filter((message) => (!kind || message.kind === kind) && holds(message.text || '')).at(-1);
      if (hit) return hit;
      await sleep(40);
    }
    throw new Error(`${user} does not see ${part} within ${limitMs} ms\n${await this.transcript()}\n${this.botLog()}`);
  }

  static buttons(message) {
    const found = [];
    for (const block of message.blocks || []) {
      for (const element of [...(block.elements || []), ...(block.accessory ? [block.accessory] : [])]) {
        if (element.type === 'button') found.push({ ...element, block_id: block.block_id });
      }
    }
    return found;
  }

  // Presses the newest button with this label that the person sees; waits until Slack's client is satisfied.
  async presses(user, label, { limitMs = 15000, value, part } = {}) {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      const { all } = await this.sees(user);
      for (const message of all.reverse()) {
        if (part && !(message.text || '').includes(part)) continue;
        const button = World.buttons(message).find((b) => b.text.text === label || b.action_id === label);
        if (button) {
          const click = {
            user, channel: message.channel, ts: message.ts, action_id: button.action_id, block_id: button.block_id,
            ...(value === undefined ? {} : { value }),
          };
          // the message may be replaced between the look and the press: look again
          const act = await this.post('click', click).catch((error) => {
            if (!error.message.includes('no element with that action_id')) throw error;
            return null;
          });
          if (act) return this.get(`act?id=${act.id}&wait_ms=10000`);
          break;
        }
      }
      await sleep(40);
    }
    throw new Error(`${user} sees no button ${label}\n${await this.transcript()}\n${this.botLog()}`);
  }

  // Chooses an option (by label or value) in the newest message that has this choice.
  async chooses(user, actionId, option) {
    const { all } = await this.sees(user);
    for (const message of all.reverse()) {
      for (const block of message.blocks || []) {
        const elements = [...(block.elements || []), ...(block.accessory ? [block.accessory] : [])];
        if (elements.some((element) => element.action_id === actionId)) {
          return this.post('select', { user, channel: message.channel, ts: message.ts, action_id: actionId, block_id: block.block_id, value: option });
        }
      }
    }
    throw new Error(`${user} sees no choice ${actionId}\n${await this.transcript()}`);
  }

  async waitView(user, part, limitMs = 10000) {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      const { view } = await this.sees(user);
      if (view && JSON.stringify(view).includes(part)) return view;
      await sleep(40);
    }
    throw new Error(`${user} sees no form with ${part}\n${await this.transcript()}\n${this.botLog()}`);
  }

  // A whole request up to its card; gives its id.
  async asks(user, text, { lock, pick, verified = 'called_back', holds = 'yes' } = {}) {
    await this.types(user, text);
    if (pick) await this.presses(user, pick);
    const preview = await this.waitSees(user, /^R-\w+ · .*Only you see this/s, 15000, 'private');
    const id = preview.text.match(/^(R-\w+)/)[1];
    if (verified) await this.chooses(user, 'verified', verified);
    if (holds) await this.chooses(user, 'holds', holds);
    if (lock) await this.chooses(user, 'lock', lock);
    await this.presses(user, 'Send for approval', { part: id });
    return id;
  }

  // The state of a request as its card's text tells.
  async waitCard(id, part, limitMs = 20000) {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      const { all } = await this.sees('U0AUDRA');
      const card = all.find((message) => message.kind === 'channel' && message.text.startsWith(id));
      if (card && (part instanceof RegExp ? part.test(card.text) : card.text.includes(part))) return card;
      await sleep(60);
    }
    throw new Error(`the card of ${id} does not show ${part}\n${await this.transcript()}\n${this.botLog()}`);
  }

  async thread(id) {
    const { all } = await this.sees('U0AUDRA');
    const card = all.find((message) => message.kind === 'channel' && message.text.startsWith(id));
    return (card?.replies || []).map((reply) => reply.text);
  }

  // The reset POSTs that Graph read, with whether each may have acted.
  async resets() {
    return (await this.get('journal?after=0&kind=graph.reset')).entries;
  }
}

// Thrown by a check that lacks what it needs: it counts as skipped.
export class Skipped extends Error {}

// Runs named checks one after the other, then after(); ends the process with a closing line that tests/run counts.
export async function run(tests, after = async () => {}) {
  const only = process.argv[2];
  let passed = 0;
  let skipped = 0;
  const failed = [];
  for (const [name, test] of Object.entries(tests)) {
    if (only && !name.includes(only)) continue;
    const begin = Date.now();
    try {
      await test();
      passed++;
      console.log(`ok   ${name} (${Date.now() - begin} ms)`);
    } catch (error) {
      if (error instanceof Skipped) {
        skipped++;
        console.log(`skipped ${name}: ${error.message}`);
        continue;
      }
      failed.push(name);
      console.log(`FAIL ${name} (${Date.now() - begin} ms)\n${error.stack}`);
    }
  }
  await after();
  console.log(`${passed} passed, ${failed.length} failed, ${skipped} skipped`);
  process.exit(failed.length ? 1 : passed || !skipped ? 0 : 77);
}
