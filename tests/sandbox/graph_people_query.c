#include "graph_people_query.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "graph_text.h"
#include "graph_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORD_CAP 64
#define TEXT_CAP 512
#define DEPTH_MAX 16

typedef struct reader reader;

struct reader {
    const char *at;
    json_object *user; /* NULL: only checked */
    char *fault;       /* heap; the first one */
    int depth;
    bool is_advanced;
    const char *word_or, *word_and;
    bool (*leaf)(reader *read);
};

static const char *const text_properties[] = {"displayName", "givenName",  "surname", "userPrincipalName",
                                              "mail",        "department", "id",      "jobTitle",
                                              "userType",    "companyName"};

static bool is_text_property(const char *name)
{
    for (size_t i = 0; i < COUNT(text_properties); i++) {
        if (strcmp(name, text_properties[i]) == 0)
            return true;
    }
    return false;
}

static bool fail(reader *read, const char *format, const char *detail)
{
    const char *place = strchr(format, '@');
    if (read->fault == NULL)
        read->fault = graph_text_format("%.*s%s%s", (int)(place - format), format, detail, place + 1);
    return false;
}

static void skip_blanks(reader *read)
{
    read->at += strspn(read->at, " ");
}

/* A run of letters and digits; "" when there is none. */
static void read_word(reader *read, char out_word[WORD_CAP])
{
    size_t len = 0;
    while (isalnum((unsigned char)read->at[len]) && len + 1 < WORD_CAP)
        len++;
    memcpy(out_word, read->at, len);
    out_word[len] = '\0';
    read->at += len;
}

static bool takes(reader *read, char byte)
{
    skip_blanks(read);
    bool is_there = *read->at == byte;
    read->at += is_there;
    return is_there;
}

static bool takes_word(reader *read, const char *word)
{
    skip_blanks(read);
    size_t len = strlen(word);
    bool is_there = strncmp(read->at, word, len) == 0 && !isalnum((unsigned char)read->at[len]);
    read->at += is_there ? len : 0;
    return is_there;
}

/* ---- clauses joined by AND, OR and parentheses ---- */

static bool read_any(reader *read);

static bool read_one(reader *read)
{
    if (!takes(read, '('))
        return read->leaf(read);
    if (++read->depth > DEPTH_MAX)
        return fail(read, "The query is nested too deeply.@", "");
    bool result = read_any(read);
    read->depth--;
    if (!takes(read, ')'))
        return fail(read, "')' or operator expected at '@'.", read->at);
    return result;
}

static bool read_all(reader *read)
{
    bool result = read_one(read);
    while (read->fault == NULL && takes_word(read, read->word_and)) {
        bool next = read_one(read);
        result = result && next;
    }
    return result;
}

static bool read_any(reader *read)
{
    bool result = read_all(read);
    while (read->fault == NULL && takes_word(read, read->word_or)) {
        bool next = read_all(read);
        result = result || next;
    }
    return result;
}

static bool evaluate(reader *read, char **out_fault)
{
    bool result = read_any(read);
    skip_blanks(read);
    if (*read->at != '\0')
        fail(read, "Syntax error at '@'.", read->at);
    *out_fault = read->fault;
    return result && read->fault == NULL;
}

/* ---- words of a name ---- */

static bool is_letter(char byte)
{
    return isalpha((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

static bool is_symbol(char byte)
{
    return byte != ' ' && byte != '\0' && !is_letter(byte) && !isdigit((unsigned char)byte);
}

/* Whether a word of text begins at that place. */
static bool is_start(const char *text, size_t place)
{
    char here = text[place];
    char before = place == 0 ? ' ' : text[place - 1];
    if (here == ' ' || is_symbol(here))
        return false;
    if (before == ' ' || is_symbol(before))
        return true;
    if (isdigit((unsigned char)here) != 0)
        return isdigit((unsigned char)before) == 0;
    return isdigit((unsigned char)before) != 0 || (islower((unsigned char)before) && isupper((unsigned char)here));
}

/* Symbols inside do not count: "helloworld" finds "hello-world". */
static bool begins_at(const char *text, const char *word, size_t len)
{
    size_t matched = 0;
    for (; *text != '\0' && matched < len; text++) {
        if (is_symbol(*text))
            continue;
        if (tolower((unsigned char)*text) != tolower((unsigned char)word[matched]))
            return false;
        matched++;
    }
    return matched == len;
}

static bool has_word(const char *name, const char *word, size_t len)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        if (is_start(name, i) && begins_at(name + i, word, len))
            return true;
    }
    return false;
}

static bool has_words(const char *name, const char *wanted)
{
    size_t count = 0;
    while (*wanted != '\0') {
        size_t len = 0;
        while (wanted[len] != '\0' && wanted[len] != ' ' && !is_symbol(wanted[len]))
            len++;
        if (len > 0 && !has_word(name, wanted, len))
            return false;
        count += len > 0;
        wanted += len > 0 ? len : 1;
    }
    return count > 0;
}

/* ---- $search ---- */

/* A clause: "property:text", a quote or backslash inside escaped by a backslash. */
static bool search_leaf(reader *read)
{
    char clause[TEXT_CAP];
    size_t len = 0;
    if (!takes(read, '"'))
        return fail(read,
                    "Syntax error: character '@' is not valid at position 0: a clause begins with a double quote.",
                    read->at);
    while (*read->at != '\0' && *read->at != '"' && len + 1 < sizeof clause) {
        read->at += *read->at == '\\' && read->at[1] != '\0';
        clause[len++] = *read->at++;
    }
    clause[len] = '\0';
    if (*read->at++ != '"') {
        read->at--;
        return fail(read, "Syntax error: the clause '@' is not closed.", clause);
    }
    char *text = strchr(clause, ':');
    if (text == NULL || text[1] == '\0')
        return fail(read, "Syntax error: a clause is \"property:text\", not '@'.", clause);
    *text++ = '\0';
    if (!is_text_property(clause))
        return fail(read, "Unsupported property '@' in $search.", clause);
    const char *value = graph_json_text(read->user, clause);
    return strcmp(clause, "displayName") == 0 ? has_words(value, text) : strncasecmp(value, text, strlen(text)) == 0;
}

bool graph_people_search(const char *search, json_object *user, char **out_fault)
{
    reader read = {.at = search, .user = user, .word_or = "OR", .word_and = "AND", .leaf = search_leaf};
    return evaluate(&read, out_fault);
}

/* ---- $filter ---- */

/* 'text' with doubled quotes, or a bare word. */
static bool read_literal(reader *read, char out_text[TEXT_CAP])
{
    size_t len = 0;
    skip_blanks(read);
    if (*read->at != '\'') {
        read_word(read, out_text);
        return *out_text != '\0' || fail(read, "Syntax error at '@'.", read->at);
    }
    for (read->at++; *read->at != '\0' && len + 1 < TEXT_CAP; read->at++) {
        if (*read->at == '\'' && *++read->at != '\'')
            break;
        out_text[len++] = *read->at;
    }
    out_text[len] = '\0';
    return read->at[-1] == '\'' || fail(read, "There is an unterminated literal '@'.", out_text);
}

static bool call_leaf(reader *read, const char *function)
{
    char property[WORD_CAP];
    char text[TEXT_CAP];
    bool is_start_of = strcasecmp(function, "startswith") == 0;
    if (!is_start_of && strcasecmp(function, "endswith") != 0)
        return fail(read, "Unsupported Query. Function '@' is not supported.", function);
    if (!is_start_of && !read->is_advanced)
        return fail(read, "Operator '@' is not supported because the 'ConsistencyLevel:eventual' header is missing.",
                    function);
    skip_blanks(read);
    read_word(read, property);
    if (!is_text_property(property))
        return fail(read, "Unsupported or invalid query filter clause specified for property '@' of resource 'User'.",
                    property);
    if (!takes(read, ',') || !read_literal(read, text))
        return fail(read, "Syntax error at '@'.", read->at);
    if (!takes(read, ')'))
        return fail(read, "')' or ',' expected at '@'.", read->at);
    const char *value = graph_json_text(read->user, property);
    size_t len = strlen(text);
    if (is_start_of)
        return strncasecmp(value, text, len) == 0;
    return strlen(value) >= len && strcasecmp(value + strlen(value) - len, text) == 0;
}

static bool is_equal(const reader *read, const char *property, const char *literal)
{
    json_object *value = NULL;
    if (read->user == NULL || !json_object_object_get_ex(read->user, property, &value))
        return strcmp(literal, "null") == 0;
    return strcasecmp(value == NULL ? "null" : json_object_get_string(value), literal) == 0;
}

static bool filter_leaf(reader *read)
{
    char word[WORD_CAP];
    char operator[WORD_CAP];
    char literal[TEXT_CAP];
    if (takes_word(read, "not")) {
        if (!read->is_advanced)
            return fail(read,
                        "Operator '@' is not supported because the 'ConsistencyLevel:eventual' header is missing.",
                        "not");
        return !read_one(read);
    }
    skip_blanks(read);
    read_word(read, word);
    if (takes(read, '('))
        return call_leaf(read, word);
    skip_blanks(read);
    read_word(read, operator);
    bool is_ne = strcmp(operator, "ne") == 0 && read->is_advanced;
    bool is_known = is_text_property(word) || strcmp(word, "accountEnabled") == 0;
    if (!is_known || (!is_ne && strcmp(operator, "eq") != 0))
        return fail(read, "Unsupported or invalid query filter clause specified for property '@' of resource 'User'.",
                    word);
    return read_literal(read, literal) && is_equal(read, word, literal) != is_ne;
}

bool graph_people_filter(const char *filter, json_object *user, bool is_advanced, char **out_fault)
{
    reader read = {.at = filter,
                   .user = user,
                   .is_advanced = is_advanced,
                   .word_or = "or",
                   .word_and = "and",
                   .leaf = filter_leaf};
    return evaluate(&read, out_fault);
}
