// guide.js - what to try: one step at a time above the channel, until it is followed to its end or hidden.

import { $, el, keep } from './dom.js';
import { seen } from './world.js';

export const example = '/passcode reset adele@contoso.com locked out after the update INC0012345';

const store = 'resetbot-sandbox-guide';
let reached = 0; // steps done
let isHidden = sessionStorage.getItem(store) === 'hidden';

// What app.js gives: becoming somebody, writing into the message field.
export const help = { become: null, write: null, show: null };

const steps = [
  {
    text: 'Adele is locked out of her iPhone and has called the helpdesk. As Hanna, ask for a reset.',
    button: 'Type it for me', run: async () => { await help.become('U0HANNA', 'C0HELPDESK'); help.write(example); },
  },
  { text: 'Send the command. Then choose the iPhone 14, answer what the preview asks, and press Send for approval.' },
  { text: 'Somebody else must agree. Become Arvid, read the card, and press Approve.', button: 'Become Arvid', run: () => help.become('U0ARVID', 'C0HELPDESK') },
  { text: 'The request goes to Intune. Watch the phone on the shelf, and open the thread below the card.', button: 'Show the phones', run: () => help.show('phones') },
];

const more = [
  'Ask for the Pixel 7. It gets a temporary passcode: press Show in Hanna’s messages with resetbot, then type it on the phone.',
  'Type /passcode alone, or use a message’s menu or the Home tab.',
  'As Henry, /passcode take R-… asks for what Hanna has begun.',
  'Try what must not work: approve as Hanna, or ask as the guest.',
  'Backstage moves time on and breaks things: Slack, Intune, connections.',
];

const cardsOf = (state) => state.channels.filter((channel) => !channel.is_im).flatMap((channel) => channel.messages).filter((message) => message.bot_id);
// A card that has lost its buttons may as well be denied or expired.
const isApproved = (card) => /approved by/i.test(card.text) && !card.blocks?.some((block) => block.elements?.some((element) => element.action_id === 'approve'));

// How far anybody has come, as far as this person sees it.
function learn() {
  const { state, devices } = seen;
  const cards = cardsOf(state);
  if (state.acts.some((each) => each.kind === 'command') || $('typed').value.startsWith('/')) reached = Math.max(reached, 1);
  if (cards.length) reached = Math.max(reached, 2);
  if (cards.some(isApproved)) reached = Math.max(reached, 3);
  if (devices.some((phone) => ['removed', 'temporary'].includes(phone.lock))) reached = Math.max(reached, 4);
}

function hide() {
  isHidden = true;
  sessionStorage.setItem(store, 'hidden');
  drawGuide();
  $('typed').focus();
}

export function showGuide() {
  isHidden = !isHidden;
  sessionStorage.setItem(store, isHidden ? 'hidden' : 'shown');
  drawGuide();
}

const hideButton = () => el('button', { type: 'button', class: 'quiet', 'data-key': 'guide hide', onclick: hide }, 'Hide');

function stepNode() {
  const step = steps[reached];
  return el('div', { class: 'guide-step' },
    el('span', { class: 'guide-count' }, `Step ${reached + 1} of ${steps.length}`), el('p', {}, step.text),
    el('span', { class: 'guide-buttons' },
      step.button ? el('button', { type: 'button', class: 'primary', 'data-key': 'guide run', onclick: step.run }, step.button) : null, hideButton()));
}

function endNode() {
  const isSmall = matchMedia('(max-width: 45rem)').matches;
  return el('div', { class: 'guide-end' },
    el('details', { open: !isSmall }, el('summary', { 'data-key': 'guide more' }, el('strong', {}, 'That was a whole reset. '), 'More to try:'),
      el('ul', {}, ...more.map((text) => el('li', {}, text)))), hideButton());
}

export function drawGuide() {
  if (seen.state) learn();
  const guide = $('guide');
  guide.hidden = isHidden;
  $('show-guide').setAttribute('aria-pressed', String(!isHidden));
  if (!isHidden) keep(guide, [{ key: String(reached), sig: '', make: reached < steps.length ? stepNode : endNode }]);
}
