/* Metrics that add up over batches: areas under curves, precision over all examples. A block each,
** like a layer; a mean of what batches give would be another number. */
#ifndef TN_METER_H
#define TN_METER_H
#include "training/metrics.h"

enum { MAX_COUNTS = 4 };

/* What was counted so far: tensors, all NULL at first. */
typedef struct Counts {
    const void *config;
    Tensor *v[MAX_COUNTS];
} Counts;

typedef struct MeterClass {
    const Schema *schema;
    /* Adds a batch with count_more(). y, p, w: float32; w weights of the examples, or NULL. */
    void (*add)(Counts *c, Tensor *y, Tensor *p, Tensor *w);
    /* The number, or numbers, after at least one batch. */
    Tensor *(*result)(const Counts *c);
    void (*check)(const void *config); /* what the fields by themselves cannot say; or absent */
    bool of_values;                    /* it counts p alone, so it is no metric of a model */
} MeterClass;

#define METER(id, Class, ...) const MeterClass id##_meter = {.schema = &id##_schema, __VA_ARGS__}

/* With one handle. NULL with the error set. */
Meter *meter_make(const MeterClass *of, const cJSON *config);
/* The mean over all examples of a metric, or of a function of JavaScript's (metric_call). */
Meter *meter_of_metric(const Metric *of, const cJSON *config);
Meter *meter_of_function(int function, const cJSON *config);
Tensor *metric_call(int function, Tensor *y, Tensor *p);
const MeterClass *meter_find(const char *name);
/* The one at this address, with a handle of its own, or NULL if there is none. */
Meter *meter_at(double address);
void meter_retain(Meter *m);
void meter_release(Meter *m);
void meter_add(Meter *m, Tensor *y, Tensor *p, Tensor *w);
/* In the open scope; 0 before the first batch. */
Tensor *meter_result(const Meter *m);
void meter_reset(Meter *m);
const char *meter_name(const Meter *m);
bool meter_of_values(const Meter *m);
/* {className, config}. */
cJSON *meter_json(const Meter *m);

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

extern const MeterClass *const all_meters[];
#endif
