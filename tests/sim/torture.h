/* torture.h - what the files of the torture share: torture.c plays, torture_faults.c lets calls fail. */
#ifndef SIM_TORTURE_H
#define SIM_TORTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "crash.h"

/* A point of that kind is met. True when this run is to play it. */
bool torture_is_drawn(torture_kind kind);
/* Of points that are alike, only each n-th is met: the same ones for the same seed. */
bool torture_is_drawn_of(torture_kind kind, unsigned n);
/* True in the child, in which it is to fail from here on. */
bool torture_forks(torture_kind kind, const char *what, bool is_lasting);
bool torture_is_child(void);
/* In the child: that kind fails, and goes on failing. */
bool torture_is_lasting(torture_kind kind);
/* In the child: what fails is well again after a while. */
void torture_heals_later(void);
/* Whether it is the first call from there with that number. */
bool torture_is_new_place(uint64_t number);

/* From now on each fallible call but allocations is a point. */
void torture_watch(void);
/* In the child: what fails is want of memory, in a call to SQLite or json-c. */
bool torture_lacks_memory(void);
/* What fails is well again. */
void torture_heal(void);

#endif
