/* Losses and metrics: functions of what should come out and what did, a row each. */
#ifndef TN_METRIC_FUNCTIONS_H
#define TN_METRIC_FUNCTIONS_H
#include "nn/core/layer.h"

/* What y is like: p; a class number for each row of p; labels in a shape of their own. */
typedef enum Targets { TARGETS_LIKE_RESULTS, TARGETS_CLASSES, TARGETS_LABELS } Targets;

/* y: what should come out, p: what did, a batch along the first axis. The result is a number for
** each example (or place), or one number. */
typedef struct MetricFunction {
    const char *name;
    const char *also; /* other names, between blanks */
    Tensor *(*call)(Tensor *y, Tensor *p);
    Targets targets;
    bool skips_zeros; /* the mean is over the examples whose number is above 0 */
} MetricFunction;

/* name, other names, expression of y and p, manual, example, what else a MetricFunction says. */
#define LOSS(id, others, expression, manual, example, ...)                                         \
    static Tensor *id##_call(Tensor *y, Tensor *p) { return expression; }                          \
    const MetricFunction id##_function = {                                                         \
        .name = #id, .also = others, .call = id##_call, __VA_ARGS__};
#define METRIC(id, others, expression, manual, example, ...)                                       \
    LOSS(id, others, expression, manual, example, __VA_ARGS__)

/* Class numbers y to one-hot rows like p. */
Tensor *one_hot_like(Tensor *y, Tensor *p);
/* 1 for each row of p where the class that the one-hot y names is among the k largest, else 0. */
Tensor *among_top(Tensor *y, Tensor *p, int k);

/* By any of its names. NULL if there is none. */
const MetricFunction *metric_function_find(const char *name);
/* The name most like one that is not known. */
void metric_function_likely(Likely *best, const char *name);
extern const MetricFunction *const all_metric_functions[];
extern const MetricFunction categoricalCrossentropy_function,
    sparseCategoricalCrossentropy_function, binaryCrossentropy_function, binaryAccuracy_function,
    categoricalAccuracy_function, sparseCategoricalAccuracy_function, ctc_function,
    cosineProximity_function;
#endif
