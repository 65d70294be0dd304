/* What metrics that add up over batches share. */
#include "training/meter.h"
#include "tensor/engine.h"

struct Meter {
    const MeterClass *of;
    const Metric *metric; /* whose mean it is, or NULL */
    int function;         /* of JavaScript's, the same, or 0 */
    Counts counts;
    cJSON *json; /* the full config */
    const char *name;
    int handles;
    Meter *next, *before; /* all there are */
    Arena arena;          /* holds the meter itself */
};

static Meter *first_meter;
static const MeterClass mean_class = {.schema = &meter_schema, .result = counted_mean};
static Tensor *(*call_function)(int function, Tensor *y, Tensor *p);

void tn_on_metric(Tensor *(*call)(int function, Tensor *y, Tensor *p)) { call_function = call; }
Tensor *metric_call(int function, Tensor *y, Tensor *p) { return call_function(function, y, p); }

const MeterClass *meter_find(const char *name) {
    for (int i = 0; all_meters[i]; i++)
        if (same_name(name, all_meters[i]->schema->name)) return all_meters[i];
    return NULL;
}

/* ---- lives ---- */

static void link_in(Meter *m) {
    m->next = first_meter;
    if (first_meter) first_meter->before = m;
    first_meter = m;
}

static void link_out(const Meter *m) {
    if (m->next) m->next->before = m->before;
    if (m->before) m->before->next = m->next;
    else if (first_meter == m) first_meter = m->next;
}

Meter *meter_make(const MeterClass *of, const cJSON *config) {
    Arena arena = {0};
    Meter *m = arena_take(&arena, sizeof *m);
    if (!m) return NULL;
    *m = (Meter){.of = of, .handles = 1, .json = json_object(), .arena = arena};
    void *values = arena_take(&m->arena, (size_t)of->schema->bytes);
    Reader r = {of->schema->name, config, m->json, &m->arena, NULL};
    if (values && config_read(&r, of->schema, values) && of->check) of->check(values);
    const char *name = json_get_text(m->json, "name");
    m->counts.config = values;
    m->name = name ? arena_text(&m->arena, name) : of->schema->name;
    link_in(m);
    if (!failed()) return m;
    meter_release(m);
    return NULL;
}

Meter *meter_of_metric(const Metric *of, const cJSON *config) {
    Meter *m = meter_make(&mean_class, config);
    if (!m) return NULL;
    m->metric = of;
    if (!json_get_text(m->json, "name")) m->name = of->name;
    return m;
}

Meter *meter_of_function(int function, const cJSON *config) {
    Meter *m = meter_make(&mean_class, config);
    if (m) m->function = function;
    return m;
}

Meter *meter_at(double address) {
    for (Meter *m = first_meter; m; m = m->next)
        if ((double)(uintptr_t)m == address) {
            meter_retain(m);
            return m;
        }
    return NULL;
}

void meter_retain(Meter *m) { m->handles++; }

void meter_release(Meter *m) {
    if (!m || --m->handles) return;
    meter_reset(m);
    link_out(m);
    json_free(m->json);
    Arena arena = m->arena;
    arena_free(&arena);
}

const char *meter_name(const Meter *m) { return m->name; }
bool meter_of_values(const Meter *m) { return m->of->of_values; }

cJSON *meter_json(const Meter *m) {
    return json_instance(m->of->schema->class_name, json_copy(m->json));
}

/* ---- counting ---- */

void count_more(Counts *c, int i, Tensor *x) {
    Tensor *sum = c->v[i] ? tn_add(c->v[i], x) : x;
    if (failed()) return;
    tn_dispose(c->v[i]);
    c->v[i] = tn_keep(sum);
}

void count_mean(Counts *c, Tensor *values, Tensor *w) {
    w = weights_like(w, values);
    count_more(c, 0, tn_sum(tn_mul(values, w), NULL, false));
    count_more(c, 1, tn_sum(w, NULL, false));
}

Tensor *counted_mean(const Counts *c) { return tn_divNoNan(c->v[0], c->v[1]); }

Tensor *weights_along(Tensor *w, const Tensor *x) {
    int shape[TN_MAX_RANK + 1] = {x->rank};
    if (failed() || w->rank >= x->rank) return w;
    for (int i = 0; i < x->rank; i++) shape[i + 1] = i < w->rank ? w->shape[i] : 1;
    return tn_reshape(w, (const Ints *)shape);
}

Tensor *weights_like(Tensor *w, Tensor *y) {
    if (failed() || !w) return tn_onesLike(y);
    return tn_mul(tn_onesLike(y), weights_along(w, y));
}

void meter_reset(Meter *m) {
    for (int i = 0; i < MAX_COUNTS; i++) {
        tn_dispose(m->counts.v[i]);
        m->counts.v[i] = NULL;
    }
}

void meter_add(Meter *m, Tensor *y, Tensor *p, Tensor *w) {
    if (failed()) return;
    tn_tape_pause(true);
    Scope *s = tn_scope_begin();
    if (m->function) y = metric_call(m->function, y, p);
    else if (m->metric) y = m->metric->call(to_float(y), to_float(p));
    if (w) w = to_float(w);
    if (m->of->add) m->of->add(&m->counts, to_float(y), to_float(p), w);
    else count_mean(&m->counts, to_float(y), w);
    tn_scope_end(s);
    tn_tape_pause(false);
}

Tensor *meter_result(const Meter *m) {
    if (failed()) return nothing();
    if (!m->counts.v[0]) return tn_scalar(0);
    tn_tape_pause(true);
    Scope *s = tn_scope_begin();
    Tensor *result = leave(s, m->of->result(&m->counts));
    tn_tape_pause(false);
    return result;
}
