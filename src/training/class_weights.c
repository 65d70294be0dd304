/* Class weights: a weight for each example, by the class that its target says. */
#include "training/data.h"
#include "ops/gather.gen.h"
#include "ops/sort.gen.h"
#include "ops/view.gen.h"

enum { MOST_CLASSES = 1000000 };

/* Number of the class of each example, int32. */
static Tensor *classes_of(Tensor *y) {
    if (failed()) return nothing();
    if (y->rank > 2)
        return fail(TN_SHAPE, "fit: classWeight takes targets of rank 2, not of shape %s",
                    shape_text(y));
    bool one_hot = y->rank == 2 && y->shape[1] > 1;
    return one_hot ? tn_argMax(y, -1) : to_dtype(tn_reshape(y, INTS(-1)), TN_INT32);
}

/* One more than the highest class; 0 with the error set. */
static int count_classes(Tensor *classes) {
    const int *v = failed() ? NULL : read_ints(classes);
    int highest = 0;
    for (int i = 0; v && i < classes->size; i++) {
        if (v[i] < 0 || v[i] >= MOST_CLASSES) {
            fail(TN_VALUE, "fit: classWeight: class %d of example %d is not in 0..%d", v[i], i,
                 MOST_CLASSES - 1);
            return 0;
        }
        if (v[i] > highest) highest = v[i];
    }
    return v ? highest + 1 : 0;
}

/* {"0": 1, "1": 5} as a tensor of n weights; NaN for a class that is not named. */
static Tensor *table_of(const cJSON *spec, int n) {
    Tensor *table = tn_fill(INTS(n), NAN, TN_FLOAT32);
    const cJSON *item;
    cJSON_ArrayForEach(item, spec) {
        char *end;
        long k = strtol(item->string, &end, 10);
        if (end == item->string || *end || k < 0 || !cJSON_IsNumber(item))
            return fail(TN_VALUE,
                        "fit: classWeight must give a number for the number of a class, "
                        "but has '%.40s'",
                        item->string);
        if (k < n && !failed()) f32(table)[k] = (float)item->valuedouble;
    }
    return table;
}

static void want_all(const Tensor *table, Tensor *classes) {
    const int *v = failed() ? NULL : read_ints(classes);
    for (int i = 0; v && i < classes->size; i++)
        if (isnan(f32(table)[v[i]])) {
            fail(TN_VALUE,
                 "fit: classWeight must contain all classes in the training data. The "
                 "class %d exists in the data but not in classWeight",
                 v[i]);
            return;
        }
}

static Tensor *weights_by_class(const cJSON *spec, Tensor *y) {
    Scope *s = tn_scope_begin();
    Tensor *classes = classes_of(y);
    int n = count_classes(classes);
    Tensor *table = failed() ? nothing() : table_of(spec, n);
    want_all(table, classes);
    return leave(s, failed() ? nothing() : tn_gather(table, classes, 0, 0));
}

/* The class weights of an output: all of them where there is one, else by place or by its name. */
static const cJSON *for_output(const Trainer *t, const cJSON *spec, int i) {
    const char *name = t->model->graph->outputs[i]->node->layer->name;
    if (cJSON_IsArray(spec) && cJSON_GetArraySize(spec) != t->nout)
        fail(TN_VALUE,
             "fit: Provided classWeight is an array of %d element(s), but the model has %d "
             "outputs.",
             cJSON_GetArraySize(spec), t->nout);
    if (failed()) return NULL;
    if (cJSON_IsArray(spec)) return cJSON_GetArrayItem(spec, i);
    if (cJSON_IsObject(spec) && cJSON_IsObject(spec->child))
        return cJSON_GetObjectItemCaseSensitive(spec, name);
    if (t->nout == 1 && cJSON_IsObject(spec)) return spec;
    fail(TN_VALUE,
         "fit: The model has multiple (%d) outputs, so classWeight must be either an array "
         "with %d elements or an object by their names.",
         t->nout, t->nout);
    return NULL;
}

Tensor *class_weights(const Trainer *t, const cJSON *spec, int output, Tensor *y) {
    const cJSON *mine = failed() ? NULL : for_output(t, spec, output);
    if (cJSON_IsObject(mine)) return weights_by_class(mine, y);
    return failed() ? nothing() : tn_ones(INTS(y->shape[0]), TN_FLOAT32);
}
