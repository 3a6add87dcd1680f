/* calls.c - see calls.h. Each function first asks the gate, then does what the real one does. */
#include "calls.h"

#include <json-c/json.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim.h"

static struct {
    calls_gate_fn fails;
    bool is_busy;
} calls;

void calls_gate(calls_gate_fn fails)
{
    calls.fails = fails;
}

static int asked(call_kind kind, const char *name, const char *detail)
{
    if (!calls.fails || calls.is_busy || !sim_is_inside())
        return 0;
    calls.is_busy = true;
    int result = calls.fails(kind, name, detail ? detail : "");
    calls.is_busy = false;
    return result;
}

/* A function of SQLite's that returns a result code. */
#define SQL_CALL(name, detail, parameters, arguments)                                                                  \
    int __real_sqlite3_##name parameters;                                                                              \
    int __wrap_sqlite3_##name parameters;                                                                              \
    int __wrap_sqlite3_##name parameters                                                                               \
    {                                                                                                                  \
        int rc = asked(CALL_SQL, "sqlite3_" #name, detail);                                                            \
        return rc ? rc : __real_sqlite3_##name arguments;                                                              \
    }

SQL_CALL(step, sqlite3_sql(statement), (sqlite3_stmt * statement), (statement))
SQL_CALL(bind_int64, sqlite3_sql(statement), (sqlite3_stmt * statement, int at, sqlite3_int64 value),
         (statement, at, value))
SQL_CALL(bind_text, sqlite3_sql(statement),
         (sqlite3_stmt * statement, int at, const char *text, int len, void (*gone)(void *)),
         (statement, at, text, len, gone))
SQL_CALL(exec, sql,
         (sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **), void *self, char **out_why),
         (db, sql, row, self, out_why))
SQL_CALL(wal_checkpoint_v2, "", (sqlite3 * db, const char *name, int how, int *out_log, int *out_done),
         (db, name, how, out_log, out_done))
SQL_CALL(file_control, "", (sqlite3 * db, const char *name, int op, void *arg), (db, name, op, arg))
/* The handle stays NULL, as where there is no memory for it. */
SQL_CALL(open_v2, path, (const char *path, sqlite3 **out_db, int flags, const char *vfs), (path, out_db, flags, vfs))
SQL_CALL(prepare_v2, sql, (sqlite3 * db, const char *sql, int len, sqlite3_stmt **out_statement, const char **out_tail),
         (db, sql, len, out_statement, out_tail))
SQL_CALL(prepare_v3, sql,
         (sqlite3 * db, const char *sql, int len, unsigned flags, sqlite3_stmt **out_statement, const char **out_tail),
         (db, sql, len, flags, out_statement, out_tail))

/* It answers NULL when there is no memory for the text (sqlite.org/c3ref/column_blob.html); other failures belong to the step. */
const unsigned char *__real_sqlite3_column_text(sqlite3_stmt *statement, int column);
const unsigned char *__wrap_sqlite3_column_text(sqlite3_stmt *statement, int column);
const unsigned char *__wrap_sqlite3_column_text(sqlite3_stmt *statement, int column)
{
    if (asked(CALL_SQL, "sqlite3_column_text", sqlite3_sql(statement)))
        return NULL;
    return __real_sqlite3_column_text(statement, column);
}

/* A function of json-c's that fails with this value. */
#define JSON_CALL(type, name, failure, detail, parameters, arguments)                                                  \
    type __real_json_##name parameters;                                                                                \
    type __wrap_json_##name parameters;                                                                                \
    type __wrap_json_##name parameters                                                                                 \
    {                                                                                                                  \
        return asked(CALL_JSON, "json_" #name, detail) ? (failure) : __real_json_##name arguments;                     \
    }

JSON_CALL(json_tokener *, tokener_new_ex, NULL, "", (int depth), (depth))
JSON_CALL(json_object *, tokener_parse_ex, NULL, "", (json_tokener * tokener, const char *text, int len),
          (tokener, text, len))
JSON_CALL(json_object *, object_new_object, NULL, "", (void), ())
JSON_CALL(json_object *, object_new_array, NULL, "", (void), ())
JSON_CALL(json_object *, object_new_array_ext, NULL, "", (int size), (size))
JSON_CALL(json_object *, object_new_string, NULL, "", (const char *text), (text))
JSON_CALL(json_object *, object_new_string_len, NULL, "", (const char *text, int len), (text, len))
JSON_CALL(json_object *, object_new_int64, NULL, "", (int64_t value), (value))
JSON_CALL(json_object *, object_new_uint64, NULL, "", (uint64_t value), (value))
JSON_CALL(json_object *, object_new_boolean, NULL, "", (json_bool value), (value))
JSON_CALL(int, object_object_add, -1, key, (json_object * object, const char *key, json_object *value),
          (object, key, value))
JSON_CALL(int, object_object_add_ex, -1, key,
          (json_object * object, const char *const key, json_object *const value, const unsigned flags),
          (object, key, value, flags))
JSON_CALL(int, object_array_add, -1, "", (json_object * array, json_object *value), (array, value))
JSON_CALL(const char *, object_to_json_string_length, NULL, "", (json_object * object, int flags, size_t *out_len),
          (object, flags, out_len))
