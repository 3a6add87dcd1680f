// languages.mjs - everybody reads their own language, the channel and its threads have the workspace's: with the catalogues
// as they are built and the locale that users.info tells. Henry and adele read Swedish here, hanna and the rest English.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { World, build, run } from '../sandbox/people.mjs';

const inWorld = (options, play) => async () => {
  const world = new World({ sandbox: ['--fast'], settings: { device_checkin_ms: 200, device_active_ms: 50 }, english: false, ...options });
  try {
    await world.start();
    await play(world);
  } finally {
    await world.stop();
  }
};

// From the command to its end, asked by henry; the words on the way are Swedish.
async function askedInSwedish(world) {
  await world.types('U0HENRY', 'reset adele@contoso.com glömt koden INC0012345');
  await world.presses('U0HENRY', 'Välj …4F2K');
  const preview = await world.waitSees('U0HENRY', /^R-\w+ · .*Bara du ser detta/s, 15000, 'private');
  const id = preview.text.match(/^R-\w+/)[0];
  await world.chooses('U0HENRY', 'verified', 'called_back');
  await world.chooses('U0HENRY', 'holds', 'yes');
  await world.presses('U0HENRY', 'Skicka för godkännande', { part: id });
  await world.waitSees('U0HENRY', `${id} är skickad för godkännande`, 15000, 'private');
  return id;
}

async function channelIsEnglish(world) {
  const id = await askedInSwedish(world);
  await world.waitCard(id, 'waiting for 1 approval');
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'done: Intune reports the passcode removed');
  await world.waitSees('U0HENRY', /klar: Intune rapporterar att lösenkoden är borttagen/, 15000, 'direct');
  await world.waitSees('U0ADELE', /klar: Intune rapporterar/, 15000, 'direct');
  await world.waitSees('U0AUDRA', /· done: Intune reports/, 15000, 'thread');
  for (const line of await world.thread(id)) assert.doesNotMatch(line, /godkänd|klar|begärd/, line);
}

async function channelIsSwedish(world) {
  const id = await world.asks('U0HANNA', 'reset adele@contoso.com locked out INC0012345', { pick: 'Choose …4F2K' });
  await world.waitCard(id, 'väntar på 1 godkännande');
  await world.presses('U0ARVID', 'Godkänn', { part: id });
  await world.waitCard(id, 'klar: Intune rapporterar att lösenkoden är borttagen');
  await world.waitSees('U0HANNA', /done: Intune reports the passcode removed/, 15000, 'direct');
  await world.waitSees('U0ADELE', /klar: Intune rapporterar/, 15000, 'direct');
  await world.waitSees('U0AUDRA', /· klar: Intune rapporterar/, 15000, 'thread');
  const audit = spawnSync(resolve(build, 'resetbot'), ['audit', '--config', join(world.dir, 'resetbot.yaml'), id], { encoding: 'utf8' });
  assert.equal(audit.status, 0, audit.stderr);
  assert.match(audit.stdout, /Begärd av Hanna Berg/);
}

async function helpAndRefusals(world) {
  await world.types('U0HENRY', 'help');
  await world.waitSees('U0HENRY', 'Ta tillbaka en begäran', 15000, 'private');
  await world.types('U0HENRY', 'reset nobody@contoso.com');
  await world.waitSees('U0HENRY', /känner (inte )?till .*användare.*Ingenting gjordes/s, 15000, 'private');
  await world.types('U0ADELE', 'reset adele@contoso.com x');
  await world.waitSees('U0ADELE', /din roll tillåter det inte.*Ingenting gjordes/s, 15000, 'private');
  await world.types('U0HANNA', 'reset nobody@contoso.com');
  await world.waitSees('U0HANNA', /know no user .*Nothing was done/s, 15000, 'private');
}

// LANGUAGE and the like of the machine change nothing.
const elsewhere = { LANGUAGE: 'de:fr', LC_ALL: 'POSIX', LANG: 'fr_FR.UTF-8' };

async function unknownLanguage() {
  const world = new World({ config: 'language: fi\n' });
  try {
    await world.startSandbox();
    const config = world.writeConfig();
    const check = spawnSync(resolve(build, 'resetbot'), ['check-config', '--config', config], { encoding: 'utf8' });
    assert.equal(check.status, 2, check.stdout);
    assert.match(check.stderr, /resetbot\.yaml:\d+:1: language: there is no language fi in \S+\/locale: write one of: en sv\n/);
  } finally {
    await world.stop();
  }
}

await run({
  a_requester_and_an_owner_read_swedish_and_the_channel_english: inWorld({ env: elsewhere }, channelIsEnglish),
  channel_thread_and_record_have_the_configured_language: inWorld({ config: 'language: sv\n' }, channelIsSwedish),
  help_and_refusals_are_in_the_readers_language: inWorld({}, helpAndRefusals),
  a_language_that_is_not_there_is_told_with_those_that_are: unknownLanguage,
});
