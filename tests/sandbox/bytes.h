/* bytes.h - a growing byte buffer that can give up bytes at its front. Out of memory ends the sandbox. */
#ifndef SANDBOX_BYTES_H
#define SANDBOX_BYTES_H

#include <stddef.h>

/* Zeroed is empty. ptr is NUL-terminated once anything was added. */
typedef struct {
    char *ptr;
    size_t len; /* bytes, without NUL */
    size_t cap;
} sb_bytes;

void sb_bytes_add(sb_bytes *bytes, const void *data, size_t len);
void sb_bytes_adds(sb_bytes *bytes, const char *text);
void sb_bytes_addf(sb_bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops the first len bytes. */
void sb_bytes_consume(sb_bytes *bytes, size_t len);
/* "" while empty. */
const char *sb_bytes_cstr(const sb_bytes *bytes);
/* Gives the content (heap, never NULL) to the caller and leaves the buffer empty. */
char *sb_bytes_take(sb_bytes *bytes);
void sb_bytes_fini(sb_bytes *bytes);

/* malloc, calloc and strdup that abort when memory is out. */
void *sb_alloc(size_t size);
char *sb_strdup(const char *text);
/* A heap string made as by printf. */
char *sb_strf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
