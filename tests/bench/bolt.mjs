// bolt.mjs - the same command in Slack's own framework: it acknowledges, then answers by the response URL. It saves nothing.
import { createRequire } from 'node:module';

const { App, LogLevel } = createRequire(import.meta.url)('@slack/bolt');

const HELP = ['reset <user, serial or device id> [reason] [ticket]', 'devices <user>', 'status [request]', 'list',
  'approve <request>', 'deny <request>', 'cancel <request>', 'help']
  .map((usage) => ({ type: 'section', text: { type: 'mrkdwn', text: `*/passcode ${usage}*\nWhat it does, in one sentence of this length.\n\`/passcode ${usage}\`` } }));

const app = new App({
  token: 'xoxb-bench', appToken: 'xapp-bench', socketMode: true, logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: `${process.env.BENCH_URL}/api/` },
});
app.command('/passcode', async ({ ack, respond }) => {
  await ack();
  await respond({ response_type: 'ephemeral', replace_original: false, text: 'What you may do here', blocks: HELP });
});
await app.start();
