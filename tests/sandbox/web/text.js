// text.js - mrkdwn, dates and emoji as DOM nodes. Texts go in as text nodes only: nothing that was posted becomes markup.

import { el } from './dom.js';

export const unescape = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

// ---- emoji ------------------------------------------------------------------------------------------------------------

// Those that apps use most; another name stays text.
const emojiChars = {
  white_check_mark: '✅', heavy_check_mark: '✔️', x: '❌', warning: '⚠️', lock: '🔒', unlock: '🔓', key: '🔑', bell: '🔔', hourglass: '⌛',
  clock3: '🕒', eyes: '👀', wave: '👋', '+1': '👍', thumbsup: '👍', '-1': '👎', tada: '🎉', rotating_light: '🚨', iphone: '📱', phone: '☎️',
  computer: '💻', information_source: 'ℹ️', question: '❓', no_entry: '⛔', red_circle: '🔴', large_green_circle: '🟢', memo: '📝', link: '🔗',
  smile: '😄', siren: '🚨', fire: '🔥', star: '⭐', arrow_right: '➡️', house: '🏠', pushpin: '📌',
};

export const emojiOf = (name) => emojiChars[name] ?? `:${name}:`;
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emojiChars[name] ?? whole);

// ---- dates ------------------------------------------------------------------------------------------------------------

// How each word of a date format reads: docs.slack.dev/messaging/formatting-message-text, "Date formatting".
const dateStyles = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

// 9:05 AM, but 09:05 where a day has 24 hours.
export const hourStyle = (locale) => (new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 ? 'numeric' : '2-digit');

const dayNumber = (ms, zone) => Date.parse(new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(ms)) / 864e5;

function nearDay(ms, reader) {
  const days = Math.round(dayNumber(ms, reader.zone) - dayNumber(reader.now(), reader.zone));
  return Math.abs(days) > 1 ? null : new Intl.RelativeTimeFormat(reader.locale, { numeric: 'auto' }).format(days, 'day');
}

function ago(ms, reader) {
  const seconds = Math.round((ms - reader.now()) / 1000);
  const [unit, size] = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]].find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(reader.locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

function dateWord(word, ms, reader) {
  if (word === 'ago') return ago(ms, reader);
  const plain = word.replace(/_pretty$/, '');
  const near = plain === word ? null : nearDay(ms, reader);
  const style = dateStyles[word === 'day_divider_pretty' ? 'date_long' : plain];
  if (near || !style) return near;
  const hours = style.hour ? { hour: hourStyle(reader.locale) } : {};
  return new Intl.DateTimeFormat(reader.locale, { timeZone: reader.zone, ...style, ...hours }).format(ms);
}

// A date as Slack shows it to this reader; the fallback when a word of the format is not known.
export function dateText(seconds, format, fallback, reader) {
  const words = [...format.matchAll(/\{(\w+)\}/g)].map(([, word]) => dateWord(word, seconds * 1000, reader));
  if (!Number.isFinite(seconds) || !words.length || words.includes(null)) return fallback;
  let at = 0;
  return format.replace(/\{\w+\}/g, () => words[at++]);
}

export function dateNode(seconds, format, fallback, reader) {
  const exact = Number.isFinite(seconds) ? `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '';
  return el('time', { class: 'date', title: exact }, dateText(seconds, format, fallback, reader));
}

// ---- mrkdwn -----------------------------------------------------------------------------------------------------------

const mention = (text) => el('span', { class: 'mention' }, text);

// A link leads nowhere here, but a permalink of this workspace leads to its message.
export function linkNode(url, text, context) {
  const inside = url.match(/\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/);
  if (!inside || !context.jump) return el('span', { class: 'link', title: url }, text);
  const [, channel, seconds, micros] = inside;
  const thread = url.match(/[?&]thread_ts=([\d.]+)/)?.[1];
  return el('button', {
    type: 'button', class: 'link', title: url, 'data-key': `link ${url}`, onclick: () => context.jump(channel, `${seconds}.${micros}`, thread),
  }, text);
}

const angleKinds = [
  [/^@([UW][A-Z0-9]+)/, (match, { names }) => mention(`@${names.people[match[1]] ?? match[1]}`)],
  [/^#([A-Z0-9]+)/, (match, { names }) => mention(`#${names.channels[match[1]] ?? match[1]}`)],
  [/^!subteam\^([A-Z0-9]+)/, (match, { names }) => mention(`@${names.groups[match[1]] ?? match[1]}`)],
  [/^!date\^(\d+)\^([^|^]*)(?:\^[^|]*)?\|?(.*)/, (match, { reader }) =>
    dateNode(Number(match[1]), unescape(match[2]), unescape(match[3] || match[2]), reader)],
  [/^!(here|channel|everyone)/, (match) => mention(`@${match[1]}`)],
  [/^((?:mailto:)?([^|]+))(?:\|(.*))?/, (match, context) => linkNode(unescape(match[2]), unescape(match[3] ?? match[2]), context)],
];

function angle(inside, context) {
  for (const [pattern, make] of angleKinds) {
    const match = inside.match(pattern);
    if (match) return make(match, context);
  }
  return document.createTextNode(inside);
}

const marks = { '*': 'strong', _: 'em', '~': 's' };
const inlinePattern = /```([\s\S]+?)```|`([^`\n]+)`|<([^>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\4(?![\p{L}\p{N}])/gu;

function inline(text, context, parent) {
  let at = 0;
  for (const match of text.matchAll(inlinePattern)) {
    parent.append(withEmoji(unescape(text.slice(at, match.index))));
    at = match.index + match[0].length;
    if (match[1]) parent.append(el('pre', {}, unescape(match[1])));
    else if (match[2]) parent.append(el('code', {}, unescape(match[2])));
    else if (match[3]) parent.append(angle(match[3], context));
    else parent.append(inline(match[5], context, el(marks[match[4]])));
  }
  parent.append(withEmoji(unescape(text.slice(at))));
  return parent;
}

// Quotes are lines; a preformatted part may span several.
export function mrkdwn(text, context, tag = 'div') {
  const whole = el(tag, { class: 'text' });
  let quote = null;
  const pieces = text.split(/(```[\s\S]+?```)/).flatMap((piece, place) => (place % 2 ? [piece] : piece.split('\n').map((line, n) => (n ? `\n${line}` : line))));
  for (const piece of pieces) {
    const line = piece.replace(/^\n/, '');
    const quoted = piece.startsWith('```') ? null : line.match(/^(?:&gt;|>)\s?(.*)/);
    if (quoted) {
      quote ??= whole.appendChild(el('blockquote'));
      if (quote.childNodes.length) quote.append('\n');
      inline(quoted[1], context, quote);
      continue;
    }
    if (piece.startsWith('\n') && !quote) whole.append('\n');
    quote = null;
    inline(line, context, whole);
  }
  return whole;
}

// A plain_text or mrkdwn object. emoji:false keeps :names: as they are written.
export function textOf(object, context, tag = 'div') {
  return object.type === 'mrkdwn' ? mrkdwn(object.text, context, tag) : el(tag, { class: 'text' }, plainOf(object));
}

export const plainOf = (object) => (object.emoji === false ? unescape(object.text) : withEmoji(unescape(object.text)));
