// side.js - the left side: whose eyes these are, and the places this person can go to.

import { $, el, icon, keep } from './dom.js';
import { avatar } from './messages.js';
import { ask, channelNow, channelsHere, device, peopleHere, roleOf, seen, unreadIn, unreadOf, unreadThreads } from './world.js';

// What app.js gives.
export const go = { become: null, place: null, thread: null };

const news = {}; // person -> how much they have not read yet

const count = (number, what = 'new') => (number ? el('span', { class: 'count' }, String(number), el('span', { class: 'hidden' }, ` ${what}`)) : null);

// ---- people -------------------------------------------------------------------------------------------------------------

function personItem(person) {
  const isNow = person.id === seen.user;
  const unread = isNow ? 0 : news[person.id] ?? 0;
  return {
    key: person.id, sig: JSON.stringify([person, isNow, unread]),
    make: () => el('li', {}, el('button', { type: 'button', 'data-key': person.id, 'aria-current': isNow ? 'true' : null, onclick: () => go.become(person.id) },
      avatar(person.id), el('span', { class: 'who' }, person.real_name, el('small', {}, roleOf(person))), count(unread))),
  };
}

let isPeeking = false;

// Looks through the others' eyes too, so that the side says for whom something has come.
export async function peekAtOthers() {
  if (isPeeking) return;
  isPeeking = true;
  for (const person of peopleHere())
    if (person.id !== seen.user) news[person.id] = unreadOf(person.id, await ask(`state?user=${person.id}&device=${device}`));
  isPeeking = false;
  drawPeople();
}

export function drawPeople() {
  keep($('people'), peopleHere().map(personItem));
}

// ---- places -------------------------------------------------------------------------------------------------------------

const hash = 'M9 4 7 20M17 4l-2 16M4 9h17M3 15h17';
const closed = 'M4 5h16v4H4zM6 9v10h12V9M10 13h4';
const robot = 'M7 11V8a5 5 0 0 1 9.6-2M5 11h14v9H5zM12 14v3';

function placeItem(channel) {
  const isNow = channel === channelNow() && seen.thread !== 'all';
  const unread = isNow ? 0 : unreadIn(seen.user, channel);
  const name = channel.is_im ? 'resetbot' : channel.name;
  const drawing = channel.is_im ? robot : channel.is_archived ? closed : hash;
  return {
    key: channel.id, sig: JSON.stringify([name, isNow, unread, channel.is_archived]),
    make: () => el('li', {}, el('button', {
      type: 'button', class: unread ? 'unread' : '', 'data-key': channel.id, 'aria-current': isNow ? 'true' : null, onclick: () => go.place(channel.id),
    }, icon(drawing), el('span', { class: 'who' }, name, channel.is_archived ? el('span', { class: 'hidden' }, ' (archived)') : null), count(unread))),
  };
}

function threadsItem() {
  const threads = unreadThreads();
  const sum = threads.reduce((all, each) => all + each.count, 0);
  return {
    key: 'threads', sig: String(sum),
    make: () => el('li', {}, el('button', {
      type: 'button', class: sum ? 'unread' : '', 'data-key': 'threads', 'aria-disabled': sum ? null : 'true', onclick: () => go.thread(unreadThreads()[0]),
    }, icon('M4 5h16v11H9l-5 4z'), el('span', { class: 'who' }, sum ? 'New in threads' : 'Nothing new in threads'), count(sum))),
  };
}

function linkText() {
  const live = seen.world.sockets.filter((socket) => socket.hello && !socket.closing).length;
  if (!live) return 'The bot is not connected';
  return `resetbot is connected${live > 1 ? ` (${live} times)` : ''}`;
}

export function drawSide() {
  drawPeople();
  keep($('channels'), [threadsItem(), ...channelsHere().filter((channel) => !channel.is_im).map(placeItem)]);
  keep($('apps'), channelsHere().filter((channel) => channel.is_im).map(placeItem));
  const text = linkText();
  if ($('link-state').textContent !== text) $('link-state').textContent = text;
  $('link-state').classList.toggle('away', text.includes('not'));
}
