// messages.js - the channel and its threads: each message with its blocks, its menu and what hangs below it.

import { renderBlocks } from './blocks.js';
import { $, el, icon, keep, openMenu } from './dom.js';
import { mrkdwn } from './text.js';
import {
  act, announce, channelNow, clockText, dayText, isNowhere, msOf, noteRead, noteThreadRead, personName, readMark, seen, toast, unreadReplies, utcText,
} from './world.js';
import { actOn } from './dialogs.js';

// What app.js gives: opening a thread, jumping to a message.
export const go = { thread: null, jump: null };

// ---- one message --------------------------------------------------------------------------------------------------------

export function avatar(id) {
  const words = personName(id).split(/\s+/);
  const initials = (words[0][0] + (words[1]?.[0] ?? '')).toUpperCase();
  let hue = 0;
  for (const letter of id) hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  if (id === 'U0RESETBOT') return el('span', { class: 'avatar bot', 'aria-hidden': 'true' }, icon('M7 11V8a5 5 0 0 1 9.6-2M5 11h14v9H5zM12 14v3'));
  return el('span', { class: 'avatar', style: `background: hsl(${hue} 38% 34%)`, 'aria-hidden': 'true' }, initials);
}

function bodyOf(message, channel) {
  const where = { channel, ts: message.ts };
  const context = {
    names: seen.names, reader: seen.reader, values: message.state?.values, name: message.ts, heading: 'h2', jump: go.jump,
    act: (element, block, value) => actOn(where, element, block, value),
  };
  if (message.blocks?.length) return renderBlocks(message.blocks, context);
  return [mrkdwn(message.text ?? '', context)];
}

function menuOf(message, channel, inThread) {
  const items = [];
  if (!message.only_for && !inThread) items.push({ label: 'Reply in thread', run: () => go.thread(message.ts) });
  for (const shortcut of message.only_for ? [] : seen.world.shortcuts ?? [])
    items.push({ label: `${shortcut.name} (resetbot)`, run: () => act('shortcut', { user: seen.user, channel, ts: message.ts, callback_id: shortcut.callback_id }) });
  items.push({
    label: 'Copy text',
    run: () => navigator.clipboard.writeText(message.text ?? '').then(() => toast('The text is copied.'), () => toast('The browser did not allow to copy.')),
  });
  return el('button', {
    type: 'button', class: 'message-menu', 'aria-label': `More for the message of ${personName(message.user)}, ${clockText(message.ts)}`,
    'aria-haspopup': 'menu', 'aria-expanded': 'false', 'data-key': `menu ${message.ts}`,
    onclick: (event) => openMenu(event.currentTarget, items, 'What to do with this message'),
  }, el('span', { 'aria-hidden': 'true' }, '⋯'));
}

function threadLink(message, unread) {
  const { length } = message.replies ?? [];
  return el('button', {
    type: 'button', class: `thread-link${unread ? ' unread' : ''}`, 'data-key': `thread ${message.ts}`, onclick: () => go.thread(message.ts),
  }, length === 1 ? '1 reply' : `${length} replies`, unread ? el('span', { class: 'count' }, `${unread} new`) : null);
}

function onlyYou(error) {
  return el('div', { class: 'only' }, icon('M2 12s4-6 10-6 10 6 10 6-4 6-10 6S2 12 2 12zM12 9a3 3 0 1 0 .01 0'), error ?? 'Only visible to you');
}

export function messageNode(message, channel, { inThread = false } = {}) {
  const full = `${utcText(msOf(message.ts))} UTC`;
  return el('li', { class: `message${message.only_for ? ' private' : ''}`, 'data-ts': message.ts },
    avatar(message.user),
    el('div', { class: 'content' },
      message.only_for ? onlyYou() : null,
      el('div', { class: 'head' }, el('strong', {}, personName(message.user)),
        message.bot_id ? el('span', { class: 'app-mark' }, 'APP') : null,
        el('time', { title: full, datetime: new Date(msOf(message.ts)).toISOString() }, clockText(message.ts)),
        message.edited ? el('span', { class: 'edited' }, '(edited)') : null),
      ...bodyOf(message, channel),
      inThread ? null : el('div', { class: 'thread-slot' })),
    menuOf(message, channel, inThread));
}

function troubleNode(error) {
  return el('li', { class: 'message private trouble' }, el('span', { class: 'avatar wrong', 'aria-hidden': 'true' }, '!'),
    el('div', { class: 'content' }, onlyYou(), el('div', { class: 'head' }, el('strong', {}, 'Slack')), el('div', { class: 'text' }, error.text)));
}

// ---- the channel --------------------------------------------------------------------------------------------------------

// All that a message is drawn from, but its replies.
const drawnFrom = ({ ts, user, bot_id, text, blocks, edited, only_for, state }) => [ts, user, bot_id, text, blocks, edited, only_for, state];
const sigOf = (message, more) => JSON.stringify([drawnFrom(message), seen.user, seen.reader.locale, seen.world.shortcuts?.length, more]);

// A reply changes the link alone: the buttons above it stay under the finger.
function drawThreadLink(node, message, channel) {
  const unread = unreadReplies(seen.user, message, channel);
  const count = message.replies?.length ?? 0;
  keep(node.querySelector('.thread-slot'), count ? [{ key: 'link', sig: `${count} ${unread}`, make: () => threadLink(message, unread) }] : []);
}

function messageItem(message, channel) {
  return {
    ts: message.ts, key: message.ts, sig: sigOf(message, 'channel'), make: () => messageNode(message, channel.id),
    after: (node) => drawThreadLink(node, message, channel),
  };
}

function entriesOf(channel) {
  const shown = [...channel.messages, ...channel.private.filter((message) => !message.thread_ts)];
  const entries = shown.map((message) => messageItem(message, channel));
  const acts = Object.fromEntries(seen.state.acts.map((entry) => [entry.id, entry]));
  for (const error of seen.state.errors)
    if (acts[error.id]?.channel === channel.id)
      entries.push({ ts: acts[error.id].ts, key: `error ${error.id}`, sig: error.text, make: () => troubleNode(error) });
  return entries.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

const divider = (key, text, className) => ({ key, sig: text, make: () => el('li', { class: `rule ${className}` }, el('span', {}, text)) });

// Days are ruled off, and what came since this person last looked here.
function withRules(entries, newSince) {
  const items = [];
  let day = null;
  let isNew = false;
  for (const entry of entries) {
    if (dayText(entry.ts) !== day) {
      day = dayText(entry.ts);
      items.push(divider(`day ${day}`, day, 'day'));
    }
    if (!isNew && newSince !== '0' && entry.ts > newSince) {
      isNew = true;
      items.push(divider('new', 'New', 'new'));
    }
    items.push(entry);
  }
  return items;
}

// Where the line "New" stands: at what was read when this person came to this place, until they go.
const arrived = { place: '', since: '0' };

function newSince(channel) {
  const place = `${seen.user} ${channel.id}`;
  if (arrived.place !== place) Object.assign(arrived, { place, since: readMark(seen.user, channel), shown: newestOf(channel) });
  return arrived.since < (arrived.shown ?? '0') ? arrived.since : '0';
}

const newestOf = (channel) => [...channel.messages, ...channel.private].reduce((newest, each) => (each.ts > newest ? each.ts : newest), '0');

const emptyItem = (text) => ({ key: 'empty', sig: text, make: () => el('li', { class: 'empty' }, text) });

function emptyText(channel) {
  if (isNowhere(channel)) return `${personName(seen.user)} is in no channel.`;
  if (channel.is_im) return 'Nothing here yet. resetbot writes to people here, and commands work here too.';
  return 'Nothing here yet.';
}

export function drawMessages() {
  const channel = channelNow();
  const list = $('messages');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const entries = entriesOf(channel);
  const since = newSince(channel);
  const items = entries.length ? withRules(entries, since) : [emptyItem(emptyText(channel))];
  list.setAttribute('aria-label', channel.is_im ? 'Messages with resetbot' : `Messages in #${channel.name}`);
  keep(list, items);
  noteRead(channel);
  if (atEnd && entries.length) list.scrollTop = list.scrollHeight;
}

// ---- a thread -----------------------------------------------------------------------------------------------------------

function replyForm(channel, parent) {
  const send = async (event) => {
    event.preventDefault();
    const field = event.currentTarget.querySelector('input');
    const text = field.value.trim();
    if (!text) return;
    if (text.startsWith('/')) {
      toast(`${text.split(/\s/)[0]} is not supported in threads. Sorry!`); // as Slack says it
      return;
    }
    const answer = await act('say', { user: seen.user, channel: channel.id, text, thread_ts: parent.ts });
    if (answer.ok !== false) field.value = '';
  };
  return el('form', { class: 'reply', autocomplete: 'off', onsubmit: send }, el('label', { class: 'hidden', for: 'reply' }, 'Reply'),
    el('input', { id: 'reply', placeholder: 'Reply…', 'data-key': 'reply' }), el('button', { type: 'submit' }, 'Send'));
}

export function threadItems() {
  const channel = channelNow();
  const parent = channel.messages.find((message) => message.ts === seen.thread);
  if (!parent) return [{ key: 'gone', sig: '', make: () => el('p', { class: 'empty' }, 'This message is not here any more.') }];
  const own = channel.private.filter((message) => message.thread_ts === seen.thread);
  const lines = [...parent.replies, ...own].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  noteThreadRead(parent, channel);
  const item = (message) => ({ key: message.ts, sig: sigOf(message, 'thread'), make: () => messageNode(message, channel.id, { inThread: true }) });
  const count = lines.length === 1 ? '1 reply' : `${lines.length} replies`;
  return [item(parent), divider('count', count, 'day'), ...lines.map(item),
    { key: `reply ${parent.ts}`, sig: seen.user, make: () => el('li', {}, replyForm(channel, parent)) }];
}

let told = null;

// Says what came in places that are not on the screen.
export function tellNews() {
  const counts = seen.state.channels.filter((channel) => channel.id !== channelNow().id).map((channel) => [channel, newestOf(channel)]);
  const newest = JSON.stringify([seen.user, counts.map(([, ts]) => ts)]);
  if (told?.user === seen.user && told.newest !== newest) {
    const where = counts.find(([channel, ts]) => ts > (told.each[channel.id] ?? '0'));
    if (where) announce(`New message ${where[0].is_im ? 'from resetbot' : `in #${where[0].name}`}`);
  }
  told = { user: seen.user, newest, each: Object.fromEntries(counts.map(([channel, ts]) => [channel.id, ts])) };
}
