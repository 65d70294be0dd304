/* Shapes of layers' inputs and results: as strings and JSON, and checks of them. */
#include "nn/core/layer.h"
#include "ops/view.gen.h"
#include <math.h>

static const char *shape_between(const Shape *s, const char *between) {
    static char buffers[4][160];
    static int next;
    char *text = buffers[next++ & 3];
    int at = snprintf(text, sizeof buffers[0], "[");
    for (int i = 0; i < s->rank; i++) {
        char size[16] = "null";
        if (s->size[i] >= 0) snprintf(size, sizeof size, "%d", s->size[i]);
        at += snprintf(text + at, sizeof buffers[0] - (size_t)at, "%s%s", i ? between : "", size);
    }
    snprintf(text + at, sizeof buffers[0] - (size_t)at, "]");
    return text;
}

const char *shape_string(const Shape *s) { return shape_between(s, ", "); }
const char *shape_json(const Shape *s) { return shape_between(s, ","); }

Shape shape_of(const Tensor *x) {
    Shape s = {.dtype = x->dtype, .rank = x->rank};
    memcpy(s.size, x->shape, sizeof(int) * (size_t)x->rank);
    return s;
}

Tensor *shape_zeros(const Shape *s) {
    int shape[TN_MAX_RANK + 1] = {s->rank};
    memcpy(shape + 1, s->size, sizeof(int) * (size_t)s->rank);
    return tn_zeros((const Ints *)shape, TN_FLOAT32);
}

bool want_input(const Layer *l, const Shape *in, int rank) {
    if (failed()) return false;
    if (rank >= 0 ? in->rank == rank : in->rank >= -rank) return true;
    fail(TN_SHAPE, "%.80s: x must be of rank %d%s, but has shape %s", l->name, abs(rank),
         rank < 0 ? " or more" : "", shape_string(in));
    return false;
}

bool want_known(const Layer *l, const Shape *in, int axis) {
    if (failed()) return false;
    if (in->size[axis] >= 0) return true;
    fail(TN_SHAPE, "%.80s: axis %d of x must be known, but x has shape %s", l->name, axis,
         shape_string(in));
    return false;
}

bool read_shape(const cJSON *json, Shape *s) {
    const cJSON *item;
    *s = (Shape){.dtype = TN_FLOAT32};
    cJSON_ArrayForEach(item, json) {
        double size = cJSON_IsNumber(item) ? item->valuedouble : -1;
        if (s->rank == TN_MAX_RANK || size > INT32_MAX || size != floor(size)) return false;
        s->size[s->rank++] = size < 0 ? -1 : (int)size;
    }
    return cJSON_IsArray(json);
}

cJSON *json_shapes(const Shape *v, int n) {
    cJSON *all = json_array();
    for (int i = 0; i < n && !failed(); i++) json_append(all, json_sizes(v[i].rank, v[i].size));
    return all;
}
