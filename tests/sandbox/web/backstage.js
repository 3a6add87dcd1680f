// backstage.js - the drawer behind the scene: time, faults, connections, and what just happened.

import { $, el } from './dom.js';
import { checkins, deeds, groups, steps, titleOf } from './faults.js';
import { act, announce, ask, now, seen, utcText } from './world.js';

let redraw = () => {};
export const onBackstage = (run) => { redraw = run; };

const button = (text, key, run, more = {}) => el('button', { type: 'button', 'data-key': key, onclick: run, ...more }, text);

async function does(verb, fields, told) {
  const answer = await act(verb, fields);
  if (answer.ok !== false && told) announce(told);
  await redraw();
}

// ---- time ---------------------------------------------------------------------------------------------------------------

function timeNode() {
  return el('section', { class: 'stage', 'aria-labelledby': 'stage-time' }, el('h3', { id: 'stage-time' }, 'Time'),
    el('p', { class: 'now' }, el('time', { id: 'stage-now' }, `${utcText(now())} UTC`)),
    el('p', { class: 'faint' }, 'Requests expire, devices check in late, reminders go out. Move time on instead of waiting:'),
    el('div', { class: 'row' }, ...steps.map(([text, ms]) => button(`+ ${text}`, text, () => does('time', { advance_ms: ms }, `${text} later`)))));
}

setInterval(() => {
  const node = $('stage-now');
  if (node) node.textContent = `${utcText(now())} UTC`;
}, 1000);

// ---- faults -------------------------------------------------------------------------------------------------------------

const activeFaults = () => Object.entries(seen.world.faults).filter(([, each]) => each.times !== 0);
const timesText = (times) => (times < 0 ? 'until you end it' : times === 1 ? 'for one more call' : `for ${times} more calls`);

function activeNode() {
  const active = activeFaults();
  if (!active.length) return el('p', { class: 'faint' }, 'Nothing is broken now.');
  return el('div', { class: 'active-faults' },
    el('ul', {}, ...active.map(([name, each]) => el('li', {}, el('span', {}, el('strong', {}, titleOf(name)), ` ${timesText(each.times)}`),
      button('End', `end ${name}`, () => does('fault_clear', { name }, `${titleOf(name)} has ended`), { 'aria-label': `End: ${titleOf(name)}` })))),
    button('End all', 'end all', () => does('fault_clear', {}, 'Nothing is broken any more'), { class: 'primary' }));
}

function faultNode(row) {
  const start = (times) => () => does('fault', { ...row.fault, times }, `${row.title}, ${timesText(times)}`);
  return el('li', { class: 'fault' }, el('div', {}, el('strong', {}, row.title), el('p', { class: 'faint' }, row.about)),
    el('div', { class: 'row' }, button('Once', `once ${row.fault.name}`, start(1), { 'aria-label': `Once: ${row.title}` }),
      button('Until ended', `ever ${row.fault.name}`, start(-1), { 'aria-label': `Until ended: ${row.title}` })));
}

function groupNode(title, key, nodes, isOpen = false) {
  return el('details', { class: 'group', open: isOpen }, el('summary', { 'data-key': `group ${key}` }, title), el('ul', {}, ...nodes));
}

function deedNode(row) {
  return el('li', { class: 'fault' }, el('div', {}, el('strong', {}, row.title), el('p', { class: 'faint' }, row.about)),
    el('div', { class: 'row' }, button('Do it', `deed ${row.verb}`, () => does(row.verb, row.fields, row.title), { 'aria-label': `Do it: ${row.title}` })));
}

function checkinNode() {
  const present = String(seen.world.settings.device_checkin_ms ?? 3000);
  const known = checkins.some(([, ms]) => String(ms) === present);
  return el('p', { class: 'setting' }, el('label', { for: 'checkin' }, 'Devices check in after '),
    el('select', { id: 'checkin', 'data-key': 'checkin', onchange: (event) => does('settings', { device_checkin_ms: Number(event.target.value) }) },
      known ? null : el('option', { value: present, selected: true }, `${present} ms`),
      ...checkins.map(([text, ms]) => el('option', { value: ms, selected: String(ms) === present }, text))));
}

// ---- what happened ------------------------------------------------------------------------------------------------------

let journal = [];

// What Slack refused to show, with the place in the blocks that it names.
const refusals = () => journal.filter((entry) => entry.kind === 'api' && entry.ok === false && entry.error !== 'fault').slice(-5).reverse();

function refusalNode(entry) {
  return el('li', {}, el('strong', {}, `${entry.method}: ${entry.error ?? 'refused'}`), ...(entry.messages ?? []).map((text) => el('div', { class: 'faint' }, text)));
}

function line({ n, at, kind, ...rest }) {
  const text = JSON.stringify(rest).replace(/^\{|\}$/g, '');
  return `${utcText(at).slice(11)} ${kind} ${text.length > 150 ? `${text.slice(0, 150)}…` : text}`;
}

function journalNode() {
  const refused = refusals();
  return el('section', { class: 'stage', 'aria-labelledby': 'stage-journal' }, el('h3', { id: 'stage-journal' }, 'What just happened'),
    refused.length ? el('div', { class: 'refused' }, el('p', {}, 'Slack refused these calls; they show nowhere:'), el('ul', {}, ...refused.map(refusalNode))) : null,
    el('pre', { tabindex: '0', 'data-key': 'journal', 'aria-label': 'Journal, the newest first' }, journal.slice(-40).map(line).reverse().join('\n')));
}

export async function readJournal() {
  journal = (await ask(`journal?after=${Math.max(0, seen.last - 200)}`)).entries;
}

// ---- all of it ----------------------------------------------------------------------------------------------------------

// Each part is drawn anew only when what it shows has changed: open groups stay open.
export function backstageItems() {
  const { faults, settings } = seen.world;
  return [
    { key: 'time', sig: '', make: timeNode },
    {
      key: 'active', sig: JSON.stringify(faults),
      make: () => el('section', { class: 'stage', 'aria-labelledby': 'stage-active' }, el('h3', { id: 'stage-active' }, 'What is broken now'), activeNode()),
    },
    {
      key: 'break', sig: '',
      make: () => el('section', { class: 'stage', 'aria-labelledby': 'stage-break' }, el('h3', { id: 'stage-break' }, 'Break something'),
        ...groups.map((group, place) => groupNode(group.title, group.title, group.rows.map(faultNode), place === 0)),
        groupNode('Connections of the bot', 'deeds', deeds.map(deedNode))),
    },
    {
      key: 'devices', sig: String(settings.device_checkin_ms),
      make: () => el('section', { class: 'stage', 'aria-labelledby': 'stage-devices' }, el('h3', { id: 'stage-devices' }, 'Devices and this window'), checkinNode(),
        el('div', { class: 'row' }, button('Reload this window: its private messages go', 'reload', () => location.reload()))),
    },
    { key: 'journal', sig: JSON.stringify(journal.at(-1)?.n), make: journalNode },
  ];
}
