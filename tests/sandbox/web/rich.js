// rich.js - rich_text blocks: sections, lists, quotes, preformatted text and their leaves.

import { el } from './dom.js';
import { dateNode, emojiOf, linkNode } from './text.js';

function styled(node, style = {}) {
  for (const [flag, tag] of [['bold', 'strong'], ['italic', 'em'], ['strike', 's'], ['code', 'code']])
    if (style[flag]) node = el(tag, {}, node);
  return node;
}

const mention = (text) => el('span', { class: 'mention' }, text);

const leaves = {
  user: (part, { names }) => mention(`@${names.people[part.user_id] ?? part.user_id}`),
  usergroup: (part, { names }) => mention(`@${names.groups[part.usergroup_id] ?? part.usergroup_id}`),
  channel: (part, { names }) => mention(`#${names.channels[part.channel_id] ?? part.channel_id}`),
  broadcast: (part) => mention(`@${part.range}`),
  link: (part, context) => linkNode(part.url, part.text ?? part.url, context),
  emoji: (part) => document.createTextNode(part.unicode ? String.fromCodePoint(...part.unicode.split('-').map((hex) => parseInt(hex, 16))) : emojiOf(part.name)),
  date: (part, { reader }) => dateNode(part.timestamp, part.format, part.fallback ?? part.format, reader),
  text: (part) => document.createTextNode(part.text),
};

const leaf = (part, context) => styled((leaves[part.type] ?? leaves.text)(part.text === undefined && !leaves[part.type] ? { text: '' } : part, context), part.style);

const numbering = ['decimal', 'lower-alpha', 'lower-roman'];

function list(part, context) {
  const indent = part.indent ?? 0;
  const style = part.style === 'ordered' ? numbering[indent % 3] : ['disc', 'circle', 'square'][indent % 3];
  return el(part.style === 'ordered' ? 'ol' : 'ul', {
    class: part.border ? 'bordered' : '', start: part.style === 'ordered' && part.offset ? part.offset + 1 : null,
    style: `list-style: ${style}; padding-left: ${1.5 + indent * 1.5}rem`,
  }, ...part.elements.map((item) => el('li', {}, ...item.elements.map((each) => leaf(each, context)))));
}

export function richBlock(part, context) {
  if (part.type === 'rich_text_list') return list(part, context);
  const tag = { rich_text_preformatted: 'pre', rich_text_quote: 'blockquote' }[part.type] ?? 'div';
  return el(tag, {}, ...part.elements.map((each) => leaf(each, context)));
}
