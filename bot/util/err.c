/* err.c - see resetbot/err.h. */
#include "resetbot/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

rb_err rb_fail(rb_errbuf *errbuf, rb_err err, const char *format, ...)
{
    va_list args;

    if (!errbuf)
        return err;
    va_start(args, format);
    if (vsnprintf(errbuf->text, sizeof errbuf->text, format, args) < 0)
        errbuf->text[0] = '\0';
    va_end(args);
    return err;
}

void rb_out_of_memory(const char *what_for)
{
    static const char START[] = "resetbot: out of memory for ";
    static const char END[] = ": give it more, it goes on where it was\n";
    /* no stdio: that may need memory itself */
    bool is_told = write(STDERR_FILENO, START, sizeof START - 1) >= 0 &&
                   write(STDERR_FILENO, what_for, strlen(what_for)) >= 0 &&
                   write(STDERR_FILENO, END, sizeof END - 1) >= 0;
    (void)is_told;
    abort();
}

const char *rb_err_name(rb_err err)
{
    switch (err) {
    case RB_OK: return "ok";
    case RB_E_NOMEM: return "nomem";
    case RB_E_LIMIT: return "limit";
    case RB_E_SYNTAX: return "syntax";
    case RB_E_NOT_FOUND: return "not_found";
    case RB_E_EXISTS: return "exists";
    case RB_E_CONFLICT: return "conflict";
    case RB_E_IO: return "io";
    case RB_E_DISK: return "disk";
    case RB_E_AGAIN: return "again";
    case RB_E_REFUSED: return "refused";
    case RB_E_AUTH: return "auth";
    case RB_E_CONFIG: return "config";
    case RB_E_INTERNAL: return "internal";
    }
    return "unknown";
}
