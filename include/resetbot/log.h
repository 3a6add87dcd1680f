/* log.h - one line a fact, `event=name key=value`, on stderr. Never a token, a passcode or a body. */
#ifndef RESETBOT_LOG_H
#define RESETBOT_LOG_H

typedef enum { RB_LOG_ERROR, RB_LOG_WARN, RB_LOG_INFO, RB_LOG_DEBUG } rb_log_level;

/* Lines above this level are dropped. Default RB_LOG_INFO. With journald (JOURNAL_STREAM set) lines bear <N> prefixes. */
void rb_log_set_level(rb_log_level level);
/* format gives "event=... key=value ..."; what a terminal would obey, hide or reorder by is replaced, values with spaces
 * should be quoted by "%s". */
void rb_log(rb_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
