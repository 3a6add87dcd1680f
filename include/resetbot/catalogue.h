/* catalogue.h - a reader's language as a port: English sentences are the keys. */
#ifndef RESETBOT_CATALOGUE_H
#define RESETBOT_CATALOGUE_H

typedef struct {
    void *self;
    /* The translation of an English template (text.h), or the template itself. Lives as long as the catalogue. */
    const char *(*text)(void *self, const char *english);
} rb_catalogue;

/* English: gives each template back. */
rb_catalogue rb_catalogue_english(void);

#endif
