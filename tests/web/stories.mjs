// stories.mjs - what people do in the workspace page, by mouse and by keyboard, against the real bot. Each story has a world
// and a browser of its own; its pictures lie in build/web.
import assert from 'node:assert/strict';
import { run } from '../sandbox/people.mjs';
import {
  answers, approves, asksFor, become, button, form, goTo, inPage, key, messages, openWindow, phone, phoneButton, picture, types,
} from './lib_page.mjs';

const thread = (page) => page.locator('#panel');
const card = (page) => messages(page).locator('.message:has(.app-mark)').filter({ hasNot: page.locator('.only') }).last();
const isDone = (page) => card(page).getByText(/\bdone: Intune reports/).waitFor({ timeout: 30000 });
const isPrivate = (page, words) => messages(page).locator('.message.private', { hasText: words }).first().waitFor();

async function readThread(page, ...lines) {
  await messages(page).locator('.thread-link').last().click();
  for (const line of lines) await thread(page).getByText(line).first().waitFor();
}

// ---- whole resets -------------------------------------------------------------------------------------------------------------

const apple = inPage(async (page) => {
  await page.getByRole('button', { name: 'Type it for me' }).click();
  await page.waitForFunction(() => document.querySelector('#typed').value.startsWith('/passcode reset adele'));
  await page.locator('#typed').press('Enter');
  await button(page, 'Choose …4F2K').click();
  await answers(page, ['Called back on the number on record', 'Yes']);
  await picture(page, 'story-apple-preview');
  await button(page, 'Send for approval').click();
  await page.locator('#guide').getByRole('button', { name: 'Become Arvid' }).click();
  await picture(page, 'story-apple-card');
  await approves(page);
  await isDone(page);
  await phoneButton(page, '4F2K').getByText('the passcode is gone').waitFor();
  await page.locator('#guide').getByText('That was a whole reset').waitFor();
  await picture(page, 'story-apple-done');
  await become(page, 'Audra Sand');
  await readThread(page, /asked/, /approved by Arvid Lind/, /sent to Intune/, /done: Intune reports/);
  await picture(page, 'story-apple-thread');
  await become(page, 'Adele Vance');
  await goTo(page, 'resetbot');
  await messages(page).getByText(/This was not you/).first().waitFor();
});

// Shows the code as Henry, closes the form, gives the code.
async function showsCode(page) {
  await become(page, 'Henry Ek');
  await goTo(page, 'resetbot');
  await button(page, 'Show').click();
  await form(page).getByText('Read it aloud').waitFor();
  const code = await form(page).locator('code').first().textContent();
  await picture(page, 'story-android-code');
  await page.keyboard.press('Escape');
  await form(page).waitFor({ state: 'hidden' });
  return code;
}

const android = inPage(async (page) => {
  await become(page, 'Henry Ek');
  await asksFor(page, '…03QP', { lock: "The work profile's" });
  await become(page, 'Agnes Holm');
  await approves(page);
  await isDone(page);
  const code = await showsCode(page);
  await phoneButton(page, 'Pixel 7').click();
  const hand = page.locator('#phone-dialog');
  for (const digit of '1234') await hand.getByRole('button', { name: digit, exact: true }).click();
  await hand.getByRole('button', { name: 'OK' }).click();
  await hand.getByText('Wrong passcode').waitFor();
  await picture(page, 'story-android-wrong');
  await page.locator('#code-typed').pressSequentially(code);
  await picture(page, 'story-android-typed');
  await page.keyboard.press('Enter');
  await hand.getByText('Right. It opens.').waitFor();
  await hand.getByText('The work profile is open').waitFor();
  await picture(page, 'story-android-open');
  await page.keyboard.press('Escape');
  const texts = await messages(page).innerText();
  assert.ok(!texts.includes(code), 'S6 the code stands in no message');
});

const workProfile = inPage(async (page) => {
  await types(page, '/passcode reset adele@contoso.com forgot it INC0012345');
  await button(page, 'Choose …03QP').click();
  await button(page, 'Send for approval').waitFor();
  await answers(page, ['Called back on the number on record', 'Yes', "The phone's own screen lock"]);
  await button(page, 'Send for approval').click();
  await isPrivate(page, /work profile/);
  await picture(page, 'story-work-profile');
  await become(page, 'Audra Sand');
  assert.equal(await button(page, 'Approve').count(), 0, "the phone's own lock is no case for a reset: nothing was asked");
  await phoneButton(page, 'Pixel 7').getByText('own lock is another one').waitFor();
});

// ---- saying no --------------------------------------------------------------------------------------------------------------

const denied = inPage(async (page) => {
  await asksFor(page, '…4F2K');
  await become(page, 'Agnes Holm', { by: 'keyboard' });
  await key(button(page, 'Deny'));
  await form(page).waitFor();
  await page.keyboard.type('The caller was not Adele');
  await picture(page, 'story-denied-form');
  await page.keyboard.press('Control+Enter');
  await form(page).waitFor({ state: 'hidden' });
  await messages(page).getByText(/denied/i).first().waitFor();
  await readThread(page, /denied/i, /The caller was not Adele/);
  await picture(page, 'story-denied-thread');
  assert.equal(await button(page, 'Approve').count(), 0, 'decided cards have no buttons');
});

const cancelled = inPage(async (page) => {
  await asksFor(page, '…4F2K');
  const text = await card(page).innerText();
  const [id] = text.match(/R-\w+/);
  await types(page, `/passcode cancel ${id}`);
  await card(page).getByText(/cancelled/i).waitFor();
  await picture(page, 'story-cancelled');
  await become(page, 'Arvid Lind');
  assert.equal(await button(page, 'Approve').count(), 0, 'nothing is left to approve');
});

const twoAtOnce = inPage(async (page, world) => {
  await asksFor(page, '…4F2K');
  await become(page, 'Arvid Lind');
  await button(page, 'Approve').waitFor();
  const other = await openWindow(world);
  try {
    await become(other, 'Agnes Holm');
    await button(other, 'Approve').click();
    await button(page, 'Approve').click();
    await other.locator('#confirm-dialog').getByRole('button', { name: 'Approve' }).waitFor();
    await world.fault('slack.chat.update.500_before', undefined, 2); // the card keeps its buttons for a while
    await Promise.all([page, other].map((each) => each.locator('#confirm-dialog').getByRole('button', { name: 'Approve' }).click()));
    await isDone(page);
    assert.equal((await world.resets()).length, 1, 'R2 one reset went to Intune');
    await readThread(page, /approved by (Arvid|Agnes)/);
    await picture(page, 'story-two-approvers');
    await Promise.any([isPrivate(page, /already|decided|approved/i), isPrivate(other, /already|decided|approved/i)]);
  } finally {
    await other.end();
  }
});

// ---- choosing, asking -----------------------------------------------------------------------------------------------------------

const pickList = inPage(async (page) => {
  await types(page, '/passcode reset adele@contoso.com locked out INC0012345');
  await key(button(page, 'Choose …03QP'));
  await button(page, 'Send for approval').waitFor();
  await messages(page).getByText('Pixel 7 (…03QP)').first().waitFor();
  await key(button(page, 'Other device'));
  await button(page, 'Choose …4F2K').waitFor();
  await picture(page, 'story-pick-list');
  await key(button(page, 'Choose …4F2K'));
  await button(page, 'Send for approval').waitFor();
  await messages(page).getByText('iPhone 14 (…4F2K)').first().waitFor();
});

// Tab, until what has the focus bears this text: on it, on its label, or on the list that it stands in.
async function tabsTo(page, text) {
  for (let presses = 0; presses < 25; presses++) {
    await page.keyboard.press('Tab');
    const words = await page.evaluate(() => {
      const { activeElement: node } = document;
      return [node.textContent, node.closest('label')?.textContent, node.closest('fieldset')?.querySelector('legend')?.textContent, ...[...(node.labels ?? [])].map((label) => label.textContent)].join('\n');
    });
    if (words.includes(text)) return;
  }
  throw new Error(`Tab does not lead to ${text}`);
}

// Nothing but the keyboard, and nothing but what has the focus: part of a name, the person, the device, the answers.
const formByKeyboard = inPage(async (page) => {
  await page.locator('#typed').focus();
  await page.keyboard.type('/pass');
  await page.getByRole('option', { name: /\/passcode/ }).first().waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('#typed').inputValue(), '/passcode ');
  await page.keyboard.press('Enter');
  await form(page).waitFor();
  await page.waitForFunction(() => document.activeElement.closest('#form-dialog .block.input'));
  await picture(page, 'story-form');
  await page.keyboard.type('adele');
  await page.keyboard.press('Enter');
  await form(page).getByText('in their name').waitFor();
  await form(page).getByText('Adele Bergman').waitFor();
  assert.equal(await form(page).locator('input:checked').count(), 0, 'S2 nobody is picked');
  await picture(page, 'story-form-people');
  await tabsTo(page, 'adele@contoso.com');
  await page.keyboard.press('Space');
  await form(page).getByText('Devices of adele@contoso.com').waitFor();
  await page.waitForFunction(() => document.activeElement.closest('fieldset')?.textContent.includes('Devices of')); // no way back to go
  await page.keyboard.press('ArrowDown');
  await tabsTo(page, 'Reason');
  await page.keyboard.type('locked out');
  await tabsTo(page, 'Called back on the number on record');
  await page.keyboard.press('Space');
  await tabsTo(page, 'Does the owner hold the device now?');
  await page.keyboard.press('Space');
  await picture(page, 'story-form-looked-up');
  await page.keyboard.press('Control+Enter');
  await form(page).waitFor({ state: 'hidden' });
  await isPrivate(page, 'Pixel 7');
  await button(page, 'Send for approval').waitFor();
  await picture(page, 'story-form-preview');
});

// Two Adeles: nobody is chosen until Hanna does.
const partOfAName = inPage(async (page) => {
  await types(page, '/passcode reset adele locked out INC0012345');
  await isPrivate(page, 'Nobody is chosen yet');
  await messages(page).getByText('Adele Bergman').waitFor();
  assert.equal(await button(page, 'Send for approval').count(), 0, 'S2 nobody is picked');
  await picture(page, 'story-people');
  await messages(page).locator('.block:has-text("adele@contoso.com") + .block').getByRole('button', { name: 'Choose' }).click();
  await button(page, 'Choose …4F2K').click();
  await isPrivate(page, /iPhone 14 \(…4F2K\) of Adele Vance/);
  await button(page, 'Send for approval').waitFor();
});

const typo = inPage(async (page) => {
  await types(page, '/passcode rest adele@contoso.com locked out');
  await isPrivate(page, /Did you mean/);
  await picture(page, 'story-typo');
});

// ---- other ways in, and back ------------------------------------------------------------------------------------------------------

const home = (page) => page.locator('#home');
const field = (page, label) => form(page).getByLabel(label, { exact: true });
const send = (page) => form(page).locator('button[type=submit]');

async function opensHome(page, person) {
  await become(page, person);
  await goTo(page, 'resetbot');
  await page.locator('#tab-home').click();
}

// The form from where it stands open: looked up, answered and sent.
async function fillsForm(page, device) {
  await form(page).getByRole('button', { name: 'Look up' }).click();
  await form(page).getByLabel(device).check();
  await field(page, 'Reason (optional)').fill('locked out after the update');
  await field(page, 'Called back on the number on record').check();
  await field(page, 'Yes').check();
  await send(page).click();
  await form(page).waitFor({ state: 'hidden' });
}

// Two windows stay open at their Home tabs: each follows what the other does, and nobody loads anything again.
const fromHome = inPage(async (page, world) => {
  await opensHome(page, 'Hanna Berg');
  await home(page).getByText('Nothing of yours is open.').waitFor();
  const other = await openWindow(world);
  try {
    await opensHome(other, 'Arvid Lind');
    await home(other).getByText('Nothing waits for you.').waitFor();
    for (const each of [page, other]) await each.evaluate(() => { globalThis.isSameLoad = true; });
    await home(page).getByRole('button', { name: 'Reset a passcode' }).click();
    await field(page, 'User, serial number or device id').fill('F2LXK4QQ4F2K');
    await fillsForm(page, /iPhone 14/);
    await home(page).getByText('draft, not sent').waitFor();
    await page.locator('#tab-messages').click();
    await button(page, 'Send for approval').click();
    await page.locator('#tab-home').click();
    await home(page).getByText(/waiting for 1 approval/).waitFor();
    await picture(page, 'story-home-open');
    await home(other).getByText(/Asked by Hanna Berg/).waitFor();
    await picture(other, 'story-home-approver');
    await home(other).getByText('open the card').click();
    await approves(other);
    await home(page).getByText('Recently finished').waitFor();
    await home(page).getByText(/done: Intune reports/).waitFor({ timeout: 30000 });
    await home(page).getByText('Nothing of yours is open.').waitFor();
    await picture(page, 'story-home-done');
    await goTo(other, 'resetbot');
    await other.locator('#tab-home').click();
    await home(other).getByText('Nothing waits for you.').waitFor();
    for (const each of [page, other]) assert.ok(await each.evaluate(() => globalThis.isSameLoad), 'the page was loaded again');
    assert.deepEqual(other.faults, []);
  } finally {
    await other.end();
  }
});

const fromMessage = inPage(async (page) => {
  await become(page, 'Henry Ek');
  await types(page, '@adele is locked out of her phone');
  await messages(page).getByText('is locked out of her phone').waitFor();
  await become(page, 'Hanna Berg');
  await messages(page).locator('.message', { hasText: 'is locked out of her phone' }).locator('.message-menu').click();
  await page.getByRole('menuitem', { name: /^Reset a passcode/ }).click();
  await form(page).waitFor();
  assert.equal(await field(page, 'User, serial number or device id').inputValue(), 'adele@contoso.com');
  await picture(page, 'story-message-form');
  await fillsForm(page, /iPhone 14/);
  await isPrivate(page, /iPhone 14 \(…4F2K\) of Adele Vance/);
  await button(page, 'Send for approval').click();
  await card(page).getByText(/waiting for 1 approval/).waitFor();
  await picture(page, 'story-message-sent');
});

// A reload is another device to Slack: what only she saw is gone there, and the list brings it back.
const lostPreview = inPage(async (page) => {
  await types(page, '/passcode reset F2LXK4QQ4F2K locked out INC0012345');
  await button(page, 'Send for approval').waitFor();
  await page.reload();
  await page.locator('body[data-ready]').waitFor();
  assert.equal(await button(page, 'Send for approval').count(), 0, 'it is lost');
  await types(page, '/passcode list');
  await button(page, 'Preview').waitFor();
  await picture(page, 'story-list');
  await button(page, 'Preview').click();
  await button(page, 'Send for approval').waitFor();
  await answers(page, ['Called back on the number on record', 'Yes']);
  await button(page, 'Send for approval').click();
  await card(page).getByText(/waiting for 1 approval/).waitFor();
});

// ---- in somebody's place ----------------------------------------------------------------------------------------------------------

// Henry asks for the request of the newest card.
async function wantsToTake(page) {
  const [id] = (await card(page).innerText()).match(/R-\w+/);
  await become(page, 'Henry Ek');
  await goTo(page, 'helpdesk-passcodes');
  await types(page, `/passcode take ${id}`);
  await isPrivate(page, 'I have asked Hanna Berg');
  await picture(page, 'story-take-asked');
}

async function reads(page, person, words) {
  await become(page, person);
  await goTo(page, 'resetbot');
  await messages(page).getByText(words).last().waitFor();
}

const handedOver = inPage(async (page, world) => {
  await asksFor(page, '…03QP', { lock: "The work profile's" });
  await become(page, 'Agnes Holm');
  await approves(page);
  await isDone(page);
  await wantsToTake(page);
  await reads(page, 'Hanna Berg', /asks to go on with this request in your place/);
  await picture(page, 'story-take-question');
  await button(page, 'Hand over to Henry Ek').click();
  await messages(page).getByText(/You have handed it over to Henry Ek/).waitFor();
  await button(page, 'Show').click(); // from when it was hers
  await messages(page).getByText(/Henry Ek has taken|Henry Ek.*has taken/).first().waitFor();
  assert.equal((await world.sees('U0HANNA')).view, null, 'S6 only who has it sees the code');
  await picture(page, 'story-take-old-show');
  const code = await showsCode(page);
  assert.ok(code.length >= 4, code);
});

const letTakeOver = inPage(async (page) => {
  await asksFor(page, '…4F2K');
  await wantsToTake(page);
  await reads(page, 'Agnes Holm', /in the place of Hanna Berg/);
  await picture(page, 'story-take-approver');
  await button(page, 'Let Henry Ek take over').click();
  await reads(page, 'Hanna Berg', /goes on with it in your place/);
  await become(page, 'Arvid Lind');
  await goTo(page, 'helpdesk-passcodes');
  await card(page).getByText(/now with/).waitFor();
  await picture(page, 'story-take-card');
  await approves(page);
  await isDone(page);
  await reads(page, 'Henry Ek', /done: Intune reports/);
});

// ---- who may not --------------------------------------------------------------------------------------------------------------

const guest = inPage(async (page) => {
  await become(page, 'Gus Test');
  await goTo(page, 'resetbot');
  await types(page, '/passcode reset adele@contoso.com locked out');
  await isPrivate(page, /guests? .*Nothing was done/);
  await picture(page, 'story-guest');
  await become(page, 'Audra Sand');
  assert.equal(await messages(page).locator('.message').count(), 0, 'nobody else sees a word of it');
});

const outsider = inPage(async (page) => {
  await become(page, 'Olof Utter');
  await page.locator('#channel-note', { hasText: 'shared with another organisation' }).waitFor();
  await types(page, '/passcode reset adele@contoso.com locked out');
  await isPrivate(page, /another organisation/);
  await picture(page, 'story-outsider');
});

// Henry reads Swedish, also times; the card in the channel is for all.
const swedish = inPage(async (page) => {
  await become(page, 'Henry Ek');
  await types(page, '/passcode reset adele@contoso.com utelåst INC0012345');
  await button(page, 'Välj …4F2K').click();
  await button(page, 'Skicka för godkännande').waitFor();
  await picture(page, 'story-swedish');
  const time = await messages(page).locator('.message .head time').last().innerText();
  assert.match(time, /^\d\d:\d\d$/, `no AM or PM: ${time}`);
  await become(page, 'Hanna Berg');
  await types(page, '/passcode help');
  await messages(page).getByText('What you may do here').first().waitFor();
}, { english: false });

// ---- time and trouble ---------------------------------------------------------------------------------------------------------

const expired = inPage(async (page) => {
  await asksFor(page, '…4F2K');
  await card(page).waitFor();
  await page.getByRole('button', { name: 'Backstage' }).click();
  await page.getByRole('button', { name: '+ 30 minutes' }).click();
  await page.getByRole('button', { name: '+ 1 minute' }).click();
  await card(page).getByText(/expired/i).waitFor();
  await picture(page, 'story-expired');
  assert.equal(await button(page, 'Approve').count(), 0, 'nobody can approve it any more');
  await page.locator('#guide').getByText('Step 3 of 4').waitFor(); // nothing went to Intune
  await goTo(page, 'resetbot');
  await messages(page).getByText(/expired/i).first().waitFor();
  await button(page, 'Ask again').click(); // the only one there
  await button(page, 'Send for approval').waitFor();
  await messages(page).getByText(/iPhone 14 \(…4F2K\) of Adele Vance/).last().waitFor();
  assert.equal(await messages(page).locator('input:checked').count(), 0, 'R4 the answers of then do not count now');
  await picture(page, 'story-ask-again');
  await answers(page, ['Called back on the number on record', 'Yes']);
  await button(page, 'Send for approval').click();
  await goTo(page, 'helpdesk-passcodes');
  await card(page).getByText(/waiting for 1 approval/).waitFor();
});

const lostAnswer = inPage(async (page, world) => {
  await types(page, '/passcode reset F2LXK4QQ4F2K locked out INC0012345');
  await button(page, 'Send for approval').waitFor();
  await answers(page, ['Called back on the number on record', 'Yes']);
  await page.getByRole('button', { name: 'Backstage' }).click();
  await page.getByRole('button', { name: 'Once: A post arrives, its answer is lost' }).click();
  await page.locator('.active-faults').getByText('for one more call').waitFor();
  await picture(page, 'story-trouble');
  await button(page, 'Send for approval').click();
  await page.getByText('Nothing is broken now.').waitFor();
  await button(page, 'Approve').waitFor();
  await become(page, 'Arvid Lind');
  await approves(page);
  await isDone(page);
  const { channels } = await world.get('state?user=U0AUDRA');
  assert.equal(channels.find((channel) => channel.id === 'C0HELPDESK').messages.length, 1, 'U1 one message for the request');
});

// The page may draw a node anew at the moment it is measured: then it has no box.
async function boxOf(locator) {
  for (let i = 0; i < 50; i++) {
    const box = await locator.boundingBox();
    if (box) return box;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('it is never drawn');
}

// An approver on the way: one column, a thumb.
const onAPhone = inPage(async (page, world) => {
  await world.asks('U0HANNA', 'reset adele@contoso.com locked out INC0012345', { pick: 'Choose …4F2K' });
  await page.locator('#bar-people').tap();
  await page.locator('#people [data-key="U0AGNES"] .count').waitFor();
  await page.locator('#people [data-key="U0AGNES"]').tap();
  const approve = button(page, 'Approve');
  await approve.waitFor();
  const box = await boxOf(approve);
  assert.ok(box.height >= 44 && box.width >= 120, `a thumb hits it: ${JSON.stringify(box)}`);
  const all = await boxOf(card(page));
  assert.ok(all.height < 560, `the card fits the screen: ${all.height}`);
  await picture(page, 'story-phone-card');
  await approve.tap();
  await page.locator('#confirm-dialog').getByRole('button', { name: 'Approve' }).tap();
  await isDone(page);
  await page.locator('#bar-phones').tap();
  await phoneButton(page, '4F2K').getByText('the passcode is gone').waitFor();
  await picture(page, 'story-phone-phones');
}, { window: { viewport: phone, hasTouch: true, isMobile: true, colorScheme: 'dark' } });

await run({
  R3_an_iphone_is_reset_by_mouse_and_told_done_when_intune_says_so: apple,
  S6_a_temporary_passcode_is_shown_once_asked_and_typed_on_the_phone: android,
  a_work_profile_reset_is_refused_for_the_phones_own_lock: workProfile,
  a_request_is_denied_with_a_reason_by_keyboard: denied,
  a_request_is_taken_back: cancelled,
  R2_two_approvers_at_once_make_one_reset: twoAtOnce,
  another_device_is_chosen_from_the_pick_list: pickList,
  S2_a_form_is_filled_by_keyboard_alone_from_part_of_a_name: formByKeyboard,
  S2_part_of_a_name_lists_two_people_and_picks_nobody: partOfAName,
  a_reset_begins_in_the_home_tab_which_follows_it_to_its_end: fromHome,
  a_message_of_somebody_opens_the_form_for_whom_it_names: fromMessage,
  a_lost_preview_comes_back_from_the_list: lostPreview,
  S6_a_request_is_handed_over_and_its_code_with_it: handedOver,
  S3_an_approver_lets_a_colleague_take_over: letTakeOver,
  a_typing_error_gets_the_nearest_command: typo,
  S1_a_guest_is_refused_and_nobody_else_sees_it: guest,
  S1_an_outsider_is_refused: outsider,
  each_reader_has_their_own_language: swedish,
  R4_a_request_expires_and_can_be_asked_again: expired,
  U1_an_answer_lost_on_purpose_leaves_one_card: lostAnswer,
  an_approver_decides_on_a_phone: onAPhone,
});
