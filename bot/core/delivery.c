#include <string.h>

#include "resetbot/delivery.h"

const char *rb_delivery_field(const rb_delivery *delivery, const char *name)
{
    for (uint32_t i = 0; i < delivery->n_fields; i++) {
        if (strcmp(delivery->fields[i].name, name) == 0) {
            return delivery->fields[i].value;
        }
    }
    return "";
}
