// app.js - the workspace page: looks through one person's eyes, and acts for them by the control interface.

import { backstageItems, onBackstage, readJournal } from './backstage.js';
import { drawComposer, startComposer, write } from './composer.js';
import { drawForm, focusReturns, onFormSent } from './dialogs.js';
import { $, closeMenu, el, icon, keep } from './dom.js';
import { drawGuide, help, showGuide } from './guide.js';
import { drawHome, openTab, startTabs } from './home.js';
import { drawHeld, onTyped } from './keypad.js';
import { drawMessages, go as goFromMessage, tellNews, threadItems } from './messages.js';
import { shelfItems } from './shelf.js';
import { drawSide, go as goFromSide, peekAtOthers } from './side.js';
import { act, announce, ask, channelNow, channelsHere, device, isNowhere, look, personName, roleOf, personOf, seen, unreadOf } from './world.js';

const isWide = () => !matchMedia('(max-width: 75rem)').matches;
const isNarrow = () => matchMedia('(max-width: 45rem)').matches;

// ---- the panel at the right ---------------------------------------------------------------------------------------------

const panels = {
  phones: { title: 'Phones', items: () => shelfItems(drawPanel, keep) },
  backstage: { title: 'Backstage', items: backstageItems },
  thread: { title: 'Thread', items: threadItems },
};

function drawPanel() {
  const { panel } = seen;
  document.body.classList.toggle('no-panel', !panel);
  for (const name of ['phones', 'backstage']) {
    $(`show-${name}`).setAttribute('aria-pressed', String(panel === name));
    $(`bar-${name}`).setAttribute('aria-current', panel === name ? 'true' : 'false');
  }
  $('bar-chat').setAttribute('aria-current', String(!panel && !document.body.classList.contains('side-shown')));
  $('bar-people').setAttribute('aria-current', String(document.body.classList.contains('side-shown')));
  if (!panel) return;
  $('panel-title').textContent = panel === 'thread' ? `Thread in ${placeName(channelNow())}` : panels[panel].title;
  const body = $('panel-body');
  const parent = body.querySelector(':scope > ol') ?? body.appendChild(el('ol', { class: 'plain' }));
  parent.setAttribute('aria-live', panel === 'thread' ? 'polite' : 'off');
  keep(parent, panels[panel].items().map((item) => ({ ...item, key: `${panel} ${item.key}`, make: () => asEntry(item.make()) , after: item.after && ((node) => item.after(node.firstChild)) })));
}

const asEntry = (node) => (node.tagName === 'LI' ? node : el('li', {}, node));

let openedBy = null;

async function showPanel(name, moveFocus = true) {
  openedBy = document.activeElement;
  seen.panel = name;
  document.body.classList.remove('side-shown');
  if (name === 'backstage') await refresh(); // faults and settings come without an event
  drawPanel();
  $('panel-body').scrollTop = name === 'thread' ? $('panel-body').scrollHeight : 0;
  if (moveFocus) $('panel-title').focus({ preventScroll: true });
}

function hidePanel() {
  seen.panel = null;
  seen.thread = null;
  drawPanel();
  const back = openedBy?.isConnected ? openedBy : document.querySelector(`[data-key="${CSS.escape(openedBy?.dataset?.key ?? '')}"]`) ?? $('typed');
  back.focus({ preventScroll: true });
}

const toggle = (name) => (seen.panel === name ? hidePanel() : showPanel(name));

// ---- going places -------------------------------------------------------------------------------------------------------

function openThread(ts) {
  seen.thread = ts;
  return showPanel('thread').then(draw);
}

function goTo(channel) {
  seen.channel = channelsHere().find((each) => each.id === channel)?.is_im ? 'dm' : channel;
  seen.tab = 'messages';
  seen.thread = null;
  if (seen.panel === 'thread' || isNarrow()) seen.panel = isWide() ? 'phones' : null;
  document.body.classList.remove('side-shown');
  draw();
  $('messages').scrollTop = $('messages').scrollHeight;
}

async function become(user, channel = null) {
  closeMenu(false);
  seen.user = user;
  seen.thread = null;
  if (channel) seen.channel = channel;
  if (seen.panel === 'thread' || isNarrow()) seen.panel = isWide() ? 'phones' : null;
  document.body.classList.remove('side-shown');
  await refresh();
  if (seen.tab === 'home' && channelNow().is_im) await openTab('home', draw);
  $('messages').scrollTop = $('messages').scrollHeight;
  announce(`You are ${personName(user)}, ${roleOf(personOf(user))}`);
}

// To the message of a permalink.
function jump(channel, ts, thread) {
  if (channelNow().id !== channel) goTo(channel);
  if (thread) openThread(thread);
  const node = document.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  if (!node) return;
  node.scrollIntoView({ block: 'center' });
  node.classList.add('pointed');
  setTimeout(() => node.classList.remove('pointed'), 2000);
}

function jumpToThread(entry) {
  if (!entry) return;
  if (channelNow().id !== entry.channel.id) goTo(entry.channel.id);
  openThread(entry.message.ts);
}

// ---- drawing ------------------------------------------------------------------------------------------------------------

const placeName = (channel) => (channel.is_im ? 'resetbot' : isNowhere(channel) ? 'nowhere' : `#${channel.name}`);

function drawHead() {
  const channel = channelNow();
  const name = placeName(channel);
  if ($('channel-name').textContent !== name) $('channel-name').textContent = name;
  $('channel-note').textContent = [channel.is_im && 'direct message', channel.is_archived && 'archived: nobody can write here',
    channel.is_ext_shared && 'shared with another organisation', !channel.has_bot && 'resetbot is not in this channel'].filter(Boolean).join(' · ');
  $('you').textContent = personName(seen.user);
  $('you-role').textContent = roleOf(personOf(seen.user));
  document.title = `${name} as ${personName(seen.user)} · Sandbox`;
}

function draw() {
  drawHead();
  drawSide();
  drawHome();
  if (seen.tab === 'messages' || !channelNow().is_im) drawMessages();
  drawComposer();
  drawPanel();
  drawForm();
  drawHeld();
  drawGuide();
  const others = unreadOf(seen.user, seen.state);
  $('bar-people').classList.toggle('has-news', others > 0);
  tellNews();
}

let drawn = '';

async function refresh() {
  if (!(await look())) return;
  const { world, state, devices, user, channel, thread, panel, tab } = seen;
  if (panel === 'backstage') await readJournal();
  const now = JSON.stringify([world, state, devices, user, channel, thread, panel, tab]);
  if (now === drawn) {
    if (panel === 'backstage') drawPanel();
    return;
  }
  drawn = now;
  draw();
}

// ---- as things happen ---------------------------------------------------------------------------------------------------

let isWaiting = false;
let peekTimer;

async function refreshSoon() {
  if (isWaiting) return;
  isWaiting = true;
  await new Promise((resolve) => setTimeout(resolve, 60));
  isWaiting = false;
  try {
    await refresh();
  } catch {
    return; // the sandbox is gone, and the side says so
  }
  clearTimeout(peekTimer);
  peekTimer = setTimeout(peekAtOthers, 700);
}

function onKey(event) {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (seen.panel && $('panel').contains(document.activeElement)) hidePanel();
  else if (document.body.classList.contains('side-shown')) { document.body.classList.remove('side-shown'); drawPanel(); }
}

function showSide() {
  document.body.classList.toggle('side-shown');
  seen.panel = null;
  drawPanel();
  if (document.body.classList.contains('side-shown')) $('people').querySelector('[aria-current]')?.focus();
}

function showChat() {
  document.body.classList.remove('side-shown');
  seen.panel = null;
  drawPanel();
}

function wire() {
  Object.assign(goFromMessage, { thread: openThread, jump });
  Object.assign(goFromSide, { become, place: goTo, thread: jumpToThread });
  Object.assign(help, { become, write, show: (name) => showPanel(name) });
  onFormSent(refresh);
  onTyped(refresh);
  onBackstage(refresh);
  startComposer();
  startTabs(draw);
  $('show-phones').addEventListener('click', () => toggle('phones'));
  $('show-backstage').addEventListener('click', () => toggle('backstage'));
  $('show-guide').addEventListener('click', showGuide);
  $('bar-chat').addEventListener('click', showChat);
  $('bar-people').addEventListener('click', showSide);
  $('bar-phones').addEventListener('click', () => showPanel('phones'));
  $('bar-backstage').addEventListener('click', () => showPanel('backstage'));
  $('switch-person').addEventListener('click', showSide);
  $('panel-close').addEventListener('click', hidePanel);
  document.addEventListener('keydown', onKey);
  for (const id of ['form-dialog', 'confirm-dialog', 'phone-dialog']) focusReturns($(id));
  for (const [id, path] of Object.entries(barIcons)) $(id).prepend(icon(path));
}

const barIcons = {
  'bar-chat': 'M4 5h16v11H9l-5 4z', 'bar-people': 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 4.500a3.500 3.500 0 0 1 0 6.500M17 14.500a6 6 0 0 1 4 5.500',
  'bar-phones': 'M7 3h10v18H7zM11 18h2', 'bar-backstage': 'M4 7h10M18 7h2M4 17h2M10 17h10M14 5v4M6 15v4',
};

// ---- start --------------------------------------------------------------------------------------------------------------

seen.panel = isWide() ? 'phones' : null;
wire();
// Everybody has this window open: private messages that come from now on can be seen after a change of person.
for (const person of (await ask('world')).people) await act('device_seen', { user: person.id, device });
await refresh();
document.body.dataset.ready = 'true';
const events = new EventSource('/_sandbox/events');
events.onopen = () => { drawn = ''; refreshSoon(); }; // what happened until now came without an event
events.onmessage = (event) => { seen.last = Number(event.data); refreshSoon(); };
setInterval(() => { if (seen.panel === 'backstage') refreshSoon(); }, 3000);
events.onerror = () => { $('link-state').textContent = 'The sandbox is gone'; $('link-state').classList.add('away'); };
