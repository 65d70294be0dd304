/* What metrics that add up over batches share. */
#include "training/metric.h"
#include "tensor/engine.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/view.gen.h"

struct Metric {
    const MetricClass *of;
    const MetricFunction *metric; /* whose mean it is, or NULL */
    int function;                 /* of JavaScript's, the same, or 0 */
    Counts counts;
    cJSON *json; /* the full config */
    const char *name;
    int handles;
    Metric *next, *before; /* all there are */
    Arena arena;           /* holds the metric itself */
};

static Metric *first_metric;
static const MetricClass mean_class = {.schema = &metric_schema, .result = counted_mean};
static Tensor *(*call_function)(int function, Tensor *y, Tensor *p);

void tn_on_metric_function(Tensor *(*call)(int function, Tensor *y, Tensor *p)) {
    call_function = call;
}
Tensor *metric_callback(int function, Tensor *y, Tensor *p) {
    return call_function(function, y, p);
}

const MetricClass *metric_class_find(const char *name) {
    for (int i = 0; all_metric_classes[i]; i++)
        if (same_name(name, all_metric_classes[i]->schema->name)) return all_metric_classes[i];
    return NULL;
}

/* ---- lifetimes ---- */

static void link_in(Metric *m) {
    m->next = first_metric;
    if (first_metric) first_metric->before = m;
    first_metric = m;
}

static void link_out(const Metric *m) {
    if (m->next) m->next->before = m->before;
    if (m->before) m->before->next = m->next;
    else if (first_metric == m) first_metric = m->next;
}

Metric *metric_make(const MetricClass *of, const cJSON *config) {
    Arena arena = {0};
    Metric *m = arena_take(&arena, sizeof *m);
    if (!m) return NULL;
    *m = (Metric){.of = of, .handles = 1, .json = json_object(), .arena = arena};
    void *values = arena_take(&m->arena, (size_t)of->schema->bytes);
    Reader r = {of->schema->name, config, m->json, &m->arena, NULL};
    if (values && config_read(&r, of->schema, values) && of->check) of->check(values);
    const char *name = json_get_text(m->json, "name");
    m->counts.config = values;
    m->name = name ? arena_text(&m->arena, name) : of->schema->name;
    link_in(m);
    if (!failed()) return m;
    metric_release(m);
    return NULL;
}

Metric *metric_mean_of(const MetricFunction *of, const cJSON *config) {
    Metric *m = metric_make(&mean_class, config);
    if (!m) return NULL;
    m->metric = of;
    if (!json_get_text(m->json, "name")) m->name = of->name;
    return m;
}

Metric *metric_mean_of_callback(int function, const cJSON *config) {
    Metric *m = metric_make(&mean_class, config);
    if (m) m->function = function;
    return m;
}

Metric *metric_at(double address) {
    for (Metric *m = first_metric; m; m = m->next)
        if ((double)(uintptr_t)m == address) {
            metric_retain(m);
            return m;
        }
    return NULL;
}

void metric_retain(Metric *m) { m->handles++; }

void metric_release(Metric *m) {
    if (!m || --m->handles) return;
    metric_reset(m);
    link_out(m);
    json_free(m->json);
    Arena arena = m->arena;
    arena_free(&arena);
}

const char *metric_name(const Metric *m) { return m->name; }
bool metric_of_values(const Metric *m) { return m->of->of_values; }

cJSON *metric_json(const Metric *m) {
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

void metric_reset(Metric *m) {
    for (int i = 0; i < MAX_COUNTS; i++) {
        tn_dispose(m->counts.v[i]);
        m->counts.v[i] = NULL;
    }
}

void metric_add(Metric *m, Tensor *y, Tensor *p, Tensor *w) {
    if (failed()) return;
    tn_tape_pause(true);
    Scope *s = tn_scope_begin();
    if (m->function) y = metric_callback(m->function, y, p);
    else if (m->metric) y = m->metric->call(to_float(y), to_float(p));
    if (w) w = to_float(w);
    if (m->of->add) m->of->add(&m->counts, to_float(y), to_float(p), w);
    else count_mean(&m->counts, to_float(y), w);
    tn_scope_end(s);
    tn_tape_pause(false);
}

Tensor *metric_result(const Metric *m) {
    if (failed()) return nothing();
    if (!m->counts.v[0]) return tn_scalar(0);
    tn_tape_pause(true);
    Scope *s = tn_scope_begin();
    Tensor *result = leave(s, m->of->result(&m->counts));
    tn_tape_pause(false);
    return result;
}
