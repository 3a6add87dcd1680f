// keypad.js - one device taken in the hand: its keypad, what its owner types, and what can happen to it.

import { showDialog } from './dialogs.js';
import { $, el, redraw } from './dom.js';
import { handsetNode, kindOf, lastSeen, screenOf, serialTail, wordsOf } from './handset.js';
import { act, announce, seen } from './world.js';

let held = null; // {id, text, result, capitals}
let refreshed = async () => {};
export const onTyped = (run) => { refreshed = run; };

const deviceNow = () => seen.devices.find((device) => device.id === held?.id);

// ---- typing -------------------------------------------------------------------------------------------------------------

function setText(text) {
  held.text = text;
  const field = $('phone-dialog').querySelector('#code-typed');
  if (field) field.value = text;
}

function press(key) {
  if (key === '⌫') setText(held.text.slice(0, -1));
  else setText(held.text + key);
  say('', false);
}

// A drawn numeric keypad has no letters, so the keyboard gives it none either.
function onInput(event, isNumeric) {
  const text = event.target.value;
  if (isNumeric && /\D/.test(text)) {
    say('This keypad has digits only.', false);
    setText(text.replace(/\D/g, ''));
    return;
  }
  held.text = text;
  if (text) say('', false);
}

function say(text, isRight) {
  held.result = { text, isRight };
  const line = $('phone-dialog').querySelector('#phone-result');
  if (!line) return;
  line.textContent = text;
  line.className = isRight ? 'right' : 'wrong';
}

async function enter(event) {
  event.preventDefault();
  if (!held.text) {
    say('Type the passcode first.', false);
    return;
  }
  const { text } = held;
  const answer = await act('device_type', { device: held.id, text });
  if (!held) return;
  setText('');
  if (answer.ok === false) say(answer.error, false);
  else if (answer.opened) say('Right. It opens.', true);
  else say('Wrong passcode. It stays locked.', false);
  if (!answer.opened) {
    held.shakesUntil = Date.now() + 400;
    shake();
  }
  await refreshed();
}

// Also after the device was drawn anew meanwhile, which ends the animation.
function shake() {
  if (Date.now() > held.shakesUntil) return;
  const frame = $('phone-dialog').querySelector('.handset');
  frame?.classList.remove('shaken');
  void frame?.offsetWidth; // starts the animation anew
  frame?.classList.add('shaken');
}

// ---- the keys -----------------------------------------------------------------------------------------------------------

const digits = ['123', '456', '789', ' 0⌫'];
const letters = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm⌫'];
const names = { '⌫': 'Delete the last' };

function keyNode(key) {
  if (key === ' ') return el('span');
  return el('button', { type: 'button', class: 'key', 'aria-label': names[key], onclick: () => press(key) }, key);
}

function keysNode(isNumeric) {
  const shown = (row) => [...row].map((key) => (held.capitals ? key.toUpperCase() : key));
  const rows = (isNumeric ? digits : letters).map((row) => el('div', { class: 'key-row' }, ...shown(row).map(keyNode)));
  if (!isNumeric)
    rows[3].prepend(el('button', {
      type: 'button', class: 'key wide', 'aria-pressed': String(held.capitals), 'aria-label': 'Capital letters',
      onclick: () => { held.capitals = !held.capitals; drawHeld(true); },
    }, '⇧'));
  return el('div', { class: `keys ${isNumeric ? 'numeric' : 'full'}`, role: 'group', 'aria-label': isNumeric ? 'Numeric keypad' : 'Full keyboard' }, ...rows);
}

function lockNode(device, screen) {
  const isNumeric = screen.keypad === 'numeric';
  const title = screen.lock === 'work_profile' ? 'Work profile passcode' : 'Passcode';
  return el('form', { class: 'lock-form', autocomplete: 'off', onsubmit: enter },
    el('label', { for: 'code-typed' }, title),
    el('div', { class: 'code-line' },
      el('input', {
        id: 'code-typed', 'data-key': 'code', value: held.text, inputmode: isNumeric ? 'numeric' : 'text', autocapitalize: 'off', spellcheck: 'false',
        'aria-describedby': 'phone-result', oninput: (event) => onInput(event, isNumeric),
      }), el('button', { type: 'submit', class: 'primary' }, 'OK')),
    keysNode(isNumeric));
}

// ---- what can happen to it ------------------------------------------------------------------------------------------------

function deeds(device) {
  const screen = screenOf(device);
  const deed = (text, verb, fields = {}) => el('button', {
    type: 'button', 'data-key': `${verb} ${text}`, onclick: () => act(verb, { device: device.id, ...fields }).then(refreshed),
  }, text);
  return el('div', { class: 'row', role: 'group', 'aria-label': 'What happens to it' },
    deed('Check in now', 'checkin'), deed(screen.offline ? 'Connect it' : 'Take it offline', 'offline', { on: !screen.offline }),
    device.screen ? deed('Restart it', 'device_restart') : null, device.screen ? deed('Lock it', 'device_lock') : null,
    deed('Reset it in the portal', 'portal_reset'));
}

// A dark screen wakes up when it is touched.
function wakeNode(device) {
  const wake = () => act('device_type', { device: device.id, text: '', enter: false }).then(refreshed);
  return el('button', { type: 'button', class: 'key wake', 'data-key': 'code', onclick: wake }, 'Wake it up');
}

function touchable(device, screen) {
  if (kindOf(device) === 'laptop' || screen.state === 'open') return null;
  return screen.state === 'dark' ? wakeNode(device) : lockNode(device, screen);
}

function bodyOf(device) {
  const screen = screenOf(device);
  const result = held.result ?? { text: '', isRight: false };
  return el('div', { class: 'held' },
    handsetNode(device, touchable(device, screen)),
    el('div', { class: 'held-words' },
      el('p', { id: 'phone-result', role: 'status', class: result.isRight ? 'right' : 'wrong' }, result.text),
      el('ul', {}, ...wordsOf(device).map((words, place) => el('li', {}, place ? words : el('strong', {}, words)))),
      el('p', { class: 'faint' }, `${device.operatingSystem} ${device.osVersion} · ${device.managedDeviceOwnerType} · ${lastSeen(device)}`),
      deeds(device)));
}

// ---- the dialog -----------------------------------------------------------------------------------------------------------

let drawn = '';

export function drawHeld(force = false) {
  const device = deviceNow();
  if (!held || !device) return;
  const sig = JSON.stringify([device.screen, device.lock, device.offline, device.deviceActionResults, seen.user]);
  if (!force && sig === drawn) return;
  const wasAsking = Boolean($('phone-dialog').querySelector('#code-typed'));
  drawn = sig;
  redraw($('phone-dialog'), [
    el('header', {}, el('h2', { id: 'phone-title' }, `${device.model} ${serialTail(device)} of ${device.userDisplayName || 'nobody'}`),
      el('span', { class: 'spacer' }), el('button', { type: 'button', class: 'quiet', 'data-key': 'put down', 'aria-label': 'Put the device down', onclick: putDown }, '✕')),
    bodyOf(device)]);
  shake();
  if (wasAsking && !$('phone-dialog').querySelector('#code-typed')) announce(wordsOf(device)[0]);
  if (!$('phone-dialog').contains(document.activeElement)) $('phone-dialog').querySelector('#code-typed, .wake, .row button')?.focus();
}

function putDown() {
  $('phone-dialog').close();
}

export function pickUp(id) {
  held = { id, text: '', result: null, capitals: false, shakesUntil: 0 };
  const dialog = $('phone-dialog');
  dialog.onclose = () => { held = null; drawn = ''; };
  drawn = '';
  dialog.replaceChildren();
  showDialog(dialog);
  drawHeld();
}
