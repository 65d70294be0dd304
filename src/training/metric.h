/* Metrics that add up over batches: areas under curves, precision over all examples. A block each,
** like a layer; a mean of what batches give would be another number. */
#ifndef TN_METRIC_H
#define TN_METRIC_H
#include "training/metric_functions.h"

enum { MAX_COUNTS = 4 };

/* What was counted so far: tensors, all NULL at first. */
typedef struct Counts {
    const void *config;
    Tensor *v[MAX_COUNTS];
} Counts;

typedef struct MetricClass {
    const Schema *schema;
    /* Adds a batch with count_more(). y, p, w: float32; w weights of the examples, or NULL. */
    void (*add)(Counts *c, Tensor *y, Tensor *p, Tensor *w);
    /* The number, or numbers, after at least one batch. */
    Tensor *(*result)(const Counts *c);
    void (*check)(const void *config); /* what the fields by themselves cannot say; or absent */
    bool of_values;                    /* it counts p alone, so it is no metric of a model */
} MetricClass;

#define METRIC_CLASS(id, Class, ...)                                                               \
    const MetricClass id##_metric_class = {.schema = &id##_schema, __VA_ARGS__}

/* With one handle. NULL with the error set. */
Metric *metric_make(const MetricClass *of, const cJSON *config);
/* The mean over all examples of a metric, or of a function of JavaScript's (metric_callback). */
Metric *metric_mean_of(const MetricFunction *of, const cJSON *config);
Metric *metric_mean_of_callback(int function, const cJSON *config);
Tensor *metric_callback(int function, Tensor *y, Tensor *p);
const MetricClass *metric_class_find(const char *name);
/* The one at this address, with a handle of its own, or NULL if there is none. */
Metric *metric_at(double address);
void metric_retain(Metric *m);
void metric_release(Metric *m);
void metric_add(Metric *m, Tensor *y, Tensor *p, Tensor *w);
/* In the open scope; 0 before the first batch. */
Tensor *metric_result(const Metric *m);
void metric_reset(Metric *m);
const char *metric_name(const Metric *m);
bool metric_of_values(const Metric *m);
/* {className, config}. */
cJSON *metric_json(const Metric *m);

/* ---- for the classes ---- */

/* v[i] += x, for a new tensor x. */
void count_more(Counts *c, int i, Tensor *x);
/* Counts 0 and 1: the weighted sum of values and the sum of the weights; their ratio. */
void count_mean(Counts *c, Tensor *values, Tensor *w);
Tensor *counted_mean(const Counts *c);
/* w, a number for each example, with as many axes as x. */
Tensor *weights_along(Tensor *w, const Tensor *x);
/* The same for every place of y; ones if there are none. */
Tensor *weights_like(Tensor *w, Tensor *y);

extern const MetricClass *const all_metric_classes[];
#endif
