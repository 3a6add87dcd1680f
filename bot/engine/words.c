/* Whose language: the channel, its threads and the record are the workspace's, everything else is its reader's. */
#include <string.h>

#include "engine/internal.h"

#define PERSON_KEY "person:" /* of the fact in needs.c */

static const char *cached_locale(const rb_engine *engine, const char *user)
{
    for (const cached *entry = engine->cache; entry; entry = entry->next) {
        bool is_person = strncmp(entry->key, PERSON_KEY, sizeof PERSON_KEY - 1) == 0;
        if (is_person && strcmp(entry->key + sizeof PERSON_KEY - 1, user) == 0) {
            return entry->chat.person.locale;
        }
    }
    return "";
}

const char *engine_locale_of(const rb_engine *engine, const char *user)
{
    const char *locale = cached_locale(engine, user);
    for (const slot *item = engine->slots; item && !locale[0]; item = item->next) {
        const rb_actor *requester = &item->request.requester;
        if (strcmp(requester->person.user, user) == 0) {
            locale = requester->locale;
        }
    }
    return locale;
}

rb_words engine_words(const rb_engine *engine, const char *locale)
{
    rb_languages languages = engine->config.languages;
    return (rb_words){.catalogue = languages.of(languages.self, locale),
                      .root = engine->config.root,
                      .policy = engine->policy,
                      .now = engine_now(engine)};
}

rb_words engine_words_of(const rb_engine *engine, const char *user)
{
    return engine_words(engine, engine_locale_of(engine, user));
}

rb_words rb_task_words_for(const rb_task *task, const char *locale)
{
    return engine_words(task->engine, locale);
}

rb_words rb_task_words(const rb_task *task)
{
    const rb_delivery *delivery = task->delivery;
    rb_words words = !delivery || task->locale[0] ? engine_words(task->engine, task->locale)
                                                  : engine_words_of(task->engine, delivery->who.user);
    words.typed = delivery && delivery->kind == RB_DELIVERY_COMMAND ? delivery->text : NULL;
    return words;
}

rb_words rb_task_record_words(const rb_task *task)
{
    return engine_words(task->engine, "");
}
