#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define STYLE "text/css; charset=utf-8"

static const struct {
    const char *path;
    const char *file;
    const char *content_type;
} files[] = {{"/", "index.html", HTML},
             {"/app.js", "app.js", SCRIPT},
             {"/backstage.js", "backstage.js", SCRIPT},
             {"/blocks.js", "blocks.js", SCRIPT},
             {"/composer.js", "composer.js", SCRIPT},
             {"/dialogs.js", "dialogs.js", SCRIPT},
             {"/dom.js", "dom.js", SCRIPT},
             {"/elements.js", "elements.js", SCRIPT},
             {"/faults.js", "faults.js", SCRIPT},
             {"/guide.js", "guide.js", SCRIPT},
             {"/handset.js", "handset.js", SCRIPT},
             {"/home.js", "home.js", SCRIPT},
             {"/keypad.js", "keypad.js", SCRIPT},
             {"/messages.js", "messages.js", SCRIPT},
             {"/rich.js", "rich.js", SCRIPT},
             {"/shelf.js", "shelf.js", SCRIPT},
             {"/side.js", "side.js", SCRIPT},
             {"/text.js", "text.js", SCRIPT},
             {"/world.js", "world.js", SCRIPT},
             {"/blocks.css", "blocks.css", STYLE},
             {"/narrow.css", "narrow.css", STYLE},
             {"/phones.css", "phones.css", STYLE},
             {"/style.css", "style.css", STYLE}};

static char *read_file(const char *name, size_t *out_len)
{
    char *path = sb_strf("%s/%s", SANDBOX_WEB, name);
    FILE *file = fopen(path, "rb");
    free(path);
    if (!file)
        return NULL;
    sb_bytes content = {0};
    char chunk[4096];
    for (size_t len = fread(chunk, 1, sizeof chunk, file); len; len = fread(chunk, 1, sizeof chunk, file))
        sb_bytes_add(&content, chunk, len);
    fclose(file);
    *out_len = content.len;
    return sb_bytes_take(&content);
}

bool page_handle(const sb_request *request, sb_reply *reply)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(files[i].path, request->path) != 0)
            continue;
        size_t len = 0;
        char *content = read_file(files[i].file, &len);
        if (!content)
            return false;
        sb_reply_text(reply, 200, files[i].content_type, content);
        free(content);
        return true;
    }
    return false;
}
