// composer.js - the message field: sends what is typed, and completes commands and names as Slack's field does.

import { $, el } from './dom.js';
import { act, channelNow, seen } from './world.js';

const field = () => $('typed');
const list = () => $('completion');

// An older sandbox does not tell its commands.
const fallback = [{ command: '/passcode', usage_hint: 'reset USER|SERIAL|DEVICE-ID [reason] [ticket] · help', description: 'Reset or remove the passcode of a managed phone' }];
const commands = () => seen.world.commands ?? fallback;

let offers = []; // [{text: what the field then holds, title, hint, about}]
let at = -1;

// ---- what could be meant ------------------------------------------------------------------------------------------------

function commandOffers(text) {
  if (!/^\/\S*$/.test(text)) return [];
  return commands().filter(({ command }) => command.startsWith(text.toLowerCase()))
    .map(({ command, usage_hint, description }) => ({ text: `${command} `, title: command, hint: usage_hint, about: description }));
}

function nameOffers(text) {
  const word = text.match(/(^|\s)@([\p{L}\d._-]*)$/u);
  if (!word) return [];
  const start = text.slice(0, text.length - word[2].length);
  const wanted = word[2].toLowerCase();
  return seen.world.people.filter((person) => !person.deleted && (person.name.startsWith(wanted) || person.real_name.toLowerCase().startsWith(wanted)))
    .map((person) => ({ text: `${start}${person.name} `, title: `@${person.name}`, hint: '', about: person.real_name }));
}

// Behind a whole command its usage stays in sight; it is nothing to choose.
function usageOf(text) {
  const command = commands().find((each) => text.startsWith(`${each.command} `));
  return command ? `${command.command} ${command.usage_hint}` : '';
}

// ---- showing it ---------------------------------------------------------------------------------------------------------

function close() {
  offers = [];
  at = -1;
  drawOffers();
}

function drawOffers() {
  const open = offers.length > 0;
  list().hidden = !open;
  field().setAttribute('aria-expanded', String(open));
  if (open && at >= 0) field().setAttribute('aria-activedescendant', `offer-${at}`);
  else field().removeAttribute('aria-activedescendant');
  list().replaceChildren(...offers.map((offer, place) => el('li', {
    id: `offer-${place}`, role: 'option', 'aria-selected': String(place === at), onpointerdown: (event) => { event.preventDefault(); choose(place); },
  }, el('span', { class: 'offer-title' }, el('strong', {}, offer.title), ' ', offer.hint), el('span', { class: 'offer-about' }, offer.about))));
  const usage = open ? '' : usageOf(field().value);
  $('usage').textContent = usage;
  $('usage').hidden = !usage;
}

function choose(place) {
  field().value = offers[place].text;
  close();
  field().focus();
}

function offer() {
  const text = field().value.slice(0, field().selectionStart ?? undefined);
  offers = text === field().value ? [...commandOffers(text), ...nameOffers(text)] : [];
  at = offers.length ? 0 : -1;
  drawOffers();
}

function onKey(event) {
  if (!offers.length || event.isComposing) return;
  const isWhole = offers[at] && field().value.trim() === offers[at].title;
  if (event.key === 'ArrowDown') at = (at + 1) % offers.length;
  else if (event.key === 'ArrowUp') at = (at - 1 + offers.length) % offers.length;
  else if (event.key === 'Escape') offers = [];
  else if (event.key === 'Tab' && !event.shiftKey) choose(at);
  else if (event.key === 'Enter' && !isWhole) choose(at);
  else return;
  event.preventDefault();
  drawOffers();
}

// ---- sending ------------------------------------------------------------------------------------------------------------

async function send(event) {
  event.preventDefault();
  const text = field().value.trim();
  if (!text) return;
  close();
  const command = text.match(/^(\/\S+)\s*([\s\S]*)$/);
  const where = { user: seen.user, channel: channelNow().id };
  const answer = command ? await act('command', { ...where, command: command[1], text: command[2] }) : await act('say', { ...where, text });
  if (answer.ok !== false) write('');
  $('messages').scrollTop = $('messages').scrollHeight;
}

export function write(text) {
  field().value = text;
  close();
  if (text) field().focus();
}

export function drawComposer() {
  const channel = channelNow();
  const isClosed = channel.is_archived || !channel.id;
  $('composer').hidden = isClosed || seen.tab !== 'messages';
  const isSmall = matchMedia('(max-width: 45rem)').matches;
  field().placeholder = isSmall ? 'Message, or / for commands' : `Message ${channel.is_im ? 'resetbot' : `#${channel.name}`}, or / for commands`;
}

export function startComposer() {
  field().addEventListener('input', offer);
  field().addEventListener('keydown', onKey);
  field().addEventListener('blur', () => setTimeout(close, 100));
  $('composer').addEventListener('submit', send);
}
