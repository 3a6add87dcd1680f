/* deed.h - what happens to the bot and its world besides people, as one line of text: for scenarios, days and the hand. */
#ifndef SIM_DEED_H
#define SIM_DEED_H

/* "VERB JSON" of the sandbox's control interface (tests/sandbox/README.md), or one of
 *
 *   weather slack|entra|graph up|refused|no_name|bad_tls|silent
 *   lose request|reply PART        the next exchange whose "METHOD url" holds PART
 *   late MS PART
 *   frames drop|twice|late|split|cut|swap N [MS]  the next N envelopes (sim.h)
 *   jump MS                        the bot's wall clock is set forward or back
 *   reboot                         the bot's machine: the bot dies and starts again
 *   kill, stop                     the bot's process: SIGKILL, SIGTERM; it starts again after 2 s
 *   die N                          the bot's process dies at its N-th call to the outside from now on, or in the midst of it
 *   policy KEY VALUE               one line of the policy file is replaced or added; SIGHUP
 *   disk full|write|sync N         the disk fails from its N-th operation on (heal ends it)
 *   settled                        R5 is checked: the cards of requests that are over say so
 *   heal                           weather, losses, faults and disk are good again
 *
 * Aborts on a deed that nobody knows. */
void sim_do(const char *deed);

#endif
