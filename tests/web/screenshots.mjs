// screenshots.mjs - makes the pictures that the README shows, in tests/web/shots: what an approver sees at a desk and on a
// phone, and a temporary passcode typed on a device. Usage: node tests/web/screenshots.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World, source } from '../sandbox/people.mjs';
import { approves, become, button, openWindow, phone, phoneButton } from './lib_page.mjs';
import { smallPng } from './lib_png.mjs';

const folder = join(source, 'tests', 'web', 'shots');
mkdirSync(folder, { recursive: true });

async function shoot(page, name) {
  await page.waitForTimeout(300);
  const file = smallPng(await page.screenshot());
  writeFileSync(join(folder, `${name}.png`), file);
  console.log(`tests/web/shots/${name}.png ${Math.round(file.length / 1024)} kB`);
}

async function hideGuide(page) {
  const hide = page.locator('#guide').getByRole('button', { name: 'Hide' });
  if (await hide.isVisible()) await hide.click();
}

const world = new World({ sandbox: ['--fast'], settings: { device_checkin_ms: 200, device_active_ms: 50 } });
const windows = [];
try {
  await world.start();
  const pixel = await world.asks('U0HENRY', 'reset adele@contoso.com "forgot the work profile code" INC0012399', { pick: 'Choose …03QP', lock: 'work_profile' });
  const desk = await openWindow(world, { viewport: { width: 1240, height: 800 } });
  windows.push(desk);
  await hideGuide(desk);
  await become(desk, 'Agnes Holm');
  await approves(desk);
  await world.waitCard(pixel, 'done: ', 40000);
  await world.asks('U0HANNA', 'reset adele@contoso.com locked out after the update INC0012345', { pick: 'Choose …4F2K' });
  await become(desk, 'Arvid Lind');
  await button(desk, 'Approve').waitFor();
  await shoot(desk, 'card');
  const small = await openWindow(world, { viewport: phone, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: 'dark' });
  windows.push(small);
  await hideGuide(small);
  await become(small, 'Arvid Lind');
  await button(small, 'Approve').waitFor();
  await small.locator('#messages').evaluate((list) => { list.scrollTop = list.scrollHeight; });
  await shoot(small, 'phone');
  await phoneButton(desk, 'Pixel 7').click();
  const { devices } = await world.get('devices');
  await desk.locator('#code-typed').fill(devices.find((each) => each.serialNumber === '29051FDH2003QP').code);
  await shoot(desk, 'device');
} finally {
  for (const page of windows) await page.end();
  await world.stop();
}
