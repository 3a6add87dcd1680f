#include "slack_args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "http.h"
#include "json.h"
#include "slack_api.h"

static void read_form(const char *text, json_object *args)
{
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, "&");
        const char *equals = memchr(at, '=', len);
        size_t name_len = equals ? (size_t)(equals - at) : len;
        char *name = http_decode(at, name_len);
        char *value = equals ? http_decode(equals + 1, len - name_len - 1) : sb_strdup("");
        if (*name)
            json_object_object_add(args, name, sj_text(value));
        free(name);
        free(value);
        at += len + (at[len] == '&');
    }
}

static const char *read_json(const sb_request *request, json_object *args)
{
    if (!request->body_len)
        return NULL;
    json_object *body = sj_parse(request->body, request->body_len);
    const char *error = !body ? "invalid_json" : sj_is(body, json_type_object) ? NULL : "json_not_object";
    if (!error)
        sj_merge(args, body);
    json_object_put(body);
    return error;
}

static bool is_type(const char *content_type, const char *type)
{
    return !strncasecmp(content_type, type, strlen(type));
}

const char *sk_read_args(const sb_request *request, bool takes_json, json_object *args, json_object *warnings)
{
    read_form(request->query, args);
    if (strcmp(request->method, "POST") != 0)
        return NULL;
    const char *content_type = request->header(request->self, "content-type");
    const char *charset = strcasestr(content_type, "charset=");
    if (charset && strncasecmp(charset + 8, "utf-8", 5) != 0 && strncasecmp(charset + 8, "iso-8859-1", 10) != 0)
        return "invalid_charset";
    if (is_type(content_type, "application/json")) {
        if (!charset)
            sj_add_text(warnings, "missing_charset");
        return takes_json ? read_json(request, args) : NULL;
    }
    if (is_type(content_type, "application/x-www-form-urlencoded")) {
        if (charset)
            sj_add_text(warnings, "superfluous_charset");
        read_form(request->body, args);
        return NULL;
    }
    if (!request->body_len)
        return NULL;
    return *content_type ? "invalid_post_type" : "missing_post_type";
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

const char *sk_arg(sk_call *call, const char *name)
{
    json_object *value = sj_get(call->args, name);
    return value ? json_object_get_string(value) : "";
}

bool sk_has_arg(sk_call *call, const char *name)
{
    json_object *value = sj_get(call->args, name);
    return value && *json_object_get_string(value);
}

bool sk_arg_bool(sk_call *call, const char *name)
{
    return sj_bool(call->args, name);
}

json_object *sk_arg_tree(sk_call *call, const char *name)
{
    json_object *value = sj_get(call->args, name);
    if (!sj_is(value, json_type_string))
        return value;
    const char *text = json_object_get_string(value);
    json_object *tree = sj_parse(text, strlen(text));
    if (!tree)
        return NULL;
    /* kept with the arguments, which own it from now on */
    json_object_object_add(call->args, name, tree);
    return tree;
}
