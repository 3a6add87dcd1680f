/* net_config.h - what the network needs to know from the configuration. */
#ifndef NET_NET_CONFIG_H
#define NET_NET_CONFIG_H

#include <stdbool.h>

/* The system's authorities on Debian, Ubuntu and their kin; lws has no usable default of its own there. */
#define RB_NET_SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

/* Everything is copied. The environment (http_proxy, no_proxy, SSL_CERT_FILE ...) is never looked at. */
typedef struct {
    const char *ca_file;   /* PEM; exactly these authorities are trusted. NULL or "": RB_NET_SYSTEM_CA */
    const char *proxy_url; /* "http://host:port", for everything but loopback addresses. NULL or "": none */
    bool loopback_only;    /* test programs: any other address is refused */
} rb_net_config;

#endif
