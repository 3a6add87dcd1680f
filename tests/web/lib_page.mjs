// lib_page.mjs - a world with a bot, and windows onto its workspace page in Debian's Chromium. Part of the programs beside it.
// Ends with 77 where Chromium or the packages are missing.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World, build } from '../sandbox/people.mjs';

const chromium = '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run'];
const need = createRequire(import.meta.url);

function needed() {
  try {
    return { playwright: need('playwright-core'), axe: readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8') };
  } catch {
    console.log('the packages of tests/package.json are missing: run tests/setup');
    process.exit(77);
  }
}

const { playwright, axe } = needed();
if (!existsSync(chromium)) {
  console.log(`${chromium} is missing: run tests/setup`);
  process.exit(77);
}

export const pictures = join(build, 'web');
mkdirSync(pictures, { recursive: true });

export const wide = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

// ---- windows ----------------------------------------------------------------------------------------------------------

// A browser of its own with an empty profile; page.faults gathers what its console and its requests complain about.
export async function openWindow(world, { viewport = wide, colorScheme = 'light', ...more } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'resetbot-profile-'));
  const context = await playwright.chromium.launchPersistentContext(profile, {
    executablePath: chromium, args: flags, viewport, colorScheme, timezoneId: 'Asia/Tokyo', locale: 'en-US', ...more, // not where the sandbox's people are
  });
  context.setDefaultTimeout(15000);
  const page = context.pages()[0] ?? (await context.newPage());
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error' && !/status of 400/.test(message.text())) page.faults.push(message.text()); });
  page.on('request', (request) => { if (!request.url().startsWith(world.url) && !request.url().startsWith('data:')) page.faults.push(`asked ${request.url()}`); });
  page.end = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  await page.goto(`${world.url}/`);
  await page.locator('body[data-ready]').waitFor();
  return page;
}

// A test in a world of its own. options: bot (false: none), window; others are the world's.
export const inPage = (play, { bot = true, window = {}, ...options } = {}) => async () => {
  const world = new World({ sandbox: ['--fast'], settings: { device_checkin_ms: 200, device_active_ms: 50 }, ...options });
  let page = null;
  try {
    if (bot) await world.start();
    else await world.startSandbox();
    page = await openWindow(world, window);
    await play(page, world);
    assert.deepEqual(page.faults, [], 'the browser has nothing to complain about');
  } catch (error) {
    if (page) await page.screenshot({ path: join(pictures, 'failed.png') }).catch(() => {});
    throw error;
  } finally {
    await page?.end();
    await world.stop();
  }
};

export const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

// No violation of axe-core's rules, and nothing that scrolls sideways.
export async function isAccessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.length} times, first ${nodes[0].html.slice(0, 200)} ${nodes[0].any[0]?.message ?? ''}`);
  assert.deepEqual(found, [], where);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(tooWide, 0, `${where}: nothing sticks out sideways`);
}

// ---- by keyboard, by mouse ----------------------------------------------------------------------------------------------

// Focus and a key, never a pointer.
export async function key(locator, name = 'Enter') {
  await locator.focus();
  await locator.press(name);
}

export const messages = (page) => page.locator('#messages');
export const button = (page, name) => messages(page).getByRole('button', { name, exact: true });
export const form = (page) => page.locator('#form-dialog');
export const phoneButton = (page, text) => page.locator('button.phone', { hasText: text });

// Types into the message field and sends it with Enter.
export async function types(page, text) {
  await page.locator('#typed').fill(text);
  await page.locator('#typed').press('Escape');
  await page.locator('#typed').press('Enter');
}

// Looks through somebody else's eyes.
export async function become(page, name, { by = 'mouse' } = {}) {
  const person = page.locator('#people').getByRole('button', { name });
  if (!(await person.isVisible())) await page.locator('#switch-person').click();
  if (by === 'mouse') await person.click();
  else await key(person);
  await page.locator('#you', { hasText: name }).waitFor({ state: 'attached' });
}

export async function goTo(page, name) {
  const place = page.locator('#channels, #apps').getByRole('button', { name });
  if (!(await place.first().isVisible())) await page.locator('#bar-people').click();
  await place.first().click();
}

// Answers the preview's questions as they stand, by their names.
export async function answers(page, labels) {
  for (const label of labels) await messages(page).getByLabel(label, { exact: true }).last().check();
}

// A request up to its card: as Hanna by mouse, for the device that the button names.
export async function asksFor(page, deviceTail, { lock, text = '/passcode reset adele@contoso.com locked out INC0012345' } = {}) {
  await types(page, text);
  await button(page, `Choose ${deviceTail}`).last().click();
  await button(page, 'Send for approval').last().waitFor();
  await answers(page, ['Called back on the number on record', 'Yes', ...(lock ? [lock] : [])]);
  await button(page, 'Send for approval').last().click();
}

// Presses the card's Approve and confirms.
export async function approves(page, { by = 'mouse' } = {}) {
  const press = by === 'mouse' ? (locator) => locator.click() : key;
  await press(button(page, 'Approve').last());
  await press(page.locator('#confirm-dialog').getByRole('button', { name: 'Approve' }));
}
