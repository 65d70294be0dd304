/* Training as C programs and JavaScript see it: models.h. */
#include "models.h"
#include "training/data.h"
#include "training/feed.h"
#include "training/fit.h"
#include "nn/model/model_weights.h"
#include "jit/plan.h"

/* ---- optimizers ---- */

Optimizer *tn_optimizer(const char *name, const char *config) {
    const OptimizerClass *of = failed() ? NULL : optimizer_find(name);
    if (!of) {
        fail(TN_VALUE, "optimizer '%.80s' is not known", name);
        return NULL;
    }
    cJSON *tree = config && *config ? json_read(name, config) : NULL;
    Optimizer *o = failed() ? NULL : optimizer_make(of, tree);
    json_free(tree);
    return o;
}

Optimizer *tn_optimizer_by_name(const char *name) {
    return failed() ? NULL : optimizer_by_name(name);
}

void tn_optimizer_retain(Optimizer *o) { optimizer_retain(o); }
void tn_optimizer_release(Optimizer *o) { optimizer_release(o); }

const char *tn_optimizer_config(const Optimizer *o, bool pythonic, bool whole) {
    cJSON *config = optimizer_config(o, pythonic);
    if (!whole) return json_text(config);
    cJSON *tree = json_object();
    json_put(tree, pythonic ? "class_name" : "className", json_string(optimizer_class(o)));
    json_put(tree, "config", config);
    return json_text(tree);
}

Optimizer *tn_optimizer_custom(void) { return failed() ? NULL : optimizer_custom(); }

double tn_optimizer_rate(const Optimizer *o) { return optimizer_rate(o); }

void tn_optimizer_set(Optimizer *o, const char *name, double value) {
    if (!failed()) optimizer_set(o, name, value);
}

void tn_optimizer_forget(Optimizer *o) { optimizer_forget(o); }

void tn_optimizer_apply(Optimizer *o, const List *variables, const List *grads) {
    if (!failed() && variables->n != grads->n)
        fail(TN_VALUE, "applyGradients: %d gradients for %d variables", grads->n, variables->n);
    optimizer_apply(o, variables, grads);
}

void tn_optimizer_finish(Optimizer *o) { optimizer_finish(o); }
void tn_optimizer_swap(Optimizer *o, bool train) { optimizer_swap(o, train); }

const char *tn_optimizer_from_file(const char *class_name, const char *config) {
    cJSON *tree = json_read(class_name, config), *found = NULL;
    if (tree) found = optimizer_from_file(class_name, tree);
    json_free(tree);
    return json_text(found ? found : json_object());
}

Optimizer *tn_model_optimizer(const Layer *model) {
    const Trainer *t = trainer_of(model);
    return t ? t->optimizer : NULL;
}

int tn_optimizer_steps(const Optimizer *o) { return optimizer_steps(o); }
void tn_optimizer_set_steps(Optimizer *o, int steps) { optimizer_set_steps(o, steps); }
void tn_optimizers_sweep(void) { optimizers_sweep(); }
const List *tn_optimizer_variables(const Optimizer *o) { return optimizer_variables(o); }

const char *tn_optimizer_state_names(const Optimizer *o) {
    return json_text(optimizer_state_names(o));
}

const List *tn_optimizer_states(const Optimizer *o) { return optimizer_states(o); }

void tn_optimizer_set_states(Optimizer *o, int steps, const List *values) {
    if (!failed()) optimizer_set_states(o, steps, values);
}

/* ---- schedules ---- */

const char *tn_schedule(const char *json) {
    Arena arena = {0};
    cJSON *tree = json_read("schedule", json), *full = NULL;
    if (tree) schedule_read("schedule", tree, &arena, &full);
    json_free(tree);
    arena_free(&arena);
    return json_text(full);
}

double tn_schedule_at(const char *json, double step) {
    Arena arena = {0};
    cJSON *tree = json_read("schedule", json), *full = NULL;
    const Schedule *s = tree ? schedule_read("schedule", tree, &arena, &full) : NULL;
    double rate = s ? schedule_at(s, step) : NAN;
    json_free(tree);
    json_free(full);
    arena_free(&arena);
    return rate;
}

/* ---- models ---- */

void tn_compile(Layer *model, Optimizer *o, const char *spec) {
    cJSON *tree = json_read("compile", spec);
    if (tree && !is_model(model)) fail(TN_VALUE, "compile: %.80s is not a model", model->name);
    if (tree && !failed()) model_compile(model, optimizer_retain(o), tree);
    json_free(tree);
}

void tn_model_set_optimizer(Layer *model, Optimizer *o) {
    Trainer *t = compiled("optimizer", model);
    if (!t) return;
    optimizer_retain(o);
    optimizer_release(t->optimizer);
    t->optimizer = o;
}

const char *tn_metrics_names(const Layer *model) {
    const Trainer *t = compiled("fit", model);
    if (!t) return "";
    cJSON *names = json_array();
    for (int i = 0; i < t->nnames; i++) json_append(names, json_string(t->names[i]));
    return json_text(names);
}

/* A weight an example and output, borrowed, or NULL. */
static Tensor **weights_for(const Trainer *t, const List *weights) {
    if (!weights) return NULL;
    if (weights->n == t->nout) return (Tensor **)weights->v;
    fail(TN_VALUE, "trainOnBatch: sampleWeight has %d tensors, the model has %d outputs",
         weights->n, t->nout);
    return NULL;
}

const List *tn_train_on_batch(Layer *model, const List *x, const List *y, const List *weights) {
    Trainer *t = compiled("trainOnBatch", model);
    if (!t) return make_list(0);
    int nin = model->graph->nin, n = nin + t->nout + trainer_values(t);
    Tensor **v = scratch((size_t)n * sizeof *v), **values = v ? v + nin + t->nout : NULL;
    Scope *s = tn_scope_begin();
    if (v) ready_inputs("trainOnBatch", model, x, v);
    if (v) ready_targets("trainOnBatch", t, y, v + nin);
    if (v && !failed()) check_classes("trainOnBatch", t, v + nin);
    Batch b = {v, v + nin, weights_for(t, weights)};
    if (!failed()) train_on_batch(t, &b, values);
    List *list = make_list(failed() ? 0 : t->nnames);
    for (int i = 0; i < list->n; i++) list->v[i] = tn_scope_out(s, values[i]);
    tn_scope_end(s);
    scratch_free(v, (size_t)n * sizeof *v);
    return list;
}

const List *tn_evaluate(Layer *model, const List *x, const List *y, const List *weights,
                        int batch) {
    return model_evaluate(model, x, y, weights, batch);
}

static cJSON *plans_info(const Plans *plans) {
    const char *why;
    cJSON *info = json_object();
    json_put(info, "plans", json_number(plans_count(plans, &why)));
    json_put(info, "why", why ? json_string(why) : json_null());
    return info;
}

const char *tn_model_plans(const Layer *model) {
    cJSON *info = json_object();
    const Trainer *t = trainer_of(model);
    json_put(info, "predict", plans_info(model->graph ? model->graph->plans : NULL));
    json_put(info, "train", plans_info(t ? t->plans : NULL));
    return json_text(info);
}

const List *tn_predict(Layer *model, const List *x, int batch) {
    if (!is_model(model)) fail(TN_VALUE, "predict: %.80s is not a model", model->name);
    return failed() ? make_list(0) : model_predict(model, x, batch);
}

/* ---- fit ---- */

static double number(const cJSON *options, const char *name, double initial) {
    const cJSON *item = json_get(options, name);
    if (!item) return initial;
    if (cJSON_IsNumber(item)) return item->valuedouble;
    fail(TN_VALUE, "fit: %s must be a number", name);
    return initial;
}

static int count(const cJSON *options, const char *name, int initial) {
    double n = number(options, name, initial);
    if (n >= 0 && n <= INT32_MAX && n == floor(n)) return (int)n;
    fail(TN_VALUE, "fit: %s must be a whole number of at least 0, but is %g", name, n);
    return initial;
}

static FitOptions read_options(const cJSON *options) {
    FitOptions o = {.batch = count(options, "batchSize", 32), .shuffle = true};
    const cJSON *shuffle = json_get(options, "shuffle");
    if (cJSON_IsFalse(shuffle)) o.shuffle = false;
    else if (shuffle && !cJSON_IsTrue(shuffle))
        fail(TN_VALUE, "fit: shuffle must be true or false");
    o.split = number(options, "validationSplit", 0);
    o.seed = json_get_text(options, "seed");
    o.class_weight = json_get(options, "classWeight");
    return o;
}

Fit *tn_fit_begin(Layer *model, const List *x, const List *y, const List *weights, const List *vx,
                  const List *vy, const List *vweights, const char *options) {
    cJSON *tree = options && *options ? json_read("fit", options) : NULL;
    FitOptions o = read_options(tree);
    Fit *f = failed() ? NULL : fit_begin(model, x, y, weights, vx, vy, vweights, &o);
    json_free(tree);
    return f;
}

int tn_fit_examples(const Fit *f) { return fit_examples(f); }
bool tn_fit_validates(const Fit *f) { return fit_validates(f); }
int tn_fit_epoch(Fit *f) { return fit_epoch(f); }
int tn_fit_batch(Fit *f, int i) { return fit_batch(f, i); }
int tn_fit_feed(Fit *f, const List *x, const List *y) { return fit_feed(f, x, y); }
void tn_fit_validate(Fit *f) { fit_validate(f); }

const List *tn_fit_values(Fit *f, FitValues which) { return fit_values(f, which); }

void tn_fit_end(Fit *f) { fit_end(f); }

double tn_fit(Layer *model, const List *x, const List *y, const char *options) {
    cJSON *tree = options && *options ? json_read("fit", options) : NULL;
    int epochs = failed() ? 0 : count(tree, "epochs", 1);
    Fit *f = tn_fit_begin(model, x, y, NULL, NULL, NULL, NULL, options);
    double loss = NAN;
    json_free(tree);
    for (int e = 0; f && e < epochs && !failed(); e++) {
        int batches = fit_epoch(f);
        for (int i = 0; i < batches && !failed(); i++) fit_batch(f, i);
    }
    if (f && !failed()) optimizer_finish(model->graph->trainer->optimizer);
    if (f && !failed()) {
        const List *values = fit_values(f, TN_FIT_EPOCH);
        const float *value = values->n ? tn_floats(values->v[0]) : NULL;
        if (value) loss = *value;
    }
    if (f) fit_end(f);
    return loss;
}

Evaluation *tn_evaluation_begin(Layer *model) { return evaluation_begin(model); }

int tn_evaluation_feed(Evaluation *e, const List *x, const List *y) {
    return evaluation_feed(e, x, y);
}

const List *tn_evaluation_values(const Evaluation *e) { return evaluation_values(e); }
void tn_evaluation_end(Evaluation *e) { evaluation_end(e); }

/* ---- metrics ---- */

Metric *tn_metric(const char *name, const char *config) {
    const MetricClass *of = failed() ? NULL : metric_class_find(name);
    const MetricFunction *metric = failed() || of ? NULL : metric_function_find(name);
    cJSON *tree = (of || metric) && config && *config ? json_read(name, config) : NULL;
    if (!of && !metric) fail(TN_VALUE, "metric '%.80s' is not known", name);
    Metric *m = failed() ? NULL : of ? metric_make(of, tree) : metric_mean_of(metric, tree);
    json_free(tree);
    return m;
}

Metric *tn_metric_of_function(int function, const char *config) {
    cJSON *tree = failed() ? NULL : json_read("metric", config);
    Metric *m = failed() ? NULL : metric_mean_of_callback(function, tree);
    json_free(tree);
    return m;
}

void tn_metric_release(Metric *m) { metric_release(m); }
const char *tn_metric_config(const Metric *m) { return json_text(metric_json(m)); }
void tn_metric_add(Metric *m, Tensor *y, Tensor *p, Tensor *weights) {
    metric_add(m, y, p, weights);
}
Tensor *tn_metric_result(const Metric *m) { return metric_result(m); }
void tn_metric_reset(Metric *m) { metric_reset(m); }

Tensor *tn_metric_function(const char *name, Tensor *y, Tensor *p) {
    const MetricFunction *m = metric_function_find(name);
    if (failed()) return nothing();
    if (!m) return fail(TN_VALUE, "metric '%.80s' is not known", name);
    Scope *s = tn_scope_begin();
    return leave(s, m->call(to_float(y), to_float(p)));
}
