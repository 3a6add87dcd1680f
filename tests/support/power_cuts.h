/* power_cuts.h - for power_test: cuts the disk in many ways at one moment, and judges what each leaves. Header-only. */
#ifndef TESTS_POWER_CUTS_H
#define TESTS_POWER_CUTS_H

#include <stdarg.h>

#include "sim/disk.h"
#include "support/power_work.h"

#define DB "store.db"
#define PIECES_FOR_ALL_SUBSETS 4
#define RANDOM_CUTS 2

typedef struct {
    /* how it is played */
    const char *after_open; /* SQL on the connection, NULL: none */
    const char *lie;        /* whose syncs do nothing, see disk_lie */
    size_t cuts_wanted;
    /* the store, and what it must hold */
    work_chance chance;
    kit k;
    work_model acknowledged, under_way;
    uint64_t digest, digest_under_way; /* 0: not seen yet */
    bool is_committing;
    /* what was seen */
    size_t n_boundaries, n_between, n_cuts, n_torn, n_restarts, n_deaths, n_commits, n_checkpoints, n_failed;
    char failure[600]; /* "": none so far */
    char where[80];
} play;

typedef struct {
    work_counts counts;
    uint64_t digest;
} found;

__attribute__((format(printf, 2, 3))) static void noticed(play *p, const char *format, ...)
{
    char text[400];
    va_list arguments;

    if (p->failure[0])
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(p->failure, sizeof p->failure, "commit %zu, cut %zu, %s: %s", p->n_commits, p->n_cuts, p->where,
                   text);
}

/* ---- after a cut ------------------------------------------------------------------------------------------------------- */

/* Opens what is there as a start of the bot does. False: it failed. */
KIT bool open_after(play *p, kit *after)
{
    *after = (kit){.utc_ms = KIT_NOW};
    KIT_TEXT(after->url, "sqlite:" DB);
    rb_err err = kit_try_open(after);
    if (err != RB_OK)
        noticed(p, "it does not open: %s", after->errbuf.text);
    return err == RB_OK;
}

/* Without writing anything more. */
KIT void close_after(kit *after)
{
    after->store->is_broken = true;
    kit_close(after);
}

KIT found look(play *p, kit *after)
{
    uint64_t first_bad = 0;
    rb_err err = rb_sqlite_verify(after->store, &first_bad, &after->errbuf);

    if (err != RB_OK || first_bad != 0)
        noticed(p, "the record is broken at %llu: %s", (unsigned long long)first_bad, err ? after->errbuf.text : "");
    return (found){work_count(after->store->db), work_digest(after->store->db)};
}

/* As the engine asks at a start: each row is read and decoded. */
KIT void ask_all(play *p, kit *after)
{
    static const rb_query_kind kinds[] = {RB_QUERY_LIVE, RB_QUERY_RECEIVED, RB_QUERY_OUTBOX, RB_QUERY_RECORDS};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        rb_query query = {.kind = kinds[i], .id = ""};
        if (after->port.query(after->port.self, &query, &after->errbuf) != RB_OK)
            noticed(p, "it cannot be read: %s", after->errbuf.text);
        rb_query_fini(&query);
    }
}

KIT bool is_under_way(const play *p, const found *seen)
{
    work_counts counts = work_expected(&p->under_way);

    return p->is_committing && work_same(&seen->counts, &counts) &&
           (p->digest_under_way == 0 || p->digest_under_way == seen->digest);
}

/* It holds the last acknowledged commit, or the one under way as a whole. */
KIT void compare(play *p, const found *seen)
{
    work_counts counts = work_expected(&p->acknowledged);

    if (seen->digest == p->digest && work_same(&seen->counts, &counts))
        return;
    if (is_under_way(p, seen)) {
        p->digest_under_way = seen->digest;
        return;
    }
    noticed(p,
            "lost or torn: records %lld of %lld, versions %lld of %lld, outbox %lld of %lld, deliveries %lld of %lld%s",
            (long long)seen->counts.records, (long long)counts.records, (long long)seen->counts.versions,
            (long long)counts.versions, (long long)seen->counts.outs, (long long)counts.outs,
            (long long)(seen->counts.waiting + seen->counts.over), (long long)(counts.waiting + counts.over),
            p->is_committing ? "" : ", none under way");
}

KIT void judge(play *p)
{
    kit after;

    p->n_cuts++;
    if (!open_after(p, &after))
        return;
    found seen = look(p, &after);
    compare(p, &seen);
    if (p->n_cuts % 8 == 0)
        ask_all(p, &after);
    close_after(&after);
}

/* ---- the ways of cutting ------------------------------------------------------------------------------------------------ */

KIT void cut(play *p, uint64_t seed)
{
    p->n_torn += disk_try_cut(seed);
    judge(p);
    disk_try_end();
}

KIT uint64_t random_seed(play *p)
{
    return 2 + work_draw(&p->chance) / 2;
}

KIT void cut_restart(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    play *p = self;

    (void)name;
    (void)len;
    (void)is_half;
    if (op == DISK_SYNC && !is_done && !p->failure[0])
        cut(p, random_seed(p));
}

/* The power goes again while the bot starts after a cut. */
KIT void cut_twice(play *p)
{
    kit after;

    p->n_restarts++;
    p->n_torn += disk_try_cut(random_seed(p));
    disk_watch(cut_restart, p);
    if (open_after(p, &after)) {
        disk_watch(NULL, NULL);
        close_after(&after);
    }
    disk_try_end();
}

/* The process dies, is started again, and then the power goes: what it read at its start it may have acted upon. */
KIT void die_and_cut(play *p)
{
    kit after;

    p->n_deaths++;
    disk_try_death();
    if (open_after(p, &after)) {
        found before = look(p, &after);
        compare(p, &before);
        p->n_torn += disk_try_cut(random_seed(p) * work_below(&p->chance, 2));
        kit again;
        p->n_cuts++;
        if (open_after(p, &again)) {
            found seen = look(p, &again);
            if (seen.digest != before.digest)
                noticed(p, "what was there after the restart is not there after the cut");
            close_after(&again);
        }
        disk_try_end();
        close_after(&after);
    }
    disk_try_end();
}

KIT void cut_in_all_ways(play *p)
{
    size_t pending = disk_pending();

    cut(p, 0);
    if (pending == 0)
        return;
    cut(p, 1);
    for (uint64_t kept = 1; pending > 1 && pending <= PIECES_FOR_ALL_SUBSETS && kept + 1 < UINT64_C(1) << pending;
         kept++) {
        disk_try_subset(kept);
        judge(p);
        disk_try_end();
    }
    for (int i = 0; i < RANDOM_CUTS; i++)
        cut(p, random_seed(p));
    if (work_below(&p->chance, 12) == 0)
        cut_twice(p);
    if (work_below(&p->chance, 12) == 0)
        die_and_cut(p);
}

KIT void at_point(void *self, disk_op op, const char *name, size_t len, bool is_done, bool is_half)
{
    play *p = self;
    const char *phase = is_half ? "half-way through" : is_done ? "after" : "before";

    bool is_drawn = op == DISK_SYNC || work_below(&p->chance, 60) == 0;
    if (!is_drawn || p->failure[0])
        return;
    (void)snprintf(p->where, sizeof p->where, "%s %s of %s (%zu)", phase, disk_op_name(op), name, len);
    if (op == DISK_SYNC) {
        p->n_boundaries++;
        p->n_checkpoints += is_done && p->is_committing && strcmp(name, DB) == 0;
        cut_in_all_ways(p);
    } else {
        p->n_between++;
        cut(p, random_seed(p));
    }
}

#endif
