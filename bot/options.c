#include "options.h"

#include <getopt.h>
#include <stdint.h>
#include <string.h>

#include "config/config.h"
#include "util/nearest.h"
#include "util/screen.h"

#define OPTIONS_MAX 8

/* help has no bit: every subcommand takes it. */
static const struct {
    const char *name;
    const char *takes; /* "": nothing */
    const char *help;
    unsigned bit;
    int code;
} ALL[] = {
    {"config", " FILE", "the configuration; default " RB_CONFIG_DEFAULT_FILE, OPTION_CONFIG, 'c'},
    {"json", "", "for tools: see below", OPTION_JSON, 'j'},
    {"secrets", "", "also load each secret and check its kind", OPTION_SECRETS, 's'},
    {"clock-is-right", "", "send again after the wall clock went back over a reboot", OPTION_CLOCK_IS_RIGHT, 'k'},
    {"help", "", "this text", 0, 'h'},
};

#define N_ALL (sizeof ALL / sizeof ALL[0])

static bool is_taken(size_t i, unsigned bits)
{
    return ALL[i].bit == 0 || (ALL[i].bit & bits) != 0;
}

void options_print_usage(FILE *to, unsigned bits)
{
    for (size_t i = 0; i < N_ALL; i++) {
        if (ALL[i].bit & bits) {
            fprintf(to, " [--%s%s]", ALL[i].name, ALL[i].takes);
        }
    }
}

void options_print_help(FILE *to, unsigned bits)
{
    for (size_t i = 0; i < N_ALL; i++) {
        if (is_taken(i, bits)) {
            char words[40];
            snprintf(words, sizeof words, "--%s%s", ALL[i].name, ALL[i].takes);
            fprintf(to, "  %-17s %s\n", words, ALL[i].help);
        }
    }
}

void options_say_unknown(const char *what, const char *word, const char *const *known, size_t n, const char *otherwise)
{
    size_t best = SIZE_MAX;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t distance = rb_edit_distance(rb_str_of(word), rb_str_of(known[i]));
        if (distance < best) {
            best = distance;
            nearest = known[i];
        }
    }
    if (nearest && rb_is_near(best, rb_str_of(nearest))) {
        rb_screen_say(stderr, "resetbot: %s %s: did you mean %s? %s", what, word, nearest, otherwise);
    } else {
        rb_screen_say(stderr, "resetbot: %s %s: %s", what, word, otherwise);
    }
}

/* getopt tells a single letter, or a known option with a value that it does not take, by optopt alone. */
static int refuse_option(char **argv, unsigned bits)
{
    const char *command = argv[0];
    char letter[] = {'-', (char)optopt, '\0'};
    char *word = optopt && strncmp(argv[optind - 1], "--", 2) != 0 ? letter : argv[optind - 1];
    const char *names[N_ALL];
    char dashed[N_ALL][32];
    char what[64];
    char otherwise[96];
    size_t n = 0;
    for (size_t i = 0; i < N_ALL; i++) {
        if (is_taken(i, bits)) {
            snprintf(dashed[n], sizeof dashed[n], "--%s", ALL[i].name);
            names[n] = dashed[n];
            n++;
        }
    }
    char *value = strchr(word, '=');
    if (value) {
        *value = '\0'; /* it may be anything, a secret among others */
    }
    bool is_known = optopt && word != letter;
    snprintf(what, sizeof what, is_known ? "%s takes no value with" : "%s takes no option", command);
    n = is_known ? 0 : n;
    snprintf(otherwise, sizeof otherwise, "resetbot %s --help lists what it takes", command);
    options_say_unknown(what, word, names, n, otherwise);
    return 2;
}

static size_t list_taken(unsigned bits, struct option out_long[OPTIONS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < N_ALL; i++) {
        if (is_taken(i, bits)) {
            out_long[n++] =
                (struct option){ALL[i].name, ALL[i].takes[0] ? required_argument : no_argument, NULL, ALL[i].code};
        }
    }
    out_long[n] = (struct option){0};
    return n;
}

int options_read(int argc, char **argv, unsigned bits, const char *argument, cli_options *out_options)
{
    struct option taken[OPTIONS_MAX];
    int code;
    (void)list_taken(bits, taken);
    opterr = 0;
    while (optind <= argc &&
           (code = getopt_long(argc, argv, bits & OPTION_CONFIG ? ":c:h" : ":h", taken, NULL)) != -1) {
        switch (code) {
        case 'c': out_options->config_file = optarg; break;
        case 'j': out_options->is_json = true; break;
        case 's': out_options->with_secrets = true; break;
        case 'k': out_options->is_clock_right = true; break;
        case 'h': return 0;
        case ':':
            rb_screen_say(stderr, "resetbot: %s needs a value: write it behind the option", argv[optind - 1]);
            return 2;
        default: return refuse_option(argv, bits);
        }
    }
    if (optind < argc && argument) {
        out_options->argument = argv[optind++];
    }
    if (optind < argc) {
        rb_screen_say(stderr, "resetbot: %s takes no word %s: resetbot %s --help says what it takes", argv[0],
                      argv[optind], argv[0]);
        return 2;
    }
    return -1;
}
