// axe.mjs - axe-core over every main view of the workspace page, light and dark, on a desk and on a phone: no violation.
// One world is played to a state that shows most; each view is looked at in a window of each size. Pictures lie in build/web.
import assert from 'node:assert/strict';
import { World, run } from '../sandbox/people.mjs';
import { button, goTo, isAccessible, key, openWindow, phone, picture, types, wide } from './lib_page.mjs';

// ---- a workspace with something in it -------------------------------------------------------------------------------------

const world = new World({ sandbox: ['--fast'], settings: { device_checkin_ms: 200, device_active_ms: 50 } });

// Blocks of every kind that Slack knows and the sandbox takes.
const plain = (text) => ({ type: 'plain_text', text, emoji: true });
const options = [{ text: plain('First :iphone:'), value: 'a', description: plain('the first') }, { text: plain('Second'), value: 'b' }];
const leaf = (text, style) => ({ type: 'text', text, style });
const gallery = [
  { type: 'header', text: plain('Every block') },
  {
    type: 'section', text: { type: 'mrkdwn', text: '*bold* _slanted_ ~gone~ `code`\n> quoted\n<!date^1767225600^{date_short_pretty} at {time}|fallback> <@U0ADELE> <https://example.com|a link>' },
    fields: [plain('Field one'), { type: 'mrkdwn', text: '*Field* two' }], accessory: { type: 'overflow', action_id: 'more', options },
  },
  { type: 'context', elements: [plain('small print'), { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a lock' }] },
  { type: 'divider' },
  { type: 'section', text: plain('When'), accessory: { type: 'datepicker', action_id: 'day', initial_date: '2026-03-02', placeholder: plain('Day') } },
  {
    type: 'actions', elements: [{ type: 'button', action_id: 'yes', text: plain('Yes'), style: 'primary' }, { type: 'button', action_id: 'no', text: plain('No'), style: 'danger' },
      { type: 'static_select', action_id: 'one', options, placeholder: plain('One of them') }, { type: 'users_select', action_id: 'who', placeholder: plain('Who') }],
  },
  { type: 'section', text: plain('Several'), accessory: { type: 'multi_static_select', action_id: 'many', options, placeholder: plain('Some of them') } },
  { type: 'section', text: plain('Boxes'), accessory: { type: 'checkboxes', action_id: 'boxes', options } },
  {
    type: 'rich_text', elements: [
      { type: 'rich_text_section', elements: [leaf('Rich ', { bold: true }), leaf('struck', { strike: true }), { type: 'emoji', name: 'lock' }] },
      { type: 'rich_text_list', style: 'ordered', elements: [{ type: 'rich_text_section', elements: [leaf('one')] }, { type: 'rich_text_section', elements: [leaf('two')] }] },
      { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [{ type: 'rich_text_section', elements: [leaf('below')] }] },
      { type: 'rich_text_quote', elements: [leaf('quoted')] }, { type: 'rich_text_preformatted', elements: [leaf('as it is')] },
    ],
  },
  { type: 'image', image_url: 'https://example.com/b.png', alt_text: 'a drawing of a phone', title: plain('Picture') },
];

let withCode = ''; // the request that is done

async function prepare() {
  await world.start();
  const call = await fetch(`${world.url}/api/chat.postMessage`, {
    method: 'POST', headers: { authorization: 'Bearer xoxb-sandbox', 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ channel: 'C0SHARED', text: 'Every block', blocks: gallery }),
  });
  assert.deepEqual((await call.json()).response_metadata, undefined, 'Slack takes the gallery');
  withCode = await world.asks('U0HENRY', 'reset adele@contoso.com "forgot it" INC0012399', { pick: 'Choose …03QP', lock: 'work_profile' });
  await world.presses('U0AGNES', 'Approve', { part: withCode });
  await world.waitCard(withCode, 'done: ', 40000);
  await world.asks('U0HENRY', 'reset adele@contoso.com "locked out" INC0012400', { pick: 'Choose …4F2K' });
  await world.waitSees('U0ARVID', /waiting for 1 approval/, 15000, 'channel');
  await world.types('U0HANNA', `take ${withCode}`);
  await world.waitSees('U0HENRY', /asks to go on with this request/, 15000, 'direct');
  await world.fault('graph.slow', 300, -1);
}

// ---- the views --------------------------------------------------------------------------------------------------------------

const show = (name) => async (page) => {
  const [tool, bar] = [page.locator(`#show-${name}`), page.locator(`#bar-${name}`)];
  if (await bar.isVisible()) await bar.click();
  else if ((await tool.getAttribute('aria-pressed')) !== 'true') await tool.click();
};

const person = (id) => async (page) => {
  const chip = page.locator('#switch-person');
  if (await chip.isVisible()) await chip.click();
  await page.locator(`#people [data-key="${id}"]`).click();
};

const homeOf = (user, words) => async (page) => {
  await person(user)(page);
  await goTo(page, 'resetbot');
  await page.locator('#tab-home').click();
  await page.locator('#home').getByText(words).first().waitFor();
};

const inForm = (page) => page.locator('#form-dialog');

async function lookedUp(page, text) {
  await types(page, '/passcode');
  await inForm(page).getByLabel('User, serial number or device id').fill(text);
  await inForm(page).getByRole('button', { name: 'Look up' }).click();
}

// Its words are not cut, also where the screen is narrow. One call, as the page may draw it anew between two.
async function isWhole(page, name) {
  const missing = await button(page, name).evaluate((node) => node.scrollWidth - node.clientWidth);
  assert.equal(missing, 0, `"${name}" is cut`);
}

const views = {
  channel: async (page) => { await person('U0ARVID')(page); await button(page, 'Approve').last().waitFor(); },
  every_block: async (page) => { await goTo(page, 'partner-projects'); await page.getByText('as it is').waitFor(); },
  confirm: async (page) => { await person('U0ARVID')(page); await button(page, 'Approve').last().click(); await page.locator('#confirm-dialog[open]').waitFor(); },
  thread: async (page) => { await page.locator('.thread-link').first().click(); await page.locator('#reply').waitFor(); },
  message_menu: async (page) => { await key(page.locator('.message-menu').first()); await page.getByRole('menu').waitFor(); },
  completion: async (page) => { await page.locator('#typed').fill('/pass'); await page.getByRole('option').first().waitFor(); },
  help_of_helpdesk: async (page) => { await person('U0HANNA')(page); await types(page, '/passcode help'); await page.getByText('What you may do here').last().waitFor(); },
  private_answer: async (page) => { await types(page, '/passcode help'); await page.getByText('Only visible to you').first().waitFor(); },
  form: async (page) => { await types(page, '/passcode reset'); await page.locator('#form-dialog[open]').waitFor(); },
  form_error: async (page) => { await views.form(page); await page.locator('#form-dialog button[type=submit]').click(); await page.locator('#form-dialog .error').first().waitFor(); },
  form_devices: async (page) => { await lookedUp(page, 'adele@contoso.com'); await inForm(page).getByText('Devices of').waitFor(); },
  form_people: async (page) => { await lookedUp(page, 'adele'); await inForm(page).getByText('Adele Bergman').waitFor(); },
  people_list: async (page) => { await person('U0HANNA')(page); await types(page, '/passcode reset adele'); await page.locator('#messages').getByText('Adele Bergman').last().waitFor(); },
  list_and_status: async (page) => {
    await person('U0HENRY')(page);
    await types(page, '/passcode list');
    await button(page, 'Cancel').last().waitFor();
    await types(page, `/passcode status ${withCode}`);
    await button(page, 'Show').last().waitFor();
  },
  take_question: async (page) => { await person('U0HENRY')(page); await goTo(page, 'resetbot'); await isWhole(page, 'Hand over to Hanna Berg'); },
  direct_messages: async (page) => { await person('U0ADELE')(page); await goTo(page, 'resetbot'); },
  home_of_helpdesk: homeOf('U0HENRY', 'Recently finished'),
  home_of_an_approver: homeOf('U0ARVID', 'Asked by Henry Ek'),
  home_without_a_role: homeOf('U0ADELE', 'You have no role here'),
  people: async (page) => { if (await page.locator('#bar-people').isVisible()) await page.locator('#bar-people').click(); },
  nowhere: async (page) => { await person('U0GUEST')(page); await page.locator('#messages').getByText('is in no channel').waitFor(); },
  phones: show('phones'),
  keypad: async (page) => { await show('phones')(page); await page.locator('button.phone', { hasText: 'Pixel 7' }).click(); await page.locator('#code-typed').fill('wrong'); await page.keyboard.press('Enter'); await page.getByText('Wrong passcode').waitFor(); },
  numeric_keypad: async (page) => { await show('phones')(page); await page.locator('button.phone', { hasText: 'iPhone 14' }).click(); await page.locator('.keys.numeric').waitFor(); },
  backstage: async (page) => { await show('backstage')(page); await page.locator('#panel pre').waitFor(); },
  backstage_open: async (page) => { await show('backstage')(page); for (const group of await page.locator('#panel summary').all()) await group.click(); },
};

const sizes = { desk: wide, phone };

// One browser for each size.
const windows = {};
async function windowOf(size) {
  windows[size] ??= await openWindow(world, { viewport: sizes[size], hasTouch: size === 'phone', isMobile: size === 'phone' });
  return windows[size];
}

let prepared = null;

const check = (name, size) => async () => {
  await (prepared ??= prepare());
  const page = await windowOf(size);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${world.url}/`);
  await page.locator('body[data-ready]').waitFor();
  await views[name](page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(150); // transitions
    await picture(page, `axe-${name}-${size}-${colorScheme}`);
    await isAccessible(page, `${name}, ${size}, ${colorScheme}`);
  }
  assert.deepEqual(page.faults, []);
  // a form that stays open would be there in the next look too
  for (const view of (await world.get('state?user=U0HANNA')).views) await world.post('close_view', { user: 'U0HANNA', view_id: view.id });
};

const tests = {};
for (const size of Object.keys(sizes))
  for (const name of Object.keys(views)) tests[`${name}_on_a_${size}_light_and_dark`] = check(name, size);

process.on('exit', () => { world.sandbox?.kill('SIGTERM'); world.bot?.kill('SIGTERM'); });
await run(tests, async () => {
  for (const page of Object.values(windows)) await page.end();
  await world.stop();
});
