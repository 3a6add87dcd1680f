/* audit_print.c - see audit_print.h. */
#include "audit_print.h"

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "resetbot/text.h"
#include "sqlite_chain.h"

typedef struct {
    FILE *to;
    const char *request; /* "": all */
    rb_audit_form form;
    bool is_out_of_memory;
} printer;

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static void add(printer *print, struct json_object *line, const char *key, struct json_object *value)
{
    if (value && json_object_object_add(line, key, value) == 0)
        return;
    json_object_put(value);
    print->is_out_of_memory = true;
}

static void add_text(printer *print, struct json_object *line, const char *key, const char *text)
{
    add(print, line, key, json_object_new_string(text));
}

static void put_line(printer *print, struct json_object *line)
{
    const char *text = json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

    if (text)
        (void)fprintf(print->to, "%s\n", text);
    else
        print->is_out_of_memory = true;
    json_object_put(line);
}

static void print_row_json(printer *print, const rb_chain_row *row)
{
    const rb_record *record = &row->record;
    struct json_object *line = json_object_new_object();
    char at[RB_TIME_CAP];

    rb_time_iso(record->at_utc_ms, at);
    add(print, line, "seq", json_object_new_int64(row->seq));
    add_text(print, line, "at", at);
    add(print, line, "at_utc_ms", json_object_new_int64(record->at_utc_ms));
    add_text(print, line, "request", record->request);
    add_text(print, line, "kind", record->kind);
    add_text(print, line, "team", record->who.team);
    add_text(print, line, "user", record->who.user);
    add_text(print, line, "who_name", record->who_name);
    add_text(print, line, "text", record->text);
    add_text(print, line, "hash", row->hash);
    add(print, line, "is_linked", json_object_new_boolean(row->is_linked));
    put_line(print, line);
}

static void print_check_json(printer *print, const rb_chain_check *check)
{
    struct json_object *line = json_object_new_object();

    add_text(print, line, "chain", check->first_bad_seq == 0 ? "unbroken" : "broken");
    add(print, line, "records", json_object_new_uint64(check->n_records));
    if (check->first_bad_seq != 0)
        add(print, line, "first_bad_seq", json_object_new_int64(check->first_bad_seq));
    add_text(print, line, "head", check->head);
    put_line(print, line);
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

/* Appends a gap and the text. It was cleaned before it was stored, but the file may have been changed since. */
static void add_clean(rb_buf *line, const char *text)
{
    rb_buf_adds(line, "  ");
    rb_text_clean(line, rb_str_of(text));
}

static void print_row_text(printer *print, const rb_chain_row *row)
{
    const rb_record *record = &row->record;
    char at[RB_TIME_CAP];
    rb_buf line;

    /* bytes that are no UTF-8 become three each */
    rb_buf_init(&line, 4 * sizeof *record);
    rb_time_full(record->at_utc_ms, at);
    rb_buf_addf(&line, "%lld  %s", (long long)row->seq, at);
    add_clean(&line, record->request[0] ? record->request : "-");
    add_clean(&line, record->kind);
    if (record->who.user[0]) {
        add_clean(&line, record->who_name);
        rb_buf_adds(&line, " (");
        rb_text_clean(&line, rb_str_of(record->who.team));
        rb_buf_adds(&line, "/");
        rb_text_clean(&line, rb_str_of(record->who.user));
        rb_buf_adds(&line, ")");
    } else {
        rb_buf_adds(&line, "  resetbot");
    }
    add_clean(&line, record->text);
    if (!row->is_linked)
        rb_buf_adds(&line, "  [does not follow from the record before]");
    if (line.err != RB_OK)
        print->is_out_of_memory = true;
    (void)fprintf(print->to, "%s\n", rb_buf_cstr(&line));
    rb_buf_fini(&line);
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

static void print_row(void *self, const rb_chain_row *row)
{
    printer *print = self;

    if (print->request[0] && strcmp(print->request, row->record.request) != 0)
        return;
    switch (print->form) {
    case RB_AUDIT_TEXT: print_row_text(print, row); break;
    case RB_AUDIT_JSON: print_row_json(print, row); break;
    }
}

rb_err rb_audit_print(rb_sqlite *store, const char *request, rb_audit_form form, FILE *to, bool *out_is_unbroken,
                      rb_errbuf *errbuf)
{
    printer print = {.to = to, .request = request ? request : "", .form = form};
    rb_chain_check check = {0};
    rb_err err = rb_chain_walk(store, print_row, &print, &check, errbuf);

    if (err != RB_OK)
        return err;
    switch (form) {
    case RB_AUDIT_TEXT: print_check_text(&print, &check); break;
    case RB_AUDIT_JSON: print_check_json(&print, &check); break;
    }
    if (fflush(to) != 0 || ferror(to))
        return rb_fail(errbuf, RB_E_IO, "the record cannot be written out: %s", strerror(errno));
    if (print.is_out_of_memory)
        return rb_fail(errbuf, RB_E_IO, "out of memory: what was printed of the record is not whole");
    *out_is_unbroken = check.first_bad_seq == 0;
    return RB_OK;
}
