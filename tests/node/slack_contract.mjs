// slack_contract.mjs - each call that the bot makes to Slack, against Slack's own description of the method: arguments
// that exist, those that must be there, the encoding that the method reads, the form of ids and times. What the
// description lacks is a table below. Wrong calls show that the check looks.
import assert from 'node:assert/strict';
import { run } from '../sandbox/people.mjs';
import { needs } from './lib_openapi.mjs';
import { docOf, docsFolder, methodsInSource } from './lib_slack.mjs';
import { everyCall } from './lib_story.mjs';

needs([docsFolder]);
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json; charset=utf-8';

// ---- what the description lacks ----------------------------------------------------------------------------------------

const has = (args, ...names) => names.some((name) => args[name] !== undefined && args[name] !== '');
const length = (text) => [...String(text ?? '')].length;
// docs.slack.dev/reference/methods/chat.postMessage: one of these, or no_text; `text` beside blocks is what notifications say
const content = (args) => [
  !has(args, 'text') && 'a message without text',
  length(args.text) > 40000 && 'a text over 40,000 characters is cut', // docs.slack.dev/changelog, truncating really long messages
  args.reply_broadcast !== undefined && !has(args, 'thread_ts') && 'reply_broadcast without thread_ts',
  has(args, 'markdown_text') && has(args, 'text', 'blocks') && 'markdown_text_conflict',
];
// chat.update and chat.postEphemeral answer msg_too_long
const short = (args) => [length(args.text) > 4000 && 'a text over 4,000 characters'];
const RULES = {
  'chat.postMessage': [content],
  'chat.update': [content, short],
  'chat.postEphemeral': [content, short],
  // docs.slack.dev/reference/methods/views.open: a trigger or a pointer, exchanged for the form
  'views.open': [(args) => [!has(args, 'trigger_id', 'interactivity_pointer') && 'views.open without a trigger']],
  // docs.slack.dev/reference/methods/views.update: the form is named by one of its two ids
  'views.update': [(args) => [has(args, 'view_id') === has(args, 'external_id') && 'views.update needs one of view_id and external_id']],
  // docs.slack.dev/reference/methods/conversations.open: an open conversation or its people, else users_list_not_supplied
  'conversations.open': [(args) => [has(args, 'channel') === has(args, 'users') && 'conversations.open needs one of channel and users']],
  // docs.slack.dev/reference/methods/apps.connections.open: the token in the header alone
  'apps.connections.open': [(args, call) => [call.token !== 'header' && 'apps.connections.open takes its token from the header']],
};

// Arguments that are said to be JSON in a string may be JSON itself in a JSON body: docs.slack.dev/apis/web-api, POST bodies.
const STRUCTURES = { blocks: Array.isArray, attachments: Array.isArray, metadata: isObject, view: isObject };
// The form of ids and times: docs.slack.dev/reference/objects; a person's id as channel opens the direct message.
const FORMS = {
  channel: /^[CDGUW][A-Z0-9]+$/, channel_group: /^[CDG][A-Z0-9]+$/, user: /^[UW][A-Z0-9]+$/, users: /^[UW][A-Z0-9]+(,[UW][A-Z0-9]+)*$/,
  user_group: /^S[A-Z0-9]+$/, timestamp: /^\d{10}\.\d{6}$/, app_trigger_id: /^\d+\.\d+\.[0-9a-f]+$/,
};
// thread_ts has no subtype for chat.postMessage
const SUBTYPES = { thread_ts: 'timestamp' };
// A response_url takes a message and these: docs.slack.dev/interactivity/handling-user-interaction, message responses
const HOOK = {
  response_type: /^(ephemeral|in_channel)$/, replace_original: /^(true|false)$/, delete_original: /^(true|false)$/, thread_ts: FORMS.timestamp,
};
const HOOK_MESSAGE = ['text', 'blocks', 'attachments', 'metadata'];

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

// ---- the check ---------------------------------------------------------------------------------------------------------

// What is wrong with the encoding; docs.slack.dev/apis/web-api: warnings missing_charset and superfluous_charset.
function wrongEncoding(doc, call) {
  if (call.http !== 'POST') return 'resetbot posts; arguments in an address end up in logs';
  if (call.content_type === JSON_TYPE) return doc.json_input_supported ? null : 'the method reads forms alone';
  return call.content_type === FORM ? null : `content type ${call.content_type}`;
}

const typesOf = (property) => [property, ...(property.anyOf || []), ...(property.allOf || [])].map((one) => one.type).filter(Boolean);

function fitsType(types, value, isJson) {
  if (types.length === 0) return true;
  if (!isJson) return types.some((type) => ({ boolean: /^(true|false)$/, number: /^\d+$/, string: /^/ })[type]?.test(value));
  return types.includes(value === null ? 'null' : typeof value);
}

function wrongArgument(name, property, value, isJson) {
  if (!property) return `no argument ${name}`;
  const structure = STRUCTURES[name];
  if (structure && isJson && typeof value !== 'string') return structure(value) ? null : `${name} is of a wrong kind`;
  if (!fitsType(typesOf(property), value, isJson)) return `${name} is of a wrong type`;
  const form = FORMS[property.subtype || SUBTYPES[name]];
  return form && !form.test(value) ? `${name} is not formed like one: ${value}` : null;
}

// What Slack would have against this call; [] when nothing.
function problems(call) {
  const doc = docOf(call.method);
  if (!doc) return [`no method ${call.method}`];
  const args = call.args || {};
  const given = new Set([...Object.keys(args), ...(call.token ? ['token'] : [])]);
  return [
    wrongEncoding(doc, call),
    ...doc.args.required.filter((name) => !given.has(name) || args[name] === '').map((name) => `${name} is missing`),
    ...Object.entries(args).map(([name, value]) => wrongArgument(name, doc.args.properties[name], value, call.content_type === JSON_TYPE)),
    ...(RULES[call.method] || []).flatMap((rule) => rule(args, call)),
  ].filter(Boolean);
}

function hookProblems(body) {
  const wrong = Object.entries(body).filter(([name, value]) => !HOOK_MESSAGE.includes(name) && !HOOK[name]?.test(String(value)));
  return [...wrong.map(([name]) => `no field ${name}, or not so`), ...content(body).filter(Boolean)];
}

// ---- the tests ---------------------------------------------------------------------------------------------------------

let going = null;
const story = () => (going ||= everyCall());
const kind = async (name) => (await story()).filter((entry) => entry.kind === name);

async function allMethods() {
  const called = [...new Set((await kind('api')).map((call) => call.method))].sort();
  assert.deepEqual(called, methodsInSource());
}

async function allCalls() {
  for (const call of await kind('api')) {
    assert.deepEqual(problems(call), [], JSON.stringify(call));
    assert.equal(call.token, 'header', call.method);
  }
}

async function responses() {
  const answered = (await kind('response_url')).filter((entry) => entry.body);
  assert.ok(answered.length > 3);
  for (const { body } of answered) assert.deepEqual(hookProblems(body), [], JSON.stringify(body));
}

async function acks() {
  for (const name of ['ack_invalid', 'ack_unknown', 'ack_again', 'ack_late', 'unacked']) assert.deepEqual(await kind(name), [], name);
  assert.ok((await kind('ack')).length > 10);
}

// What the sandbox says of a call is what the description says: no refusal that this check did not foresee.
async function answers() {
  const surprises = (await kind('api')).filter((call) => call.error && call.error !== 'users_not_found');
  assert.deepEqual(surprises.map((call) => [call.method, call.error]), []);
}

const json = (method, args, more = {}) => ({ method, args, http: 'POST', content_type: JSON_TYPE, token: 'header', ...more });
const form = (method, args, more = {}) => json(method, args, { content_type: FORM, ...more });
const POST = { channel: 'C0HELPDESK', text: 'a' };
const WRONG = {
  'an argument that does not exist': json('chat.postMessage', { ...POST, client_msg_id: '1' }),
  'a channel that is missing': json('chat.postMessage', { text: 'a' }),
  'a token that is missing': json('chat.postMessage', POST, { token: '' }),
  'JSON for a method of forms': json('users.info', { user: 'U0HANNA' }),
  'JSON without a charset': json('chat.postMessage', POST, { content_type: 'application/json' }),
  'a form with a charset': form('users.info', { user: 'U0HANNA' }, { content_type: `${FORM}; charset=utf-8` }),
  'a method by GET': form('users.info', { user: 'U0HANNA' }, { http: 'GET' }),
  'a method that does not exist': form('users.get', { user: 'U0HANNA' }),
  'a name for an id': form('users.info', { user: 'hanna' }),
  'a channel by name': json('chat.postMessage', { ...POST, channel: '#helpdesk-passcodes' }),
  'a time in milliseconds': json('chat.update', { ...POST, ts: '1795367363338' }),
  'a number for a text': json('chat.postMessage', { ...POST, text: 1 }),
  'a text for a boolean': json('chat.postMessage', { ...POST, unfurl_links: 'no' }),
  'a limit that is no number': form('conversations.members', { channel: 'C0HELPDESK', limit: 'all' }),
  'blocks that are no list': json('chat.postMessage', { ...POST, blocks: {} }),
  'a message without text': json('chat.postMessage', { channel: 'C0HELPDESK', blocks: [] }),
  'an edit that is too long': json('chat.update', { ...POST, ts: '1795367363.338000', text: 'ü'.repeat(4001) }),
  'a form without a trigger': json('views.open', { view: {} }),
  'a form to update without its id': json('views.update', { view: {} }),
  'a direct message with nobody': json('conversations.open', {}),
  'a socket by a token in the body': form('apps.connections.open', {}, { token: 'argument' }),
};

async function wrongHooks() {
  assert.deepEqual(hookProblems({ text: 'a', replace_original: false, response_type: 'ephemeral' }), []);
  for (const body of [{ text: 'a', channel: 'C0RANDOM' }, { text: 'a', response_type: 'private' }, { blocks: [] }]) {
    assert.notDeepEqual(hookProblems(body), [], JSON.stringify(body));
  }
}

async function rightOnes() {
  for (const call of [json('chat.postMessage', POST), form('users.info', { user: 'U0HANNA' })]) assert.deepEqual(problems(call), []);
}

const isFound = (call) => async () => assert.equal(problems(call).length, 1, problems(call).join('; '));

await run({
  'the story has every method that the source names': allMethods,
  'each call keeps to the description of its method': allCalls,
  'each answer by response_url has known fields': responses,
  'each ack is one that Slack obeys': acks,
  'no call is refused': answers,
  'right calls are found right': rightOnes,
  'wrong answers by response_url are found': wrongHooks,
  ...Object.fromEntries(Object.entries(WRONG).map(([name, call]) => [`found: ${name}`, isFound(call)])),
});
