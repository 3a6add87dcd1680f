/* audit_print.c - see audit_print.h. */
#include "audit_print.h"

#include <errno.h>
#include <string.h>

#include "json_line.h"
#include "resetbot/text.h"
#include "sqlite_chain.h"
#include "util/table.h"

/* so many rows are checked in some hundredths of a second */
#define PROGRESS_ROWS 5000

typedef struct {
    FILE *to;
    const char *request; /* "": all */
    rb_audit_form form;
    rb_table *table;      /* RB_AUDIT_TEXT */
    rb_working *progress; /* NULL: none */
    int64_t newest_seq;
    uint64_t n_walked;
    bool is_out_of_memory;
} printer;

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static void put_line(printer *print, rb_json_line *line)
{
    if (!rb_json_line_print(line, print->to))
        print->is_out_of_memory = true;
}

static void print_row_json(printer *print, const rb_chain_row *row)
{
    const rb_record *record = &row->record;
    rb_json_line line = rb_json_line_start();
    char at[RB_TIME_CAP];

    rb_time_iso(record->at_utc_ms, at);
    rb_json_line_number(&line, "seq", row->seq);
    rb_json_line_text(&line, "at", at);
    rb_json_line_number(&line, "at_utc_ms", record->at_utc_ms);
    rb_json_line_text(&line, "request", record->request);
    rb_json_line_text(&line, "kind", record->kind);
    rb_json_line_text(&line, "team", record->who.team);
    rb_json_line_text(&line, "user", record->who.user);
    rb_json_line_text(&line, "who_name", record->who_name);
    rb_json_line_text(&line, "text", record->text);
    rb_json_line_text(&line, "hash", row->hash);
    rb_json_line_flag(&line, "is_linked", row->is_linked);
    put_line(print, &line);
}

static void print_check_json(printer *print, const rb_chain_check *check)
{
    rb_json_line line = rb_json_line_start();

    rb_json_line_text(&line, "chain", check->first_bad_seq == 0 ? "unbroken" : "broken");
    rb_json_line_number(&line, "records", (int64_t)check->n_records);
    if (check->first_bad_seq != 0)
        rb_json_line_number(&line, "first_bad_seq", check->first_bad_seq);
    rb_json_line_text(&line, "head", check->head);
    put_line(print, &line);
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

static const char *const TITLES[] = {"NO", "AT", "REQUEST", "WHAT", "WHO", "TEXT"};

/* The table makes it inert: it was cleaned before it was stored, but the file may have been changed since. */
static void print_row_text(printer *print, const rb_chain_row *row)
{
    const rb_record *record = &row->record;
    char seq[24];
    char at[RB_TIME_CAP];
    char who[sizeof record->who_name + sizeof record->who + 8] = "resetbot";
    char text[sizeof record->text + 64];

    rb_time_full(record->at_utc_ms, at);
    (void)snprintf(seq, sizeof seq, "%lld", (long long)row->seq);
    /* the id first: a name is what people call themselves, and a narrow window cuts the end */
    if (record->who.user[0])
        (void)snprintf(who, sizeof who, "%s/%s %s", record->who.team, record->who.user, record->who_name);
    (void)snprintf(text, sizeof text, "%s%s", record->text,
                   row->is_linked ? "" : " [does not follow from the record before]");
    rb_table_add(print->table, RB_PAINT_QUIET, seq);
    rb_table_add(print->table, RB_PAINT_PLAIN, at);
    rb_table_add(print->table, RB_PAINT_HEAD, record->request[0] ? record->request : "-");
    rb_table_add(print->table, RB_PAINT_PLAIN, record->kind);
    rb_table_add(print->table, RB_PAINT_PLAIN, who);
    rb_table_add(print->table, row->is_linked ? RB_PAINT_PLAIN : RB_PAINT_BAD, text);
}

static void print_check_text(printer *print, const rb_chain_check *check)
{
    char head[65];

    rb_text_clip(head, sizeof head, rb_str_of(check->head));
    if (check->first_bad_seq == 0)
        (void)fprintf(print->to, "%llu records, chain unbroken, newest %s\n", (unsigned long long)check->n_records,
                      head);
    else
        (void)fprintf(print->to,
                      "%llu records, chain BROKEN at record %lld: it was changed, removed or added by other means than"
                      " resetbot; newest %s\n",
                      (unsigned long long)check->n_records, (long long)check->first_bad_seq, head);
}

/* ---- the contract ----------------------------------------------------------------------------------------------- */

static void show_progress(printer *print)
{
    print->n_walked++;
    if (print->progress && print->n_walked % PROGRESS_ROWS == 0)
        rb_working_say(print->progress, "checking the record: %llu of %lld", (unsigned long long)print->n_walked,
                       (long long)print->newest_seq);
}

static void print_row(void *self, const rb_chain_row *row)
{
    printer *print = self;

    show_progress(print);
    if (print->request[0] && strcmp(print->request, row->record.request) != 0)
        return;
    /* the one terminal is often both */
    if (print->progress && (print->form == RB_AUDIT_JSON || rb_table_is_full(print->table)))
        rb_working_clear(print->progress);
    switch (print->form) {
    case RB_AUDIT_TEXT: print_row_text(print, row); break;
    case RB_AUDIT_JSON: print_row_json(print, row); break;
    }
}

static void print_end(printer *print, const rb_chain_check *check)
{
    switch (print->form) {
    case RB_AUDIT_TEXT:
        rb_table_print(print->table);
        print_check_text(print, check);
        break;
    case RB_AUDIT_JSON: print_check_json(print, check); break;
    }
}

static rb_err walk(rb_sqlite *store, printer *print, rb_chain_check *check, rb_errbuf *errbuf)
{
    rb_err err = rb_chain_newest(store, &print->newest_seq, errbuf);

    if (err == RB_OK)
        err = rb_chain_walk(store, print_row, print, check, errbuf);
    if (print->progress)
        rb_working_clear(print->progress);
    if (err != RB_OK)
        return err;
    print_end(print, check);
    if (fflush(print->to) != 0 || ferror(print->to))
        return rb_fail(errbuf, RB_E_IO, "the record cannot be written out: %s: look at where the output goes",
                       strerror(errno));
    if (print->is_out_of_memory)
        return rb_fail(errbuf, RB_E_IO, "out of memory: what was printed of the record is not whole: try again");
    return RB_OK;
}

rb_err rb_audit_print(rb_sqlite *store, const char *request, rb_audit_form form, FILE *to, rb_working *progress,
                      bool *out_is_unbroken, rb_errbuf *errbuf)
{
    rb_screen screen = rb_screen_of(to);
    printer print = {.to = to, .request = request ? request : "", .form = form, .progress = progress};
    rb_chain_check check = {0};

    if (form == RB_AUDIT_TEXT)
        print.table = rb_table_new(&screen, TITLES, sizeof TITLES / sizeof *TITLES, true);
    rb_err err = walk(store, &print, &check, errbuf);
    rb_table_free(print.table);
    if (err == RB_OK)
        *out_is_unbroken = check.first_bad_seq == 0;
    return err;
}
