/* calls.h - the bot's calls to SQLite and json-c, each of which can be made to fail. The linker puts the functions of calls.c in
 * between (--wrap, see tests/CMakeLists.txt); the libraries' calls among themselves do not pass here. */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

typedef enum { CALL_SQL, CALL_JSON } call_kind;

/* Asked at each such call by the bot: 0 lets it go on. Otherwise it is not carried out, and ends with that result of SQLite's, or as
 * json-c does without memory. name: the function's; detail: the statement's text, the member's name, or "". */
typedef int (*calls_gate_fn)(call_kind kind, const char *name, const char *detail);
/* NULL: none fails. */
void calls_gate(calls_gate_fn fails);

#endif
