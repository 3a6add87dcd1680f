// parts.mjs - the parts of the workspace page, one by one and mostly without a bot: what Slack's client does, and what only
// this page has. Each test has a world and a browser of its own.
import assert from 'node:assert/strict';
import { run, sleep } from '../sandbox/people.mjs';
import { App } from './lib_app.mjs';
import { become, button, goTo, inPage, key, messages, openWindow, phoneButton, picture, types } from './lib_page.mjs';

const alone = (play, window = {}) => inPage(play, { bot: false, window });

// ---- what an app does -----------------------------------------------------------------------------------------------------

async function api(world, method, body) {
  const call = await fetch(`${world.url}/api/${method}`, {
    method: 'POST', headers: { authorization: 'Bearer xoxb-sandbox', 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body),
  });
  return call.json();
}

const plain = (text, more = {}) => ({ type: 'plain_text', text, ...more });
const posts = (world, blocks, more = {}) => api(world, 'chat.postMessage', { channel: 'C0HELPDESK', text: 'posted', blocks, ...more });

async function isPosted(world, blocks, more) {
  const answer = await posts(world, blocks, more);
  assert.equal(answer.ok, true, JSON.stringify(answer));
  return answer.ts;
}

// ---- texts ------------------------------------------------------------------------------------------------------------------

const hostile = '<img src=x onerror="window.hit=1"> <script>window.hit=1</scr' + 'ipt> &lt;b&gt; *bold* <javascript:window.hit=1|click>';

const inertText = alone(async (page, world) => {
  const text = { type: 'mrkdwn', text: hostile };
  const markup = plain('<img src=x onerror="window.hit=1">');
  await isPosted(world, [{ type: 'section', text, fields: [text] }, { type: 'header', text: markup }, { type: 'context', elements: [text, markup] },
    { type: 'actions', elements: [{ type: 'button', action_id: 'x', text: markup }] },
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: hostile }] }] }], { text: hostile });
  await messages(page).locator('strong', { hasText: 'bold' }).first().waitFor();
  await sleep(200);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await messages(page).locator('img, script, a, iframe').count(), 0);
});

// 2026-07-01 12:00 UTC is 14:00 in Stockholm.
const dates = alone(async (page, world) => {
  await isPosted(world, [
    { type: 'section', text: { type: 'mrkdwn', text: 'A <!date^1782907200^{date_short} at {time}|fallback> B <!date^1782907200^{nonsense}|as written>' } },
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'date', timestamp: 1782907200, format: '{date_num} {time_secs}', fallback: 'x' }] }] },
  ]);
  await messages(page).getByText('A Jul 1, 2026 at 2:00 PM B as written').waitFor();
  await messages(page).getByText('07/01/2026 2:00:00 PM').waitFor();
  assert.match(await messages(page).locator('time.date').first().getAttribute('title'), /2026-07-01 12:00 UTC/, 'the exact time is there too');
  await world.post('user', { id: 'U0HANNA', fields: { locale: 'sv-SE' } });
  await types(page, 'hej');
  await messages(page).getByText(/A 1 juli 2026 at 14:00 B/).waitFor();
});

const emoji = alone(async (page, world) => {
  await isPosted(world, [{ type: 'section', text: plain('written :lock:', { emoji: false }) }, { type: 'section', text: plain('drawn :lock:', { emoji: true }) },
    { type: 'section', text: plain('unknown :no_such_thing:', { emoji: true }) }]);
  await messages(page).getByText('written :lock:').waitFor();
  await messages(page).getByText('drawn 🔒').waitFor();
  await messages(page).getByText('unknown :no_such_thing:').waitFor();
});

const refused = alone(async (page, world) => {
  await isPosted(world, [{ type: 'section', text: plain('this one is fine') }]);
  const answer = await posts(world, [{ type: 'section', text: plain('never seen') }, { type: 'button', text: plain('no block') }]);
  assert.equal(answer.error, 'invalid_blocks');
  await messages(page).getByText('this one is fine').waitFor();
  await page.getByRole('button', { name: 'Backstage' }).click();
  await page.locator('.refused').getByText('chat.postMessage: invalid_blocks').waitFor();
  await page.locator('.refused').getByText('/blocks/1').waitFor();
  await picture(page, 'part-refused');
  assert.equal(await messages(page).getByText('never seen').count(), 0);
});

// ---- the message field --------------------------------------------------------------------------------------------------------

const completion = alone(async (page) => {
  const field = page.locator('#typed');
  const options = page.getByRole('option');
  await field.pressSequentially('/');
  await options.filter({ hasText: '/passcode' }).waitFor();
  assert.match(await options.first().innerText(), /reset[\s\S]*\n.*passcode/i, 'its usage and what it is for');
  assert.equal(await field.getAttribute('aria-activedescendant'), await options.first().getAttribute('id'), 'a screen reader hears which one is meant');
  await field.press('Escape');
  assert.equal(await options.count(), 0, 'Escape closes it');
  assert.equal(await field.inputValue(), '/', 'and keeps what was typed');
  await field.pressSequentially('pa');
  await field.press('Enter');
  assert.equal(await field.inputValue(), '/passcode ', 'Enter takes it');
  await page.locator('#usage', { hasText: '/passcode' }).waitFor();
  await field.pressSequentially('reset @a');
  const names = await options.allInnerTexts();
  assert.deepEqual(names.map((name) => name.split(/\s/)[0]).sort(), ['@ada', '@adele', '@agnes', '@arvid', '@audra']);
  await field.press('ArrowDown');
  await field.press('ArrowUp');
  await field.press('ArrowUp');
  await field.press('Tab');
  assert.match(await field.inputValue(), /^\/passcode reset @\w+ $/, 'the last one, round the corner');
});

const withoutABot = alone(async (page) => {
  await page.locator('#link-state', { hasText: 'not connected' }).waitFor();
  await types(page, '/passcode help');
  await messages(page).getByText('dispatch_failed').waitFor();
});

const goneSandbox = alone(async (page, world) => {
  const gone = new Promise((done) => world.sandbox.on('exit', done));
  world.sandbox.kill('SIGTERM');
  await gone;
  world.sandbox = null; // nothing is left to stop
  await page.locator('#link-state', { hasText: 'The sandbox is gone' }).waitFor();
  await types(page, '/passcode help');
  await page.locator('#toast', { hasText: 'does not answer' }).waitFor();
  assert.equal(await page.locator('#typed').inputValue(), '/passcode help', 'what was typed is kept');
  page.faults.length = 0; // of connections that are refused
});

// ---- what is new --------------------------------------------------------------------------------------------------------------

const unread = alone(async (page, world) => {
  await become(page, 'Arvid Lind');
  const ts = await isPosted(world, [], { text: 'first', channel: 'C0SHARED' });
  const place = page.locator('#channels').getByRole('button', { name: 'partner-projects' });
  await place.locator('.count', { hasText: '1' }).waitFor();
  await place.click();
  assert.equal(await place.locator('.count').count(), 0, 'read when it is shown');
  await page.locator('#people').getByRole('button', { name: 'Agnes Holm' }).locator('.count').waitFor();
  await goTo(page, 'helpdesk-passcodes');
  await isPosted(world, [], { text: 'second', channel: 'C0SHARED' });
  await isPosted(world, [], { text: 'in the thread', channel: 'C0SHARED', thread_ts: ts });
  await place.locator('.count', { hasText: '1' }).waitFor();
  await place.click();
  await messages(page).locator('.rule.new').waitFor();
  const texts = await messages(page).locator('li').allInnerTexts();
  const line = texts.findIndex((text) => text === 'New');
  assert.ok(texts[line - 1].includes('first') && texts[line + 1].includes('second'), 'a line stands before what is new');
  await messages(page).getByRole('button', { name: '1 reply 1 new' }).click();
  await page.locator('#panel').getByText('in the thread').waitFor();
  await messages(page).getByRole('button', { name: '1 reply', exact: true }).waitFor();
  await page.locator('#reply').fill('I see');
  await page.locator('#reply').press('Enter');
  await page.locator('#panel').getByText('I see').waitFor();
});

const privateOnes = inPage(async (page, world) => {
  await types(page, '/passcode help');
  await messages(page).getByText('Only visible to you').first().waitFor();
  const other = await openWindow(world);
  assert.equal(await messages(other).getByText('Only visible to you').count(), 0, 'a second window does not get it');
  await other.end();
  await become(page, 'Henry Ek');
  await page.waitForFunction(() => !document.querySelector('#messages .private'));
  await become(page, 'Hanna Berg');
  await messages(page).getByText('Only visible to you').first().waitFor();
  await page.reload();
  await page.locator('body[data-ready]').waitFor();
  assert.equal(await messages(page).getByText('Only visible to you').count(), 0, 'gone after a reload');
});

// ---- the focus ----------------------------------------------------------------------------------------------------------------

const focused = (page) => page.evaluate(() => document.activeElement.innerText || document.activeElement.id);

const focusStays = alone(async (page, world) => {
  const confirm = { title: plain('Sure?'), text: plain('It cannot be undone.'), confirm: plain('Do it'), deny: plain('Leave it') };
  const ts = await isPosted(world, [{ type: 'actions', elements: [{ type: 'button', action_id: 'a', text: plain('Act'), confirm }, { type: 'button', action_id: 'b', text: plain('Other') }] }]);
  await key(button(page, 'Act'));
  const dialog = page.locator('#confirm-dialog');
  await dialog.waitFor();
  for (let presses = 0; presses < 4; presses++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest('#confirm-dialog'))), 'Tab stays in the dialog');
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'Act', 'the focus is where it was');
  await isPosted(world, [], { text: 'something else happens' });
  await messages(page).getByText('something else happens').waitFor();
  assert.equal(await focused(page), 'Act', 'and stays there when messages come');
  const pressed = await button(page, 'Act').elementHandle();
  await isPosted(world, [], { text: 'a reply', thread_ts: ts });
  await messages(page).getByText('1 reply').waitFor();
  assert.ok(await pressed.evaluate((node) => node.isConnected), 'a reply does not take the button from under the finger');
  assert.deepEqual((await world.get('journal?after=0&kind=act')).entries, [], 'nothing was pressed');
});

const messageMenu = alone(async (page, world) => {
  await isPosted(world, [], { text: 'Adele (adele@contoso.com) cannot get into her phone' });
  const opener = messages(page).locator('.message-menu').last();
  await key(opener);
  const menu = page.getByRole('menu');
  await menu.waitFor();
  const labels = await menu.getByRole('menuitem').allInnerTexts();
  assert.ok(labels.some((label) => label.startsWith('Reset a passcode')), `the app's shortcut is there: ${labels}`);
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(page), labels[1]);
  await page.keyboard.press('Escape');
  assert.equal(await menu.count(), 0);
  assert.ok(await opener.evaluate((node) => node === document.activeElement), 'the focus is back');
  await key(opener);
  await menu.getByRole('menuitem', { name: /Reset a passcode/ }).click();
  const { act } = await world.journal('act', 0);
  assert.equal(act.kind, 'shortcut');
});

const homeTab = alone(async (page, world) => {
  await goTo(page, 'resetbot');
  await page.getByRole('tab', { name: 'Home' }).click();
  await page.locator('#home').getByText('has not shown a Home tab').waitFor();
  await world.journal('home_open', 0);
  const blocks = [{ type: 'header', text: plain('Waiting for me') }, { type: 'actions', elements: [{ type: 'button', action_id: 'open', text: plain('Open') }] }];
  const published = await api(world, 'views.publish', { user_id: 'U0HANNA', view: { type: 'home', blocks } });
  assert.equal(published.ok, true);
  await page.locator('#home').getByRole('heading', { name: 'Waiting for me' }).waitFor();
  await page.locator('#home').getByRole('button', { name: 'Open' }).click();
  const { act } = await world.journal('act', 0);
  assert.equal(act.kind, 'click');
  await page.getByRole('tab', { name: 'Home' }).press('ArrowLeft');
  assert.ok(await messages(page).isVisible(), 'arrow keys change the tab');
});

// ---- forms ----------------------------------------------------------------------------------------------------------------------

const field = (id, more = {}, block = {}) => ({
  type: 'input', block_id: id, label: plain(id), element: { type: 'plain_text_input', action_id: 'text', ...more }, ...block,
});
const devicesFor = (who) => (who ? [{
  type: 'input', block_id: 'Device', label: plain('Device'),
  element: { type: 'static_select', action_id: 'one', options: [{ text: plain(`Phone of ${who}`), value: 'phone' }, { text: plain('Another'), value: 'other' }] },
}] : []);
const lookUp = (who) => ({
  type: 'modal', callback_id: 'look', title: plain('Look up'), submit: plain('Go on'),
  blocks: [field('User', {}, { dispatch_action: true }), field('Reason', { multiline: true, min_length: 3 }), ...devicesFor(who)],
});

// A form that looks up: Enter in its first field brings a list, and nothing typed elsewhere is lost.
async function answersForms(payload, app) {
  if (payload.command) await app.call('views.open', { trigger_id: payload.trigger_id, view: lookUp(null) });
  if (payload.type === 'block_actions') {
    app.told = payload.view.state.values;
    await app.call('views.update', { view_id: payload.view.id, view: lookUp(payload.actions[0].value) });
  }
  if (payload.type !== 'view_submission') return null;
  if (payload.view.title.text === 'Sure?') return { response_action: 'clear' };
  if (payload.view.state.values.Reason.text.value === 'wrong') return { response_action: 'errors', errors: { Reason: 'Not that reason.' } };
  app.submitted = payload.view.state.values;
  return { response_action: 'push', view: { type: 'modal', title: plain('Sure?'), submit: plain('Yes'), close: plain('Back'), blocks: [{ type: 'section', text: plain('Really?') }] } };
}

const withAnApp = (play) => alone(async (page, world) => {
  const app = await new App(world, answersForms).start();
  try {
    await play(page, world, app);
  } finally {
    app.stop();
  }
});

const lookingUp = withAnApp(async (page, world, app) => {
  await types(page, '/passcode x');
  const [user, reason] = [page.getByLabel('User'), page.getByLabel('Reason')];
  await reason.fill('half a rea');
  await user.fill('adele');
  await user.press('Enter');
  const list = page.getByLabel('Device', { exact: true });
  await list.waitFor();
  assert.equal(app.told.Reason.text.value, 'half a rea', 'the app is told all that stands in the form');
  assert.equal(app.told.User.text.value, 'adele');
  assert.equal(await reason.inputValue(), 'half a rea', 'and nothing is lost when the form changes');
  assert.ok(await user.evaluate((node) => node === document.activeElement), 'nor the focus');
  await reason.fill('wrong');
  await list.selectOption('phone');
  await picture(page, 'part-form');
  await page.keyboard.press('Control+Enter');
  await page.locator('#form-dialog').getByText('Not that reason.').waitFor();
  assert.ok(await reason.evaluate((node) => node === document.activeElement), 'the focus is on what needs another look');
  assert.match(await page.locator(`#${await reason.getAttribute('aria-describedby')}`).innerText(), /Not that reason/, 'and a reader hears why');
});

const missing = withAnApp(async (page, world, app) => {
  await types(page, '/passcode x');
  await page.getByLabel('Reason').fill('no');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Please complete this required field.').waitFor();
  await page.getByText('Write at least 3 characters.').waitFor();
  assert.equal(app.seen.filter((payload) => payload.type === 'view_submission').length, 0, 'the client sends nothing');
  await page.getByLabel('User').fill('adele');
  await page.getByLabel('Reason').fill('because');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Sure?' }).waitFor();
  assert.equal(app.submitted.Reason.text.value, 'because');
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('heading', { name: 'Look up' }).waitFor();
  assert.equal(await page.getByLabel('Reason').inputValue(), 'because', 'the form below is as it was left');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Yes' }).click();
  await page.locator('#form-dialog').waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'typed', 'the focus is back in the message field');
});

// ---- devices ------------------------------------------------------------------------------------------------------------------

const lockScreens = alone(async (page, world) => {
  const iphone = phoneButton(page, '4F2K');
  const hand = page.locator('#phone-dialog');
  await iphone.click();
  await page.locator('#code-typed').pressSequentially('12ab');
  await hand.getByText('This keypad has digits only.').waitFor();
  assert.equal(await page.locator('#code-typed').inputValue(), '12', 'a numeric keypad has no letters');
  await hand.getByRole('button', { name: 'Restart it' }).click();
  await hand.getByText('Restarted and not unlocked since').waitFor();
  await picture(page, 'part-restarted');
  await hand.getByRole('button', { name: 'Put the device down' }).click();
  assert.ok(await iphone.evaluate((node) => node === document.activeElement), 'the focus is back on the shelf');
  await iphone.getByText('Unreachable: no network before the first unlock').waitFor();
  await iphone.click();
  await hand.getByRole('button', { name: 'Lock it' }).click();
  await hand.getByRole('button', { name: 'Wake it up' }).click();
  await page.locator('#code-typed').waitFor();
  await page.keyboard.press('Escape');
  // Intune's own portal gives the Samsung letters that its keypad lacks
  await page.locator('#find-phone').fill('R5CW30');
  const samsung = phoneButton(page, 'BCDE');
  await world.post('passcode', { device: 'R5CW30ABCDE', text: 'abc123' });
  await world.post('portal_reset', { device: 'R5CW30ABCDE' });
  await samsung.getByText('The code has letters, and this keypad has digits only').waitFor();
  await world.post('offline', { device: 'R5CW30ABCDE', on: true });
  await types(page, 'look again');
  await samsung.click();
  await hand.getByText('Offline: it does not check in').waitFor();
  await hand.getByRole('button', { name: 'Connect it' }).waitFor();
  await picture(page, 'part-offline');
});

const kinds = alone(async (page) => {
  await page.getByRole('button', { name: /^Show all/ }).click();
  for (const [text, kind] of [['iPad Air', 'tablet'], ['ThinkPad', 'laptop'], ['MacBook', 'laptop'], ['RoomPanel', 'panel'], ['Pixel 7', 'phone'], ['Lumia', 'phone']])
    assert.equal(await phoneButton(page, text).locator(`.kind-${kind}`).count(), 1, `${text} is drawn as ${kind}`);
});

// ---- behind the scene -----------------------------------------------------------------------------------------------------------

const everyFault = alone(async (page, world) => {
  const rows = await page.evaluate(async () => (await import('/faults.js')).groups.flatMap((group) => group.rows));
  for (const { fault } of rows) await world.post('fault', { ...fault, times: 1 });
  await page.getByRole('button', { name: 'Backstage' }).click();
  const active = page.locator('.active-faults li');
  await active.first().waitFor();
  assert.equal(await active.count(), rows.length, 'each fault on offer is one that the sandbox knows');
  await page.getByRole('button', { name: 'End: Intune is down' }).click();
  await active.filter({ hasText: 'Intune is down' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'End all' }).click();
  await page.getByText('Nothing is broken now.').waitFor();
});

const timeMoves = alone(async (page) => {
  await page.getByRole('button', { name: 'Backstage' }).click();
  const shown = async () => Date.parse((await page.locator('#stage-now').innerText()).replace(' UTC', 'Z').replace(' ', 'T'));
  const before = await shown();
  await page.getByRole('button', { name: '+ 1 day' }).click();
  await page.waitForFunction((from) => Date.parse(document.querySelector('#stage-now').innerText.replace(' UTC', 'Z').replace(' ', 'T')) > from + 86e6, before);
  await key(page.locator('summary', { hasText: 'Intune' }));
  await page.getByRole('button', { name: 'Once: Intune is slow' }).click();
  await page.locator('.active-faults').getByText('Intune is slow for one more call').waitFor();
  assert.ok(await page.locator('details[open] summary', { hasText: 'Intune' }).isVisible(), 'an open group stays open');
});

const narrow = alone(async (page) => {
  assert.ok(await page.locator('#panel').isHidden(), 'the shelf does not cover the channel');
  await key(page.getByRole('button', { name: 'Phones' }));
  await page.locator('.phone').first().waitFor();
  await page.getByRole('button', { name: 'Close the panel' }).press('Enter');
  assert.ok(await page.locator('#panel').isHidden());
  await page.getByRole('button', { name: 'People' }).press('Enter');
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#side').isHidden(), 'Escape goes back to the channel');
}, { viewport: { width: 360, height: 740 } });

// The phone shakes for less than half a second and may be drawn anew meanwhile: what it did is kept by the page itself.
const watchShakes = (page) => page.evaluate(() => {
  window.shakesSeen = [];
  new MutationObserver(() => {
    const phone = document.querySelector('#phone-dialog .shaken');
    if (phone) window.shakesSeen.push(getComputedStyle(phone).animationName);
  }).observe(document.body, { attributes: true, attributeFilter: ['class'], childList: true, subtree: true });
});

const typesWrong = async (page) => {
  await phoneButton(page, '4F2K').click();
  await watchShakes(page);
  await page.locator('#code-typed').fill('1');
  await page.keyboard.press('Enter');
  await page.locator('#phone-result', { hasText: 'Wrong passcode' }).waitFor();
  await page.waitForFunction(() => window.shakesSeen.length > 0);
  return page.evaluate(() => window.shakesSeen[0]);
};

const calm = alone(async (page) => {
  assert.equal(await typesWrong(page), 'none', 'who wants no motion sees none, and reads it in words');
}, { reducedMotion: 'reduce' });

const shaking = alone(async (page) => {
  assert.equal(await typesWrong(page), 'shake');
});

const guideGoes = alone(async (page) => {
  await page.locator('#guide').getByText('Step 1 of 4').waitFor();
  await page.locator('#guide').getByRole('button', { name: 'Hide' }).click();
  assert.ok(await page.locator('#guide').isHidden());
  await page.reload();
  await page.locator('body[data-ready]').waitFor();
  assert.ok(await page.locator('#guide').isHidden(), 'hidden stays hidden');
  await page.getByRole('button', { name: 'Guide' }).click();
  assert.ok(await page.locator('#guide').isVisible());
});

await run({
  S7_posted_markup_stays_text: inertText,
  dates_are_in_the_readers_zone_and_language: dates,
  emoji_false_stays_text: emoji,
  what_slack_refuses_shows_nowhere_and_backstage_says_why: refused,
  commands_and_names_are_completed: completion,
  a_command_without_a_bot_shows_the_failure_to_its_typist: withoutABot,
  a_sandbox_that_is_gone_is_told_and_nothing_typed_is_lost: goneSandbox,
  what_is_new_is_marked_until_it_is_read: unread,
  private_messages_stay_in_their_window_and_end_with_it: privateOnes,
  dialogs_keep_the_focus_and_give_it_back: focusStays,
  a_message_has_a_menu_with_the_apps_shortcut: messageMenu,
  the_home_tab_is_opened_drawn_and_pressed: homeTab,
  a_form_that_looks_up_loses_nothing: lookingUp,
  a_form_checks_stacks_and_gives_the_focus_back: missing,
  lock_screens_do_as_their_devices_do: lockScreens,
  each_kind_of_device_is_drawn_as_what_it_is: kinds,
  every_fault_on_offer_is_known_and_can_be_ended: everyFault,
  time_moves_on_and_open_groups_stay_open: timeMoves,
  a_narrow_window_shows_one_thing_at_a_time: narrow,
  a_wrong_passcode_shakes_the_phone_and_is_told_in_words: shaking,
  reduced_motion_is_obeyed: calm,
  the_guide_goes_away_and_comes_back: guideGoes,
});
