/* The table, for people: a drawing, what leads from where to where and when, and what is answered to what comes too late. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "walk/facts.h"
#include "walk/walk.h"

#define LINES_MAX 1024
#define COLUMNS 5
#define WHEN 2

/* One printed line. First those of one state that differ in the case's words alone become one, then those that differ in the
 * state alone. */
typedef struct {
    char *cells[COLUMNS];
    char *facts;
    uint32_t states; /* for the first cell */
    rb_state from;
    rb_event_kind kind;
    size_t n_words;
} line;

typedef struct {
    line lines[LINES_MAX];
    size_t n;
} lines;

/* ---- words -------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *yes, *no;
} FACTS[WALK_FACTS] = {
    [FACT_DEADLINE] = {"deadline over", "before the deadline"},
    [FACT_HALF] = {"half time over", NULL},
    [FACT_WINDOW] = {"10 minutes over, or rebooted", "within 10 minutes"},
    [FACT_GO_LATE] = {"10 minutes over on either clock, or rebooted", "within 10 minutes on both clocks"},
    [FACT_NO_TRACE] = {"no trace for 15 minutes", NULL},
    [FACT_DAY] = {"24 hours over", NULL},
    [FACT_WEEK] = {"7 days over", NULL},
    [FACT_UNOPENED] = {"unopened for 15 minutes", NULL},
    [FACT_SHOWING] = {"30 minutes after the first, or 7 days, over", NULL},
    [FACT_APPROVED_BEFORE] = {"who approved before", NULL},
    [FACT_LAST_APPROVAL] = {"the last that is needed", "more are needed"},
    [FACT_LAST_ATTEMPT] = {"fifth attempt", "attempts left"},
    [FACT_POSTING] = {"POST under way", NULL},
    [FACT_CODE] = {"there is a code", NULL},
    [FACT_NOT_ASKABLE] = {"no device, none that can be reset, the requester's own, or no Entra id", NULL},
    [FACT_PHONE] = {"no work profile", "work profile"},
    [FACT_HAS_IT] = {"whose it is", NULL},
    [FACT_HAD_IT] = {"whose it was", NULL},
    [FACT_OURS_GONE] = {"not the one taken for ours before", NULL},
};

static const char *result_words(rb_step_result result)
{
    switch (result) {
    case RB_STEP_APPLIED: return "applied";
    case RB_STEP_NOTHING: return "nothing to do";
    case RB_STEP_ALREADY_DECIDED: return "already decided";
    case RB_STEP_TOO_LATE: return "too late";
    case RB_STEP_TOO_LATE_SENT: return "too late, it may have left";
    case RB_STEP_NOT_ALLOWED: return "not allowed";
    case RB_STEP_NO_MORE: return "no more showings";
    }
    abort();
}

static char *taken(rb_buf *buf)
{
    char *text = NULL;

    if (rb_buf_take(buf, &text) != RB_OK)
        abort();
    return text;
}

static char *name_of(rb_state state)
{
    char *name = strdup(rb_state_name(state));

    for (char *c = name; c && *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return name;
}

static void join(rb_buf *buf, const char *between, const char *words)
{
    rb_buf_adds(buf, rb_buf_str(buf).len ? between : "");
    rb_buf_adds(buf, words);
}

/* ---- when --------------------------------------------------------------------------------------------------------------- */

/* How many different words the event's cases have in this state. */
static size_t count_words(const walk_table *table, rb_state from, rb_event_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < table->n; i++) {
        const walk_row *row = &table->rows[i];
        bool is_new = row->from == from && row->kind == kind;
        for (size_t j = 0; is_new && j < i; j++)
            is_new = table->rows[j].from != from || table->rows[j].kind != kind ||
                     strcmp(table->rows[j].words, row->words) != 0;
        n += is_new;
    }
    return n;
}

/* What is always, and never, so when this row applies, but not whenever its case comes in its state. */
static char *facts_of(const walk_table *table, const walk_row *row)
{
    uint32_t always = UINT32_MAX, ever = 0;
    rb_buf out;

    for (size_t i = 0; i < table->n; i++) {
        const walk_row *like = &table->rows[i];
        if (like->from == row->from && like->kind == row->kind && strcmp(like->words, row->words) == 0) {
            always &= like->always;
            ever |= like->ever;
        }
    }
    rb_buf_init(&out, 1024);
    for (uint32_t i = 0; i < WALK_FACTS; i++) {
        if (((row->always & ~always) >> i) & 1 && FACTS[i].yes)
            join(&out, ", ", FACTS[i].yes);
        if (((~row->ever & ever) >> i) & 1 && FACTS[i].no)
            join(&out, ", ", FACTS[i].no);
    }
    return taken(&out);
}

/* ---- lines -------------------------------------------------------------------------------------------------------------- */

/* The same but for the case's words, or but for the states? */
static bool is_like(const line *a, const line *b, bool may_differ_in_words)
{
    for (size_t i = 1; i < COLUMNS; i++)
        if ((i != WHEN || !may_differ_in_words) && strcmp(a->cells[i], b->cells[i]) != 0)
            return false;
    return strcmp(a->facts, b->facts) == 0 && (!may_differ_in_words || a->states == b->states);
}

static void fini_line(line *one)
{
    for (size_t c = 0; c < COLUMNS; c++)
        free(one->cells[c]);
    free(one->facts);
}

static void add_words(line *known, const char *words)
{
    rb_buf both;

    rb_buf_init(&both, 2048);
    rb_buf_addf(&both, "%s or %s", known->cells[WHEN], words);
    free(known->cells[WHEN]);
    known->cells[WHEN] = taken(&both);
    known->n_words++;
}

/* Lines that are alike become one. */
static void fold(lines *all, bool by_words)
{
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        line *known = NULL;
        for (size_t j = 0; j < n && !known; j++)
            known = is_like(&all->lines[j], &all->lines[i], by_words) ? &all->lines[j] : NULL;
        if (!known) {
            all->lines[n++] = all->lines[i];
            continue;
        }
        known->states |= all->lines[i].states;
        if (by_words)
            add_words(known, all->lines[i].cells[WHEN]);
        fini_line(&all->lines[i]);
    }
    all->n = n;
}

/* The words go where every case of the event does the same; the facts are added. */
static void say_when(lines *all, const walk_table *table)
{
    for (size_t i = 0; i < all->n; i++) {
        line *one = &all->lines[i];
        bool is_every = one->n_words == count_words(table, one->from, one->kind);
        rb_buf when;
        rb_buf_init(&when, 2048);
        rb_buf_adds(&when, is_every ? "" : one->cells[WHEN]);
        if (one->facts[0])
            join(&when, ", ", one->facts);
        free(one->cells[WHEN]);
        one->cells[WHEN] = taken(&when);
    }
}

static void add_row(lines *all, const walk_table *table, const walk_row *row)
{
    bool is_applied = row->result == RB_STEP_APPLIED;

    if (all->n == LINES_MAX)
        abort();
    line *added = &all->lines[all->n++];
    *added = (line){
        .from = row->from, .states = 1u << row->from, .kind = row->kind, .n_words = 1, .facts = facts_of(table, row)};
    added->cells[1] = strdup(walk_event_words(row->kind));
    added->cells[WHEN] = strdup(row->words);
    added->cells[3] = !is_applied            ? strdup(result_words(row->result))
                      : row->to == row->from ? strdup("stays")
                                             : name_of(row->to);
    added->cells[4] = strdup(is_applied && row->note != RB_NOTES ? rb_note_name(row->note) : "");
}

static void add_states(rb_buf *out, uint32_t states)
{
    bool is_first = true;

    for (int state = 0; state < RB_STATES; state++) {
        if (!((states >> state) & 1))
            continue;
        char *name = name_of((rb_state)state);
        rb_buf_addf(out, "%s%s", is_first ? "" : ", ", name);
        is_first = false;
        free(name);
    }
}

/* Long lists are told by what they lack. */
static void name_states(line *one)
{
    uint32_t every = (1u << RB_STATES) - 1u, finals = 0, rest = 0;
    rb_buf out;

    for (int state = 0; state < RB_STATES; state++)
        finals |= rb_state_is_final((rb_state)state) ? 1u << state : 0u;
    bool are_finals = (one->states & ~finals) == 0 && __builtin_popcount(one->states) > 5;
    bool are_most = __builtin_popcount(one->states) > 12;
    rest = (are_finals ? finals : every) & ~one->states;
    rb_buf_init(&out, 1024);
    if (are_finals || are_most)
        rb_buf_addf(&out, "every %sstate%s", are_finals ? "final " : "", rest ? " but " : "");
    add_states(&out, are_finals || are_most ? rest : one->states);
    one->cells[0] = taken(&out);
}

/* By state, then event, then the state after: the same on every machine. */
static int by_order(const void *a, const void *b)
{
    const walk_row *x = a, *y = b;
    const int differences[] = {(int)x->from - (int)y->from,     (int)x->kind - (int)y->kind,
                               (int)x->result - (int)y->result, (int)x->to - (int)y->to,
                               (int)x->note - (int)y->note,     strcmp(x->words, y->words)};

    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (differences[i])
            return differences[i];
    return 0;
}

static void fini(lines *all)
{
    for (size_t i = 0; i < all->n; i++)
        fini_line(&all->lines[i]);
    free(all);
}

/* ---- print -------------------------------------------------------------------------------------------------------------- */

static void print_markdown(const lines *all, const char *const *titles, size_t columns, rb_buf *out)
{
    for (size_t c = 0; c < columns; c++)
        rb_buf_addf(out, "| %s ", titles[c]);
    rb_buf_adds(out, "|\n");
    for (size_t c = 0; c < columns; c++)
        rb_buf_adds(out, "|---");
    rb_buf_adds(out, "|\n");
    for (size_t i = 0; i < all->n; i++) {
        for (size_t c = 0; c < columns; c++)
            rb_buf_addf(out, "| %s ", all->lines[i].cells[c]);
        rb_buf_adds(out, "|\n");
    }
}

static void print_text(const lines *all, const char *const *titles, size_t columns, rb_buf *out)
{
    size_t widths[COLUMNS];

    for (size_t c = 0; c < columns; c++) {
        widths[c] = strlen(titles[c]);
        for (size_t i = 0; i < all->n; i++)
            widths[c] = strlen(all->lines[i].cells[c]) > widths[c] ? strlen(all->lines[i].cells[c]) : widths[c];
    }
    for (size_t i = 0; i <= all->n; i++)
        for (size_t c = 0; c < columns; c++) {
            const char *cell = i ? all->lines[i - 1].cells[c] : titles[c];
            bool is_last = c + 1 == columns;
            rb_buf_addf(out, "%-*s%s", is_last ? 0 : (int)widths[c], cell, is_last ? "\n" : "  ");
        }
}

static void print(const walk_table *table, bool is_applied, walk_format format, rb_buf *out)
{
    static const char *const applied[] = {"from", "event", "when", "to", "recorded as"};
    static const char *const refused[] = {"in", "event", "when", "answer"};
    lines *all = calloc(1, sizeof *all);

    if (!all)
        abort();
    for (size_t i = 0; i < table->n; i++)
        if (table->rows[i].result != RB_STEP_NOTHING && (table->rows[i].result == RB_STEP_APPLIED) == is_applied)
            add_row(all, table, &table->rows[i]);
    fold(all, true);
    say_when(all, table);
    fold(all, false);
    for (size_t i = 0; i < all->n; i++)
        name_states(&all->lines[i]);
    (format == WALK_TEXT ? print_text : print_markdown)(all, is_applied ? applied : refused, is_applied ? 5 : 4, out);
    fini(all);
}

/* The states and what leads from one to the next: a drawing where mermaid is drawn, a list elsewhere. */
static void draw(const walk_table *table, rb_buf *out)
{
    bool is_drawn[RB_STATES][RB_STATES] = {{false}};

    rb_buf_adds(out, "```mermaid\nstateDiagram-v2\n    [*] --> DRAFT\n");
    for (size_t i = 0; i < table->n; i++) {
        const walk_row *row = &table->rows[i];
        if (row->from == row->to || is_drawn[row->from][row->to])
            continue;
        is_drawn[row->from][row->to] = true;
        char *from = name_of(row->from), *to = name_of(row->to);
        rb_buf_addf(out, "    %s --> %s: ", from, to);
        rb_event_kind told = RB_EV_CARD;
        for (size_t j = i; j < table->n; j++) {
            const walk_row *same = &table->rows[j];
            if (same->from == row->from && same->to == row->to && (j == i || same->kind != told)) {
                rb_buf_addf(out, "%s%s", j == i ? "" : ", ", walk_event_words(same->kind));
                told = same->kind;
            }
        }
        rb_buf_adds(out, "\n");
        free(from);
        free(to);
    }
    rb_buf_adds(out, "```\n");
}

void walk_print(const walk_table *table, walk_format format, rb_buf *out)
{
    walk_table *sorted = malloc(sizeof *sorted);

    if (!sorted)
        abort();
    *sorted = *table;
    qsort(sorted->rows, sorted->n, sizeof *sorted->rows, by_order);
    if (format == WALK_MARKDOWN) {
        draw(sorted, out);
        rb_buf_adds(out, "\n");
    }
    print(sorted, true, format, out);
    rb_buf_adds(out, "\n");
    print(sorted, false, format, out);
    free(sorted);
}
