// lib_story.mjs - one long story in which the bot makes every call it can make, to Slack and to Graph, for tests that
// look at how it called. It ends with the journal.
import assert from 'node:assert/strict';
import { IPHONE, answered, inWorld, send, soon, typed } from './lib_bad_input.mjs';
import { SAMSUNG, untilLine, until } from './lib_faults.mjs';

const CARD = '"channel":"C0HELPDESK","link_names"'; // how a post to the channel begins that is no thread's line

// Waits until this method was answered so, and lets time pass meanwhile.
async function called(world, method, error = null) {
  await soon(async () => {
    const { entries } = await world.get('journal?after=0&kind=api');
    if (entries.some((entry) => entry.method === method && entry.error === error)) return;
    await world.advance(3000);
    assert.fail(`${method} was not called\n${await world.transcript()}\n${world.botLog()}`);
  });
}

// Everybody may read on: commands that change nothing, also those that fail.
async function reading(world) {
  await typed(world, 'U0HANNA', 'help');
  await typed(world, 'U0HANNA', 'devices adele@contoso.com');
  await typed(world, 'U0HANNA', "devices o'brien@contoso.com");
  await typed(world, 'U0HANNA', 'devices many@contoso.com');
  await typed(world, 'U0HANNA', 'devices none@contoso.com');
  await typed(world, 'U0HANNA', 'devices nobody@contoso.com');
  await typed(world, 'U0HANNA', 'devices X-UNKNOWN#1&2');
  await typed(world, 'U0HANNA', 'devices @adele');
  await typed(world, 'U0HANNA', 'devices adele');
  await typed(world, 'U0ARVID', 'list');
  await world.post('home', { user: 'U0ARVID' });
  await called(world, 'views.publish');
}

// A code; the owner has no entry in the people table and is looked for by address.
async function withCode(world) {
  const id = await world.asks('U0HANNA', `reset ${SAMSUNG.serial} forgot it INC0012345`, { lock: 'work_profile' });
  await world.waitCard(id, 'waiting for 1 approval');
  await called(world, 'users.lookupByEmail', 'users_not_found');
  await world.presses('U0ARVID', 'Approve', { part: id });
  await until(world, id, 'done: Intune reports');
  await world.presses('U0HANNA', 'Show', { part: id });
  await world.waitView('U0HANNA', 'Read it aloud');
  await world.post('close_view', { user: 'U0HANNA' });
}

// Fills in the first field and submits.
async function submit(world, user, view, text) {
  const { block_id } = view.blocks.find((block) => block.type === 'input');
  const { id } = await world.post('submit', { user, view_id: view.id, values: { [block_id]: text } });
  assert.equal((await world.get(`act?id=${id}&wait_ms=10000`)).state, 'acked');
}

// Asked in a form, denied in a form.
async function withForms(world) {
  await world.types('U0HANNA', 'reset');
  await submit(world, 'U0HANNA', await world.waitView('U0HANNA', 'reset'), IPHONE);
  await world.waitSees('U0HANNA', /^R-\w+ · .*Only you see this/s, 15000, 'private');
  await world.chooses('U0HANNA', 'verified', 'called_back');
  await world.chooses('U0HANNA', 'holds', 'yes');
  await world.presses('U0HANNA', 'Send for approval', { part: 'Only you see this' });
  const card = await world.waitSees('U0ARVID', 'waiting for 1 approval', 15000, 'channel');
  await world.presses('U0ARVID', 'Deny', { part: card.text.slice(0, 6) });
  await submit(world, 'U0ARVID', await world.waitView('U0ARVID', 'Deny'), 'that is not the owner');
  await until(world, card.text.match(/^R-\w+/)[0], 'denied');
}

// Slack takes a card and a line and says 500: both are read back. The card shows up late, so there are two for a while.
async function withUnclearPosts(world) {
  const id = await answered(world);
  await world.fault('slack.chat.postMessage.500_after', undefined, 1, { match: CARD });
  await world.fault('slack.chat.postMessage.late', 12000, 1, { match: CARD });
  await send(world, id);
  await until(world, id, 'waiting for 1 approval');
  await called(world, 'conversations.history');
  await called(world, 'chat.delete');
  await world.fault('slack.chat.postMessage.500_after', undefined, 1, { match: 'thread_ts' });
  await world.types('U0HANNA', `cancel ${id}`);
  await until(world, id, 'cancelled');
  await untilLine(world, id, 'cancelled');
  await called(world, 'conversations.replies');
}

// A response_url that is used up, and one whose answer was lost.
async function withoutResponseUrl(world) {
  await world.settings({ response_url_uses: 0 });
  await world.types('U0HANNA', 'help');
  await called(world, 'chat.postEphemeral');
  await world.settings({ response_url_uses: 5 });
  await world.fault('slack.response_url.500_after');
  await world.types('U0HANNA', 'help');
  await called(world, 'conversations.open');
}

// The entries of the journal.
export async function everyCall() {
  let entries = [];
  await inWorld({ settings: { graph_page_max: 20 } }, async (world) => {
    await reading(world);
    await withCode(world);
    await withForms(world);
    await withUnclearPosts(world);
    await withoutResponseUrl(world);
    ({ entries } = await world.get('journal?after=0'));
  })();
  return entries;
}
