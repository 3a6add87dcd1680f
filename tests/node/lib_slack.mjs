// lib_slack.mjs - Slack's description of its methods, read from the contracts, and which of them the bot's source names.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { source } from '../sandbox/people.mjs';
import { contracts } from './lib_openapi.mjs';

export const docsFolder = 'slack/method-docs';

// What Slack says about a method; null when there is no such method in the contracts.
export function docOf(method) {
  const file = join(contracts, docsFolder, `${method}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

// The first words of Slack's methods (docs.slack.dev/reference/methods).
const FAMILIES = 'admin|api|apps|assistant|auth|bookmarks|bots|calls|canvases|chat|conversations|dialog|dnd|emoji|files|functions|im|' +
  'oauth|openid|pins|reactions|reminders|rtm|search|stars|team|tooling|usergroups|users|views|workflows';

// Every method that stands in the bot's source; keys of its configuration begin with chat.slack.
export function methodsInSource() {
  const pattern = new RegExp(`"((?:${FAMILIES})\\.[A-Za-z]+(?:\\.[A-Za-z]+)?)"`, 'g');
  const found = new Set();
  for (const top of ['bot', 'commands']) {
    for (const name of readdirSync(join(source, top), { recursive: true })) {
      if (!name.endsWith('.c') && !name.endsWith('.h')) continue;
      const text = readFileSync(join(source, top, name), 'utf8');
      for (const [, method] of text.matchAll(pattern)) if (!method.startsWith('chat.slack')) found.add(method);
    }
  }
  return [...found].sort();
}
