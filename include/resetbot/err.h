/* err.h - what a fallible function returns, and the sentence that goes with it. */
#ifndef RESETBOT_ERR_H
#define RESETBOT_ERR_H

typedef enum {
    RB_OK = 0,
    RB_E_NOMEM,     /* out of memory */
    RB_E_LIMIT,     /* longer or more than limits.h allows */
    RB_E_SYNTAX,    /* input that does not parse */
    RB_E_NOT_FOUND, /* no such thing */
    RB_E_EXISTS,    /* a unique key is taken: delivery seen before, device has an open request */
    RB_E_CONFLICT,  /* compare-and-set lost: reload and step again */
    RB_E_IO,        /* network or file error that a later try may mend */
    RB_E_DISK,      /* a commit or sync failed: nothing more may be acknowledged, the process ends */
    RB_E_AGAIN,     /* a bounded queue is full, or not now */
    RB_E_REFUSED,   /* the peer, or our own allow-list, says no */
    RB_E_AUTH,      /* credentials are wrong or missing */
    RB_E_CONFIG,    /* configuration fault */
    RB_E_INTERNAL   /* our own bug, reported instead of ignored */
} rb_err;

/* The caller must look at the result. */
#define RB_MUST_CHECK __attribute__((warn_unused_result))

#define RB_ERRTEXT_CAP 512

/* A caller's buffer for one sentence: what failed and what to do next. Never holds a secret. */
typedef struct {
    char text[RB_ERRTEXT_CAP];
} rb_errbuf;

/* Writes the sentence (cut at the buffer) and returns err, so that failing is one line. errbuf may be NULL. */
rb_err rb_fail(rb_errbuf *errbuf, rb_err err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Ends the process, with a line on stderr that says what for. What was under way is in the store, and is taken up at the next
 * start: going on with half a sentence, or acknowledging what was not read, would be worse. */
_Noreturn void rb_out_of_memory(const char *what_for);

/* A short stable name for logs, e.g. "limit". */
const char *rb_err_name(rb_err err);

#endif
