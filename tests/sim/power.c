/* What a power cut leaves is looked at without playing on from it: two ways that leave the same rows start the same bot. So thousands of
 * ways a sync can be opened, and each different content is played once (crash.c). */
#include "power.h"

#include <malloc.h>
#include <stddef.h>
#include <string.h>

#include <sqlite3.h>

#include "disk_parts.h"

#define STORE "resetbot.db"
#define WRITES_MAX 63 /* bits of a choice */
#define DRAWN 24      /* of a sample; these are torn at single bytes too */

typedef struct {
    sim_power_seen *seen;
    uint64_t digests[SIM_CONTENTS_MAX];
    size_t pieces[WRITES_MAX]; /* of each write */
    size_t n_writes;
} look;

/* ---- what the store holds -------------------------------------------------------------------------------------------- */

/* Eight bytes at a time: most of the time goes into this. */
static void mix(uint64_t *digest, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;
    uint64_t word = len;
    for (size_t i = 0; i + sizeof word <= len; i += sizeof word) {
        uint64_t next;
        memcpy(&next, from + i, sizeof next);
        *digest = (*digest ^ next) * UINT64_C(0x9e3779b97f4a7c15);
        *digest ^= *digest >> 32;
    }
    for (size_t i = len - len % sizeof word; i < len; i++)
        word = word << 8 ^ from[i];
    *digest = (*digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    *digest ^= *digest >> 32;
}

/* All rows of a query; what went wrong is a content too. */
static void mix_rows(uint64_t *digest, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(row)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const void *text = sqlite3_column_text(row, i);
            mix(digest, text ? text : "", text ? (size_t)sqlite3_column_bytes(row, i) : 0);
        }
        rc = SQLITE_OK;
    }
    mix(digest, &rc, sizeof rc);
    (void)sqlite3_finalize(row);
}

static void mix_tables(uint64_t *digest, sqlite3 *db)
{
    sqlite3_stmt *names = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT 'SELECT * FROM ' || name FROM sqlite_schema WHERE type = 'table'", -1,
                                &names, NULL);
    while (rc == SQLITE_OK && sqlite3_step(names) == SQLITE_ROW)
        mix_rows(digest, db, (const char *)sqlite3_column_text(names, 0));
    (void)sqlite3_finalize(names);
}

static uint64_t content(void)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(STORE, &db, SQLITE_OPEN_READWRITE, NULL);
    mix(&digest, &rc, sizeof rc);
    if (rc == SQLITE_OK) {
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        mix_rows(&digest, db, "PRAGMA user_version");
        mix_rows(&digest, db, "SELECT * FROM sqlite_schema");
        mix_tables(&digest, db);
    }
    (void)sqlite3_close(db);
    return digest;
}

/* ---- one way --------------------------------------------------------------------------------------------------------- */

static void try_cut(const sim_cut *cut)
{
    switch (cut->kind) {
    case CUT_AS_DRAWN: (void)disk_try_cut(cut->choice); break;
    case CUT_PIECES: disk_try_subset(cut->choice); break;
    case CUT_WRITES: disk_try_writes(cut->choice); break;
    }
}

void sim_power_lose(const sim_cut *cut)
{
    if (cut->kind == CUT_AS_DRAWN)
        disk_power_cut(cut->choice);
    else
        try_cut(cut); /* and never back */
}

static void look_at(look *all, sim_cut cut)
{
    sim_power_seen *seen = all->seen;
    try_cut(&cut);
    uint64_t digest = content();
    disk_try_end();
    seen->cuts++;
    for (uint32_t i = 0; i < seen->contents && i < SIM_CONTENTS_MAX; i++)
        if (all->digests[i] == digest)
            return;
    if (seen->contents < SIM_CONTENTS_MAX) {
        all->digests[seen->contents] = digest;
        seen->first[seen->contents] = cut;
    }
    seen->contents++;
}

/* ---- all ways -------------------------------------------------------------------------------------------------------- */

/* Pieces are numbered as disk_cut.c does: the folder's entries, then file by file. */
static void count_pieces(look *all)
{
    const disk_medium *medium = disk_here();
    all->n_writes = 0;
    for (size_t i = 0; i < medium->n_ops && all->n_writes < WRITES_MAX; i++)
        all->pieces[all->n_writes++] = 1;
    for (const disk_file *file = medium->files; file; file = file->next)
        for (size_t i = 0; i < file->n_ops && all->n_writes < WRITES_MAX; i++) {
            const disk_pending_op *op = &file->ops[i];
            bool is_one = op->is_truncate || op->len == 0;
            all->pieces[all->n_writes++] = is_one ? 1 : (op->at + op->len - 1) / DISK_BLOCK - op->at / DISK_BLOCK + 1;
        }
}

/* In how many ways a write of so many pieces can be lost or not. */
static uint64_t fates(sim_ways ways, size_t pieces)
{
    if (ways == WAYS_WRITES)
        return 2;
    return ways == WAYS_FIRST_PARTS ? pieces + 1 : 2 * pieces;
}

/* Its first pieces are kept, from none to all; then those in which its first ones are lost. */
static uint64_t kept_of(uint64_t fate, size_t pieces)
{
    uint64_t whole = (UINT64_C(1) << pieces) - 1;
    return fate <= pieces ? (UINT64_C(1) << fate) - 1 : whole & ~((UINT64_C(1) << (fate - pieces)) - 1);
}

/* The product, or more than most. */
static uint64_t n_ways(const look *all, sim_ways ways, uint64_t most)
{
    uint64_t n = 1;
    for (size_t i = 0; i < all->n_writes && n <= most; i++)
        n *= fates(ways, all->pieces[i]);
    return n;
}

static sim_cut nth_way(const look *all, sim_ways ways, uint64_t n)
{
    sim_cut cut = {ways == WAYS_WRITES ? CUT_WRITES : CUT_PIECES, 0};
    if (ways == WAYS_WRITES) {
        cut.choice = n;
        return cut;
    }
    size_t first = 0;
    for (size_t i = 0; i < all->n_writes; i++) {
        uint64_t radix = fates(ways, all->pieces[i]);
        cut.choice |= kept_of(n % radix, all->pieces[i]) << first;
        n /= radix;
        first += all->pieces[i];
    }
    return cut;
}

static sim_ways choose(const look *all, uint64_t most)
{
    sim_ways ways = disk_pending() < 64 ? WAYS_TORN : WAYS_WRITES;
    if (disk_pending_writes() > all->n_writes)
        ways = WAYS_SAMPLE;
    while (ways < WAYS_SAMPLE && n_ways(all, ways, most) > most)
        ways++;
    return ways;
}

/* Each write lost alone, kept alone; the first so many, the last so many; and drawn ones. */
static void look_at_sample(look *all, uint64_t seed)
{
    uint64_t whole = (UINT64_C(1) << all->n_writes) - 1;
    for (size_t i = 0; i < all->n_writes; i++) {
        uint64_t bit = UINT64_C(1) << i;
        const uint64_t kept[] = {whole & ~bit, bit, bit - 1, whole & ~(bit - 1)};
        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
            look_at(all, (sim_cut){CUT_WRITES, kept[k]});
    }
    for (uint64_t i = 0; i < DRAWN; i++)
        look_at(all, (sim_cut){CUT_AS_DRAWN, (seed ^ (i << 8)) | 2});
}

void sim_power_look(uint64_t seed, uint64_t most, sim_power_seen *out)
{
    look all = {.seen = out};
    memset(out, 0, sizeof *out);
    /* a disk is copied at each cut: its pages are not to go back to the kernel in between */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
    count_pieces(&all);
    look_at(&all, (sim_cut){CUT_AS_DRAWN, 0});
    look_at(&all, (sim_cut){CUT_AS_DRAWN, 1});
    out->ways = most ? choose(&all, most) : WAYS_SAMPLE;
    if (most == 0)
        return;
    if (out->ways == WAYS_SAMPLE) {
        look_at_sample(&all, seed);
        return;
    }
    uint64_t n = n_ways(&all, out->ways, most);
    for (uint64_t i = 0; i < n; i++)
        look_at(&all, nth_way(&all, out->ways, i));
}
