#include "graph_filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ARMS_MAX 16
#define WORD_CAP 64

typedef enum { IS_EQUAL, IS_BEFORE, IS_AFTER, IS_WITHIN, IS_IGNORED, IS_DROPPED } test;

typedef struct {
    test how;
    bool after_or;
    char property[WORD_CAP];
    char *literal;
} arm;

struct graph_filter {
    arm arms[ARMS_MAX];
    size_t count;
};

static const char *const equal_properties[] = {"userPrincipalName", "serialNumber",    "deviceName",
                                               "azureADDeviceId",   "operatingSystem", "deviceCategoryDisplayName",
                                               "jailBroken",        "complianceState", "managedDeviceOwnerType"};
static const char *const date_properties[] = {"enrolledDateTime", "lastSyncDateTime"};

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(text, list[i]) == 0)
            return true;
    }
    return false;
}

/* ---- reading ---- */

static void skip(const char **at, const char *bytes)
{
    *at += strspn(*at, bytes);
}

/* A run of letters, digits and '/'. */
static bool read_word(const char **at, char out_word[WORD_CAP])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/";
    size_t len = strspn(*at, allowed);
    if (len == 0 || len >= WORD_CAP)
        return false;
    memcpy(out_word, *at, len);
    out_word[len] = '\0';
    *at += len;
    return true;
}

/* 'text' with doubled quotes, or a bare value. Heap; NULL when a quote is not closed. */
static char *read_literal(const char **at)
{
    if (**at != '\'') {
        size_t len = strcspn(*at, " ,)");
        char *bare = graph_text_decode(*at, len, false);
        *at += len;
        return bare;
    }
    char *text = graph_text_copy(*at);
    size_t used = 0;
    for ((*at)++; **at != '\0'; (*at)++) {
        if (**at == '\'' && (*at)[1] != '\'')
            break;
        *at += **at == '\'';
        text[used++] = **at;
    }
    if (**at == '\0') {
        free(text);
        return NULL;
    }
    (*at)++;
    text[used] = '\0';
    return text;
}

static test comparison(const char *word, const char *property)
{
    bool is_date = is_one_of(property, date_properties, COUNT(date_properties));
    if (strcasecmp(word, "eq") == 0 && is_one_of(property, equal_properties, COUNT(equal_properties)))
        return IS_EQUAL;
    if (strcasecmp(word, "lt") == 0 && is_date)
        return IS_BEFORE;
    if (strcasecmp(word, "gt") == 0 && is_date)
        return IS_AFTER;
    return IS_IGNORED;
}

/* function(property,'text') after its name. */
static bool read_call(const char **at, const char *name, arm *out_arm)
{
    (*at)++;
    skip(at, " ");
    if (!read_word(at, out_arm->property))
        return false;
    skip(at, " ,");
    out_arm->literal = read_literal(at);
    skip(at, " ");
    if (out_arm->literal == NULL || **at != ')')
        return false;
    (*at)++;
    bool is_known = strcasecmp(name, "startswith") == 0 || strcasecmp(name, "contains") == 0;
    out_arm->how = is_known ? IS_WITHIN : IS_IGNORED;
    return true;
}

static bool read_arm(const char **at, arm *out_arm)
{
    char word[WORD_CAP];
    skip(at, " (");
    if (!read_word(at, out_arm->property))
        return false;
    if (**at == '(') {
        memcpy(word, out_arm->property, sizeof word);
        return read_call(at, word, out_arm);
    }
    skip(at, " ");
    if (!read_word(at, word))
        return false;
    skip(at, " ");
    if (**at == '\0')
        return false;
    out_arm->literal = read_literal(at);
    if (out_arm->literal == NULL)
        return false;
    out_arm->how = comparison(word, out_arm->property);
    return true;
}

/* "and", "or", or the end. */
static bool read_join(const char **at, bool *out_more, bool *out_or)
{
    char word[WORD_CAP];
    skip(at, " )");
    *out_more = **at != '\0';
    if (!*out_more)
        return true;
    if (!read_word(at, word))
        return false;
    *out_or = strcasecmp(word, "or") == 0;
    return *out_or || strcasecmp(word, "and") == 0;
}

/* What the service does with an arm that reads well. */
static void weaken(graph_filter *filter, arm *last)
{
    if (*last->literal == '\0')
        last->how = IS_IGNORED;
    if (last->how == IS_WITHIN && last->after_or && filter->count > 1)
        last->how = IS_DROPPED;
}

graph_filter *graph_filter_new(const char *text)
{
    graph_filter *filter = calloc(1, sizeof *filter);
    if (filter == NULL)
        abort();
    bool more = true;
    bool after_or = false;
    while (more) {
        if (filter->count == ARMS_MAX)
            goto refused;
        arm *next = &filter->arms[filter->count++];
        next->after_or = after_or;
        if (!read_arm(&text, next))
            goto refused;
        weaken(filter, next);
        if (!read_join(&text, &more, &after_or))
            goto refused;
    }
    return filter;
refused:
    graph_filter_free(filter);
    return NULL;
}

void graph_filter_free(graph_filter *filter)
{
    for (size_t i = 0; filter != NULL && i < filter->count; i++)
        free(filter->arms[i].literal);
    free(filter);
}

/* ---- matching ---- */

static int compare_dates(const char *a, const char *b)
{
    int64_t a_ms = 0;
    int64_t b_ms = 0;
    if (!graph_text_parse_time(a, &a_ms) || !graph_text_parse_time(b, &b_ms))
        return 0;
    return (a_ms > b_ms) - (a_ms < b_ms);
}

static bool arm_matches(const arm *one, const graph_device *device)
{
    const char *value = graph_json_text(device->fields, one->property);
    switch (one->how) {
    case IS_EQUAL: return strcasecmp(value, one->literal) == 0;
    case IS_BEFORE: return compare_dates(value, one->literal) < 0;
    case IS_AFTER: return compare_dates(value, one->literal) > 0;
    case IS_WITHIN: return strcasestr(value, one->literal) != NULL;
    case IS_IGNORED: return true;
    case IS_DROPPED: return false;
    }
    return true;
}

bool graph_filter_matches(const graph_filter *filter, const graph_device *device)
{
    bool result = true;
    for (size_t i = 0; i < filter->count; i++) {
        const arm *one = &filter->arms[i];
        bool matches = arm_matches(one, device);
        result = one->after_or ? result || matches : result && matches;
    }
    return result;
}

bool graph_filter_is_open(const graph_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->arms[i].how == IS_IGNORED)
            return true;
    }
    return false;
}
