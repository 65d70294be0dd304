/* What a layer says its inputs must be like, as Keras's input specs have it, and the check. */
#include "nn/core/custom.h"
#include "nn/core/model.h"

enum { OPEN = -1 };

typedef struct Axis {
    int axis, size; /* counted from the end where negative */
} Axis;

struct Spec {
    bool constrains;              /* false: this input may be anything */
    int ndim, most, least, dtype; /* OPEN: any */
    Axis *axes;
    int naxes;
    Shape *shape; /* or NULL */
};

/* ---- reading ---- */

static int count_in(const cJSON *item, const char *name) {
    const cJSON *n = json_get(item, name);
    return cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble < 1e6 ? n->valueint : OPEN;
}

static int dtype_in(const cJSON *item) {
    const char *name = json_get_text(item, "dtype");
    for (int i = 0; name && i < TN_DTYPES; i++)
        if (!strcmp(name, dtype_name((DType)i))) return i;
    return OPEN;
}

static void read_axes(Layer *l, const cJSON *json, struct Spec *to) {
    const cJSON *axis;
    to->axes = arena_take(&l->arena, (size_t)(cJSON_GetArraySize(json) + 1) * sizeof *to->axes);
    cJSON_ArrayForEach(axis, json) if (to->axes && axis->string && cJSON_IsNumber(axis))
        to->axes[to->naxes++] = (Axis){atoi(axis->string), axis->valueint};
}

static void read_spec(Layer *l, const cJSON *item, struct Spec *to) {
    *to = (struct Spec){.constrains = cJSON_IsObject(item)};
    if (!to->constrains) return;
    to->ndim = count_in(item, "ndim");
    to->most = count_in(item, "maxNDim");
    to->least = count_in(item, "minNDim");
    to->dtype = dtype_in(item);
    read_axes(l, json_get(item, "axes"), to);
    const cJSON *shape = json_get(item, "shape");
    if (!shape || failed()) return;
    to->shape = arena_take(&l->arena, sizeof *to->shape);
    if (to->shape && !read_shape(shape, to->shape))
        fail(TN_SHAPE, "%.80s: the shape of an input spec must be a list of at most %d sizes",
             l->name, TN_MAX_RANK);
    else if (to->shape) to->ndim = to->shape->rank;
}

void tn_layer_set_specs(Layer *l, const char *specs) {
    cJSON *all = json_read(l->name, specs);
    const cJSON *item;
    Custom *c = layer_custom(l);
    size_t bytes = (size_t)(cJSON_GetArraySize(all) + 1) * sizeof *c->specs;
    if (c) {
        c->nspecs = 0;
        c->specs = cJSON_IsArray(all) ? arena_take(&l->arena, bytes) : NULL;
    }
    const cJSON *each = c && c->specs ? all : NULL;
    cJSON_ArrayForEach(item, each) if (!failed()) read_spec(l, item, c->specs + c->nspecs++);
    if (c && failed()) c->specs = NULL;
    json_free(all);
}

/* ---- checking ---- */

static bool fits_rank(const Layer *l, const struct Spec *s, const Shape *in, int i) {
    const char *what = NULL;
    int want = 0;
    if (s->ndim != OPEN && in->rank != s->ndim) what = "ndim", want = s->ndim;
    else if (s->most != OPEN && in->rank > s->most) what = "max_ndim", want = s->most;
    else if (s->least != OPEN && in->rank < s->least) what = "min_ndim", want = s->least;
    if (!what) return true;
    fail(TN_SHAPE, "Input %d is incompatible with layer %.80s: expected %s=%d, found ndim=%d", i,
         l->name, what, want, in->rank);
    return false;
}

static bool fits_sizes(const Layer *l, const struct Spec *s, const Shape *in, int i) {
    for (int k = 0; k < s->naxes; k++) {
        int axis = s->axes[k].axis, at = axis < 0 ? in->rank + axis : axis;
        bool there = at >= 0 && at < in->rank;
        if (there && (in->size[at] < 0 || in->size[at] == s->axes[k].size)) continue;
        fail(TN_SHAPE,
             "Input %d is incompatible with layer %.80s: expected axis %d of input shape "
             "to have value %d but got shape %s.",
             i, l->name, axis, s->axes[k].size, shape_string(in));
        return false;
    }
    for (int k = 0; s->shape && k < s->shape->rank; k++)
        if (s->shape->size[k] >= 0 && in->size[k] >= 0 && s->shape->size[k] != in->size[k]) {
            fail(TN_SHAPE,
                 "Input %d is incompatible with layer %.80s: expected shape=%s, found "
                 "shape=%s.",
                 i, l->name, shape_string(s->shape), shape_string(in));
            return false;
        }
    return true;
}

bool fits_specs(const Layer *l, const Shape *in, int nin) {
    const Custom *c = l->custom;
    if (!c->specs || failed()) return !failed();
    if (nin != c->nspecs)
        fail(TN_VALUE, "Layer %.80s expects %d inputs, but it received %d input tensors.", l->name,
             c->nspecs, nin);
    for (int i = 0; i < nin && !failed(); i++) {
        const struct Spec *s = c->specs + i;
        if (!s->constrains || !fits_rank(l, s, in + i, i)) continue;
        if (s->dtype != OPEN && in[i].dtype != (DType)s->dtype)
            fail(TN_DTYPE,
                 "Input %d is incompatible with layer %.80s : expected dtype=%s, found "
                 "dtype=%s.",
                 i, l->name, dtype_name((DType)s->dtype), dtype_name(in[i].dtype));
        else fits_sizes(l, s, in + i, i);
    }
    return !failed();
}
