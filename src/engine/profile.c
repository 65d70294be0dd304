/* Looking at calls as they run: one row for each that computed, kept while tf.profile runs, and the
** search for NaN that tf.enableDebugMode turns on. */
#include "engine.h"
#include <time.h>

typedef struct Row {
    const char *op;
    int on_device;
    double ms;
    int bytes; /* of the results */
    int rank, shape[TN_MAX_RANK];
} Row;

enum { MOST_ROWS = 4096 };
static Row *rows;
static int row_count;

bool profiling(void) { return rows != NULL; }

double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

void profile_call(const Call *c, bool on_device, double ms) {
    if (row_count == MOST_ROWS) return;
    const Tensor *y = c->out[0];
    Row *row = &rows[row_count++];
    *row = (Row){.op = c->op->name, .on_device = on_device, .ms = ms, .rank = y->rank};
    for (int j = 0; j < c->nout; j++) row->bytes += c->out[j]->size * dtype_bytes(c->out[j]->dtype);
    memcpy(row->shape, y->shape, sizeof row->shape);
}

static bool debugging;

/* From now on the op that makes a NaN, in memory, fails. */
EXPORT void tn_debug(bool on) { debugging = on; }

void debug_call(const Call *c) {
    for (int j = 0; debugging && j < c->nout; j++) {
        const Tensor *y = c->out[j];
        if (y->dtype != TN_FLOAT32 || !y->storage->data || y->storage->stale_data) continue;
        for (int i = 0; i < y->size; i++)
            if (isnan(f32(y)[i])) {
                fail(TN_VALUE, "%s: the result has NaN at position %d", c->op->name, i);
                return;
            }
    }
}

/* Starts profiling anew: at most 4096 calls are kept. False if there is no memory. */
EXPORT bool tn_profile_begin(void) {
    row_count = 0;
    if (!rows) rows = scratch(MOST_ROWS * sizeof(Row));
    return rows != NULL;
}

/* The rows so far, and their number; valid until tn_profile_end. */
EXPORT const Row *tn_profile_rows(void) { return rows; }
EXPORT int tn_profile_count(void) { return row_count; }

EXPORT void tn_profile_end(void) {
    scratch_free(rows, MOST_ROWS * sizeof(Row));
    rows = NULL;
}
