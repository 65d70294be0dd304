/* What tf.profile sees: one row for each call that computed, kept while profiling is on. */
#include "tensor/engine.h"
#include <time.h>

enum { MOST_ROWS = 4096 };
static ProfileRow *rows;
static int row_count;

bool profiling(void) { return rows != NULL; }

double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void add_shape(ProfileRow *row, const Tensor *x, int *count) {
    if (!x || row->nin + row->nout == PROFILE_SHAPES) return;
    ProfileShape *shape = &row->shapes[row->nin + row->nout];
    shape->rank = x->rank;
    memcpy(shape->sizes, x->shape, sizeof shape->sizes);
    ++*count;
}

/* Why a call was left to the CPU while a device was chosen. */
static const char *why_not(const Op *op) {
    if (op->gl) return "its shader does not take a call of such dtypes or sizes, or so small a one";
    return op->gl_why ? op->gl_why : "it has no shader";
}

void profile_call(const Call *c, bool on_device, double ms) {
    if (row_count == MOST_ROWS) return;
    ProfileRow *row = &rows[row_count++];
    *row = (ProfileRow){.op = c->op->name,
                        .on_device = on_device,
                        .why = device() && !on_device ? why_not(c->op) : NULL,
                        .ms = ms,
                        .all_bytes = accounts()->bytes,
                        .all_tensors = accounts()->tensors};
    for (int i = 0; i < c->nin && i < PROFILE_SHAPES - 1; i++) add_shape(row, c->in[i], &row->nin);
    for (int j = 0; j < c->nout; j++) {
        row->bytes += (int)data_bytes(c->out[j]);
        add_shape(row, c->out[j], &row->nout);
    }
}

/* Starts profiling anew: at most 4096 calls are kept. False if there is no memory. */
EXPORT bool tn_profile_begin(void) {
    row_count = 0;
    if (!rows) rows = scratch(MOST_ROWS * sizeof(ProfileRow));
    return rows != NULL;
}

/* The rows so far, and their number; valid until tn_profile_end. */
EXPORT const ProfileRow *tn_profile_rows(void) { return rows; }
EXPORT int tn_profile_count(void) { return row_count; }

EXPORT void tn_profile_end(void) {
    scratch_free(rows, MOST_ROWS * sizeof(ProfileRow));
    rows = NULL;
}
