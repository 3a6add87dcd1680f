// handset.js - a device drawn from what is known of it: its case, its lock screen, and in words what state it is in.

import { el, icon } from './dom.js';
import { msOf, now, seen } from './world.js';

const drawings = {
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M5 11h14v10H5z',
  open: 'M7 11V8a5 5 0 0 1 9.6-2M5 11h14v10H5z',
  offline: 'M3 3l18 18M5 12a10 10 0 0 1 4-2.6M19 12a10 10 0 0 0-5.5-3M8.5 15.500a5 5 0 0 1 5-1M12 19h.01',
  online: 'M5 12a10 10 0 0 1 14 0M8.500 15.500a5 5 0 0 1 7 0M12 19h.01',
  work: 'M9 7V5h6v2M4 7h16v12H4zM4 12h16',
};
export const drawing = (name) => icon(drawings[name]);

// ---- what it is ---------------------------------------------------------------------------------------------------------

const text = (device, key) => (device[key] ?? '').toLowerCase();

export function kindOf(device) {
  const os = text(device, 'operatingSystem');
  if (os === 'macos' || (os.startsWith('windows') && !/mobile|phone/.test(os))) return 'laptop';
  if (/ipad|tab/.test(text(device, 'model')) || os === 'ipados') return 'tablet';
  if (/panel/.test(text(device, 'model'))) return 'panel';
  return 'phone';
}

const isApple = (device) => /^(ios|ipados|macos)/.test(text(device, 'operatingSystem'));
const workTypes = ['androidforwork', 'androidenterprisecorporateworkprofile'];
const hasWorkProfile = (device) => workTypes.includes(text(device, 'deviceType')) || workTypes.includes(text(device, 'deviceEnrollmentType'));

// What the screen shows; worked out from the lock where the sandbox does not tell it.
export function screenOf(device) {
  if (device.screen) return device.screen;
  return {
    state: device.lock === 'removed' ? 'open' : 'locked', lock: hasWorkProfile(device) ? 'work_profile' : 'phone',
    other_lock: hasWorkProfile(device) ? 'set' : null, keypad: isApple(device) ? 'numeric' : 'full', typed: '', before_first_unlock: false,
    offline: device.offline,
  };
}

export const serialTail = (device) => `…${(device.serialNumber ?? '').slice(-4)}`;

// ---- in words -----------------------------------------------------------------------------------------------------------

const unsupported = { laptop: 'Intune cannot reset this kind: the computer keeps its password' };

function lockWords(device, screen) {
  const isWork = screen.lock === 'work_profile';
  const what = isWork ? 'The work profile is' : 'It is';
  if (screen.state === 'dark') return 'The screen is dark';
  if (screen.state === 'open') {
    if (device.lock === 'removed') return 'Open: the passcode is gone, a new one must be set';
    return isWork ? 'The work profile is open' : 'Open';
  }
  if (device.lock === 'temporary') return `${what} locked; the temporary passcode opens it`;
  if (device.lock === 'removed') return `${what} locked`;
  return `${what} locked; its passcode is forgotten`;
}

// What Intune's newest action has come to.
function actionWords(device) {
  const last = device.deviceActionResults?.at(-1);
  if (!last) return null;
  const name = /passcode/i.test(last.actionName) ? 'Reset' : last.actionName;
  const words = { pending: 'waits for the device to check in', active: 'is being carried out', done: 'is done', failed: 'failed', notSupported: 'is not supported here', canceled: 'was cancelled' };
  return `${name} ${words[last.actionState] ?? last.actionState}`;
}

// The sentences that describe a device, the weightiest first.
export function wordsOf(device) {
  const screen = screenOf(device);
  return [
    unsupported[kindOf(device)] ?? lockWords(device, screen),
    screen.lock === 'work_profile' && screen.other_lock ? 'The phone’s own lock is another one, and works' : null,
    screen.cannot_type ? 'The code has letters, and this keypad has digits only' : null,
    screen.before_first_unlock ? 'Restarted and not unlocked since' : null,
    screen.offline ? (screen.before_first_unlock ? 'Unreachable: no network before the first unlock' : 'Offline: it does not check in') : null,
    device.lostModeState === 'enabled' ? 'In lost mode' : null,
    device.managementState === 'wipePending' ? 'Intune is about to wipe it' : null,
    actionWords(device),
    screen.wrong_tries ? `${screen.wrong_tries === 1 ? 'One wrong try' : `${screen.wrong_tries} wrong tries`} so far` : null,
  ].filter(Boolean);
}

// ---- drawn --------------------------------------------------------------------------------------------------------------

function clockOf() {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: seen.reader.zone, hour: '2-digit', minute: '2-digit' }).format(now());
}

function lockFace(device, screen) {
  const isWork = screen.lock === 'work_profile';
  return [el('span', { class: 'face-time' }, clockOf()), drawing('lock'),
    el('span', { class: 'face-word' }, isWork ? 'Work profile locked' : screen.before_first_unlock ? 'Unlock once' : 'Locked'),
    device.lock === 'temporary' ? el('span', { class: 'face-note' }, 'Temporary passcode set') : null];
}

function openFace(device, screen) {
  const apps = el('span', { class: 'apps' }, ...Array.from({ length: kindOf(device) === 'phone' ? 8 : 10 }, () => el('i')));
  if (device.lock === 'removed') return [apps, el('span', { class: 'face-note' }, 'No passcode. Set a new one')];
  return [apps, el('span', { class: 'face-word' }, screen.lock === 'work_profile' ? 'Work profile open' : 'Unlocked')];
}

function laptopFace() {
  return [drawing('lock'), el('span', { class: 'face-word' }, 'Password')];
}

function faceOf(device) {
  const screen = screenOf(device);
  const kind = kindOf(device);
  if (kind === 'laptop') return laptopFace();
  if (screen.state === 'dark') return [];
  // the phone around a locked work profile is in use
  return screen.state === 'open' ? openFace(device, screen) : lockFace(device, screen);
}

// For the eye alone: the words beside it say the same.
export function handsetNode(device, extra = null) {
  const screen = screenOf(device);
  const kind = kindOf(device);
  const status = el('span', { class: 'status-bar' }, drawing(screen.offline ? 'offline' : 'online'));
  const classes = ['handset', `kind-${kind}`, isApple(device) ? 'apple' : 'android', screen.state, screen.lock === 'work_profile' ? 'work' : '',
    device.lock ?? '', screen.offline ? 'offline' : ''];
  return el('div', { class: classes.join(' '), 'aria-hidden': extra ? null : 'true' },
    el('div', { class: 'screen' }, status, el('div', { class: 'face' }, ...faceOf(device)), extra));
}

export const lastSeen = (device) => {
  const minutes = Math.round((now() - Date.parse(device.lastSyncDateTime)) / 60000);
  if (!Number.isFinite(minutes)) return 'never checked in';
  if (minutes < 60) return `checked in ${Math.max(0, minutes)} min ago`;
  return minutes < 2880 ? `checked in ${Math.round(minutes / 60)} h ago` : `checked in ${Math.round(minutes / 1440)} days ago`;
};

export const changedAt = (device) => Math.max(0, ...(device.deviceActionResults ?? []).map((each) => Date.parse(each.lastUpdatedDateTime) || 0), msOf('0'));
