// scenarios.mjs - what is played. from, to: the phases between which points count: "birth" (the first instruction), "none"
// (no card yet), "pending", "going" (decided, on its way), "final", "end"; so a way that one scenario covers is not covered
// again by each of the others. ends: how the card may read at the end, after a crash too.
import assert from 'node:assert/strict';

const IPHONE = 'F2LXK4QQ4F2K'; // adele's, no code
const SAMSUNG = 'R5CT90XYZAB'; // lena's, a work profile, a code
const CARD = '"channel":"C0HELPDESK","link_names"'; // how a post to the channel begins that is no thread's line
const DONE = / · done: Intune reports/;
const DONE_OR_UNKNOWN = / · (done: Intune reports|outcome unknown: )/;

const given = {
  user: 'U0HANNA', text: `reset ${IPHONE} locked out INC0012345`, approvers: ['U0ARVID'], decision: 'approve', from: 'pending', to: 'end',
  ends: DONE_OR_UNKNOWN, alone: DONE,
};

// The bot, not traced so far, dies; its successor is traced from its first call on: points of a recovery.
async function diesFirst(world) {
  await world.stopBot('SIGKILL');
  await world.startTraced(true);
  await world.quiet();
}

export const SCENARIOS = {
  // from the first start to the last line
  apple: { ...given, from: 'birth' },
  android_with_code: { ...given, text: `reset ${SAMSUNG} forgot it INC0012345`, lock: 'work_profile', code: 'ZQ7R4XWVK2', device: 'd0000007-0000-4000-8000-000000000007' },
  pick_list: { ...given, text: 'reset adele@contoso.com locked out INC0012345', pick: 'Choose …4F2K', from: 'none', to: 'pending' },
  form: { ...given, text: 'reset', form: { target: IPHONE, reason: 'locked out', ticket: 'INC0012345' }, from: 'none', to: 'pending' },
  denied: { ...given, decision: 'deny', ends: / · denied by /, alone: / · denied by / },
  cancelled: { ...given, decision: 'cancel', ends: / · cancelled by /, alone: / · cancelled by / },
  expired: { ...given, decision: 'expire', ends: / · expired: /, alone: / · expired: / },
  throttled: { ...given, faults: [['graph.reset.429', 2]] },
  // Graph acts, and its answer is lost: looked up, never sent again
  answer_lost: { ...given, faults: [['graph.reset.close_after']] },
  refused: { ...given, faults: [['graph.reset.409']], ends: / · (failed: |outcome unknown: )/, alone: / · failed: / },
  // a new policy between card and approval: the buttons are renewed
  policy_reloaded: { ...given, to: 'going', async meanwhile(world) {
    world.newPolicy({ expiry_s: '2400' });
  } },
  two_approvers: { ...given, policy: { approvals: '2' }, approvers: ['U0ARVID', 'U0AGNES'], to: 'going' },
  // Slack renews both connections, then somebody approves
  connections_renewed: { ...given, to: 'going', async meanwhile(world) {
    await world.post('refresh', { which: 'all' });
  } },
  // Slack takes the card and says 500: it is read back
  card_unclear: { ...given, faults: [['slack.chat.postMessage.500_after', undefined, { match: CARD }]], from: 'none', to: 'pending' },
  // the owner changes between card and approval
  device_changed: { ...given, ends: / · stale: /, alone: / · stale: /, async meanwhile(world) {
    await world.post('device', { id: 'd0000001-0000-4000-8000-000000000001', fields: { owner: 'lena@contoso.com' } });
  } },
  // asked to stop with an approval under way
  stopped: { ...given, to: 'going', mayEnd: true, async meanwhile(world, player) {
    const card = (await world.sees('U0ARVID')).all.find((one) => one.kind === 'channel');
    const act = player.press('U0ARVID', card, 'Approve').catch(() => {});
    world.signalBot('SIGTERM');
    player.pressed.add('U0ARVID');
    await act;
    await world.up;
  } },
  // killed while the reset was on its way; its successor is killed while it takes up the work
  taken_up_sending: { ...given, untraced: true, hold: true, at: 'going', from: 'birth', async then(world) {
    await world.journal('graph.reset');
    await diesFirst(world);
    await world.post('release', {});
  } },
  // killed while the card's post hung and a colleague's two commands were being worked on; its successor is killed while it
  // takes up the work
  taken_up_card: { ...given, untraced: true, faults: [['slack.chat.postMessage.hang', undefined, { match: CARD }]], at: 'pending', from: 'birth', to: 'going', async then(world) {
    await world.fault('graph.list.hang', undefined, 2);
    for (const text of [`reset ${SAMSUNG} forgot it`, `devices ${SAMSUNG}`]) await world.types('U0HENRY', text);
    await world.quiet();
    await diesFirst(world);
  }, async check(world) {
    const told = (await world.sees('U0HENRY')).all.filter((one) => one.kind === 'private').map((one) => one.text);
    assert.ok(told.some((text) => text.includes('restarted while working on that: nothing was done')), `R1: henry is not told: ${told.join('\n')}`);
    assert.ok(told.some((text) => text.includes(SAMSUNG)), `R1: henry is not answered: ${told.join('\n')}`);
  } },
};
