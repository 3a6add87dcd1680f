/* table.h - aligned columns of texts, for people: as wide as they are in a pipe, as wide as the window on a terminal. */
#ifndef UTIL_TABLE_H
#define UTIL_TABLE_H

#include "util/screen.h"

#define RB_TABLE_COLUMNS_MAX 8
/* Rows kept until the columns' widths are settled on; later ones are printed by these, which only grow. */
#define RB_TABLE_ROWS_MAX 500

typedef struct rb_table rb_table;

/* titles: n of them, borrowed; screen is copied. is_prose: the last column holds sentences. On a terminal these are wrapped,
 * beside the others or, where these leave too little room, below them; all that is cut ends in an ellipsis. Out of memory ends
 * the process (err.h). */
rb_table *rb_table_new(const rb_screen *screen, const char *const *titles, size_t n, bool is_prose);
/* The next cell, from left to right and row by row. The text is made inert. */
void rb_table_add(rb_table *table, rb_paint paint, const char *text);
/* Prints the rows added since the last time; before the first of them the titles. Nothing when there is no row. */
void rb_table_print(rb_table *table);
/* Whether as many rows wait as are kept. */
bool rb_table_is_full(const rb_table *table);
void rb_table_free(rb_table *table); /* prints nothing; NULL is fine */

#endif
