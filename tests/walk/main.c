/* resetbot-states: the states of a request and what leads from one to the next, as the code has it. */
#include <stdio.h>
#include <string.h>

#include "walk/walk.h"

#define PAGE_MAX (256 * 1024)

int main(int argc, char **argv)
{
    bool is_markdown = argc == 2 && strcmp(argv[1], "--markdown") == 0;

    if (argc > 1 && !is_markdown) {
        (void)fprintf(stderr, "usage: resetbot-states [--markdown]\n"
                              "Prints the transition table of a request, found by walking every state.\n");
        return 2;
    }
    walk *all = walk_new();
    rb_buf page;
    rb_buf_init(&page, PAGE_MAX);
    walk_everything(all);
    walk_print(&all->table, is_markdown ? WALK_MARKDOWN : WALK_TEXT, &page);
    (void)fputs(rb_buf_cstr(&page), stdout);
    bool is_good = all->n_broken == 0;
    if (!is_good)
        (void)fprintf(stderr, "%s", all->broken);
    rb_buf_fini(&page);
    walk_free(all);
    return is_good ? 0 : 1;
}
