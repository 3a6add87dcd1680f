/* graph_people_query.h - $search and $filter on users: whether a person matches, and what is no query.
 *
 * $search: "property:text" clauses, AND, OR, parentheses. displayName matches by words: each word of the text begins a word
 * of the name, in any order; words end at blanks, symbols, digits and where capitals begin, and symbols inside a word do
 * not count. Other properties begin with the text. $filter: eq, startswith, and, or, parentheses; with is_advanced also ne,
 * not and endswith. Letter case is ignored. Source: learn.microsoft.com/graph/search-query-parameter, aad-advanced-queries. */
#ifndef SANDBOX_GRAPH_PEOPLE_QUERY_H
#define SANDBOX_GRAPH_PEOPLE_QUERY_H

#include <json-c/json.h>
#include <stdbool.h>

/* Both: the texts are decoded; user NULL only checks. On a fault the result is false and *out_fault is a heap sentence, as
 * the service says it; else *out_fault is NULL. */
bool graph_people_search(const char *search, json_object *user, char **out_fault);
bool graph_people_filter(const char *filter, json_object *user, bool is_advanced, char **out_fault);

#endif
