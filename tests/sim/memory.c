/* malloc and its kin, in front of the C library's (GNU libc manual, "Replacing malloc"). The sandbox and the simulator itself call
 * world_malloc instead (tests/CMakeLists.txt), so that only the bot's code and its libraries are seen here. */
#undef malloc
#undef calloc
#undef realloc
#undef strdup

#include "memory.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OWN_MALLOC 0
#endif
#endif
#ifndef HAS_OWN_MALLOC
#define HAS_OWN_MALLOC 1
#endif

void *world_malloc(size_t size);
void *world_calloc(size_t n, size_t size);
void *world_realloc(void *old, size_t size);
char *world_strdup(const char *text);

#if HAS_OWN_MALLOC

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

#define SLOTS (1u << 18)

static struct {
    bool (*fails)(const void *caller);
    bool is_busy;
    void *held[SLOTS]; /* open addressing; GONE was one */
    size_t n_held;
} memory;

#define GONE ((void *)&memory)

bool memory_is_ours(void)
{
    return true;
}

void memory_gate(bool (*fails)(const void *caller))
{
    memory.fails = fails;
}

size_t memory_held(void)
{
    return memory.n_held;
}

static bool is_refused(const void *caller)
{
    if (!memory.fails || memory.is_busy || !sim_is_inside())
        return false;
    memory.is_busy = true;
    bool result = memory.fails(caller);
    memory.is_busy = false;
    if (result)
        errno = ENOMEM;
    return result;
}

static size_t slot_of(const void *pointer)
{
    return (size_t)(((uintptr_t)pointer * UINT64_C(0x9E3779B97F4A7C15)) >> 46) % SLOTS;
}

static void *hold(void *pointer)
{
    if (!pointer || !memory.fails || memory.is_busy || !sim_is_inside() || memory.n_held >= SLOTS / 2)
        return pointer;
    size_t at = slot_of(pointer);
    while (memory.held[at] && memory.held[at] != GONE)
        at = (at + 1) % SLOTS;
    memory.held[at] = pointer;
    memory.n_held++;
    return pointer;
}

static void let_go(const void *pointer)
{
    if (!pointer || !memory.n_held)
        return;
    for (size_t at = slot_of(pointer); memory.held[at]; at = (at + 1) % SLOTS) {
        if (memory.held[at] != pointer)
            continue;
        memory.held[at] = GONE;
        memory.n_held--;
        return;
    }
}

void *malloc(size_t size)
{
    return is_refused(__builtin_return_address(0)) ? NULL : hold(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return is_refused(__builtin_return_address(0)) ? NULL : hold(__libc_calloc(n, size));
}

void *realloc(void *old, size_t size)
{
    if (is_refused(__builtin_return_address(0)))
        return NULL;
    void *grown = __libc_realloc(old, size);
    if (grown || size == 0)
        let_go(old);
    return hold(grown);
}

void free(void *old)
{
    let_go(old);
    __libc_free(old);
}

#else

bool memory_is_ours(void)
{
    return false;
}

void memory_gate(bool (*fails)(const void *caller))
{
    (void)fails;
}

size_t memory_held(void)
{
    return 0;
}

#define __libc_malloc malloc
#define __libc_calloc calloc
#define __libc_realloc realloc

#endif

/* ---- the world's own ------------------------------------------------------------------------------------------------------- */

void *world_malloc(size_t size)
{
    return __libc_malloc(size);
}

void *world_calloc(size_t n, size_t size)
{
    return __libc_calloc(n, size);
}

void *world_realloc(void *old, size_t size)
{
    return __libc_realloc(old, size);
}

char *world_strdup(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = __libc_malloc(len);
    return copy ? memcpy(copy, text, len) : NULL;
}
