/* disk_cut.c - a power cut: which pieces of what was not durable are there afterwards.
 *
 * A piece is what lies in one 512-byte block of one pending write, a truncation, or a change of one entry. They are numbered:
 * the folder's first, then file by file, the newest file first, in the order in which they came. Any subset may have reached the disk: the
 * kernel writes back when and in which order it likes, and a disk's own cache likewise. Also: a copy of a whole disk. */
#include <stdlib.h>

#include "disk_parts.h"

typedef enum { DROPPED, KEPT, TORN } fate;

enum {
    EVEN, /* each for itself */
    MOSTLY_KEPT,
    MOSTLY_DROPPED,
    FIRST_ONES, /* in order up to some piece, which is torn */
    LAST_ONES,  /* the other way round: the newest without what came before */
    ALL_BUT_ONE,
    ONE_ALONE,
    ONE_TORN,
    STYLES
};

/* splitmix64 (prng.di.unimi.it/splitmix64.c, public domain), written anew */
static uint64_t draw(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static bool one_in(disk_cut *cut, uint64_t n)
{
    return draw(&cut->chance) % n == 0;
}

static fate by_style(disk_cut *cut, size_t piece)
{
    switch (cut->style) {
    case EVEN: return one_in(cut, 10) ? TORN : one_in(cut, 2) ? KEPT : DROPPED;
    case MOSTLY_KEPT: return one_in(cut, 16) ? DROPPED : one_in(cut, 32) ? TORN : KEPT;
    case MOSTLY_DROPPED: return one_in(cut, 8) ? KEPT : one_in(cut, 32) ? TORN : DROPPED;
    case FIRST_ONES: return piece < cut->special ? KEPT : piece == cut->special ? TORN : DROPPED;
    case LAST_ONES: return piece < cut->special ? DROPPED : KEPT;
    case ALL_BUT_ONE: return piece == cut->special ? DROPPED : KEPT;
    case ONE_ALONE: return piece == cut->special ? KEPT : DROPPED;
    default: return piece == cut->special ? TORN : KEPT;
    }
}

static fate next_fate(disk_cut *cut)
{
    size_t piece = cut->next++;

    if (cut->is_by_mask)
        return piece < 64 && (cut->mask >> piece & 1) ? KEPT : DROPPED;
    if (cut->seed <= 1)
        return cut->seed ? KEPT : DROPPED;
    return by_style(cut, piece);
}

/* For what cannot be torn. */
static bool is_next_kept(disk_cut *cut)
{
    fate next = next_fate(cut);

    return next == KEPT || (next == TORN && one_in(cut, 2));
}

static void begin(disk_cut *cut, size_t n)
{
    cut->chance = cut->seed;
    cut->style = (unsigned)(draw(&cut->chance) % STYLES);
    cut->n = n;
    cut->next = 0;
    cut->n_torn = 0;
    cut->special = n ? (size_t)(draw(&cut->chance) % n) : 0;
}

/* ---- pieces of a file ------------------------------------------------------------------------------------------------------ */

static size_t pieces_of(const disk_pending_op *op, bool is_whole)
{
    if (op->is_truncate || op->len == 0 || is_whole)
        return 1;
    return (op->at + op->len - 1) / DISK_BLOCK - op->at / DISK_BLOCK + 1;
}

/* Up to some byte the new, from there on the old, or the other way round; the file is as long as with all of it. */
static void put_torn(disk_bytes *to, const unsigned char *from, size_t len, size_t at, disk_cut *cut)
{
    size_t tear = (size_t)(draw(&cut->chance) % (len + 1));

    if (at + len > to->len)
        bytes_resize(to, at + len);
    if (one_in(cut, 4))
        bytes_put(to, from + tear, len - tear, at + tear);
    else
        bytes_put(to, from, tear, at);
    cut->n_torn++;
}

static void put_write(disk_bytes *to, const disk_file *file, const disk_pending_op *op, disk_cut *cut)
{
    const unsigned char *from = file->pending_data.bytes + op->data;
    size_t at = op->at;
    size_t left = op->len;

    if (cut->is_whole) {
        if (next_fate(cut) == KEPT)
            bytes_put(to, from, left, at);
        return;
    }
    while (left) {
        size_t room = DISK_BLOCK - at % DISK_BLOCK;
        size_t len = left < room ? left : room;
        fate next = next_fate(cut);
        if (next == KEPT)
            bytes_put(to, from, len, at);
        else if (next == TORN)
            put_torn(to, from, len, at, cut);
        from += len;
        at += len;
        left -= len;
    }
}

static void put_file(disk_file *to, const disk_file *file, disk_cut *cut)
{
    bytes_copy(&to->durable, &file->durable);
    for (size_t i = 0; i < file->n_ops; i++) {
        const disk_pending_op *op = &file->ops[i];
        if (!op->is_truncate && op->len)
            put_write(&to->durable, file, op, cut);
        else if (is_next_kept(cut) && op->is_truncate)
            bytes_resize(&to->durable, op->at);
    }
    bytes_copy(&to->cache, &to->durable);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------- */

size_t medium_pending(const disk_medium *medium, bool is_whole)
{
    size_t n = medium->n_ops;

    for (const disk_file *file = medium->files; file; file = file->next)
        for (size_t i = 0; i < file->n_ops; i++)
            n += pieces_of(&file->ops[i], is_whole);
    return n;
}

/* What an entry leads to, given which of its changes were kept (one byte a change). */
static disk_file *surviving(const disk_medium *medium, const disk_entry *entry, const unsigned char *kept)
{
    disk_file *file = entry->durable;

    for (size_t i = 0; i < medium->n_ops; i++)
        if (medium->ops[i].entry == entry && kept[i])
            file = medium->ops[i].file;
    return file;
}

static void put_under_its_name(disk_medium *result, const disk_medium *medium, const unsigned char *kept,
                               const disk_file *file, disk_file *copy)
{
    for (const disk_entry *entry = medium->entries; entry; entry = entry->next) {
        if (surviving(medium, entry, kept) != file)
            continue;
        disk_entry *mine = medium_entry(result, entry->name);
        mine->now = mine->durable = copy;
        copy->refs += 2;
    }
}

disk_medium *medium_cut(const disk_medium *medium, disk_cut *cut)
{
    disk_medium *result = medium_new();
    unsigned char *kept = disk_alloc(medium->n_ops + 1);

    begin(cut, medium_pending(medium, cut->is_whole));
    for (size_t i = 0; i < medium->n_ops; i++)
        kept[i] = is_next_kept(cut);
    for (const disk_file *file = medium->files; file; file = file->next) {
        disk_file *copy = medium_create_temporary(result);
        copy->refs = 1;
        put_file(copy, file, cut);
        put_under_its_name(result, medium, kept, file, copy);
        file_unref(result, copy); /* without a name it is nowhere */
    }
    free(kept);
    return result;
}

/* ---- a copy ---------------------------------------------------------------------------------------------------------------- */

static void copy_file(disk_medium *result, disk_file *file)
{
    disk_file *twin = medium_create_temporary(result);

    bytes_copy(&twin->cache, &file->cache);
    bytes_copy(&twin->durable, &file->durable);
    bytes_copy(&twin->pending_data, &file->pending_data);
    twin->ops = disk_grow(NULL, file->n_ops, &twin->cap_ops, sizeof *twin->ops);
    for (size_t i = 0; i < file->n_ops; i++)
        twin->ops[twin->n_ops++] = file->ops[i];
    twin->refs = 1; /* until the entries are there */
    file->twin = twin;
}

static disk_file *twin_of(disk_file *file)
{
    disk_file *twin = file ? file->twin : NULL;

    file_ref(twin);
    return twin;
}

disk_medium *medium_copy(disk_medium *medium)
{
    disk_medium *result = medium_new();

    for (disk_file *file = medium->files; file; file = file->next)
        copy_file(result, file);
    for (disk_entry *entry = medium->entries; entry; entry = entry->next) {
        disk_entry *mine = medium_entry(result, entry->name);
        mine->now = twin_of(entry->now);
        mine->durable = twin_of(entry->durable);
    }
    result->ops = disk_grow(NULL, medium->n_ops, &result->cap_ops, sizeof *result->ops);
    for (size_t i = 0; i < medium->n_ops; i++) {
        disk_entry_op op = medium->ops[i];
        op.entry = medium_entry(result, op.entry->name);
        op.file = twin_of(op.file);
        result->ops[result->n_ops++] = op;
    }
    for (disk_file *file = medium->files; file; file = file->next)
        file_unref(result, file->twin);
    return result;
}
