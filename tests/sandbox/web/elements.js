// elements.js - the interactive elements of Block Kit: buttons, lists to choose from, dates, text fields.
// context: {names, reader, values, name, act(element, block, value), dispatch(element, block, value), idOf}

import { closeMenu, el, openMenu } from './dom.js';
import { plainOf, textOf } from './text.js';

const keyOf = (block, spec) => `${block.block_id} ${spec.action_id}`;
const entryOf = (context, block, spec) => context.values?.[block.block_id]?.[spec.action_id];
const labelFor = (block, spec) => (block.type === 'input' ? null : spec.placeholder ? plainOf(spec.placeholder) : 'Choose');

// ---- buttons ----------------------------------------------------------------------------------------------------------

function button(spec, block, context) {
  const text = plainOf(spec.text);
  return el('button', {
    type: 'button', class: `element ${spec.style ?? ''}`, 'aria-label': spec.accessibility_label, title: text.length > 30 ? text : null,
    'data-key': keyOf(block, spec), 'data-action': spec.action_id, 'aria-haspopup': spec.confirm ? 'dialog' : null,
    onclick: () => context.act(spec, block),
  }, text, spec.url ? ' ↗' : null);
}

function overflow(spec, block, context) {
  const opener = el('button', {
    type: 'button', class: 'element overflow', 'aria-label': 'More', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'data-key': keyOf(block, spec),
    onclick: (event) => openMenu(event.currentTarget, spec.options.map((option) => ({
      label: plainOf(option.text), run: () => { closeMenu(); context.act(spec, block, option.value); },
    })), 'More'),
  }, '⋯');
  return opener;
}

// ---- one of many ------------------------------------------------------------------------------------------------------

function optionNode(option, chosen) {
  const text = plainOf(option.text) + (option.description ? ` (${plainOf(option.description)})` : '');
  return el('option', { value: option.value, selected: option.value === chosen }, text);
}

function listOf(spec, block, context, chosen, groups) {
  const node = el('select', {
    class: 'element', id: context.idOf(block, spec), 'data-key': keyOf(block, spec), 'aria-label': labelFor(block, spec),
    onchange: (event) => context.act(spec, block, event.target.value || null),
  }, el('option', { value: '', disabled: block.type !== 'input' || !block.optional, selected: !chosen },
    spec.placeholder ? plainOf(spec.placeholder) : 'Choose an option'));
  for (const group of groups) {
    const parent = group.label ? node.appendChild(el('optgroup', { label: plainOf(group.label) })) : node;
    parent.append(...group.options.map((option) => optionNode(option, chosen)));
  }
  return node;
}

const groupsOf = (spec) => spec.option_groups ?? [{ options: spec.options ?? [] }];

function staticSelect(spec, block, context) {
  const entry = entryOf(context, block, spec);
  const chosen = (entry ? entry.selected_option : spec.initial_option)?.value;
  return listOf(spec, block, context, chosen, groupsOf(spec));
}

// People and channels are lists that the client fills itself.
const clientLists = {
  users_select: ['selected_user', 'initial_user', ({ people }) => Object.entries(people)],
  conversations_select: ['selected_conversation', 'initial_conversation', ({ channels }) => Object.entries(channels)],
  channels_select: ['selected_channel', 'initial_channel', ({ channels }) => Object.entries(channels)],
};

function clientSelect(spec, block, context) {
  const [key, initial, list] = clientLists[spec.type];
  const options = list(context.names).map(([value, text]) => ({ value, text: { text, emoji: false } }));
  return listOf(spec, block, context, entryOf(context, block, spec)?.[key] ?? spec[initial], [{ options }]);
}

// ---- choices that all show ----------------------------------------------------------------------------------------------

function pickedOf(spec, block, context) {
  const entry = entryOf(context, block, spec);
  const one = entry && 'selected_option' in entry ? entry.selected_option : spec.initial_option;
  const many = entry?.selected_options ?? spec.initial_options ?? [];
  return new Set([one, ...many].filter(Boolean).map((option) => option.value));
}

function choice(option, input, context) {
  return el('label', { class: 'choice' }, input, el('span', {}, textOf(option.text, context, 'span'),
    option.description ? el('span', { class: 'hint' }, ' ', textOf(option.description, context, 'span')) : null));
}

function choices(spec, block, context) {
  const type = spec.type === 'radio_buttons' ? 'radio' : 'checkbox';
  const picked = pickedOf(spec, block, context);
  const title = block.label ? plainOf(block.label) + (block.optional ? ' (optional)' : '') : block.text?.text ?? spec.placeholder?.text ?? 'Choose';
  const group = el('fieldset', { id: context.idOf(block, spec), class: spec.type === 'multi_static_select' ? 'many' : '' },
    el('legend', { class: block.type === 'input' ? '' : 'hidden' }, title));
  const report = () => {
    const checked = [...group.querySelectorAll('input:checked')].map((input) => input.value);
    if (spec.max_selected_items)
      for (const input of group.querySelectorAll('input:not(:checked)')) input.disabled = checked.length >= spec.max_selected_items;
    context.act(spec, block, type === 'radio' ? checked[0] : checked);
  };
  for (const { label, options } of groupsOf(spec)) {
    if (label) group.append(el('div', { class: 'group-label' }, plainOf(label)));
    for (const option of options)
      group.append(choice(option, el('input', {
        type, name: `${context.name} ${keyOf(block, spec)}`, value: option.value, checked: picked.has(option.value),
        'data-key': `${keyOf(block, spec)} ${option.value}`, onchange: report,
      }), context));
  }
  return group;
}

// ---- dates ------------------------------------------------------------------------------------------------------------

const twoDigits = (number) => String(number).padStart(2, '0');

function localDateTime(seconds) {
  const date = new Date(seconds * 1000);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}T${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

const pickers = {
  datepicker: ['date', 'selected_date', 'initial_date', (value) => value, (text) => text],
  timepicker: ['time', 'selected_time', 'initial_time', (value) => value, (text) => text],
  datetimepicker: ['datetime-local', 'selected_date_time', 'initial_date_time', localDateTime, (text) => Math.floor(Date.parse(text) / 1000)],
};

function picker(spec, block, context) {
  const [type, key, initial, shown, read] = pickers[spec.type];
  const value = entryOf(context, block, spec)?.[key] ?? spec[initial];
  return el('input', {
    class: 'element', type, id: context.idOf(block, spec), 'data-key': keyOf(block, spec), value: value ? shown(value) : null,
    'aria-label': labelFor(block, spec), onchange: (event) => event.target.value && context.act(spec, block, read(event.target.value)),
  });
}

// ---- text -------------------------------------------------------------------------------------------------------------

const inputTypes = { number_input: 'number', email_text_input: 'email', url_text_input: 'url' };

// Where a block dispatches, Enter sends what was typed, or each character does; else the form keeps it.
function dispatching(spec, block, context) {
  const on = block.dispatch_action ? spec.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'] : [];
  return {
    oninput: (event) => {
      context.act(spec, block, event.target.value);
      if (on.includes('on_character_entered')) context.dispatch(spec, block, event.target.value);
    },
    onkeydown: (event) => {
      if (event.key !== 'Enter' || event.isComposing || spec.multiline || !on.includes('on_enter_pressed')) return;
      event.preventDefault();
      context.dispatch(spec, block, event.target.value);
    },
  };
}

function textInput(spec, block, context) {
  const value = entryOf(context, block, spec)?.value ?? spec.initial_value ?? '';
  const common = {
    class: 'element', id: context.idOf(block, spec), placeholder: spec.placeholder ? plainOf(spec.placeholder) : '', 'data-key': keyOf(block, spec),
    'aria-label': labelFor(block, spec), 'aria-required': block.type === 'input' && !block.optional ? 'true' : null,
    maxlength: spec.max_length ?? 3000, autocomplete: 'off', min: spec.min_value, max: spec.max_value, step: spec.is_decimal_allowed ? 'any' : null,
    autofocus: spec.focus_on_load === true, ...dispatching(spec, block, context),
  };
  if (spec.multiline) return el('textarea', { ...common, rows: '4' }, value);
  return el('input', { ...common, type: inputTypes[spec.type] ?? 'text', value });
}

// ---- all of them ------------------------------------------------------------------------------------------------------

const image = (spec) => el('span', { class: 'picture', role: 'img', 'aria-label': spec.alt_text }, spec.alt_text);

const makers = {
  button, overflow, image, static_select: staticSelect, multi_static_select: choices, radio_buttons: choices, checkboxes: choices,
  users_select: clientSelect, conversations_select: clientSelect, channels_select: clientSelect, datepicker: picker, timepicker: picker,
  datetimepicker: picker, plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput, number_input: textInput,
};

export const isGroup = (spec) => makers[spec.type] === choices;

export function element(spec, block, context) {
  const make = makers[spec.type];
  return make ? make(spec, block, context) : el('span', { class: 'faint' }, `(${spec.type})`);
}
