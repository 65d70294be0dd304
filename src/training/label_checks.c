/* Targets are looked at: numbers of classes in all data, what else cannot be meant once, at the
** start of training. It is said with its row, its value and the remedy. */
#include "training/data.h"

static const char *name_of(const Trainer *t, int output) {
    return t->model->graph->outputs[output]->node->layer->name;
}

/* How many classes an output has; 0 if that is open. */
static int classes_of(const Trainer *t, int output) {
    const Shape *s = &t->model->graph->outputs[output]->shape;
    return s->rank && s->size[s->rank - 1] > 0 ? s->size[s->rank - 1] : 0;
}

/* Fails for the i-th of y's numbers. */
static void bad_label(const char *who, const Trainer *t, int output, const Tensor *y, int i,
                      float value, const char *must, const char *remedy) {
    int row = i / (y->size / y->shape[0]);
    fail(TN_VALUE, "%s: y of output '%.60s' has %.9g in row %d, but %.40s takes %s: %s", who,
         name_of(t, output), value, row, t->losses[output].name, must, remedy);
}

/* An element of a tensor in memory: a cast would go by way of the device. */
static float element(const Tensor *y, int i) {
    if (y->dtype == TN_FLOAT32) return f32(y)[i];
    return (float)(y->dtype == TN_BOOL ? u8(y)[i] : i32(y)[i]);
}

static void check_sparse(const char *who, const Trainer *t, int output, Tensor *y) {
    char must[80], remedy[160];
    const bool numbers =
        y->dtype != TN_STRING && y->dtype != TN_COMPLEX64; /* else the loss fails */
    const int n = numbers && tn_data(y) ? classes_of(t, output) : 0;
    for (int i = 0; n && i < y->size; i++) {
        const float v = element(y, i);
        if (v >= 0 && v < (float)n && v == floorf(v)) continue;
        snprintf(must, sizeof must, "whole numbers from 0 to %d, its %d classes", n - 1, n);
        if (v == floorf(v) && v >= (float)n && v < 1e6f)
            snprintf(remedy, sizeof remedy,
                     "count classes from 0, or give the last layer at least %d units", (int)v + 1);
        else snprintf(remedy, sizeof remedy, "number the classes 0, 1, 2...");
        bad_label(who, t, output, y, i, v, must, remedy);
        return;
    }
}

static void check_shares(const char *who, const Trainer *t, int output, const Tensor *y,
                         const float *v) {
    const float slack = 1e-4f; /* sums and resized pictures are not exact */
    for (int i = 0; i < y->size; i++) {
        if (v[i] >= -slack && v[i] <= 1 + slack) continue;
        bool sign = v[i] == -1;
        bad_label(who, t, output, y, i, v[i], "numbers from 0 to 1",
                  isnan(v[i]) ? "look for what is no number in the data"
                  : sign      ? "write -1 as 0, or use the loss 'hinge'"
                              : "divide by the largest value, or use the loss "
                                "'meanSquaredError'");
        return;
    }
}

/* A row without a class comes of tf.oneHot with a number that is no class. */
static void check_one_hot(const char *who, const Trainer *t, int output, const Tensor *y,
                          const float *v) {
    const int n = y->rank == 2 ? y->shape[1] : 0;
    for (int row = 0; n > 1 && row < y->shape[0]; row++) {
        int k = 0;
        while (k < n && v[row * n + k] == 0) k++;
        if (k < n) continue;
        bad_label(who, t, output, y, row * n, 0, "a class in each row, not zeros only",
                  "look for numbers outside of the classes that tf.oneHot was given");
        return;
    }
}

static bool wants_classes(const MetricFunction *loss) {
    return loss && (loss->targets == TARGETS_CLASSES || loss == &ctc_function);
}

void check_classes(const char *who, const Trainer *t, Tensor *const *y) {
    for (int i = 0; i < t->nout && !failed(); i++) {
        const bool waits = !y[i]->storage->data || y[i]->storage->stale_data;
        if (!waits && wants_classes(t->losses[i].of)) check_sparse(who, t, i, y[i]);
    }
}

void check_labels(const char *who, const Trainer *t, const Data *d) {
    for (int i = 0; i < d->ny && !failed(); i++) {
        const MetricFunction *loss = t->losses[i].of;
        const bool categorical = loss == &categoricalCrossentropy_function;
        if (wants_classes(loss)) check_sparse(who, t, i, d->v[d->nx + i]);
        if (!categorical && loss != &binaryCrossentropy_function) continue;
        Scope *s = tn_scope_begin();
        Tensor *y = to_float(d->v[d->nx + i]);
        const float *v = !failed() && y->size ? tn_floats(y) : NULL;
        if (v) check_shares(who, t, i, y, v);
        if (v && categorical && !failed()) check_one_hot(who, t, i, y, v);
        tn_scope_end(s);
    }
}

const char *label_remedy(const Trainer *t, int output, const Tensor *y) {
    static char text[160];
    const int n = classes_of(t, output);
    bool numbers = y->rank == 1 || (y->rank && y->shape[y->rank - 1] == 1);
    if (t->losses[output].of != &categoricalCrossentropy_function || n < 2 || !numbers) return "";
    snprintf(text, sizeof text,
             ". For numbers of classes use the loss 'sparseCategoricalCrossentropy', or make rows "
             "of them: tf.oneHot(y, %d)",
             n);
    return text;
}
