/* journal.h - what control.c and main.c need of world.c besides world.h. */
#ifndef SANDBOX_JOURNAL_H
#define SANDBOX_JOURNAL_H

#include <json-c/json.h>
#include <stdint.h>

/* {"name","times","skip","value","match"}: replaces the fault of that name. */
void world_set_fault(json_object *arguments);
/* "": all. */
void world_clear_fault(const char *name);
json_object *world_faults(void); /* the caller's reference */
void world_set(json_object *values);
void world_set_number(const char *name, int64_t value);
json_object *world_settings(void); /* the caller's reference */

/* Number of the newest entry, 0 while empty; entries with a greater number than after, of one kind or all (""). */
int64_t journal_last(void);
json_object *journal_since(int64_t after, const char *kind);
/* {"ack":7,...}: entries by kind, also of those that were not kept; the caller's reference. */
json_object *journal_counts(void);

/* Each further entry goes to told (fields borrowed) in place of the journal, which does not grow then. */
void journal_tell(void (*told)(const char *kind, json_object *fields));

/* {"http":"http://127.0.0.1:PORT","https":...,"expired":...}: where the server listens; the caller's reference. */
json_object *world_listeners(void);
void world_note_listener(const char *label, const char *url);

void world_fini(void);

#endif
