/* config.c - fuzz target: any bytes are a configuration and a policy, or a list of faults; never a crash, never both. */
#include <stdlib.h>

#include "config/config.h"
#include "config/policy_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(rb_err err, rb_faults *faults)
{
    if ((err == RB_OK) != (faults->n_errors == 0))
        abort();
    rb_faults_fini(faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static rb_config config;
    rb_str content = {(const char *)bytes, len};
    rb_policy *policy = NULL;
    rb_faults faults = {0};

    check(rb_config_parse(content, "/f", &config, &faults), &faults);
    check(rb_policy_parse(content, "/p", &policy, &faults), &faults);
    rb_policy_free(policy);
    return 0;
}
