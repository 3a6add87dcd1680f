// demo.mjs - bot/demo: a workspace to try, or (--once) two stories played and printed as text. Exits 1 with what failed.
import { join } from 'node:path';
import { World, build } from './people.mjs';

const world = new World({ english: process.argv.includes('--once') });

async function apple() {
  const id = await world.asks('U0HANNA', 'reset adele@contoso.com locked out after the update INC0012345', { pick: 'Choose …4F2K' });
  await world.waitCard(id, 'waiting for 1 approval');
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'done: Intune reports the passcode removed', 40000);
  await world.waitSees('U0AUDRA', /· done: Intune reports/, 15000, 'thread');
}

async function android() {
  const id = await world.asks('U0HENRY', 'reset adele@contoso.com "forgot the work profile code" INC0012399', { pick: 'Choose …03QP', lock: 'work_profile' });
  await world.waitCard(id, 'waiting for 1 approval');
  await world.presses('U0AGNES', 'Approve', { part: id });
  await world.waitCard(id, 'done: Intune reports', 40000);
  await world.presses('U0HENRY', 'Show', { part: id });
  await world.waitView('U0HENRY', 'Read it aloud');
  await world.post('close_view', { user: 'U0HENRY' });
  await world.waitSees('U0AUDRA', 'the temporary passcode was shown', 15000, 'thread');
}

async function once() {
  await apple();
  await android();
  console.log(await world.transcript());
  const how = await world.stopBot();
  if (how !== 0) throw new Error(`the bot ended with ${how}\n${world.botLog()}`);
}

async function stay() {
  console.log(`The workspace: ${world.url}/

The page guides through a first reset. More to try there:
  1. As Hanna (helpdesk), ask for the Pixel 7 of adele@contoso.com, as Arvid approve it; then press Show in Hanna's messages
     with resetbot, and type the temporary passcode on the phone.
  2. What must not work: approve your own request, ask as the guest, ask for a Windows PC, type a wrong command.
  3. Backstage moves time on, and breaks Slack, Intune or the connections.

  4. In another terminal: ${join(build, 'resetbot')} doctor --config ${join(world.dir, 'resetbot.yaml')}
     and, with the same --config, status and audit.

The bot's files: ${world.dir} (removed at the end). Ctrl-C ends everything.`);
  const end = new Promise((done) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.on(signal, done)));
  const how = await Promise.race([end.then(() => 'asked'), world.botEnded.then((code) => `the bot ended with ${code}`)]);
  if (how !== 'asked') throw new Error(how);
}

let code = 0;
try {
  await world.start();
  await (process.argv.includes('--once') ? once() : stay());
} catch (error) {
  console.log(await world.transcript().catch(() => ''));
  console.error(`resetbot: the demo failed: ${error.message}`);
  code = 1;
}
await world.stop();
process.exit(code);
