#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "journal.h"
#include "json.h"
#include "server.h"

static json_object *faults;   /* name -> {"times","skip","value","match","hits"} */
static json_object *settings; /* name -> number */
static json_object *journal;  /* array */
static json_object *counted;  /* kind -> how many there were */
static json_object *listeners;
static void (*journal_told)(const char *kind, json_object *fields);

static json_object *made(json_object **object)
{
    if (!*object)
        *object = json_object_new_object();
    return *object;
}

/* ---- replies ---------------------------------------------------------------------------------------------- */

void sb_reply_text(sb_reply *reply, int status, const char *content_type, const char *text)
{
    free(reply->body);
    reply->status = status;
    reply->body = sb_strdup(text);
    reply->body_len = strlen(text);
    size_t len = strlen(content_type);
    if (len >= sizeof reply->content_type)
        abort();
    memcpy(reply->content_type, content_type, len + 1);
}

void sb_reply_json(sb_reply *reply, int status, json_object *take_object)
{
    sb_reply_text(reply, status, "application/json; charset=utf-8", sj_dump(take_object));
    json_object_put(take_object);
}

/* ---- faults and settings ----------------------------------------------------------------------------------- */

static bool bites(json_object *fault, const char *text)
{
    const char *match = sj_str(fault, "match");
    if (*match && !strstr(text, match))
        return false;
    int64_t skip = sj_int(fault, "skip", 0);
    if (skip > 0) {
        sj_put(fault, "skip:i", skip - 1);
        return false;
    }
    return sj_int(fault, "times", 1) != 0;
}

bool sb_fault_in(const char *name, const char *text, json_object **out_value)
{
    json_object *fault = sj_get(faults, name);
    if (!fault || !bites(fault, text))
        return false;
    int64_t times = sj_int(fault, "times", 1);
    if (times > 0)
        sj_put(fault, "times:i", times - 1);
    sj_put(fault, "hits:i", sj_int(fault, "hits", 0) + 1);
    if (out_value)
        *out_value = sj_get(fault, "value");
    sb_journal("fault", sj_pack("name:s", name));
    return true;
}

bool sb_fault(const char *name, json_object **out_value)
{
    return sb_fault_in(name, "", out_value);
}

void world_set_fault(json_object *arguments)
{
    json_object *fault = sj_pack("times:i skip:i value:r match:s", sj_int(arguments, "times", 1),
                                 sj_int(arguments, "skip", 0), sj_get(arguments, "value"), sj_str(arguments, "match"));
    json_object_object_add(made(&faults), sj_str(arguments, "name"), fault);
    server_wake();
}

void world_clear_fault(const char *name)
{
    if (*name) {
        json_object_object_del(made(&faults), name);
    } else {
        json_object_put(faults);
        faults = NULL;
    }
}

json_object *world_faults(void)
{
    return json_object_get(made(&faults));
}

int64_t sb_setting(const char *name, int64_t fallback)
{
    return sj_int(settings, name, fallback);
}

void world_set(json_object *values)
{
    sj_merge(made(&settings), values);
    server_wake();
}

void world_set_number(const char *name, int64_t value)
{
    json_object_object_add(made(&settings), name, json_object_new_int64(value));
}

json_object *world_settings(void)
{
    return json_object_get(made(&settings));
}

/* ---- the journal ------------------------------------------------------------------------------------------- */

/* Kinds of which each command brings some: under load for minutes they would fill the memory. */
static bool is_of_each_command(const char *kind)
{
    static const char *const kinds[] = {"act", "act_done", "envelope", "ack", "response_url", "api", "time"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kind, kinds[i]))
            return true;
    return false;
}

void sb_journal(const char *kind, json_object *take_fields)
{
    if (journal_told) {
        journal_told(kind, take_fields);
        json_object_put(take_fields);
        return;
    }
    json_object_object_add(made(&counted), kind, json_object_new_int64(sj_int(counted, kind, 0) + 1));
    if (sb_setting("journal_brief", 0) && is_of_each_command(kind)) {
        json_object_put(take_fields);
        server_wake();
        return;
    }
    if (!journal)
        journal = json_object_new_array();
    json_object *entry = sj_pack("n:i at:i kind:s", (int64_t)sj_len(journal) + 1, sb_now_ms(), kind);
    sj_merge(entry, take_fields);
    json_object_put(take_fields);
    json_object_array_add(journal, entry);
    server_wake();
}

void journal_tell(void (*told)(const char *kind, json_object *fields))
{
    journal_told = told;
}

int64_t journal_last(void)
{
    return (int64_t)sj_len(journal);
}

json_object *journal_since(int64_t after, const char *kind)
{
    json_object *entries = json_object_new_array();
    for (size_t i = after > 0 ? (size_t)after : 0; i < sj_len(journal); i++) {
        json_object *entry = sj_at(journal, i);
        if (!*kind || !strcmp(kind, sj_str(entry, "kind")))
            json_object_array_add(entries, json_object_get(entry));
    }
    return entries;
}

json_object *journal_counts(void)
{
    return json_object_get(made(&counted));
}

json_object *world_listeners(void)
{
    return json_object_get(made(&listeners));
}

void world_note_listener(const char *label, const char *url)
{
    json_object_object_add(made(&listeners), label, sj_text(url));
}

void world_fini(void)
{
    json_object_put(listeners);
    json_object_put(faults);
    json_object_put(settings);
    json_object_put(journal);
    json_object_put(counted);
    faults = settings = journal = counted = listeners = NULL;
}
