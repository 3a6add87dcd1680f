// shelf.js - the devices of the tenant, drawn side by side: those of this person, those to which something happened, the others.

import { el } from './dom.js';
import { changedAt, handsetNode, serialTail, wordsOf } from './handset.js';
import { pickUp } from './keypad.js';
import { now, personOf, seen } from './world.js';

let wanted = '';
let isLong = false;
const most = 12;

const clockKey = () => new Date(now()).toISOString().slice(0, 16);

function deviceItem(device) {
  const words = wordsOf(device);
  return {
    key: device.id, sig: JSON.stringify([words, device.screen, device.lock, device.offline, device.userDisplayName, clockKey()]),
    make: () => el('li', {}, el('button', {
      type: 'button', class: 'phone', 'data-key': `phone ${device.id}`, 'aria-haspopup': 'dialog', onclick: () => pickUp(device.id),
    }, handsetNode(device), el('span', { class: 'phone-words' },
      el('strong', {}, `${device.model} `, el('span', { class: 'tail' }, serialTail(device))),
      el('span', { class: 'faint' }, device.userDisplayName || 'Nobody’s'),
      ...words.slice(0, 3).map((each, place) => el('span', { class: place ? 'faint' : 'state' }, each))))),
  };
}

// Those that matter to what is being tried come first.
function weight(device) {
  const name = personOf(seen.user)?.name;
  if (changedAt(device)) return 4e15 + changedAt(device);
  if (device.userPrincipalName?.startsWith('adele@')) return 3;
  if (device.userPrincipalName?.startsWith(`${name}@`)) return 2;
  return device.userPrincipalName?.startsWith('many@') ? 0 : 1;
}

const matches = (device) => [device.model, device.serialNumber, device.userDisplayName, device.deviceName].join(' ').toLowerCase().includes(wanted);

function findItem(redraw, total) {
  return {
    key: 'find', sig: '',
    make: () => el('div', { class: 'find' }, el('label', { for: 'find-phone' }, 'Find a device'),
      el('input', {
        id: 'find-phone', type: 'search', 'data-key': 'find', placeholder: `${total} devices: name, model or serial`,
        oninput: (event) => { wanted = event.target.value.trim().toLowerCase(); redraw(); },
      })),
  };
}

// The shelf as items; a list of its own lies inside, so that a device keeps its node.
export function shelfItems(redraw, keepList) {
  const found = seen.devices.filter(matches).sort((a, b) => weight(b) - weight(a));
  const shown = isLong ? found : found.slice(0, most);
  const moreText = found.length > shown.length ? `Show all ${found.length}` : isLong && found.length > most ? 'Show fewer' : '';
  return [
    findItem(redraw, seen.devices.length),
    { key: 'phones', sig: '', make: () => el('ul', { class: 'phones', 'aria-label': 'Devices' }), after: (node) => keepList(node, shown.map(deviceItem)) },
    { key: `none ${found.length === 0}`, sig: '', make: () => el('p', { class: 'empty', hidden: found.length > 0 }, 'No device is called so.') },
    {
      key: `more ${moreText}`, sig: '',
      make: () => el('button', { type: 'button', class: 'more', hidden: !moreText, 'data-key': 'more', onclick: () => { isLong = !isLong; redraw(); } }, moreText),
    },
  ];
}
