// manifest.mjs - config/slack-manifest.yaml is one that Slack's own schema takes, and it asks for what the bot calls:
// each method that the source names has a scope of those its description lists, and each scope is needed by a method.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run, source } from '../sandbox/people.mjs';
import { contracts, needs } from './lib_openapi.mjs';
import { docOf, docsFolder, methodsInSource } from './lib_slack.mjs';

const SCHEMA = 'slack/manifest/manifest.schema.2.0.0.json';
needs([SCHEMA, docsFolder], ['ajv', 'ajv-formats', 'js-yaml']);
const need = createRequire(import.meta.url);
const manifest = need('js-yaml').load(readFileSync(join(source, 'config', 'slack-manifest.yaml'), 'utf8'));
const scopes = manifest.oauth_config.scopes.bot;

// Why each scope is there. A method's description lists scopes that each suffice for one kind of conversation; the bot
// works in public and private channels and opens direct messages, no others.
const WHY = {
  commands: [], // the slash command: no method
  'chat:write': ['chat.postMessage', 'chat.update', 'chat.delete', 'chat.postEphemeral'],
  'users:read': ['users.info'],
  'users:read.email': ['users.lookupByEmail'],
  'usergroups:read': ['usergroups.users.list'],
  'channels:read': ['conversations.info', 'conversations.members'],
  'groups:read': ['conversations.info', 'conversations.members'],
  'channels:history': ['conversations.history', 'conversations.replies'],
  'groups:history': ['conversations.history', 'conversations.replies'],
  'im:write': ['conversations.open'],
};
// What users:read.email needs beside itself: docs.slack.dev/reference/scopes/users.read.email
const TOGETHER = { 'users:read.email': 'users:read' };
// The app-level token's, which no manifest has: docs.slack.dev/reference/scopes/connections.write
const APP_LEVEL = ['apps.connections.open'];

const validator = () => {
  const ajv = new (need('ajv').default)({ strict: false, allErrors: true });
  need('ajv-formats').default(ajv);
  // Slack's schema has patterns under this name too, which JSON Schema does not know
  ajv.addKeyword({ keyword: 'regex', type: 'string', validate: (pattern, value) => new RegExp(pattern).test(value) });
  return ajv.compile(JSON.parse(readFileSync(join(contracts, SCHEMA), 'utf8')));
};
const validate = validator();
const faults = (value) => (validate(value) ? [] : validate.errors.map((error) => `${error.instancePath} ${error.message}`));

async function isValid() {
  assert.deepEqual(faults(manifest), []);
}

async function wrongOnes() {
  const changed = (change) => {
    const copy = structuredClone(manifest);
    change(copy);
    return faults(copy);
  };
  assert.notDeepEqual(changed((m) => { delete m.display_information.name; }), []);
  assert.notDeepEqual(changed((m) => { m.features.slash_commands[0].command = 'passcode'; }), []);
  assert.notDeepEqual(changed((m) => { m.features.slash_commands[0].should_escape = 'yes'; }), []);
  assert.notDeepEqual(changed((m) => { m.settings.socket_mode = true; }), []);
  assert.notDeepEqual(changed((m) => { m.display_information.background_color = 'blue'; }), []);
  assert.notDeepEqual(changed((m) => { m.oauth_config.scopes.app = ['connections:write']; }), []);
}

async function eachMethodMay() {
  const called = methodsInSource();
  assert.ok(called.length > 10, called.join(' '));
  for (const method of called) {
    const doc = docOf(method);
    assert.ok(doc, `the contracts do not know ${method}`);
    const enough = doc.scope.bot || [];
    assert.ok(enough.length === 0 || enough.some((scope) => scopes.includes(scope)), `${method} needs one of ${enough}`);
    // one that needs none says so, but for the app-level token's
    assert.ok(enough.length > 0 || doc.no_scope_required || APP_LEVEL.includes(method), method);
  }
}

async function eachScopeIsNeeded() {
  const called = methodsInSource();
  assert.deepEqual([...scopes].sort(), Object.keys(WHY).sort());
  for (const scope of scopes.filter((one) => one !== 'commands')) {
    const users = WHY[scope].filter((method) => called.includes(method));
    assert.ok(users.length > 0, `nothing called needs ${scope}`);
    for (const method of users) assert.ok(docOf(method).scope.bot.includes(scope), `${method} is not served by ${scope}`);
    if (TOGETHER[scope]) assert.ok(scopes.includes(TOGETHER[scope]), `${scope} needs ${TOGETHER[scope]} too`);
  }
  // and the table has each method that needs a scope
  const served = new Set(Object.values(WHY).flat());
  assert.deepEqual(called.filter((method) => docOf(method).scope.bot && !served.has(method)), []);
}

async function nothingMore() {
  assert.equal(manifest.features.app_home.home_tab_enabled, true);
  assert.deepEqual(manifest.features.shortcuts.map(({ type, callback_id: id }) => [type, id]), [['message', 'reset_from_message']]);
  assert.deepEqual(manifest.settings.event_subscriptions, { bot_events: ['app_home_opened'] });
  assert.equal(manifest.oauth_config.scopes.user, undefined);
  assert.equal(manifest.oauth_config.redirect_urls, undefined);
  assert.deepEqual(Object.keys(manifest.features).sort(), ['app_home', 'bot_user', 'shortcuts', 'slash_commands']);
  assert.equal(manifest.settings.socket_mode_enabled, true);
  assert.equal(manifest.settings.interactivity.is_enabled, true);
  // mentions arrive as ids, and no request comes by a public address
  assert.ok(manifest.features.slash_commands.every((command) => command.should_escape && !command.url));
}

// The stand-in's app is the same app, so that a scope that lacks here is missed there.
async function sandboxHasTheSame() {
  const text = readFileSync(join(source, 'tests', 'sandbox', 'slack_api.c'), 'utf8');
  const [, lines] = text.match(/#define SCOPES\s+\\\s*((?:\s*"[^"]*"\s*\\?\n)+)/);
  assert.deepEqual([...lines.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join('').split(',').sort(), [...scopes].sort());
}

await run({
  "Slack's schema takes the manifest": isValid,
  'wrong manifests are refused': wrongOnes,
  'each method called has a scope': eachMethodMay,
  'each scope is needed by a method called': eachScopeIsNeeded,
  'it has no global shortcut, no event but that of its Home tab, and no public address': nothingMore,
  'the sandbox grants the same scopes': sandboxHasTheSame,
});
