/* For tests of layers: making from JSON, errors, and that nothing is left behind. */
#ifndef LAYER_CHECK_H
#define LAYER_CHECK_H
#include "models.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static inline void no_error(void) {
    if (tn_error()) fail_msg("%s", tn_error());
}

/* An error that holds this text, which is then cleared. */
static inline void expect_error(const char *part) {
    if (!tn_error()) fail_msg("no error, where '%s' should be", part);
    if (!strstr(tn_error(), part)) fail_msg("'%s' is not in '%s'", part, tn_error());
    tn_clear_error();
}

static inline int nothing_left(void **state) {
    (void)state;
    if (tn_error()) print_error("error pending: %s\n", tn_error());
    if (tn_memory()->tensors) print_error("%d tensors are left\n", tn_memory()->tensors);
    int left = tn_memory()->tensors || tn_error();
    tn_clear_error();
    return left ? -1 : 0;
}

/* {"className": class, "config": {config}}, config with ' for ". */
static inline Layer *make_layer(const char *class_name, const char *config) {
    char json[2000];
    snprintf(json, sizeof json, "{'className': '%s', 'config': {%s}}", class_name, config);
    for (char *c = json; *c; c++)
        if (*c == '\'') *c = '"';
    return tn_layer(json);
}

static inline void add_layer(Layer *model, const char *class_name, const char *config) {
    Layer *l = make_layer(class_name, config);
    if (l) tn_sequential_add(model, l);
    tn_layer_release(l);
}

static inline void compile_model(Layer *model, const char *optimizer, const char *spec) {
    Optimizer *o = tn_optimizer_by_name(optimizer);
    tn_compile(model, o, spec);
    tn_optimizer_release(o);
}

static inline Tensor *floats(const Ints *shape, const float *v) {
    return tn_tensor(TN_FLOAT32, shape, v);
}

static inline float at(Tensor *x, int i) { return tn_floats(x)[i]; }

static inline void near_to(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance)) fail_msg("%.9g where %.9g should be", got, want);
}
#endif
