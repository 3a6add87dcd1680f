/* disk_medium.c - see disk_medium.h: files and folder. The power cut is in disk_cut.c. */
#include "disk_medium.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_parts.h"

/* ---- bytes --------------------------------------------------------------------------------------------------------------- */

void *disk_alloc(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        abort();
    return memory;
}

void *disk_grow(void *array, size_t needed, size_t *cap, size_t item)
{
    if (needed <= *cap)
        return array;
    size_t wanted = *cap ? *cap * 2 : 16;
    while (wanted < needed)
        wanted *= 2;
    void *bigger = realloc(array, wanted * item);
    if (!bigger)
        abort();
    *cap = wanted;
    return bigger;
}

/* A longer one is filled with zeros, as a file with a hole reads. */
void bytes_resize(disk_bytes *bytes, size_t len)
{
    bytes->bytes = disk_grow(bytes->bytes, len, &bytes->cap, 1);
    if (len > bytes->len)
        memset(bytes->bytes + bytes->len, 0, len - bytes->len);
    bytes->len = len;
}

void bytes_put(disk_bytes *bytes, const void *from, size_t len, size_t at)
{
    if (at > bytes->len)
        bytes_resize(bytes, at);
    if (at + len > bytes->len) {
        bytes->bytes = disk_grow(bytes->bytes, at + len, &bytes->cap, 1);
        bytes->len = at + len;
    }
    if (len)
        memcpy(bytes->bytes + at, from, len);
}

void bytes_copy(disk_bytes *to, const disk_bytes *from)
{
    to->len = 0;
    bytes_put(to, from->bytes, from->len, 0);
}

static void bytes_free(disk_bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (disk_bytes){0};
}

/* ---- files --------------------------------------------------------------------------------------------------------------- */

disk_file *medium_create_temporary(disk_medium *medium)
{
    disk_file *file = disk_alloc(sizeof *file);

    file->next = medium->files;
    medium->files = file;
    return file;
}

void file_ref(disk_file *file)
{
    if (file)
        file->refs++;
}

static void file_free(disk_file *file)
{
    shm_free(file);
    bytes_free(&file->cache);
    bytes_free(&file->durable);
    bytes_free(&file->pending_data);
    free(file->ops);
    free(file);
}

void file_unref(disk_medium *medium, disk_file *file)
{
    if (!file || --file->refs > 0)
        return;
    for (disk_file **link = &medium->files; *link; link = &(*link)->next) {
        if (*link != file)
            continue;
        *link = file->next;
        break;
    }
    file_free(file);
}

static disk_pending_op *add_op(disk_file *file)
{
    file->ops = disk_grow(file->ops, file->n_ops + 1, &file->cap_ops, sizeof *file->ops);
    disk_pending_op *op = &file->ops[file->n_ops++];
    *op = (disk_pending_op){.data = file->pending_data.len};
    return op;
}

void file_write(disk_file *file, const void *bytes, size_t len, size_t at)
{
    disk_pending_op *op = add_op(file);

    op->at = at;
    op->len = len;
    bytes_put(&file->pending_data, bytes, len, op->data);
    bytes_put(&file->cache, bytes, len, at);
}

void file_take_back(disk_file *file)
{
    const disk_pending_op *op = &file->ops[--file->n_ops];

    file->pending_data.len = op->data;
}

void file_truncate(disk_file *file, size_t len)
{
    if (len == file->cache.len)
        return;
    disk_pending_op *op = add_op(file);
    op->is_truncate = true;
    op->at = len;
    bytes_resize(&file->cache, len);
}

size_t file_read(const disk_file *file, void *to, size_t len, size_t at)
{
    size_t there = at < file->cache.len ? file->cache.len - at : 0;
    size_t n = there < len ? there : len;

    if (n)
        memcpy(to, file->cache.bytes + at, n);
    memset((unsigned char *)to + n, 0, len - n);
    return n;
}

/* What of a lost write lies where a later one is durable cannot come back, whatever a cut keeps. */
static void cover_lost(disk_file *file, size_t n_lost, const disk_pending_op *by)
{
    for (size_t i = 0; i < n_lost; i++) {
        disk_pending_op *lost = &file->ops[i];
        size_t end = lost->at + lost->len;
        if (by->is_truncate) {
            lost->len = lost->at < by->at ? (end < by->at ? end : by->at) - lost->at : 0;
            continue;
        }
        size_t from = lost->at > by->at ? lost->at : by->at;
        size_t to = end < by->at + by->len ? end : by->at + by->len;
        if (from < to)
            memcpy(file->pending_data.bytes + lost->data + (from - lost->at),
                   file->pending_data.bytes + by->data + (from - by->at), to - from);
    }
}

void file_sync(disk_file *file)
{
    size_t n_lost = 0;

    for (size_t i = 0; i < file->n_ops; i++) {
        const disk_pending_op op = file->ops[i];
        if (op.is_lost) {
            file->ops[n_lost++] = op;
            continue;
        }
        cover_lost(file, n_lost, &op);
        if (op.is_truncate)
            bytes_resize(&file->durable, op.at);
        else
            bytes_put(&file->durable, file->pending_data.bytes + op.data, op.len, op.at);
    }
    file->n_ops = n_lost;
    if (n_lost == 0)
        file->pending_data.len = 0;
}

void file_lose(disk_file *file)
{
    for (size_t i = 0; i < file->n_ops; i++)
        file->ops[i].is_lost = !file->ops[i].is_truncate;
}

/* ---- the folder ---------------------------------------------------------------------------------------------------------- */

disk_medium *medium_new(void)
{
    return disk_alloc(sizeof(disk_medium));
}

disk_entry *medium_entry(disk_medium *medium, const char *name)
{
    for (disk_entry *entry = medium->entries; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            return entry;
    disk_entry *entry = disk_alloc(sizeof *entry);
    if (snprintf(entry->name, sizeof entry->name, "%s", name) >= (int)sizeof entry->name)
        abort();
    entry->next = medium->entries;
    medium->entries = entry;
    return entry;
}

disk_file *medium_find(const disk_medium *medium, const char *name)
{
    for (const disk_entry *entry = medium->entries; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            return entry->now;
    return NULL;
}

static void change_entry(disk_medium *medium, const char *name, disk_file *file)
{
    disk_entry *entry = medium_entry(medium, name);

    medium->ops = disk_grow(medium->ops, medium->n_ops + 1, &medium->cap_ops, sizeof *medium->ops);
    medium->ops[medium->n_ops++] = (disk_entry_op){.entry = entry, .file = file};
    file_ref(file); /* of the pending change */
    file_ref(file); /* of the entry */
    file_unref(medium, entry->now);
    entry->now = file;
}

disk_file *medium_create(disk_medium *medium, const char *name)
{
    disk_file *file = medium_create_temporary(medium);

    change_entry(medium, name, file);
    return file;
}

void medium_remove(disk_medium *medium, const char *name)
{
    change_entry(medium, name, NULL);
}

void medium_sync_folder(disk_medium *medium)
{
    for (size_t i = 0; i < medium->n_ops; i++) {
        disk_entry_op *op = &medium->ops[i];
        file_unref(medium, op->entry->durable);
        op->entry->durable = op->file; /* the pending change's reference becomes the entry's */
    }
    medium->n_ops = 0;
}

static void empty(disk_medium *medium)
{
    while (medium->files) {
        disk_file *file = medium->files;
        medium->files = file->next;
        file_free(file);
    }
    while (medium->entries) {
        disk_entry *entry = medium->entries;
        medium->entries = entry->next;
        free(entry);
    }
    free(medium->ops);
}

void medium_free(disk_medium *medium)
{
    if (!medium)
        return;
    empty(medium);
    free(medium);
}

void medium_become(disk_medium *medium, disk_medium *other)
{
    unsigned process = medium->process;

    empty(medium);
    *medium = *other;
    medium->process = process;
    free(other);
}
