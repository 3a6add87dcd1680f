#include "resetbot/bind.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* value: 1.<kind>.<request>.<expiry>.<person>.<extra>.<key id>.<mac>; empty fields are "-". None holds a dot. */
#define FIELDS 8
#define TERMS_MAX 8192

static const char KINDS[] = "pmosxadewgfvuhtk";

static const char *dashed(const char *text)
{
    return text[0] ? text : "-";
}

static void add_fields(rb_buf *out, const rb_bound *bound)
{
    rb_buf_addf(out, "1.%c.%s.%lld.%s.%s", (char)bound->kind, dashed(bound->request), (long long)bound->expiry_utc_s,
                dashed(bound->person), dashed(bound->extra));
}

/* Exactly what is approved. Length-prefixed, so that no field can pretend to be its neighbour. */
static void add_term(rb_buf *out, const char *text)
{
    rb_buf_addf(out, "|%zu:%s", strlen(text), text);
}

static bool is_decision(rb_bind_kind kind)
{
    return kind == RB_BIND_APPROVE || kind == RB_BIND_DENY || kind == RB_BIND_DENY_FORM;
}

static bool is_about_device(rb_bind_kind kind)
{
    return is_decision(kind) || kind == RB_BIND_SEND || kind == RB_BIND_SHOW || kind == RB_BIND_HAND_OVER ||
           kind == RB_BIND_LET_TAKE;
}

static bool is_about_take(rb_bind_kind kind)
{
    return kind == RB_BIND_HAND_OVER || kind == RB_BIND_LET_TAKE || kind == RB_BIND_KEEP;
}

/* Whose request it is, and how often it had changed hands by then. */
typedef struct {
    const rb_person *person;
    const char *entra;
    uint32_t n_takes;
} holder;

static holder holder_of(const rb_request *request)
{
    return request ? (holder){&request->requester.person, request->requester.entra, request->n_takes} : (holder){0};
}

static void add_terms(rb_buf *out, rb_bind_kind kind, const rb_request *request, holder of)
{
    add_term(out, of.person->team);
    add_term(out, of.person->user);
    add_term(out, of.entra);
    if (is_about_take(kind)) { /* once it has changed hands, the question is over, also for who has it back */
        rb_buf_addf(out, "|%u", (unsigned)of.n_takes);
    }
    if (!is_about_device(kind)) {
        return;
    }
    const rb_device *device = &request->device;
    add_term(out, device->id);
    add_term(out, device->serial);
    add_term(out, device->user_id);
    add_term(out, device->upn);
    add_term(out, device->ownership);
    add_term(out, device->management_state);
    add_term(out, device->enrollment);
    add_term(out, device->os);
    add_term(out, device->enrolled_at);
    rb_buf_addf(out, "|%d.%d", (int)request->support.word, (int)request->support.scope);
    if (is_decision(kind)) {
        rb_buf_addf(out, "|%d.%d.%d", (int)request->verified, (int)request->holds, (int)request->lock);
        add_term(out, request->reason);
        add_term(out, request->ticket);
        add_term(out, request->policy_version);
    }
}

static void compute(const rb_mac_key *key, const rb_bound *bound, const rb_request *request, holder of,
                    char out_mac[RB_MAC_TEXT_CAP])
{
    rb_buf data;
    rb_buf_init(&data, TERMS_MAX);
    add_fields(&data, bound);
    if (request) {
        add_terms(&data, bound->kind, request, of);
    }
    assert(data.err == RB_OK && "terms outgrew their buffer");
    rb_mac(key, rb_buf_str(&data), out_mac);
    rb_buf_fini(&data);
}

void rb_bind(const rb_mac_key *key, const rb_bound *bound, const rb_request *request, char out_value[RB_BOUND_CAP])
{
    char mac[RB_MAC_TEXT_CAP];
    rb_buf value;
    compute(key, bound, request, holder_of(request), mac);
    rb_buf_init(&value, RB_BOUND_CAP - 1);
    add_fields(&value, bound);
    rb_buf_addf(&value, ".%s.%s", key->id, mac);
    assert(value.err == RB_OK && "a value outgrew its buffer");
    rb_copy_fit(out_value, RB_BOUND_CAP, rb_buf_cstr(&value));
    rb_buf_fini(&value);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static bool split(rb_str value, rb_str out_fields[FIELDS])
{
    size_t n = 0;
    const char *start = value.ptr;
    for (size_t i = 0; i <= value.len; i++) {
        if (i < value.len && value.ptr[i] != '.') {
            continue;
        }
        if (n == FIELDS) {
            return false;
        }
        out_fields[n++] = (rb_str){start, (size_t)(value.ptr + i - start)};
        start = value.ptr + i + 1;
    }
    return n == FIELDS;
}

static rb_err undash(char *dst, size_t cap, rb_str field)
{
    return rb_copy(dst, cap, rb_str_equal(field, RB_STR("-")) ? RB_STR("") : field);
}

static rb_err read_fields(const rb_str fields[FIELDS], rb_bound *out_bound)
{
    unsigned long long expiry = 0;
    rb_bound bound = {.kind = RB_BIND_CANCEL};
    bool is_known = rb_str_equal(fields[0], RB_STR("1")) && fields[1].len == 1 && strchr(KINDS, fields[1].ptr[0]);
    if (!is_known || rb_str_to_uint(fields[3], INT64_MAX / 1000, &expiry) != RB_OK ||
        undash(bound.request, sizeof bound.request, fields[2]) != RB_OK ||
        undash(bound.person, sizeof bound.person, fields[4]) != RB_OK ||
        undash(bound.extra, sizeof bound.extra, fields[5]) != RB_OK) {
        return RB_E_SYNTAX;
    }
    bound.kind = (rb_bind_kind)fields[1].ptr[0];
    bound.expiry_utc_s = (int64_t)expiry;
    *out_bound = bound;
    return RB_OK;
}

/* One way to write each value: a field left out for "-", or a number with zeros before it, is a changed value. */
static bool is_as_written(rb_str value, const rb_bound *bound)
{
    rb_buf fields;
    rb_buf_init(&fields, RB_BOUND_CAP);
    add_fields(&fields, bound);
    rb_buf_adds(&fields, ".");
    bool is_same = fields.err == RB_OK && rb_str_starts(value, rb_buf_str(&fields));
    rb_buf_fini(&fields);
    return is_same;
}

rb_err rb_bound_read(rb_str value, rb_bound *out_bound)
{
    rb_str fields[FIELDS];
    rb_bound bound;
    if (value.len == 0 || value.len >= RB_BOUND_CAP || memchr(value.ptr, '\0', value.len) || !split(value, fields) ||
        read_fields(fields, &bound) != RB_OK || !is_as_written(value, &bound)) {
        return RB_E_SYNTAX;
    }
    *out_bound = bound;
    return RB_OK;
}

/* Does it bear our MAC over what is approved, while the request was the holder's? */
static bool is_ours(const rb_mac_key *keys, size_t n_keys, rb_str value, const rb_request *request, holder of,
                    rb_bound *out_bound)
{
    rb_str fields[FIELDS];
    char mac[RB_MAC_TEXT_CAP];
    char given[RB_MAC_TEXT_CAP] = "";
    bool is_good = false;
    if (rb_bound_read(value, out_bound) != RB_OK || !split(value, fields) ||
        rb_copy(given, sizeof given, fields[7]) != RB_OK) {
        return false;
    }
    for (size_t i = 0; i < n_keys && !is_good; i++) {
        if (rb_str_equal(fields[6], rb_str_of(keys[i].id))) {
            compute(&keys[i], out_bound, request, of, mac);
            is_good = rb_mac_equal(mac, given);
        }
    }
    return is_good;
}

const rb_decision *rb_bound_before_take(const rb_mac_key *keys, size_t n_keys, rb_str value, const rb_request *request)
{
    rb_bound bound;
    uint32_t n_past = request ? request->n_past_requesters : 0;
    for (uint32_t i = 0; i < n_past * RB_TAKES_MAX; i++) {
        const rb_decision *past = &request->past_requesters[i / RB_TAKES_MAX];
        holder of = {&past->person, past->entra, i % RB_TAKES_MAX};
        if (of.n_takes < request->n_takes && is_ours(keys, n_keys, value, request, of, &bound)) {
            return past;
        }
    }
    return NULL;
}

rb_bound_verdict rb_bound_check(const rb_mac_key *keys, size_t n_keys, rb_str value, const rb_request *request,
                                const char *person, int64_t now_utc_ms)
{
    rb_bound bound;
    if (!is_ours(keys, n_keys, value, request, holder_of(request), &bound)) {
        return RB_BOUND_FORGED;
    }
    if (bound.person[0] && strcmp(bound.person, person) != 0) {
        return RB_BOUND_NOT_YOURS;
    }
    return now_utc_ms >= bound.expiry_utc_s * RB_SECOND_MS ? RB_BOUND_EXPIRED : RB_BOUND_GOOD;
}
