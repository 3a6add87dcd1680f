// app.js - the workspace page: looks through one person's eyes, and acts for them by the control interface.

import { el, mrkdwn, renderBlocks } from './blocks.js';

const $ = (id) => document.getElementById(id);
// Each load of the page is a device of its own: private messages do not outlive it.
const device = `page-${Math.random().toString(36).slice(2, 8)}`;
// Where there is no room the shelf would cover the channel.
const firstPanel = matchMedia('(max-width: 62rem)').matches ? null : 'phones';
const seen = { user: 'U0HANNA', channel: 'C0HELPDESK', thread: null, panel: firstPanel, world: null, state: null, devices: [], names: null };
const typedInForm = {}; // view id -> block id -> action id -> value
let drawn = '';

const ask = async (path) => (await fetch(`/_sandbox/${path}`)).json();

async function act(verb, fields) {
  const answer = await (await fetch(`/_sandbox/${verb}`, { method: 'POST', body: JSON.stringify(fields) })).json();
  if (answer.ok === false) toast(answer.error);
  return answer;
}

let toastTimer;
function toast(text) {
  $('toast').textContent = text;
  $('toast').classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $('toast').classList.remove('shown'), 5000);
}

// ---- small parts --------------------------------------------------------------------------------------------------

const clock = (ts) => new Date(parseFloat(ts) * 1000).toISOString().slice(11, 19);
const personName = (id) => seen.names.real[id] ?? id;

function avatar(id) {
  const words = personName(id).split(/\s+/);
  const initials = (words[0][0] + (words[1]?.[0] ?? '')).toUpperCase();
  let hue = 0;
  for (const letter of id) hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  return el('span', { class: 'avatar', style: `background: hsl(${hue} 45% 32%)`, 'aria-hidden': 'true' }, initials);
}

function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  const dialog = $('confirm-dialog');
  return new Promise((resolve) => {
    const answer = (yes) => () => { dialog.close(); resolve(yes); };
    dialog.replaceChildren(el('form', { method: 'dialog' },
      el('header', {}, el('h2', { id: 'confirm-title' }, confirm.title.text)),
      el('div', { class: 'blocks' }, mrkdwn(confirm.text.text, seen.names)),
      el('footer', {}, el('button', { type: 'button', onclick: answer(false) }, confirm.deny.text),
        el('button', { type: 'button', class: confirm.style === 'danger' ? 'danger' : 'primary', onclick: answer(true) }, confirm.confirm.text))));
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
  });
}

async function actOn(where, element, block, value) {
  const target = { user: seen.user, ...where, action_id: element.action_id, block_id: block.block_id };
  if (element.type !== 'button') await act('select', { ...target, value });
  else if (await confirmed(element.confirm)) await act('click', target);
}

// ---- messages -----------------------------------------------------------------------------------------------------

function messageBody(message, channel) {
  const context = {
    names: seen.names, values: message.state?.values, name: message.ts,
    act: (element, block, value) => actOn({ channel, ts: message.ts }, element, block, value),
  };
  if (message.blocks?.length) return renderBlocks(message.blocks, context);
  return [mrkdwn(message.text ?? '', seen.names)];
}

function messageNode(message, channel, inThread = false) {
  const replies = message.replies ?? [];
  return el('li', { class: `message${message.only_for ? ' private' : ''}`, 'data-ts': message.ts },
    avatar(message.user),
    el('div', { class: 'content' },
      message.only_for ? el('div', { class: 'only' }, 'Only visible to you') : null,
      el('div', { class: 'head' }, el('strong', {}, personName(message.user)),
        message.bot_id ? el('span', { class: 'app-mark' }, 'APP') : null,
        el('time', {}, `${clock(message.ts)} UTC`),
        message.edited ? el('span', { class: 'edited' }, '(edited)') : null),
      ...messageBody(message, channel),
      replies.length && !inThread ? el('button', {
        type: 'button', class: 'thread-link', 'data-key': `thread ${message.ts}`, onclick: () => openThread(message.ts),
      }, replies.length === 1 ? '1 reply' : `${replies.length} replies`) : null));
}

function troubleNode(error) {
  return el('li', { class: 'message private trouble' }, el('span', { class: 'avatar', style: 'background: #777', 'aria-hidden': 'true' }, '!'),
    el('div', { class: 'content' }, el('div', { class: 'only' }, 'Only visible to you'), el('div', { class: 'text' }, error.text)));
}

// What somebody sees who is in no channel, such as the guest.
const nowhere = { id: '', name: 'nowhere', messages: [], private: [], has_bot: true };

function channelNow() {
  return seen.state.channels.find((channel) => channel.id === seen.channel) ?? seen.state.channels[0] ?? nowhere;
}

function entriesOf(channel) {
  const entries = [
    ...channel.messages.map((message) => ({ ts: message.ts, node: () => messageNode(message, channel.id) })),
    ...channel.private.filter((message) => !message.thread_ts).map((message) => ({ ts: message.ts, node: () => messageNode(message, channel.id) })),
  ];
  const acts = Object.fromEntries(seen.state.acts.map((entry) => [entry.id, entry]));
  for (const error of seen.state.errors)
    if (acts[error.id]?.channel === channel.id) entries.push({ ts: acts[error.id].ts, node: () => troubleNode(error) });
  return entries.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

// Replaces the children, but keeps the focus on the same control.
function redraw(parent, nodes) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const place = key ? [...parent.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].indexOf(document.activeElement) : -1;
  parent.replaceChildren(...nodes);
  if (place >= 0) parent.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)[place]?.focus();
}

function drawMessages() {
  const channel = channelNow();
  const list = $('messages');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  $('channel-name').textContent = channel.is_im ? 'resetbot' : `#${channel.name}`;
  $('channel-note').textContent = [channel.is_im && 'direct message', channel.is_archived && 'archived',
    channel.is_ext_shared && 'shared with another organisation', !channel.has_bot && 'resetbot is not in this channel'].filter(Boolean).join(' · ');
  const entries = entriesOf(channel);
  redraw(list, entries.length ? entries.map((entry) => entry.node()) : [el('li', { class: 'empty' },
    channel === nowhere ? `${personName(seen.user)} is in no channel. ` : 'Nothing here yet. ', 'Type a command below, for example ', el('code', {}, '/passcode reset adele@contoso.com locked out INC0012345'),
    ', then change to an approver on the left.')]);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function drawThread() {
  const channel = channelNow();
  const parent = channel.messages.find((message) => message.ts === seen.thread);
  const own = channel.private.filter((message) => message.thread_ts === seen.thread);
  const lines = parent ? [parent, ...[...parent.replies, ...own].sort((a, b) => (a.ts < b.ts ? -1 : 1))] : [];
  redraw($('panel-body'), [el('ol', {}, ...lines.map((message) => messageNode(message, channel.id, true)))]);
}

function openThread(ts) {
  seen.thread = ts;
  showPanel('thread');
}

// ---- what this person has not read yet ------------------------------------------------------------------------------

const readUpTo = {}; // "user channel" -> ts of the newest message that was shown

const newestIn = (channel) => [...channel.messages, ...channel.private].reduce((newest, each) => (each.ts > newest ? each.ts : newest), '0');

function noteRead() {
  const channel = channelNow();
  readUpTo[`${seen.user} ${channel.id}`] = newestIn(channel);
}

function unreadMark(channel) {
  const since = readUpTo[`${seen.user} ${channel.id}`] ?? '0';
  const count = [...channel.messages, ...channel.private].filter((message) => message.ts > since).length;
  return count ? el('span', { class: 'count' }, String(count), el('span', { class: 'hidden' }, ' new')) : null;
}

// ---- the left side ------------------------------------------------------------------------------------------------

function drawSide() {
  const people = seen.world.people.filter((person) => !person.deleted);
  redraw($('people'), people.map((person) => el('li', {}, el('button', {
    type: 'button', 'data-key': person.id, 'aria-current': person.id === seen.user ? 'true' : null, onclick: () => become(person.id),
  }, avatar(person.id), el('span', {}, person.real_name, el('small', {}, person.title))))));
  noteRead();
  redraw($('channels'), seen.state.channels.map((channel) => el('li', {}, el('button', {
    type: 'button', 'data-key': channel.id, 'aria-current': channel.id === channelNow().id ? 'true' : null,
    onclick: () => { seen.channel = channel.id; seen.thread = null; draw(); },
  }, channel.is_im ? 'resetbot' : `# ${channel.name}`, unreadMark(channel)))));
  const live = seen.world.sockets.filter((socket) => socket.hello && !socket.closing).length;
  $('link-state').textContent = live ? `${live} bot connection${live > 1 ? 's' : ''}` : 'the bot is not connected';
}

async function become(user) {
  seen.user = user;
  seen.thread = null;
  if (seen.panel === 'thread') seen.panel = firstPanel;
  await refresh();
  $('messages').scrollTop = $('messages').scrollHeight;
}

// ---- forms --------------------------------------------------------------------------------------------------------

const formDialog = $('form-dialog');
let shownForm = '';

function formValues(view) {
  const merged = structuredClone(view.state.values);
  for (const [blockId, actions] of Object.entries(typedInForm[view.id] ?? {}))
    for (const [actionId, value] of Object.entries(actions)) {
      const entry = ((merged[blockId] ??= {})[actionId] ??= {});
      if ('selected_option' in entry) entry.selected_option = { value };
      else if ('selected_options' in entry) entry.selected_options = value.map((each) => ({ value: each }));
      else entry.value = value;
    }
  return merged;
}

function noteInForm(view, element, block, value) {
  if (element.type === 'button' || block.type !== 'input' || block.dispatch_action) {
    actOn({ view_id: view.id }, element, block, value);
    return;
  }
  ((typedInForm[view.id] ??= {})[block.block_id] ??= {})[element.action_id] = value;
}

async function submitForm(event, view) {
  event.preventDefault();
  const button = formDialog.querySelector('button[type=submit]');
  button.disabled = true;
  const answer = await act('submit', { user: seen.user, view_id: view.id, values: typedInForm[view.id] ?? {} });
  if (answer.ok === false) button.disabled = false;
  shownForm = 'submitted'; // whatever comes back is drawn
}

function drawForm() {
  const view = seen.state.views.at(-1);
  const version = view ? `${view.id} ${view.hash} ${JSON.stringify(view.errors)} ${view.trouble} ${JSON.stringify(view.state)}` : '';
  if (version === shownForm) return;
  shownForm = version;
  if (!view) {
    if (formDialog.open) formDialog.close();
    return;
  }
  const context = {
    names: seen.names, values: formValues(view), errors: view.errors, name: view.id, heading: 'h3',
    act: (element, block, value) => noteInForm(view, element, block, value),
  };
  const close = () => act('close_view', { user: seen.user, view_id: view.id });
  redraw(formDialog, [el('form', { onsubmit: (event) => submitForm(event, view), novalidate: true },
    el('header', {}, el('h2', { id: 'form-title' }, view.title.text)),
    el('div', { class: 'blocks' },
      view.trouble ? el('div', { class: 'error', role: 'alert' }, `We had some trouble connecting. Try again? (${view.trouble})`) : null,
      ...renderBlocks(view.blocks, context)),
    el('footer', {}, el('button', { type: 'button', onclick: close }, view.close?.text ?? 'Cancel'),
      view.submit ? el('button', { type: 'submit', class: 'primary' }, view.submit.text) : null))]);
  formDialog.oncancel = (event) => { event.preventDefault(); close(); };
  if (!formDialog.open) formDialog.showModal();
}

// ---- phones and backstage -----------------------------------------------------------------------------------------

const moveDevice = (phone, verb, fields = {}) => act(verb, { device: phone.id, ...fields }).then(refresh);

function phoneNode(phone) {
  const isOpen = phone.lock !== 'forgotten';
  const last = phone.deviceActionResults?.at(-1);
  return el('article', { class: 'phone', 'aria-label': phone.deviceName },
    el('div', { class: `picture${isOpen ? ' open' : ''}` }, phone.code ? `code ${phone.code}` : isOpen ? 'no passcode' : 'locked'),
    el('div', {}, el('strong', {}, `${phone.model} · …${(phone.serialNumber ?? '').slice(-4)}`)),
    el('div', { class: 'faint' }, `${phone.userDisplayName || 'nobody'} · ${phone.operatingSystem} ${phone.osVersion} · ${phone.managedDeviceOwnerType}`),
    el('div', { class: 'faint' }, last ? `${last.actionName}: ${last.actionState}` : 'no action yet', phone.offline ? ' · offline' : '',
      el('div', { class: 'row' },
        el('button', { type: 'button', 'data-key': `checkin ${phone.id}`, onclick: () => moveDevice(phone, 'checkin') }, 'Check in'),
        el('button', {
          type: 'button', 'data-key': `offline ${phone.id}`, 'aria-pressed': String(phone.offline),
          onclick: () => moveDevice(phone, 'offline', { on: !phone.offline }),
        }, phone.offline ? 'Switch on' : 'Switch off'),
        el('button', { type: 'button', 'data-key': `portal ${phone.id}`, onclick: () => moveDevice(phone, 'portal_reset') }, 'Reset in the portal'))));
}

function drawPhones() {
  const email = seen.world.people.find((person) => person.id === seen.user)?.name;
  const mine = (phone) => phone.userPrincipalName?.startsWith(`${email}@`);
  const shown = seen.devices.filter((phone) => !phone.removed).sort((a, b) => mine(b) - mine(a)).slice(0, 24);
  redraw($('panel-body'), shown.length ? shown.map(phoneNode) : [el('p', { class: 'empty' }, 'This sandbox has no devices.')]);
}

const times = [['1 minute', 60e3], ['5 minutes', 300e3], ['30 minutes', 1800e3], ['1 day', 864e5]];
const troubles = [
  ['Next post takes effect, then fails', { name: 'slack.chat.postMessage.500_after' }],
  ['Next post is shown 3 s late', { name: 'slack.chat.postMessage.late', value: 3000 }],
  ['Next call is rate-limited', { name: 'slack.any.429', value: 2 }],
  ['Slack is down', { name: 'slack.down', times: -1 }],
];

async function drawBackstage() {
  const journal = (await ask(`journal?after=${Math.max(0, seen.last - 30)}`)).entries;
  if (seen.panel !== 'backstage') return;
  const line = ({ n, at, kind, ...rest }) => `${n} ${new Date(at).toISOString().slice(11, 19)} ${kind} ${JSON.stringify(rest).slice(0, 110)}`;
  const press = (text, run) => el('button', { type: 'button', 'data-key': text, onclick: run }, text);
  redraw($('panel-body'), [
    el('section', { class: 'backstage' }, el('h3', {}, 'Move time on'),
      el('div', { class: 'row' }, ...times.map(([text, ms]) => press(text, () => act('time', { advance_ms: ms }))))),
    el('section', { class: 'backstage' }, el('h3', {}, 'Make trouble'),
      el('div', { class: 'row' }, ...troubles.map(([text, fault]) => press(text, () => act('fault', fault))),
        press('End all trouble', () => act('fault_clear', {})))),
    el('section', { class: 'backstage' }, el('h3', {}, 'Connections'),
      el('div', { class: 'row' }, press('Planned reconnect', () => act('refresh', { reason: 'warning' })),
        press('Drop all', () => act('drop_sockets', {})), press('Freeze all', () => act('freeze_sockets', {})))),
    el('section', { class: 'backstage' }, el('h3', {}, 'This window'),
      el('div', { class: 'row' }, press('Reload: private messages go', () => location.reload()))),
    el('section', { class: 'backstage' }, el('h3', {}, 'What just happened'),
      el('pre', { tabindex: '0', 'aria-label': 'Journal' }, journal.map(line).reverse().join('\n'))),
  ]);
}

const panels = { phones: ['Phones', drawPhones], backstage: ['Backstage', drawBackstage], thread: ['Thread', drawThread] };

function drawPanel() {
  document.body.classList.toggle('no-panel', !seen.panel);
  for (const name of ['phones', 'backstage']) $(`show-${name}`).setAttribute('aria-pressed', String(seen.panel === name));
  if (!seen.panel) return;
  $('panel-title').textContent = panels[seen.panel][0];
  panels[seen.panel][1]();
}

function showPanel(name) {
  seen.panel = seen.panel === name && name !== 'thread' ? null : name;
  drawPanel();
}

// ---- all of it ----------------------------------------------------------------------------------------------------

function draw() {
  drawSide();
  drawMessages();
  drawPanel();
  drawForm();
}

function learnNames(world) {
  const names = { people: {}, real: { U0RESETBOT: 'resetbot' }, channels: {}, groups: {} };
  for (const person of world.people) {
    names.people[person.id] = person.name;
    names.real[person.id] = person.real_name;
  }
  names.people.U0RESETBOT = 'resetbot';
  for (const [id, group] of Object.entries(world.groups)) names.groups[id] = group.handle;
  for (const channel of seen.state.channels) names.channels[channel.id] = channel.name;
  return names;
}

async function refresh() {
  const [world, state, devices] = await Promise.all([ask('world'), ask(`state?user=${seen.user}&device=${device}`), ask('devices')]);
  Object.assign(seen, { world, state, devices: devices.devices });
  seen.names = learnNames(world);
  const now = JSON.stringify([world, state, devices, seen.channel, seen.thread, seen.panel]);
  if (now === drawn) return;
  drawn = now;
  draw();
}

let waiting = false;
async function refreshSoon() {
  if (waiting) return;
  waiting = true;
  await new Promise((resolve) => setTimeout(resolve, 60));
  waiting = false;
  await refresh();
  if (seen.panel === 'backstage') drawBackstage();
}

$('composer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = $('typed').value.trim();
  if (!text) return;
  const command = text.match(/^(\/\S+)\s*([\s\S]*)$/);
  const where = { user: seen.user, channel: channelNow().id };
  const answer = command ? await act('command', { ...where, command: command[1], text: command[2] }) : await act('say', { ...where, text });
  if (answer.ok !== false) $('typed').value = '';
  $('messages').scrollTop = $('messages').scrollHeight;
});
$('show-phones').addEventListener('click', () => showPanel('phones'));
$('show-backstage').addEventListener('click', () => showPanel('backstage'));
$('panel-close').addEventListener('click', () => { seen.panel = null; drawPanel(); });

// Everybody has this window open: private messages that come from now on can be seen after a change of person.
for (const person of (await ask('world')).people) await act('device_seen', { user: person.id, device });
seen.last = 0;
await refresh();
const events = new EventSource('/_sandbox/events');
events.onmessage = (event) => { seen.last = Number(event.data); refreshSoon(); };
events.onerror = () => { $('link-state').textContent = 'the sandbox is gone'; };
