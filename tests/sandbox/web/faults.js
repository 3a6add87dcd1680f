// faults.js - what can be broken, grouped in words: each row is a fault or a deed of the sandbox's control interface.

const day = 864e5;

// [label, ms]
export const steps = [['1 minute', 6e4], ['5 minutes', 3e5], ['15 minutes', 9e5], ['30 minutes', 18e5], ['2 hours', 72e5], ['1 day', day], ['8 days', 8 * day]];

// {title, about, fault, once: also for one call, value}
const fault = (title, about, name, more = {}) => ({ title, about, fault: { name, ...more } });

export const groups = [
  {
    title: 'Slack: messages',
    rows: [
      fault('A post arrives, its answer is lost', 'People see the message; the bot is told 500. It must find the message and not post it twice.', 'slack.chat.postMessage.500_after'),
      fault('A post is lost', 'Nobody sees it; the bot is told 500 and must post it again.', 'slack.chat.postMessage.500_before'),
      fault('A post shows late', 'History and people get it 3 seconds later.', 'slack.chat.postMessage.late', { value: 3000 }),
      fault('A post is refused', 'Slack answers invalid_blocks. The message shows nowhere.', 'slack.chat.postMessage.error', { value: 'invalid_blocks' }),
      fault('An edit fails', 'A card keeps its old words until the bot tries again.', 'slack.chat.update.500_before'),
      fault('A private answer fails', 'The address for answers gives 500; the bot must find another way.', 'slack.response_url.500_before'),
      fault('A form cannot be opened', 'Slack says that the click is too old.', 'slack.views.open.error', { value: 'expired_trigger_id' }),
    ],
  },
  {
    title: 'Slack: all of it',
    rows: [
      fault('Too many calls', 'Slack answers 429: wait 2 seconds.', 'slack.any.429', { value: 2 }),
      fault('Slack is slow', 'Each answer takes 2 seconds.', 'slack.any.slow', { value: 2000 }),
      fault('Slack is down', 'Every call answers 503, connections are cut.', 'slack.down'),
      fault('Everything comes twice', 'Slack delivers each command and click two times.', 'slack.envelope.twice'),
    ],
  },
  {
    title: 'Intune',
    rows: [
      fault('The answer to a reset is lost', 'Intune resets the device, but the connection breaks before it says so. The bot must look, and never send it again.', 'graph.reset.close_after'),
      fault('A reset does nothing', 'Intune says accepted, and nothing ever happens.', 'graph.reset.no_effect'),
      fault('A reset is not permitted', 'The app lacks a permission: 403.', 'graph.reset.403_role'),
      fault('Intune asks for its own approval', 'Multi-admin approval is on: 403 ApprovalRequired.', 'graph.reset.403_approval'),
      fault('Too many resets', '429: wait 2 seconds, then it may be tried again.', 'graph.reset.429', { value: 2 }),
      fault('Another device is answered', 'The list holds a row that nobody asked for.', 'graph.list.foreign_row', { value: 'HENRY-S23' }),
      fault('Intune is slow', 'Each answer takes 3 seconds.', 'graph.slow', { value: 3000 }),
      fault('Intune is down', 'Every call answers 503.', 'graph.down'),
    ],
  },
  {
    title: 'Sign-in (Entra)',
    rows: [
      fault('Sign-in is down', 'The bot gets no new token.', 'entra.down'),
      fault('The secret has expired', 'AADSTS7000222, until somebody makes a new one.', 'entra.error', { value: 7000222 }),
    ],
  },
];

// Deeds are done at once and leave nothing to end.
export const deeds = [
  { title: 'Planned reconnect', about: 'Slack asks the bot to change its connection. Nothing may be lost.', verb: 'refresh', fields: { reason: 'warning' } },
  { title: 'Cut all connections', about: 'TCP ends without a word.', verb: 'drop_sockets', fields: {} },
  { title: 'Freeze all connections', about: 'They stay open and carry nothing any more. The bot must notice.', verb: 'freeze_sockets', fields: {} },
];

// How long devices take until they ask Intune what is new.
export const checkins = [['1 second', 1000], ['3 seconds', 3000], ['30 seconds', 30000], ['never by themselves', -1]];

const rows = groups.flatMap((group) => group.rows);
export const titleOf = (name) => rows.find((row) => row.fault.name === name)?.title ?? name;
