// blocks.js - Block Kit as DOM nodes, as Slack lays it out. What Slack refuses never gets here: it was not posted.

import { el } from './dom.js';
import { element, isGroup } from './elements.js';
import { richBlock } from './rich.js';
import { mrkdwn, plainOf, textOf } from './text.js';

function inputBlock(block, context) {
  const error = context.errors?.[block.block_id];
  const id = context.idOf(block, block.element);
  const control = element(block.element, block, context);
  if (error || block.hint) control.setAttribute('aria-describedby', `${id}-note`);
  if (error && !isGroup(block.element)) control.setAttribute('aria-invalid', 'true');
  const label = plainOf(block.label) + (block.optional ? ' (optional)' : '');
  return el('div', { class: `block input${error ? ' wrong' : ''}` },
    isGroup(block.element) ? null : el('label', { for: id }, label), control,
    el('div', { id: `${id}-note` },
      block.hint ? el('div', { class: 'hint' }, plainOf(block.hint)) : null,
      error ? el('div', { class: 'error' }, error) : null));
}

const small = ['button', 'overflow', 'image', 'datepicker', 'timepicker', 'datetimepicker'];

function section(block, context) {
  const beside = block.accessory && (small.includes(block.accessory.type) || block.accessory.type.endsWith('_select')) && !isGroup(block.accessory);
  return el('div', { class: `block section${beside ? ' beside' : ''}` },
    el('div', { class: 'section-text' }, block.text ? textOf(block.text, context) : null,
      block.fields ? el('div', { class: 'fields' }, ...block.fields.map((field) => textOf(field, context))) : null),
    block.accessory ? element(block.accessory, block, context) : null);
}

const makers = {
  section,
  header: (block, context) => el(context.heading ?? 'h3', { class: 'block header' }, plainOf(block.text)),
  context: (block, context) => el('div', { class: 'block context' },
    ...block.elements.map((part) => (part.type === 'image' ? element(part, block, context) : textOf(part, context, 'span')))),
  divider: () => el('div', { class: 'block divider', role: 'separator' }),
  actions: (block, context) => el('div', { class: 'block actions' }, ...block.elements.map((spec) => element(spec, block, context))),
  input: inputBlock,
  rich_text: (block, context) => el('div', { class: 'block rich' }, ...block.elements.map((part) => richBlock(part, context))),
  image: (block, context) => el('figure', { class: 'block image' }, block.title ? el('figcaption', {}, plainOf(block.title)) : null,
    element({ type: 'image', alt_text: block.alt_text }, block, context)),
  markdown: (block, context) => mrkdwn(block.text, context),
};

// The context as the elements need it.
export function complete(context) {
  return { idOf: (block, spec) => `${context.name}-${block.block_id}-${spec.action_id}`.replace(/[^\w-]/g, '_'), dispatch: context.act, ...context };
}

export function renderBlock(block, context) {
  return makers[block.type] ? makers[block.type](block, context) : el('div', { class: 'block faint' }, `(${block.type})`);
}

export const renderBlocks = (list, context) => list.map((block) => renderBlock(block, complete(context)));
