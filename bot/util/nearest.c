/* nearest.c - see nearest.h. */
#include "util/nearest.h"

#include <stdint.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool equal_at(rb_str a, size_t i, rb_str b, size_t j)
{
    return rb_str_equal_nocase((rb_str){a.ptr + i, 1}, (rb_str){b.ptr + j, 1});
}

/* Optimal string alignment, with the whole table: 65 by 65 is small, and is read more easily than rolling rows. */
size_t rb_edit_distance(rb_str a, rb_str b)
{
    size_t cost[RB_NEAREST_MAX + 1][RB_NEAREST_MAX + 1];

    if (a.len > RB_NEAREST_MAX || b.len > RB_NEAREST_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= a.len; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= b.len; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= a.len; i++)
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = cost[i - 1][j - 1] + (equal_at(a, i - 1, b, j - 1) ? 0 : 1);
            size_t best = least(change, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && equal_at(a, i - 1, b, j - 2) && equal_at(a, i - 2, b, j - 1))
                best = least(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    return cost[a.len][b.len];
}

bool rb_is_near(size_t distance, rb_str word)
{
    return distance <= 1 + word.len / 4 && distance * 2 <= word.len + 1;
}
