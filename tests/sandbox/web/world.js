// world.js - what this window knows: the person it looks through, what they see, and the way to the control interface.

import { $ } from './dom.js';
import { hourStyle } from './text.js';

// Each load of the page is a device of its own: private messages do not outlive it.
export const device = `page-${Math.random().toString(36).slice(2, 8)}`;

export const seen = {
  user: 'U0HANNA', channel: 'C0HELPDESK', tab: 'messages', thread: null, panel: null, last: 0, offset: 0,
  world: null, state: null, devices: [], names: null, reader: null,
};

// ---- the control interface ----------------------------------------------------------------------------------------------

export const ask = async (path) => (await fetch(`/_sandbox/${path}`)).json();

export async function act(verb, fields) {
  const gone = () => ({ json: () => ({ ok: false, error: 'The sandbox does not answer. Is it still running?' }) });
  const answer = await (await fetch(`/_sandbox/${verb}`, { method: 'POST', body: JSON.stringify(fields) }).catch(gone)).json();
  if (answer.ok === false) toast(answer.error);
  return answer;
}

let toastTimer;
export function toast(text) {
  $('toast').textContent = text;
  $('toast').classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('toast').classList.remove('shown'); $('toast').textContent = ''; }, 6000);
}

// Said to those who do not see it; sighted people see the thing itself.
export function announce(text) {
  $('announce').textContent = text;
}

// ---- people -----------------------------------------------------------------------------------------------------------

const roles = {
  U0HANNA: 'Helpdesk', U0HENRY: 'Second helpdesk', U0ARVID: 'Approver', U0AGNES: 'Second approver', U0AUDRA: 'Audit reader',
  U0ADELE: 'Owner of the devices', U0ADMIN: 'Administrator', U0GUEST: 'Guest', U0OUTSIDE: 'Outsider (other company)',
};
const order = ['U0HANNA', 'U0HENRY', 'U0ARVID', 'U0AGNES', 'U0ADELE', 'U0AUDRA', 'U0ADMIN', 'U0GUEST', 'U0OUTSIDE'];

export const roleOf = (person) => roles[person.id] ?? person.title ?? '';
export const personOf = (id) => seen.world.people.find((person) => person.id === id);
export const personName = (id) => seen.names.real[id] ?? id;

export function peopleHere() {
  const place = (person) => (order.includes(person.id) ? order.indexOf(person.id) : order.length);
  return seen.world.people.filter((person) => !person.deleted).sort((a, b) => place(a) - place(b));
}

// ---- time -------------------------------------------------------------------------------------------------------------

export const now = () => Date.now() + seen.offset;
export const msOf = (ts) => Math.round(parseFloat(ts) * 1000);
export const utcText = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

export const clockText = (ts) =>
  new Intl.DateTimeFormat(seen.reader.locale, { timeZone: seen.reader.zone, hour: hourStyle(seen.reader.locale), minute: '2-digit' }).format(msOf(ts));
export const dayText = (ts) =>
  new Intl.DateTimeFormat(seen.reader.locale, { timeZone: seen.reader.zone, weekday: 'long', day: 'numeric', month: 'long' }).format(msOf(ts));

// ---- what is new --------------------------------------------------------------------------------------------------------

function learnNames() {
  const names = { people: {}, real: { U0RESETBOT: 'resetbot' }, channels: {}, groups: {} };
  for (const person of seen.world.people) {
    names.people[person.id] = person.name;
    names.real[person.id] = person.real_name;
  }
  names.people.U0RESETBOT = 'resetbot';
  for (const [id, group] of Object.entries(seen.world.groups)) names.groups[id] = group.handle;
  for (const channel of seen.state.channels) if (!channel.is_im) names.channels[channel.id] = channel.name;
  return names;
}

let asked = 0;

// Looks again; false when a later look was faster.
export async function look() {
  const mine = ++asked;
  const { user } = seen;
  const [world, state, devices, clock] = await Promise.all([ask('world'), ask(`state?user=${user}&device=${device}`), ask('devices'), ask('clock')]);
  if (mine !== asked || user !== seen.user) return false;
  Object.assign(seen, { world, state, devices: devices.devices.filter((each) => !each.removed), offset: clock.utc_ms - Date.now() });
  seen.names = learnNames();
  const person = personOf(user);
  // the sandbox's people live in Stockholm unless they say otherwise
  seen.reader = { zone: person.tz || 'Europe/Stockholm', locale: person.locale || 'en-US', now };
  return true;
}

// ---- channels -----------------------------------------------------------------------------------------------------------

// The bot's direct message is there before its first word is.
const noDirect = { id: 'dm', name: 'resetbot', is_im: true, has_bot: true, messages: [], private: [] };
// What somebody sees who is in no channel.
const nowhere = { id: '', name: 'nowhere', messages: [], private: [], has_bot: true };

export function channelsHere(state = seen.state) {
  const { channels } = state;
  return channels.some((channel) => channel.is_im) ? channels : [...channels, noDirect];
}

export function channelNow() {
  const channels = channelsHere();
  const wanted = channels.find((channel) => channel.id === seen.channel || (seen.channel === 'dm' && channel.is_im));
  return wanted ?? channels.find((channel) => !channel.is_im) ?? nowhere;
}

export const isNowhere = (channel) => channel === nowhere;

// ---- what a person has not read yet -------------------------------------------------------------------------------------

const store = 'resetbot-sandbox-read';
const readUpTo = JSON.parse(sessionStorage.getItem(store) ?? '{}'); // "user channel" or "user thread" -> newest ts shown

const placeOf = (user, channel) => `${user} ${channel.is_im ? 'dm' : channel.id}`;
export const readMark = (user, channel) => readUpTo[placeOf(user, channel)] ?? '0';

function setRead(key, ts) {
  if ((readUpTo[key] ?? '0') >= ts) return;
  readUpTo[key] = ts;
  sessionStorage.setItem(store, JSON.stringify(readUpTo));
}

const isOther = (user) => (message) => message.user !== user;
const shown = (channel) => [...channel.messages, ...channel.private.filter((message) => !message.thread_ts)];
export const newestIn = (messages) => messages.reduce((newest, each) => (each.ts > newest ? each.ts : newest), '0');

export const noteRead = (channel) => setRead(placeOf(seen.user, channel), newestIn(shown(channel)));
export const unreadIn = (user, channel) => shown(channel).filter(isOther(user)).filter((message) => message.ts > readMark(user, channel)).length;

const repliesOf = (message, channel) => [...(message.replies ?? []), ...channel.private.filter((each) => each.thread_ts === message.ts)];
export const noteThreadRead = (message, channel) => setRead(`${seen.user} ${message.ts}`, newestIn(repliesOf(message, channel)));
export function unreadReplies(user, message, channel) {
  return repliesOf(message, channel).filter(isOther(user)).filter((reply) => reply.ts > (readUpTo[`${user} ${message.ts}`] ?? '0')).length;
}

// The threads with something new, newest first: [{channel, message, count}].
export function unreadThreads(user = seen.user, state = seen.state) {
  const found = [];
  for (const channel of channelsHere(state))
    for (const message of channel.messages) {
      const count = unreadReplies(user, message, channel);
      if (count) found.push({ channel, message, count, newest: newestIn(repliesOf(message, channel)) });
    }
  return found.sort((a, b) => (a.newest < b.newest ? 1 : -1));
}

// Messages that person has not read; threads do not count, as only who follows them is told.
export const unreadOf = (user, state) => channelsHere(state).reduce((sum, channel) => sum + unreadIn(user, channel), 0);
