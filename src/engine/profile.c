/* What tf.profile sees: one row for each call that computed, kept while profiling is on. */
#include "engine.h"
#include <time.h>

typedef struct Row {
    const char *op;
    int on_device;
    double ms, total_bytes; /* in use after it */
    int bytes;              /* of the results */
    int total_tensors;
    int nin, nout;
    int shapes; /* where its shapes begin in `sizes`: of the inputs, then of the results */
} Row;

enum { MOST_ROWS = 4096, MOST_SIZES = 1 << 16 };
static Row *rows;
static int *sizes; /* shapes one after another: rank, sizes; rank -1: an input that is not given */
static int row_count, size_count;

EXPORT void tn_profile_end(void);

bool profiling(void) { return sizes != NULL; }

double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void add_shape(const Tensor *x) {
    sizes[size_count++] = x ? x->rank : -1;
    for (int i = 0; x && i < x->rank; i++) sizes[size_count++] = x->shape[i];
}

void profile_call(const Call *c, bool on_device, double ms) {
    const int most = (c->nin + c->nout) * (1 + TN_MAX_RANK);
    if (row_count == MOST_ROWS || most > MOST_SIZES - size_count) return;
    Row *row = &rows[row_count++];
    *row = (Row){c->op->name,         on_device, ms,      accounts()->bytes, 0,
                 accounts()->tensors, c->nin,    c->nout, size_count};
    for (int i = 0; i < c->nin; i++) add_shape(c->in[i]);
    for (int j = 0; j < c->nout; j++) add_shape(c->out[j]);
    for (int j = 0; j < c->nout; j++) row->bytes += c->out[j]->size * dtype_bytes(c->out[j]->dtype);
}

/* Starts profiling anew: at most 4096 calls are kept. False if there is no memory. */
EXPORT bool tn_profile_begin(void) {
    row_count = size_count = 0;
    if (!rows) rows = scratch(MOST_ROWS * sizeof(Row));
    if (rows && !sizes) sizes = scratch(MOST_SIZES * sizeof(int));
    if (!sizes) tn_profile_end();
    return sizes != NULL;
}

/* The rows so far, their number and their shapes; valid until tn_profile_end. */
EXPORT const Row *tn_profile_rows(void) { return rows; }
EXPORT int tn_profile_count(void) { return row_count; }
EXPORT const int *tn_profile_sizes(void) { return sizes; }

EXPORT void tn_profile_end(void) {
    scratch_free(rows, MOST_ROWS * sizeof(Row));
    scratch_free(sizes, MOST_SIZES * sizeof(int));
    rows = NULL;
    sizes = NULL;
}
