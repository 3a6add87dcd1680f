/* limits.h - every number that bounds something, and where it comes from. "_CAP" counts the NUL, "_MAX" does not. */
#ifndef RESETBOT_LIMITS_H
#define RESETBOT_LIMITS_H

/* ---- chat (domain/slack.md: Block Kit limits, 1.2, 2.5, 2.6) -------------------------------------------------- */
#define RB_FRAME_MAX (1024 * 1024) /* bytes of one websocket message: ours; the largest official sample is 67 kB */
#define RB_CHAT_ID_CAP 32          /* user, channel, team, group ids: 9-11 characters today */
#define RB_CHAT_TS_CAP 32          /* "1700000000.000001" */
#define RB_CHAT_URL_CAP 512        /* response_url */
#define RB_TRIGGER_CAP 128
#define RB_LOCALE_CAP 36 /* an IETF language code, "sv-SE": RFC 5646 4.4.1 asks for room for 35 characters */
#define RB_ENVELOPE_ID_CAP 64
#define RB_ACTION_ID_CAP 64       /* Slack allows 255; ours are short */
#define RB_ACTION_VALUE_CAP 2001  /* button value 2000 */
#define RB_NAME_CAP 256           /* bytes of a display name or device name after cleaning */
#define RB_COMMAND_TEXT_CAP 16001 /* 4,000 characters of slash text, 4 bytes each */
#define RB_FORM_FIELDS_MAX 10
#define RB_FORM_TARGET_CHARS 300 /* of the first field of the reset form; a user name has 113 */
#define RB_FORM_VALUE_CAP 2049   /* our inputs ask for at most 500 characters */
#define RB_MESSAGE_TEXT_MAX 4000 /* chat.update refuses more (msg_too_long) */
#define RB_MESSAGE_BLOCKS_MAX 50
#define RB_HOME_BLOCKS_MAX 100     /* a view: docs.slack.dev/reference/views/home-tab-views */
#define RB_PAYLOAD_MAX (64 * 1024) /* one rendered message or form; views may have 250 kB */
#define RB_CONNECTIONS_MAX 8       /* ours; Slack allows 10 an app, and a replacement needs room */
#define RB_ACK_LIMIT_MS 2000       /* save-then-ack gives up here; Slack's own limit is 3 s */
#define RB_TRIGGER_LIFE_MS 3000    /* views.open after this: expired_trigger_id */
#define RB_RESPONSE_URL_LIFE_MS (30 * 60 * 1000)

/* ---- Intune (domain/intune.md 2.2-2.8) ------------------------------------------------------------------------ */
#define RB_UPN_CAP 256 /* Entra: 113 characters */
#define RB_SERIAL_CAP 128
#define RB_WORD_CAP 64          /* enum values and short vendor words, kept as open strings */
#define RB_ISO_CAP 40           /* a timestamp as Graph wrote it */
#define RB_DEVICES_MAX 200      /* devices of one look-up; more is an error that asks for the serial */
#define RB_DEVICES_SHOWN_MAX 50 /* more: ask for the serial (issue) */
#define RB_DEVICES_PAGE 8
/* People of one look-up by part of a name: ours, what one page of a pick list holds; more letters find the others. */
#define RB_PEOPLE_FOUND_MAX 8
#define RB_PEOPLE_PART_MIN 2 /* characters: one letter names nobody */
#define RB_OWNERS_MAX 16     /* users that Intune names for one device */
#define RB_ACTIONS_MAX 64    /* passcode entries in deviceActionResults */
#define RB_GRAPH_REPLY_MAX (4 * 1024 * 1024)
#define RB_POST_ATTEMPTS_MAX 5 /* design R2 */

/* ---- the request ---------------------------------------------------------------------------------------------- */
#define RB_REQUEST_ID_CAP 16 /* "R-7K3F", grows when needed */
#define RB_REASON_CHARS_MAX 500
#define RB_REASON_CAP (RB_REASON_CHARS_MAX * 4 + 1)
#define RB_TICKET_CAP 64
#define RB_TARGET_CAP 320 /* what the requester typed: user, serial, device id */
#define RB_APPROVALS_MAX 8
#define RB_TAKES_MAX 4    /* times a request changes hands: ours; more are no hand-over, but a mess */
#define RB_TAKE_ASKED 16  /* approvers asked to let somebody take it over: ours; one of them is enough */
#define RB_SHOWINGS_MAX 4 /* design 4: the code */
#define RB_LINES_MAX 10   /* thread lines a request, and one for each take; the last two only for what ends it */
#define RB_DETAIL_CAP 512
#define RB_EFFECTS_MAX 24
#define RB_RECORD_TEXT_CAP 4096 /* every fact of a request: the reason alone may have 2,000 bytes */
#define RB_KEY_CAP 160          /* delivery key */

/* ---- times (design 3 and 4) ----------------------------------------------------------------------------------- */
#define RB_DRAFT_LIFE_MS (30 * 60 * 1000)
#define RB_TAKE_LIFE_MS (30 * 60 * 1000)   /* the question whether somebody may take it over */
#define RB_SEND_WINDOW_MS (10 * 60 * 1000) /* APPROVED to SENDING */
#define RB_NO_TRACE_MS (15 * 60 * 1000)
#define RB_WATCH_MS (7LL * 24 * 60 * 60 * 1000)
#define RB_SHOW_WINDOW_MS (30 * 60 * 1000)
#define RB_FORM_BLANK_MS (5 * 60 * 1000)
#define RB_RIGHTS_FRESH_MS (60 * 1000) /* roles read within this before the POST */
#define RB_UNCLEAR_WAIT_MS 5000        /* after an unclear post, before reading back */
#define RB_UNOPENED_CODE_MS (15 * 60 * 1000)
#define RB_CLOCK_JUMP_MS (60 * 1000)

/* ---- engine --------------------------------------------------------------------------------------------------- */
#define RB_TASKS_MAX 4096 /* commands and clicks being worked on */
#define RB_WAITING_MAX 32 /* of them, waiting for a change of one request to be saved (design 3, Loop) */
#define RB_HOMES_MAX 200  /* Home tabs kept up to date; the one opened longest ago goes first */
#define RB_HOME_WATCH_MS (60 * 60 * 1000) /* so long after it was opened */
#define RB_HOME_AGAIN_MS 2000             /* between two drawings for one person */
/* Between two drawings of those that nobody has just opened: views.publish and users.info are both tier 4, 100 a minute
 * (docs.slack.dev/apis/web-api/rate-limits), and commands ask for people too. */
#define RB_HOME_GAP_MS 1000
#define RB_HOME_PATIENCE_MS (10 * 1000) /* cards go first, so long */
/* Jobs not yet handed back. A full queue means that the disk or the resolver stands still: more would only wait longer than
 * anybody does. */
#define RB_WORKER_QUEUE_MAX 1024

#endif
