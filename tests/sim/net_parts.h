/* net_parts.h - what net.c (HTTP, weather) and net_ws.c (websockets) share. */
#ifndef SIM_NET_PARTS_H
#define SIM_NET_PARTS_H

#include "sim.h"

int64_t net_travel_ms(void); /* of one message, one way */
sim_weather net_weather_of(sim_peer peer);

void net_ws_open(void *self, uint64_t number, const char *url);
void net_ws_send(void *self, uint64_t number, rb_str text);
void net_ws_ping(void *self, uint64_t number, rb_str payload);
void net_ws_close(void *self, uint64_t number, int code);
void net_ws_drop(void *self, uint64_t number);

#endif
