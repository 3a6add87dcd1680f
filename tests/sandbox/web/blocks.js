// blocks.js - Block Kit and mrkdwn as DOM nodes. Texts go in as text nodes only: nothing that was posted becomes markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'class') node.className = value;
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const unescape = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

// ---- mrkdwn -------------------------------------------------------------------------------------------------------

const angleKinds = [
  [/^@([UW][A-Z0-9]+)/, (match, names) => el('span', { class: 'mention' }, `@${names.people[match[1]] ?? match[1]}`)],
  [/^#([A-Z0-9]+)/, (match, names) => el('span', { class: 'mention' }, `#${names.channels[match[1]] ?? match[1]}`)],
  [/^!subteam\^([A-Z0-9]+)/, (match, names) => el('span', { class: 'mention' }, `@${names.groups[match[1]] ?? match[1]}`)],
  [/^!date\^(\d+)\^([^|^]*)[^|]*\|?(.*)/, (match) => document.createTextNode(unescape(match[3] || match[2]))],
  [/^!(here|channel|everyone)/, (match) => el('span', { class: 'mention' }, `@${match[1]}`)],
  [/^(?:mailto:)?([^|]+)(?:\|(.*))?/, (match) => el('u', { title: match[1] }, unescape(match[2] ?? match[1]))],
];

function angle(inside, names) {
  for (const [pattern, make] of angleKinds) {
    const match = inside.match(pattern);
    if (match) return make(match, names);
  }
  return document.createTextNode(inside);
}

const marks = [['*', 'strong'], ['_', 'em'], ['~', 's']];

function inline(text, names, parent) {
  const pattern = /```([\s\S]+?)```|`([^`\n]+)`|<([^>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\4(?![\p{L}\p{N}])/gu;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parent.append(unescape(text.slice(at, match.index)));
    at = match.index + match[0].length;
    if (match[1]) parent.append(el('pre', {}, unescape(match[1])));
    else if (match[2]) parent.append(el('code', {}, unescape(match[2])));
    else if (match[3]) parent.append(angle(match[3], names));
    else parent.append(inline(match[5], names, el(marks.find(([mark]) => mark === match[4])[1])));
  }
  parent.append(unescape(text.slice(at)));
  return parent;
}

export function mrkdwn(text, names, tag = 'div') {
  const whole = el(tag, { class: 'text' });
  let quote = null;
  text.split('\n').forEach((line, place) => {
    const quoted = line.match(/^(?:&gt;|>)\s?(.*)/);
    if (quoted) {
      quote ??= whole.appendChild(el('blockquote'));
      if (quote.childNodes.length) quote.append('\n');
      inline(quoted[1], names, quote);
      return;
    }
    if (place && !quote) whole.append('\n');
    quote = null;
    inline(line, names, whole);
  });
  return whole;
}

const textOf = (object, names, tag) =>
  object.type === 'mrkdwn' ? mrkdwn(object.text, names, tag) : el(tag ?? 'div', { class: 'text' }, unescape(object.text));

// ---- elements -----------------------------------------------------------------------------------------------------
// context: {names, values, act(element, block, value), name: prefix for radio groups}

const chosenOf = (context, block, element) => context.values?.[block.block_id]?.[element.action_id];

function button(element, block, context) {
  return el('button', {
    type: 'button', class: element.style ?? '', 'aria-label': element.accessibility_label,
    'data-key': `${block.block_id} ${element.action_id}`, onclick: () => context.act(element, block),
  }, unescape(element.text.text));
}

function select(element, block, context) {
  const chosen = chosenOf(context, block, element)?.selected_option?.value ?? element.initial_option?.value;
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  const list = el('select', {
    'data-key': `${block.block_id} ${element.action_id}`, id: context.idOf(block, element),
    'aria-label': block.type === 'input' ? null : unescape(element.placeholder?.text ?? 'Choose'),
    onchange: (event) => context.act(element, block, event.target.value),
  }, el('option', { value: '', disabled: true, selected: !chosen }, unescape(element.placeholder?.text ?? 'Choose…')));
  for (const group of groups) {
    const parent = group.label ? list.appendChild(el('optgroup', { label: unescape(group.label.text) })) : list;
    for (const option of group.options)
      parent.append(el('option', { value: option.value, selected: option.value === chosen }, unescape(option.text.text)));
  }
  return list;
}

function choices(element, block, context) {
  const type = element.type === 'checkboxes' ? 'checkbox' : 'radio';
  const entry = chosenOf(context, block, element);
  const picked = new Set([entry?.selected_option ?? element.initial_option, ...(entry?.selected_options ?? element.initial_options ?? [])]
    .filter(Boolean).map((option) => option.value));
  const group = el('fieldset', {}, el('legend', { class: block.type === 'input' ? '' : 'hidden' }, unescape(block.label?.text ?? block.text?.text ?? 'Choose one')));
  const report = () => {
    const values = [...group.querySelectorAll('input:checked')].map((input) => input.value);
    context.act(element, block, type === 'radio' ? values[0] : values);
  };
  for (const option of element.options)
    group.append(el('label', { class: 'choice' }, el('input', {
      type, name: `${context.name} ${block.block_id} ${element.action_id}`, value: option.value, checked: picked.has(option.value),
      'data-key': `${block.block_id} ${element.action_id} ${option.value}`, onchange: report,
    }), el('span', {}, textOf(option.text, context.names, 'span'),
      option.description ? el('span', { class: 'hint' }, ' ', textOf(option.description, context.names, 'span')) : null)));
  return group;
}

function textInput(element, block, context) {
  const value = chosenOf(context, block, element)?.value ?? element.initial_value ?? '';
  const common = {
    id: context.idOf(block, element), placeholder: unescape(element.placeholder?.text ?? ''), 'data-key': `${block.block_id} ${element.action_id}`,
    maxlength: element.max_length ?? 3000, oninput: (event) => context.act(element, block, event.target.value),
  };
  if (element.multiline) return el('textarea', common, value);
  return el('input', { ...common, type: element.type === 'number_input' ? 'number' : 'text', value });
}

const elements = {
  button, static_select: select, radio_buttons: choices, checkboxes: choices, plain_text_input: textInput, email_text_input: textInput,
  url_text_input: textInput, number_input: textInput,
};

function element(spec, block, context) {
  const make = elements[spec.type];
  return make ? make(spec, block, context) : el('span', { class: 'faint' }, `(${spec.type})`);
}

// ---- rich text ----------------------------------------------------------------------------------------------------

function styled(node, style = {}) {
  for (const [flag, tag] of [['bold', 'strong'], ['italic', 'em'], ['strike', 's'], ['code', 'code']])
    if (style[flag]) node = el(tag, {}, node);
  return node;
}

function rich(part, names) {
  switch (part.type) {
    case 'user': return el('span', { class: 'mention' }, `@${names.people[part.user_id] ?? part.user_id}`);
    case 'usergroup': return el('span', { class: 'mention' }, `@${names.groups[part.usergroup_id] ?? part.usergroup_id}`);
    case 'channel': return el('span', { class: 'mention' }, `#${names.channels[part.channel_id] ?? part.channel_id}`);
    case 'broadcast': return el('span', { class: 'mention' }, `@${part.range}`);
    case 'link': return el('u', { title: part.url }, part.text ?? part.url);
    case 'emoji': return document.createTextNode(`:${part.name}:`);
    case 'date': return document.createTextNode(part.fallback ?? '');
    default: return styled(document.createTextNode(part.text ?? ''), part.style);
  }
}

function richBlock(part, names) {
  if (part.type === 'rich_text_list')
    return el(part.style === 'ordered' ? 'ol' : 'ul', { style: 'list-style: revert; padding-left: 1.5rem' },
      ...part.elements.map((item) => el('li', {}, ...item.elements.map((leaf) => rich(leaf, names)))));
  const tag = { rich_text_preformatted: 'pre', rich_text_quote: 'blockquote' }[part.type] ?? 'div';
  return el(tag, {}, ...part.elements.map((leaf) => rich(leaf, names)));
}

// ---- blocks -------------------------------------------------------------------------------------------------------

function inputBlock(block, context) {
  const isGroup = ['radio_buttons', 'checkboxes'].includes(block.element.type);
  const label = unescape(block.label.text) + (block.optional ? ' (optional)' : '');
  const error = context.errors?.[block.block_id];
  const id = context.idOf(block, block.element);
  const control = element(block.element, block, context);
  if (error || block.hint) control.setAttribute('aria-describedby', `${id}-note`);
  if (error) control.setAttribute('aria-invalid', 'true');
  return el('div', { class: 'block input' },
    isGroup ? null : el('label', { for: id }, label), control,
    el('div', { id: `${id}-note` },
      block.hint ? el('div', { class: 'hint' }, unescape(block.hint.text)) : null,
      error ? el('div', { class: 'error', role: 'alert' }, error) : null));
}

const blocks = {
  section: (block, context) => el('div', { class: 'block section' },
    block.text ? textOf(block.text, context.names) : null,
    block.fields ? el('div', { class: 'fields' }, ...block.fields.map((field) => textOf(field, context.names))) : null,
    block.accessory ? element(block.accessory, block, context) : null),
  header: (block, context) => el(context.heading ?? 'h2', { class: 'block header' }, unescape(block.text.text)),
  context: (block, context) => el('div', { class: 'block context' },
    ...block.elements.map((part) => (part.type === 'image' ? el('span', {}, part.alt_text) : textOf(part, context.names, 'span')))),
  divider: () => el('div', { class: 'block divider', role: 'separator' }),
  actions: (block, context) => el('div', { class: 'block actions' }, ...block.elements.map((spec) => element(spec, block, context))),
  input: inputBlock,
  rich_text: (block, context) => el('div', { class: 'block rich' }, ...block.elements.map((part) => richBlock(part, context.names))),
  image: (block) => el('div', { class: 'block faint' }, `[${block.alt_text}]`),
  markdown: (block, context) => mrkdwn(block.text, context.names),
};

export function renderBlocks(list, context) {
  const all = { idOf: (block, spec) => `${context.name}-${block.block_id}-${spec.action_id}`.replace(/[^\w-]/g, '_'), ...context };
  return list.map((block) => (blocks[block.type] ? blocks[block.type](block, all) : el('div', { class: 'block faint' }, `(${block.type})`)));
}
