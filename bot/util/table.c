/* table.c - see table.h. */
#include "util/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "resetbot/text.h"

#define GAP 2
#define NARROWEST 10    /* a column is cut to no less */
#define PROSE_BESIDE 40 /* sentences in less are hard to read */
#define PROSE_INDENT 4
#define CELL_MAX ((size_t)64 * 1024)

typedef struct {
    char *text; /* heap, inert */
    rb_paint paint;
} cell;

struct rb_table {
    rb_screen screen;
    const char *const *titles;
    size_t n_columns;
    bool is_prose;
    bool has_head;                        /* the titles are printed */
    size_t natural[RB_TABLE_COLUMNS_MAX]; /* the widest so far */
    size_t width[RB_TABLE_COLUMNS_MAX];   /* as printed */
    bool is_below;                        /* the last column, under the others */
    cell *cells;                          /* heap, RB_TABLE_ROWS_MAX rows */
    size_t n_cells;
};

rb_table *rb_table_new(const rb_screen *screen, const char *const *titles, size_t n, bool is_prose)
{
    assert(n > 0 && n <= RB_TABLE_COLUMNS_MAX);
    rb_table *table = calloc(1, sizeof *table);
    if (!table)
        rb_out_of_memory("a table");
    *table = (rb_table){.screen = *screen, .titles = titles, .n_columns = n, .is_prose = is_prose};
    table->cells = calloc(n * RB_TABLE_ROWS_MAX, sizeof *table->cells);
    if (!table->cells)
        rb_out_of_memory("a table");
    for (size_t i = 0; i < n; i++)
        table->natural[i] = rb_screen_width(rb_str_of(titles[i]));
    return table;
}

void rb_table_add(rb_table *table, rb_paint paint, const char *text)
{
    size_t column = table->n_cells % table->n_columns;
    rb_buf clean;

    if (column == 0 && rb_table_is_full(table))
        rb_table_print(table);
    rb_buf_init(&clean, CELL_MAX);
    rb_text_clean(&clean, rb_str_of(text));
    size_t width = rb_screen_width(rb_buf_str(&clean));
    if (width > table->natural[column])
        table->natural[column] = width;
    cell *added = &table->cells[table->n_cells++];
    added->paint = paint;
    if (rb_buf_take(&clean, &added->text) != RB_OK)
        rb_out_of_memory("a table");
}

bool rb_table_is_full(const rb_table *table)
{
    return table->n_cells == table->n_columns * RB_TABLE_ROWS_MAX;
}

void rb_table_free(rb_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->n_cells; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}

/* ---- widths ----------------------------------------------------------------------------------------------------------- */

static size_t sum(const size_t *widths, size_t n)
{
    size_t all = n > 0 ? (n - 1) * GAP : 0;

    for (size_t i = 0; i < n; i++)
        all += widths[i];
    return all;
}

/* Takes from the widest of the first n columns until they fit, or none can give more. */
static void narrow(size_t *widths, size_t n, size_t room)
{
    while (sum(widths, n) > room) {
        size_t widest = 0;
        for (size_t i = 1; i < n; i++)
            if (widths[i] > widths[widest])
                widest = i;
        if (widths[widest] <= NARROWEST)
            return;
        widths[widest]--;
    }
}

static void settle(rb_table *table)
{
    size_t last = table->n_columns - 1;
    size_t room = table->screen.columns;

    memcpy(table->width, table->natural, sizeof table->width);
    if (room == 0)
        return;
    if (!table->is_prose) {
        narrow(table->width, table->n_columns, room);
        return;
    }
    narrow(table->width, last, room);
    size_t used = sum(table->width, last) + (last > 0 ? GAP : 0);
    size_t left = room > used ? room - used : 0;
    /* once below, always below: a page is read in one way */
    table->is_below = table->is_below || (left < PROSE_BESIDE && left < table->natural[last]);
    table->width[last] = table->is_below ? room - PROSE_INDENT : left;
}

/* ---- printing --------------------------------------------------------------------------------------------------------- */

static void print_blanks(const rb_table *table, size_t n)
{
    (void)fprintf(table->screen.to, "%*s", (int)n, "");
}

static void print_padded(const rb_table *table, size_t column, rb_paint paint, rb_str text, bool is_last)
{
    static const char ellipsis[] = "\xE2\x80\xA6"; /* U+2026 */
    size_t width = table->width[column];
    size_t natural = rb_screen_width(text);

    if (natural > width) {
        rb_str kept = {text.ptr, rb_screen_fit(text, width - 1)};
        rb_screen_paint(&table->screen, paint, kept);
        (void)fputs(ellipsis, table->screen.to);
        natural = rb_screen_width(kept) + 1;
    } else {
        rb_screen_paint(&table->screen, paint, text);
    }
    if (!is_last)
        print_blanks(table, width - natural + GAP);
}

/* As much of text as fits into a line, broken at a space where there is one; taken off *text. */
static rb_str take_line(rb_str *text, size_t width)
{
    size_t len = rb_screen_fit(*text, width);

    if (len == 0) /* one character is wider than the line */
        len = text->len;
    if (len < text->len && text->ptr[len] != ' ') {
        size_t space = len;
        while (space > 0 && text->ptr[space - 1] != ' ')
            space--;
        len = space > 0 ? space : len;
    }
    rb_str line = rb_str_trim((rb_str){text->ptr, len});
    *text = rb_str_trim((rb_str){text->ptr + len, text->len - len});
    return line;
}

static void print_prose(const rb_table *table, rb_paint paint, rb_str text)
{
    size_t last = table->n_columns - 1;
    size_t indent = table->is_below ? PROSE_INDENT : sum(table->width, last) + (last > 0 ? GAP : 0);
    bool is_first = !table->is_below; /* beside: the cursor is there already */

    while (text.len > 0) {
        rb_str line = take_line(&text, table->width[last]);
        if (!is_first) {
            (void)fputc('\n', table->screen.to);
            print_blanks(table, indent);
        }
        rb_screen_paint(&table->screen, paint, line);
        is_first = false;
    }
    (void)fputc('\n', table->screen.to);
}

static void print_row(const rb_table *table, const cell *row)
{
    size_t last = table->n_columns - 1;
    bool is_wrapped = table->is_prose && table->screen.columns > 0;

    for (size_t i = 0; i < last; i++)
        print_padded(table, i, row[i].paint, rb_str_of(row[i].text), is_wrapped && table->is_below && i + 1 == last);
    if (is_wrapped) {
        print_prose(table, row[last].paint, rb_str_of(row[last].text));
        return;
    }
    print_padded(table, last, row[last].paint, rb_str_of(row[last].text), true);
    (void)fputc('\n', table->screen.to);
}

static void print_head(rb_table *table)
{
    bool is_below = table->is_prose && table->is_below;
    size_t n = is_below ? table->n_columns - 1 : table->n_columns;

    for (size_t i = 0; i < n; i++)
        print_padded(table, i, RB_PAINT_HEAD, rb_str_of(table->titles[i]), i + 1 == n);
    (void)fputc('\n', table->screen.to);
    table->has_head = true;
}

void rb_table_print(rb_table *table)
{
    assert(table->n_cells % table->n_columns == 0);
    if (table->n_cells == 0)
        return;
    settle(table);
    if (!table->has_head)
        print_head(table);
    for (size_t i = 0; i < table->n_cells; i += table->n_columns)
        print_row(table, &table->cells[i]);
    for (size_t i = 0; i < table->n_cells; i++)
        free(table->cells[i].text);
    table->n_cells = 0;
}
