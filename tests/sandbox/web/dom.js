// dom.js - nodes without a framework: making them, keeping those that did not change, and giving the focus back.

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'class') node.className = value;
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const svgSpace = 'http://www.w3.org/2000/svg';

// A drawing of one path on a 24 by 24 grid, for the eye alone.
export function icon(path, className = 'icon') {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(svgSpace, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

// ---- the focus --------------------------------------------------------------------------------------------------------

// Where the focus is inside parent, by data-key, as nodes come and go.
function markFocus(parent) {
  const active = document.activeElement;
  if (!active || !parent.contains(active) || !active.dataset.key) return null;
  const { key } = active.dataset;
  const place = [...parent.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].indexOf(active);
  const hasCaret = 'selectionStart' in active && active.type !== 'number' && active.selectionStart !== null;
  return { active, key, place, caret: hasCaret ? [active.selectionStart, active.selectionEnd] : null };
}

function giveFocusBack(parent, mark) {
  if (!mark || mark.active.isConnected) return;
  const next = parent.querySelectorAll(`[data-key="${CSS.escape(mark.key)}"]`)[mark.place];
  if (!next) return;
  next.focus({ preventScroll: true });
  if (mark.caret && next.setSelectionRange) next.setSelectionRange(...mark.caret);
}

// ---- lists that change ------------------------------------------------------------------------------------------------

const kept = new WeakMap(); // parent -> Map of key -> {sig, node}

// Makes parent show these items [{key, sig, make, after}] in their order. A node whose sig is the same stays as it is, so
// that focus, open lists and half-typed texts outlive what changes around them. after(node) is called each time.
export function keep(parent, items) {
  const before = kept.get(parent);
  if (!before) parent.replaceChildren();
  const mark = markFocus(parent);
  const now = new Map();
  for (const { key, sig, make } of items) {
    const old = before?.get(key);
    now.set(key, old && old.sig === sig ? old : { sig, node: make() });
  }
  for (const [key, { node }] of before ?? []) if (now.get(key)?.node !== node) node.remove();
  let place = parent.firstChild;
  for (const { node } of now.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  kept.set(parent, now);
  giveFocusBack(parent, mark);
  for (const { key, after } of items) after?.(now.get(key).node);
}

// Replaces all children.
export function redraw(parent, nodes) {
  const mark = markFocus(parent);
  kept.delete(parent);
  parent.replaceChildren(...nodes.filter(Boolean));
  giveFocusBack(parent, mark);
}

// ---- a menu of a button -----------------------------------------------------------------------------------------------

let openMenuNode = null;

export function closeMenu(back = true) {
  if (!openMenuNode) return;
  const { menu, opener, outside } = openMenuNode;
  openMenuNode = null;
  document.removeEventListener('pointerdown', outside, true);
  menu.remove();
  opener.setAttribute('aria-expanded', 'false');
  if (back && opener.isConnected) opener.focus({ preventScroll: true });
}

function placeMenu(menu, opener) {
  const box = opener.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8));
  const below = box.bottom + 4 + menu.offsetHeight <= innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - 4 - menu.offsetHeight)}px`;
}

function menuKey(event, menu) {
  const entries = [...menu.querySelectorAll('[role=menuitem]')];
  const at = entries.indexOf(document.activeElement);
  const go = { ArrowDown: (at + 1) % entries.length, ArrowUp: (at - 1 + entries.length) % entries.length, Home: 0, End: entries.length - 1 }[event.key];
  if (go !== undefined) entries[go].focus();
  else if (event.key === 'Escape' || event.key === 'Tab') closeMenu();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// items: [{label, run}]. Arrow keys move, Escape closes, the focus returns to the button.
export function openMenu(opener, items, label) {
  const wasOpen = openMenuNode?.opener === opener;
  closeMenu(false);
  if (wasOpen) return;
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': label });
  for (const item of items)
    menu.append(el('button', { type: 'button', role: 'menuitem', tabindex: '-1', onclick: () => { closeMenu(); item.run(); } }, item.label));
  menu.addEventListener('keydown', (event) => menuKey(event, menu));
  // inside an open dialog everything else is inert; each part of the page keeps its own
  (opener.closest('dialog, main, aside') ?? document.body).append(menu);
  const outside = (event) => { if (!menu.contains(event.target) && !opener.contains(event.target)) closeMenu(false); };
  document.addEventListener('pointerdown', outside, true);
  openMenuNode = { menu, opener, outside };
  opener.setAttribute('aria-expanded', 'true');
  placeMenu(menu, opener);
  menu.querySelector('[role=menuitem]')?.focus();
}
