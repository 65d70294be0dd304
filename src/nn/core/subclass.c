/* Classes and objects of a caller's with methods of their own in place of the library's: the
** hooks (custom.c) run these, and by super they reach the library's. */
#include "nn/core/custom.h"
#include "nn/core/layers_state.h"
#include "nn/core/model.h"

const Custom no_custom;

Custom *layer_custom(Layer *l) {
    if (l->custom != &no_custom) return (Custom *)l->custom;
    Custom *c = arena_take(&l->arena, sizeof *c);
    if (c) l->custom = c;
    return c;
}

const char *subclass_take(void) {
    const char *name = layers_now.subclass;
    layers_now.subclass = NULL;
    return name;
}

const char *layer_class_name(const Layer *l) {
    return l->custom->class_name ? l->custom->class_name : l->of->schema->class_name;
}

void tn_layer_name_class(Layer *l, const char *class_name) {
    Custom *c = failed() ? NULL : layer_custom(l);
    if (c) c->class_name = arena_text(&l->arena, class_name);
}

Layer *tn_layer_subclass(const char *class_name, const char *json) {
    layers_now.subclass = class_name;
    Layer *l = tn_layer(json);
    layers_now.subclass = NULL;
    if (l) tn_layer_name_class(l, class_name);
    return l;
}

void tn_layer_override(Layer *l, int methods) {
    if (l->custom->overrides == methods) return;
    layers_changed();
    Custom *c = layer_custom(l);
    if (c) c->overrides = methods;
}

bool is_called_outside(const Layer *l, int beneath) {
    return l->of->made || (l->custom->overrides & ~beneath & CALL_METHODS);
}

/* A class whose build() the caller has has its weights only where that called the library's. */
static bool has_weights(const Layer *l) {
    if (!has_method(l, TN_METHOD_BUILD) || !l->of->build || l->class_built) return true;
    fail(TN_VALUE, "%.80s: its weights are not there: build() must call super.build(inputShape)",
         l->name);
    return false;
}

Tensor *layer_call(Layer *l, Apply *a) {
    if (is_called_outside(l, a->beneath)) return custom_call(l, a);
    return has_weights(l) ? l->of->call(l, a) : nothing();
}

/* The class finds its weights by their places: those that the caller added before stand behind. */
void subclass_build(Layer *l, const Shape *in, int nin) {
    Weight *before = l->weights;
    const int nbefore = l->nweights;
    l->weights = NULL;
    l->nweights = 0;
    if (l->of->build) l->of->build(l, in, nin);
    const int n = l->nweights;
    Weight *all = nbefore ? arena_take(&l->arena, (size_t)(n + nbefore) * sizeof *all) : l->weights;
    if (nbefore && all) {
        if (n) memcpy(all, l->weights, (size_t)n * sizeof *all);
        memcpy(all + n, before, (size_t)nbefore * sizeof *all);
    }
    l->weights = all;
    l->nweights = all ? n + nbefore : 0;
    l->class_built = !failed();
}
