// dialogs.js - forms (views) and the question before a button acts. Both are modal: the browser keeps the focus inside.

import { complete, renderBlock } from './blocks.js';
import { $, closeMenu, el, keep, redraw } from './dom.js';
import { mrkdwn, plainOf } from './text.js';
import { act, ask, seen } from './world.js';

// ---- the focus afterwards -----------------------------------------------------------------------------------------------

const openers = new WeakMap(); // dialog -> data-key of what had the focus

// Opens it modally; what had the focus gets it back. Where that node has been drawn anew, its successor gets it; where it is
// gone for good, the message field.
export function showDialog(dialog) {
  const { key } = document.activeElement?.dataset ?? {};
  openers.set(dialog, key);
  dialog.showModal();
}

export function focusReturns(dialog) {
  dialog.addEventListener('close', () => setTimeout(() => {
    if (document.activeElement !== document.body || document.querySelector('dialog[open]')) return;
    const key = openers.get(dialog);
    ((key && document.querySelector(`[data-key="${CSS.escape(key)}"]`)) || $('typed')).focus({ preventScroll: true });
  }, 0));
}

// ---- are you sure -------------------------------------------------------------------------------------------------------

function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  const dialog = $('confirm-dialog');
  const context = { names: seen.names, reader: seen.reader };
  return new Promise((resolve) => {
    const answer = (yes) => () => { dialog.close(); resolve(yes); };
    const words = confirm.text.type === 'mrkdwn' ? mrkdwn(confirm.text.text, context) : el('div', { class: 'text' }, plainOf(confirm.text));
    redraw(dialog, [el('form', { method: 'dialog' },
      el('header', {}, el('h2', { id: 'confirm-title' }, plainOf(confirm.title))),
      el('div', { class: 'blocks', id: 'confirm-text' }, words),
      el('footer', {}, el('button', { type: 'button', onclick: answer(false) }, plainOf(confirm.deny)),
        el('button', { type: 'button', class: confirm.style === 'danger' ? 'danger' : 'primary', onclick: answer(true), autofocus: true },
          plainOf(confirm.confirm))))]);
    dialog.oncancel = () => resolve(false);
    showDialog(dialog);
  });
}

// ---- acting -------------------------------------------------------------------------------------------------------------

// where: {channel, ts} or {view_id}
export async function actOn(where, element, block, value) {
  const target = { user: seen.user, ...where, action_id: element.action_id, block_id: block.block_id };
  if (!(await confirmed(element.confirm))) return;
  if (element.type === 'button') await act('click', target);
  else await act('select', { ...target, value });
}

// ---- forms --------------------------------------------------------------------------------------------------------------

const typed = {}; // view id -> block id -> action id -> what was chosen or typed and not sent yet
let ownErrors = {}; // what the client itself finds missing, before it sends
let isSending = false;

const typedIn = (view) => (typed[view.id] ??= {});
const inputs = (view) => view.blocks.filter((block) => block.type === 'input');

// The values that the form shows: the server's, under what was typed since.
function valuesOf(view) {
  const merged = structuredClone(view.state?.values ?? {});
  for (const [blockId, actions] of Object.entries(typedIn(view)))
    for (const [actionId, value] of Object.entries(actions)) {
      const entry = ((merged[blockId] ??= {})[actionId] ??= {});
      if (Array.isArray(value)) entry.selected_options = value.map((each) => ({ value: each }));
      else if ('selected_option' in entry) entry.selected_option = value && { value };
      else entry[Object.keys(entry).find((key) => key.startsWith('selected_')) ?? 'value'] = value;
    }
  return merged;
}

const isFilled = (entry) => Object.entries(entry ?? {}).some(([key, value]) => key !== 'type' && value !== null && value !== '' && !(Array.isArray(value) && !value.length));

// As Slack's client checks before it sends anything.
function findMissing(view) {
  const values = valuesOf(view);
  const errors = {};
  for (const block of inputs(view)) {
    const { element } = block;
    const entry = values[block.block_id]?.[element.action_id];
    const length = [...(entry?.value ?? '')].length;
    if (!isFilled(entry)) {
      if (!block.optional) errors[block.block_id] = 'Please complete this required field.';
    } else if (length && length < (element.min_length ?? 0)) errors[block.block_id] = `Write at least ${element.min_length} characters.`;
    else if (length > (element.max_length ?? 3000)) errors[block.block_id] = `Write at most ${element.max_length ?? 3000} characters.`;
  }
  return errors;
}

function focusFirstError() {
  $('form-dialog').querySelector('.block.wrong :is(input, select, textarea)')?.focus();
}

// What the sandbox has not been told yet. Fields that tell each character have told it.
function untold(view, but = null) {
  const told = (block) => block.element.dispatch_action_config?.trigger_actions_on?.includes('on_character_entered') && block.dispatch_action;
  const without = new Set([but, ...inputs(view).filter(told).map((block) => block.block_id)]);
  const present = new Set(inputs(view).map((block) => block.block_id));
  return Object.fromEntries(Object.entries(typedIn(view)).filter(([blockId]) => present.has(blockId) && !without.has(blockId)));
}

async function dispatch(view, element, block, value) {
  // the action carries all that stands in the form, as Slack's does
  const others = untold(view, block.block_id);
  if (Object.keys(others).length) await act('fill', { user: seen.user, view_id: view.id, values: others });
  await actOn({ view_id: view.id }, element, block, value);
}

function note(view, element, block, value) {
  const isInput = block.type === 'input';
  if (!isInput) {
    dispatch(view, element, block, value);
    return;
  }
  (typedIn(view)[block.block_id] ??= {})[element.action_id] = value;
  if (block.dispatch_action && !element.type.endsWith('_input')) dispatch(view, element, block, value);
}

async function submit(view) {
  ownErrors = { id: view.id, errors: findMissing(view) };
  if (Object.keys(ownErrors.errors).length) {
    drawForm();
    focusFirstError();
    return;
  }
  isSending = true;
  drawForm();
  const answer = await act('submit', { user: seen.user, view_id: view.id, values: untold(view) });
  if (answer.ok !== false) await ask(`act?id=${answer.id}&wait_ms=5000`);
  isSending = false;
  ownErrors = {};
  await drawAgain();
  if (seen.state.views.at(-1)?.errors) focusFirstError();
}

let drawAgain = async () => drawForm();
export const onFormSent = (run) => { drawAgain = run; };

// ---- drawing ------------------------------------------------------------------------------------------------------------

function frameOf(view, depth) {
  const close = () => act('close_view', { user: seen.user, view_id: view.id });
  const form = el('form', { novalidate: true, onsubmit: (event) => { event.preventDefault(); if (!isSending) submit(form.view); } },
    el('header', {}, el('h2', { id: 'form-title' }), el('span', { class: 'spacer' }),
      el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close the form', onclick: close }, '✕')),
    el('div', { class: 'blocks' }),
    el('footer', {}));
  // as in Slack, where Enter alone makes a new line in a long field
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.dataset.view = view.id;
  form.view = view;
  form.close = close;
  form.depth = depth;
  return form;
}

function drawHead(form, view, depth) {
  form.querySelector('h2').textContent = (depth > 1 ? '‹ ' : '') + plainOf(view.title);
  redraw(form.querySelector('footer'), [
    el('button', { type: 'button', 'data-key': 'form close', onclick: form.close }, view.close ? plainOf(view.close) : 'Cancel'),
    view.submit ? el('button', { type: 'submit', class: 'primary', 'data-key': 'form submit', disabled: view.submit_disabled === true, 'aria-busy': String(isSending) },
      isSending ? 'Sending…' : plainOf(view.submit)) : null]);
}

function drawBlocks(form, view) {
  const errors = { ...(view.errors ?? {}), ...(ownErrors.id === view.id ? ownErrors.errors : {}) };
  const values = valuesOf(view);
  const context = complete({
    names: seen.names, reader: seen.reader, values, errors, name: view.id, heading: 'h3',
    act: (element, block, value) => note(form.view, element, block, value),
    dispatch: (element, block, value) => dispatch(form.view, element, block, value),
  });
  const messages = Object.values(errors);
  const items = view.blocks.map((block, place) => ({
    key: `${view.id} ${block.block_id ?? place}`, sig: JSON.stringify([block, errors[block.block_id], seen.user]), make: () => renderBlock(block, context),
  }));
  const trouble = view.trouble ? `We had some trouble connecting. Try again? (${view.trouble})`
    : messages.length ? `Not sent yet: ${messages.length === 1 ? 'one field needs' : `${messages.length} fields need`} another look.` : '';
  if (trouble) items.unshift({ key: 'trouble', sig: trouble, make: () => el('div', { class: 'error summary', role: 'alert' }, trouble) });
  keep(form.querySelector('.blocks'), items);
}

// A form that changes may take away what had the focus, a person who was just chosen: then what came in its place has it.
function focusStays(form, change) {
  const blocks = form.querySelector('.blocks');
  const place = [...blocks.children].findIndex((block) => block.contains(document.activeElement));
  change();
  if (place < 0 || document.activeElement !== document.body) return;
  const fields = [...blocks.children].slice(place).flatMap((block) => [...block.querySelectorAll('input, select, textarea, button')]);
  (fields[0] ?? form.querySelector('footer button')).focus();
}

function focusFirst(form) {
  const first = form.querySelector('[autofocus], .blocks :is(input, select, textarea)') ?? form.querySelector('footer .primary, footer button');
  first?.focus();
}

export function drawForm() {
  const dialog = $('form-dialog');
  const { views } = seen.state;
  const view = views.at(-1);
  if (!view) {
    if (dialog.open) { closeMenu(false); dialog.close(); }
    dialog.replaceChildren();
    return;
  }
  let form = dialog.querySelector('form');
  const isNew = form?.dataset.view !== view.id;
  if (isNew) {
    form = frameOf(view, views.length);
    dialog.replaceChildren(form);
  }
  form.view = view;
  drawHead(form, view, views.length);
  focusStays(form, () => drawBlocks(form, view));
  dialog.oncancel = (event) => { event.preventDefault(); form.close(); };
  if (!dialog.open) showDialog(dialog);
  if (isNew) focusFirst(form);
}
