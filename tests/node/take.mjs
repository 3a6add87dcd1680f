// take.mjs - a colleague of the helpdesk goes on with a request: asked, let or kept, with the bot, its store and its Slack.
import assert from 'node:assert/strict';
import { World, run } from '../sandbox/people.mjs';
import { ANY, asked, done, hears, inWorld, people, press, recorded, says, soon, typed } from './lib_bad_input.mjs';
import { SAMSUNG, until, untilLine } from './lib_faults.mjs';

// Henry is of the helpdesk beside Hanna; both could approve what others ask for, so that it is the rule that refuses.
const POLICY = {
  roles: `
  helpdesk: {users: [U0HANNA, U0HENRY, U0ARVID, U0ADELE]}
  approvers: {users: [U0ARVID, U0AGNES, U0HANNA]}
  audit: {users: [U0AUDRA]}
  admins: {users: [U0ADMIN]}`,
  people: people('U0HANNA', 'U0HENRY', 'U0ARVID', 'U0AGNES', 'U0ADELE'),
};

const direct = (world, user, part) => world.waitSees(user, part, 15000, 'direct');

// Henry asks for it, and everybody who may let him has the question.
async function wanted(world, id) {
  says(await typed(world, 'U0HENRY', `take ${id}`), id, 'I have asked Hanna Berg (U0HANNA)', 'Nothing changes until one of them presses');
  const question = await direct(world, 'U0HANNA', /asks to go on with this request in your place/);
  says(question, id, 'Henry Ek (U0HENRY)', 'Asked by Hanna Berg (U0HANNA)', 'State: ');
  await recorded(world, 'take_asked', { user: 'U0HENRY', request: id });
  return question;
}

const handedOver = inWorld({ policy: POLICY }, async (world) => {
  const { id, card } = await asked(world);
  const question = await wanted(world, id);
  await world.presses('U0HANNA', 'Hand over to Henry Ek', { part: id });
  says(await direct(world, 'U0HENRY', /It is yours now/), id, 'Hanna Berg (U0HANNA) has handed it over to you');
  const answer = await direct(world, 'U0HANNA', /You have handed it over to Henry Ek \(U0HENRY\)/);
  assert.equal(answer.ts, question.ts);
  assert.deepEqual(World.buttons(answer), []);
  await untilLine(world, id, 'taken over by Henry Ek (U0HENRY) from Hanna Berg (U0HANNA), handed over by Hanna Berg (U0HANNA)');
  const fresh = await world.waitCard(id, 'Asked by Hanna Berg (U0HANNA), now with Henry Ek (U0HENRY)');
  await recorded(world, 'taken_over', { user: 'U0HENRY', request: id, text: 'from Hanna Berg (U0HANNA)' });
  // who had it does not approve it, by the card of now or of before; who has it does not either
  says(await press(world, 'U0HANNA', fresh, 'approve'), 'it was yours before somebody took it over', 'Nothing was done');
  says(await press(world, 'U0ARVID', card, 'approve'), 'Henry Ek (U0HENRY) has taken', 'Nothing was done');
});

const thenApproved = inWorld({ policy: POLICY }, async (world) => {
  const { id } = await asked(world);
  await wanted(world, id);
  await world.presses('U0HANNA', 'Hand over to Henry Ek', { part: id });
  await world.waitCard(id, 'now with Henry Ek');
  says(await typed(world, 'U0AGNES', `status ${id}`), 'It is with Henry Ek (U0HENRY); before: Hanna Berg (U0HANNA)');
  await world.presses('U0ARVID', 'Approve', { part: id });
  await done(world, id);
  says(await direct(world, 'U0HENRY', /done: Intune reports/), id);
  assert.equal((await world.resets()).length, 1);
  assert.ok(!(await world.sees('U0HANNA')).all.some((one) => one.kind === 'direct' && one.text.includes('done: Intune reports')));
});

const letByApprover = inWorld({ policy: POLICY }, async (world) => {
  const { id } = await asked(world);
  await wanted(world, id);
  says(await direct(world, 'U0AGNES', /in the place of Hanna Berg \(U0HANNA\)/), id, 'neither of them can approve it');
  await world.presses('U0AGNES', 'Let Henry Ek take over', { part: id });
  says(await direct(world, 'U0HENRY', /It is yours now: Agnes Holm \(U0AGNES\) has let you/), id);
  says(await direct(world, 'U0HANNA', /Henry Ek \(U0HENRY\) goes on with it in your place/), id, 'Agnes Holm (U0AGNES) has let them');
  await untilLine(world, id, 'from Hanna Berg (U0HANNA), allowed by Agnes Holm (U0AGNES)');
  // her own question is over now: it says so
  says(await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Keep it', { part: id }), ANY), 'Henry Ek (U0HENRY) has taken');
});

const kept = inWorld({ policy: POLICY }, async (world) => {
  const { id } = await asked(world);
  await wanted(world, id);
  await world.presses('U0HANNA', 'Keep it', { part: id });
  says(await direct(world, 'U0HENRY', /Hanna Berg \(U0HANNA\) keeps it/), id, `take ${id}`);
  says(await direct(world, 'U0HANNA', /You keep it/), id);
  await recorded(world, 'take_refused', { user: 'U0HANNA', request: id });
  await world.waitCard(id, /Asked by Hanna Berg \(U0HANNA\)(?!, now with)/);
});

const refused = inWorld({ policy: POLICY }, async (world) => {
  const { id } = await asked(world);
  says(await typed(world, 'U0HANNA', `take ${id}`), 'it is yours already', 'Nothing was done');
  says(await typed(world, 'U0ADELE', `take ${id}`), 'this is your own device', 'Nothing was done');
  says(await typed(world, 'U0AGNES', `take ${id}`), 'your role does not allow it', 'Nothing was done');
  says(await typed(world, 'U0HENRY', 'take R-ZZZZ'), 'I have no request', 'Nothing was done');
  for (const user of ['U0HANNA', 'U0ADELE', 'U0AGNES']) await recorded(world, 'refused', { user });
  await world.fault('graph.down', undefined, -1); // approved, and not sent yet
  await world.presses('U0ARVID', 'Approve', { part: id });
  await world.waitCard(id, 'approved, about to be sent');
  says(await typed(world, 'U0ARVID', `take ${id}`), 'you have approved it', 'Nothing was done');
  assert.ok(!(await world.sees('U0HANNA')).all.some((one) => /asks to go on/.test(one.text)));
});

const withCode = inWorld({ policy: POLICY }, async (world) => {
  const id = await world.asks('U0HANNA', `reset ${SAMSUNG.serial} forgot it INC0012345`, { lock: 'work_profile' });
  await world.waitCard(id, 'waiting for 1 approval');
  await world.presses('U0AGNES', 'Approve', { part: id });
  await until(world, id, 'done: Intune reports');
  await direct(world, 'U0HANNA', /A temporary passcode waits for you/);
  await wanted(world, id);
  await world.presses('U0HANNA', 'Hand over to Henry Ek', { part: id });
  says(await direct(world, 'U0HENRY', /It is yours now/), id, 'A temporary passcode waits for you');
  says(await hears(world, 'U0HANNA', () => world.presses('U0HANNA', 'Show', { part: id }), ANY), 'Henry Ek (U0HENRY) has taken', 'Nothing was done');
  assert.equal((await world.sees('U0HANNA')).view, null);
  await world.presses('U0HENRY', 'Show', { part: id });
  await world.waitView('U0HENRY', 'Read it aloud');
  await recorded(world, 'shown', { user: 'U0HENRY', request: id });
  await world.post('close_view', { user: 'U0HENRY' });
  await soon(async () => assert.ok((await world.thread(id)).some((line) => /was shown to Henry Ek/.test(line))));
});

await run({
  S3_handed_over_by_its_requester_who_then_cannot_approve: handedOver,
  R2_taken_over_then_approved_it_is_sent_once_and_the_new_one_told: thenApproved,
  S3_an_approver_lets_a_colleague_take_it: letByApprover,
  its_requester_keeps_it: kept,
  S3_owner_approver_and_requester_do_not_take_it: refused,
  S6_taken_over_when_done_the_new_one_alone_sees_the_code: withCode,
});
