#include "deed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "bytes.h"
#include "journal.h"
#include "sim.h"

static int place_of(const char *word, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(word, words[i]))
            return i;
    fprintf(stderr, "sim: no such word: %s\n", word);
    abort();
}

static void weather(const char *rest)
{
    char peer[16], kind[16];
    if (sscanf(rest, "%15s %15s", peer, kind) != 2)
        abort();
    sim_net_weather((sim_peer)place_of(peer, SIM_PEER_WORDS, SIM_PEERS),
                    (sim_weather)place_of(kind, SIM_WEATHER_WORDS, SIM_WEATHERS));
}

static void lose(const char *rest)
{
    if (!strncmp(rest, "request ", 8))
        sim_net_lose(SIM_LOSE_REQUEST, rest + 8, 0);
    else
        sim_net_lose(SIM_LOSE_REPLY, rest + 6, 0);
}

static void late(const char *rest)
{
    char *part;
    long ms = strtol(rest, &part, 10);
    sim_net_lose(SIM_LATE, part + 1, ms);
}

static void frames(const char *rest)
{
    static const char *const KINDS[] = {"drop", "twice", "late", "split", "cut", "swap"};
    char kind[16];
    int n = 1;
    long ms = 500;
    if (sscanf(rest, "%15s %d %ld", kind, &n, &ms) < 2)
        abort();
    sim_net_frames((sim_frame_fault)place_of(kind, KINDS, 6), n, ms);
}

/* The policy's text with one key's line replaced; a key that is not there is added. */
static void policy(const char *rest)
{
    char *changed = sb_strf("%.*s:%s\n", (int)strcspn(rest, " "), rest, rest + strcspn(rest, " "));
    size_t key_len = strcspn(changed, ":") + 1;
    sb_bytes text = {0};
    bool is_there = false;
    for (const char *line = sim_policy_text(); *line;) {
        size_t len = strcspn(line, "\n") + 1;
        bool is_it = !strncmp(line, changed, key_len);
        if (is_it)
            sb_bytes_adds(&text, changed);
        else
            sb_bytes_add(&text, line, len);
        is_there = is_there || is_it;
        line += len;
    }
    if (!is_there)
        sb_bytes_adds(&text, changed);
    sim_bot_policy(sb_bytes_cstr(&text));
    sb_bytes_fini(&text);
    free(changed);
}

static void disk(const char *rest)
{
    static const char *const KINDS[] = {"full", "write", "sync"};
    char kind[16];
    int skip = 0;
    if (sscanf(rest, "%15s %d", kind, &skip) < 1)
        abort();
    int place = place_of(kind, KINDS, 3);
    if (place == 2)
        disk_fail(DISK_SYNC, SQLITE_IOERR_FSYNC, skip, -1);
    else
        disk_fail(DISK_WRITE, place == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE, skip, -1);
}

static void heal(const char *rest)
{
    (void)rest;
    sim_net_heal();
    world_clear_fault("");
    disk_heal();
    sim_happened("heal");
}

/* Each phase of each call to the outside counts, so that it dies in the midst of writes too. */
static long seams_left;

static void count_seam(void *self, const char *what, sim_phase phase)
{
    (void)self;
    (void)phase;
    if (--seams_left > 0)
        return;
    sim_watch(NULL, NULL);
    sim_say("death at %s", what);
    sim_happened("death at %s", what);
    sim_die();
}

static void die(const char *rest)
{
    seams_left = strtol(rest, NULL, 10);
    sim_watch(count_seam, NULL);
}

static void settled(const char *rest)
{
    (void)rest;
    sim_check_settled();
}

static void jump(const char *rest)
{
    sim_bot_wall_jump(strtoll(rest, NULL, 10));
}

static void note_life(const char *what)
{
    if (sim_bot_is_up())
        sim_happened("%s", what);
}

static void reboot(const char *rest)
{
    (void)rest;
    note_life("reboot");
    sim_bot_kill();
    sim_bot_reboot();
}

static void kill_it(const char *rest)
{
    (void)rest;
    note_life("kill");
    sim_bot_kill();
}

static void stop_it(const char *rest)
{
    (void)rest;
    note_life("stop");
    sim_bot_stop();
}

void sim_do(const char *deed)
{
    static const struct {
        const char *word;
        void (*run)(const char *rest);
    } OURS[] = {{"weather", weather}, {"lose", lose},       {"late", late}, {"frames", frames}, {"policy", policy},
                {"disk", disk},       {"heal", heal},       {"jump", jump}, {"reboot", reboot}, {"kill", kill_it},
                {"stop", stop_it},    {"settled", settled}, {"die", die}};
    char word[32];
    size_t len = strcspn(deed, " ");
    snprintf(word, sizeof word, "%.*s", (int)len, deed);
    const char *rest = deed[len] ? deed + len + 1 : "";
    sim_say("deed: %s", deed);
    for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++) {
        if (!strcmp(OURS[i].word, word)) {
            OURS[i].run(rest);
            return;
        }
    }
    sim_verb(word, "%s", *rest ? rest : "{}");
}
