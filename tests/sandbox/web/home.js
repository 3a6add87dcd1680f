// home.js - the app's Home tab, beside its messages.

import { complete, renderBlock } from './blocks.js';
import { $, el, keep } from './dom.js';
import { go as goTo } from './messages.js';
import { actOn } from './dialogs.js';
import { act, channelNow, personName, seen } from './world.js';

function emptyItem() {
  return { key: 'empty', sig: seen.user, make: () => el('div', { class: 'empty' }, `resetbot has not shown a Home tab to ${personName(seen.user)} yet.`) };
}

function homeItems() {
  const { home } = seen.state;
  if (!home?.blocks?.length) return [emptyItem()];
  const viewId = home.id ?? home.view_id;
  const context = complete({
    names: seen.names, reader: seen.reader, values: home.state?.values, name: 'home', heading: 'h2', jump: goTo.jump,
    act: (element, block, value) => actOn({ view_id: viewId }, element, block, value),
  });
  return home.blocks.map((block, place) => ({
    key: `${place} ${block.block_id}`, sig: JSON.stringify([block, viewId, seen.user, seen.reader.locale]), make: () => renderBlock(block, context),
  }));
}

export function drawHome() {
  const isApp = channelNow().is_im === true;
  const isHome = isApp && seen.tab === 'home';
  $('tabs').hidden = !isApp;
  $('tab-messages').setAttribute('aria-selected', String(!isHome));
  $('tab-home').setAttribute('aria-selected', String(isHome));
  $('tab-messages').tabIndex = isHome ? -1 : 0;
  $('tab-home').tabIndex = isHome ? 0 : -1;
  $('home').hidden = !isHome;
  $('messages').hidden = isHome;
  if (isHome) keep($('home'), homeItems());
}

// Opening the tab tells the app, which then publishes it.
export async function openTab(name, redraw) {
  seen.tab = name;
  redraw();
  if (name === 'home') await act('home', { user: seen.user });
}

export function startTabs(redraw) {
  for (const name of ['messages', 'home']) {
    const tab = $(`tab-${name}`);
    tab.addEventListener('click', () => openTab(name, redraw));
    tab.addEventListener('keydown', (event) => {
      if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
      const other = name === 'home' ? 'messages' : 'home';
      openTab(other, redraw);
      $(`tab-${other}`).focus();
    });
  }
}
