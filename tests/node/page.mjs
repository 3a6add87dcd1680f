// page.mjs - the workspace page in Debian's Chromium: whole stories by keyboard, accessibility, private messages, inert text.
// Screenshots lie in build/page. Skipped (77) where Chromium or the packages are missing.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { World, build, run, sleep } from '../sandbox/people.mjs';

const chromium = '/usr/bin/chromium';
const need = createRequire(import.meta.url);
let playwright;
let axeSource;
try {
  playwright = need('playwright-core');
  axeSource = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
} catch {
  console.log('the packages of tests/package.json are missing: run tests/setup');
  process.exit(77);
}
if (!existsSync(chromium)) {
  console.log(`${chromium} is missing: run tests/setup`);
  process.exit(77);
}
const pictures = join(build, 'page');
mkdirSync(pictures, { recursive: true });

// ---- a world with a window -------------------------------------------------------------------------------------------

async function openPage(browser, world, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  await page.goto(`${world.url}/`);
  await page.locator('body[data-ready]').waitFor();
  return page;
}

const inPage = (play, { bot = true, ...options } = {}) => async () => {
  const world = new World({ sandbox: ['--fast'], settings: { device_checkin_ms: 200, device_active_ms: 50 } });
  const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  try {
    if (bot) await world.start();
    else await world.startSandbox();
    const page = await openPage(browser, world, options);
    await play(page, world, browser);
    assert.deepEqual(page.faults, []);
  } finally {
    await browser.close();
    await world.stop();
  }
};

async function accessible(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [where, id, nodes[0].html.slice(0, 160)]), []);
  await page.screenshot({ path: join(pictures, `${where}.png`) });
}

// Focus and a key, never a pointer.
async function key(locator, name = 'Enter') {
  await locator.focus();
  await locator.press(name);
}

async function types(page, text) {
  await page.locator('#typed').fill(text);
  await key(page.locator('#typed'));
}

const messages = (page) => page.locator('#messages');
const button = (page, name) => messages(page).getByRole('button', { name, exact: true });
const become = (page, name) => key(page.locator('#people').getByRole('button', { name }));

// Up to the card.
async function asks(page, device) {
  await types(page, '/passcode reset adele@contoso.com locked out INC0012345');
  await key(button(page, `Choose ${device}`));
  await button(page, 'Send for approval').waitFor();
  await key(page.getByLabel('Live video with badge'), 'Space');
  await key(page.getByLabel('Yes', { exact: true }), 'Space');
}

async function approves(page) {
  await become(page, 'Arvid Lind');
  await key(button(page, 'Approve'));
  await key(page.locator('#confirm-dialog').getByRole('button', { name: 'Approve' }));
}

// ---- stories ---------------------------------------------------------------------------------------------------------

const androidByKeyboard = inPage(async (page) => {
  await asks(page, '…03QP');
  await key(page.getByLabel("The work profile's"), 'Space');
  await accessible(page, 'preview');
  await key(button(page, 'Send for approval'));
  await button(page, 'Approve').waitFor();
  await approves(page);
  await messages(page).getByText('done: Intune reports').waitFor({ timeout: 30000 });
  await key(page.locator('.thread-link'));
  await page.locator('#panel').getByText('approved by Arvid Lind').waitFor();
  await accessible(page, 'thread');
  await key(page.getByRole('button', { name: 'Phones' }));
  await become(page, 'Hanna Berg');
  await key(page.locator('#apps').getByRole('button', { name: 'resetbot' }));
  await key(button(page, 'Show'));
  const form = page.locator('#form-dialog');
  await form.getByText('Read it aloud').waitFor();
  await accessible(page, 'code');
  const code = await form.locator('code').first().textContent();
  await page.keyboard.press('Escape');
  await form.waitFor({ state: 'hidden' });
  // the phone opens with that code
  await key(page.locator('button.phone', { hasText: 'Pixel 7' }));
  await page.locator('#code-typed').fill(code);
  await key(page.locator('#code-typed'));
  await page.locator('#phone-dialog').getByText('Right. It opens.').waitFor();
});

const appleInTheDark = inPage(async (page) => {
  await asks(page, '…4F2K');
  await key(button(page, 'Send for approval'));
  await approves(page);
  await messages(page).getByText('done: Intune reports').waitFor({ timeout: 30000 });
  await page.locator('.phone', { hasText: '4F2K' }).getByText('the passcode is gone').waitFor();
  await accessible(page, 'dark');
  await page.getByRole('button', { name: 'Backstage' }).press('Enter');
  await page.locator('#panel pre').waitFor();
  await accessible(page, 'backstage');
}, { colorScheme: 'dark' });

const deniedInAForm = inPage(async (page) => {
  await asks(page, '…4F2K');
  await key(button(page, 'Send for approval'));
  await become(page, 'Arvid Lind');
  await key(button(page, 'Deny'));
  const confirm = page.locator('#confirm-dialog');
  const form = page.locator('#form-dialog');
  await page.locator('dialog[open]').first().waitFor();
  if (await confirm.isVisible()) await key(confirm.getByRole('button').last());
  const field = form.locator('input:not([type=radio]), textarea').first();
  await field.fill('his pin is 90817263');
  await accessible(page, 'form');
  await key(form.locator('button[type=submit]'));
  await form.getByRole('alert').first().waitFor();
  assert.equal(await field.inputValue(), 'his pin is 90817263', 'what was typed is kept beside the error');
  await accessible(page, 'form-error');
  await field.fill('not his phone');
  await key(form.locator('button[type=submit]'));
  await form.waitFor({ state: 'hidden' });
  await messages(page).getByText('denied').first().waitFor();
});

// ---- private messages ------------------------------------------------------------------------------------------------

const privateOnes = inPage(async (page, world, browser) => {
  await types(page, '/passcode help');
  await messages(page).getByText('Only visible to you').first().waitFor();
  const other = await openPage(browser, world);
  assert.equal(await messages(other).getByText('Only visible to you').count(), 0, 'a second window does not get it');
  await become(page, 'Henry Ek');
  await page.waitForFunction(() => !document.querySelector('#messages .private'));
  await become(page, 'Hanna Berg');
  await messages(page).getByText('Only visible to you').first().waitFor();
  await page.reload();
  await page.locator('#messages li').first().waitFor();
  assert.equal(await messages(page).getByText('Only visible to you').count(), 0, 'gone after a reload');
});

const withoutABot = inPage(async (page) => {
  await page.locator('#link-state', { hasText: 'not connected' }).waitFor();
  await types(page, '/passcode help');
  await messages(page).getByText('dispatch_failed').waitFor();
  await accessible(page, 'no-bot');
}, { bot: false });

// ---- hostile text ----------------------------------------------------------------------------------------------------

const hostile = '<img src=x onerror="window.hit=1"> <script>window.hit=1</scr' + 'ipt> &lt;b&gt; *bold* <javascript:window.hit=1|click>';

const inertText = inPage(async (page, world) => {
  const text = { type: 'mrkdwn', text: hostile };
  const plain = { type: 'plain_text', text: '<img src=x onerror="window.hit=1">' };
  const call = await fetch(`${world.url}/api/chat.postMessage`, {
    method: 'POST',
    headers: { authorization: 'Bearer xoxb-sandbox', 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ channel: 'C0HELPDESK', text: hostile, blocks: [{ type: 'section', text, fields: [text] }, { type: 'header', text: plain },
      { type: 'context', elements: [text, plain] }, { type: 'actions', elements: [{ type: 'button', action_id: 'x', text: plain }] }] }),
  });
  assert.equal((await call.json()).ok, true);
  await messages(page).locator('strong', { hasText: 'bold' }).first().waitFor();
  await sleep(200);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await messages(page).locator('img, script, a, iframe').count(), 0);
}, { bot: false });

const narrow = inPage(async (page) => {
  assert.ok(await page.locator('#panel').isHidden(), 'the shelf does not cover the channel');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(overflow, false, 'nothing sticks out sideways');
  await accessible(page, 'narrow');
  await key(page.getByRole('button', { name: 'Phones' }));
  await page.locator('.phone').first().waitFor();
  await accessible(page, 'narrow-phones');
}, { bot: false, viewport: { width: 700, height: 800 } });

await run({
  an_android_reset_goes_to_its_code_by_keyboard_alone: androidByKeyboard,
  an_apple_reset_is_followed_in_the_dark_theme: appleInTheDark,
  a_denial_form_keeps_what_was_typed_beside_its_error: deniedInAForm,
  private_messages_stay_in_their_window_and_end_with_it: privateOnes,
  a_command_without_a_bot_shows_the_failure_to_its_typist: withoutABot,
  posted_markup_stays_text: inertText,
  a_narrow_window_shows_all: narrow,
});
