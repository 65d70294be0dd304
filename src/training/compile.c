/* Compiling a model: which loss and which metrics each output gets, and what they are called. */
#include "training/trainer.h"
#include "jit/plan.h"

static const char *output_name(const Layer *model, int i) {
    return model->graph->outputs[i]->node->layer->name;
}

/* ---- an output's part of a spec: for all, by place, or by name ---- */

static bool is_function(const cJSON *j) { return cJSON_IsNumber(json_get(j, "function")); }
static bool is_loss_or_metric(const cJSON *j) {
    return is_function(j) || cJSON_IsNumber(json_get(j, "metric"));
}

static const cJSON *for_output(const Trainer *t, const cJSON *spec, int i, const char *what) {
    int n = t->nout;
    if (cJSON_IsArray(spec)) {
        if (cJSON_GetArraySize(spec) != n)
            fail(TN_VALUE,
                 "compile: When passing an Array as %s, it should have one entry per model "
                 "output. The model has %d output(s), but the Array %d.",
                 what, n, cJSON_GetArraySize(spec));
        return cJSON_GetArrayItem(spec, i);
    }
    if (!cJSON_IsObject(spec) || is_loss_or_metric(spec)) return spec;
    return cJSON_GetObjectItemCaseSensitive(spec, output_name(t->model, i));
}

/* A metric that adds up over batches: made before, or by its name; NULL if there is none. */
static Metric *read_metric(const cJSON *spec, const char *name) {
    const cJSON *address = json_get(spec, "metric");
    const MetricClass *of = name ? metric_class_find(name) : NULL;
    if (cJSON_IsNumber(address)) return metric_at(address->valuedouble);
    return of && !failed() ? metric_make(of, NULL) : NULL;
}

/* adds: it may be one that adds up over batches, as no loss is. */
static LossOrMetric read_loss_or_metric(Trainer *t, const cJSON *spec, int output, bool adds) {
    const char *what = adds ? "metric" : "loss";
    LossOrMetric j = {.output = output};
    if (is_function(spec)) {
        const char *name = json_get_text(spec, "name");
        j.function = (int)cJSON_GetNumberValue(json_get(spec, "function"));
        j.name = arena_text(&t->arena, name ? name : "custom");
        return j;
    }
    const char *name = cJSON_IsString(spec) ? spec->valuestring : NULL;
    /* Keras's loss of that name is the negative of its metric. */
    if (!adds && name && same_name(name, "cosineSimilarity")) name = cosineProximity_function.name;
    /* Precision over all examples is no mean of the batches'. */
    j.metric = adds ? read_metric(spec, name) : NULL;
    j.of = name && !j.metric ? metric_function_find(name) : NULL;
    if (j.metric && metric_of_values(j.metric))
        fail(TN_VALUE,
             "compile: the metric '%.80s' counts values by themselves: what it should "
             "count must be given to its updateState()",
             metric_name(j.metric));
    else if (!spec)
        fail(TN_VALUE, "compile: no %s is given for output %.80s", what,
             output_name(t->model, output));
    else if (!j.of && !j.metric) {
        Likely best = {0};
        if (name) metric_function_likely(&best, name);
        fail(TN_VALUE, "compile: Unknown %s '%.80s'%s", what, name ? name : "null",
             did_you_mean(&best));
    } else j.name = arena_text(&t->arena, j.metric ? metric_name(j.metric) : name);
    return j;
}

/* 'accuracy' and 'crossentropy' mean what fits the output and its loss. */
static const MetricFunction *fitting(const Trainer *t, int output, bool accuracy) {
    const Shape *s = &t->model->graph->outputs[output]->shape;
    const MetricFunction *loss = t->losses[output].of;
    if ((s->rank && s->size[s->rank - 1] == 1) || loss == &binaryCrossentropy_function)
        return accuracy ? &binaryAccuracy_function : &binaryCrossentropy_function;
    if (loss && loss->targets == TARGETS_CLASSES)
        return accuracy ? &sparseCategoricalAccuracy_function : loss;
    return accuracy ? &categoricalAccuracy_function : &categoricalCrossentropy_function;
}

static void add_metric(Trainer *t, const cJSON *spec, int output) {
    const char *name = cJSON_IsString(spec) ? spec->valuestring : "";
    bool accuracy = same_name(name, "accuracy") || same_name(name, "acc");
    LossOrMetric *more = arena_take(&t->arena, (size_t)(t->nmetrics + 1) * sizeof *more);
    if (!more) return;
    if (t->nmetrics) memcpy(more, t->metrics, (size_t)t->nmetrics * sizeof *more);
    t->metrics = more;
    if (accuracy || same_name(name, "crossentropy") || same_name(name, "ce"))
        more[t->nmetrics] = (LossOrMetric){
            .of = fitting(t, output, accuracy), .name = accuracy ? "acc" : "ce", .output = output};
    else more[t->nmetrics] = read_loss_or_metric(t, spec, output, true);
    if (failed()) metric_release(more[t->nmetrics].metric);
    else t->nmetrics++;
}

/* True for ['acc', 'mse'], which all outputs get; false for [['acc'], ['mse']]. */
static bool for_all(const cJSON *spec) {
    const cJSON *item;
    cJSON_ArrayForEach(item, spec) if (cJSON_IsArray(item)) return false;
    return cJSON_IsArray(spec);
}

static void read_metrics(Trainer *t, const cJSON *spec) {
    const cJSON *item;
    bool single = cJSON_IsString(spec) || is_loss_or_metric(spec);
    for (int i = 0; spec && i < t->nout && !failed(); i++) {
        const cJSON *mine = single || for_all(spec) ? spec : for_output(t, spec, i, "metrics");
        if (mine && !cJSON_IsArray(mine)) add_metric(t, mine, i);
        else cJSON_ArrayForEach(item, mine) add_metric(t, item, i);
    }
}

static void name_values(Trainer *t) {
    char name[400];
    bool many = t->nout > 1;
    t->names = arena_take(&t->arena, (size_t)(1 + t->nout + t->nmetrics) * sizeof *t->names);
    if (!t->names) return;
    t->names[t->nnames++] = "loss";
    for (int i = 0; many && i < t->nout; i++) {
        snprintf(name, sizeof name, "%.200s_loss", output_name(t->model, i));
        t->names[t->nnames++] = arena_text(&t->arena, name);
    }
    for (int k = 0; k < t->nmetrics; k++) {
        const LossOrMetric *m = t->metrics + k;
        snprintf(name, sizeof name, "%.200s_%.150s", output_name(t->model, m->output), m->name);
        t->names[t->nnames++] = many ? arena_text(&t->arena, name) : m->name;
    }
}

/* An object of losses, or of their weights, by output must name outputs only. */
static void check_names(const Trainer *t, const cJSON *spec, const char *what) {
    const cJSON *item;
    if (!cJSON_IsObject(spec) || is_loss_or_metric(spec)) return;
    cJSON_ArrayForEach(item, spec) {
        Likely best = {0};
        bool there = false;
        for (int i = 0; i < t->nout; i++) {
            there |= !strcmp(item->string, output_name(t->model, i));
            likely_try(&best, item->string, output_name(t->model, i));
        }
        if (!there)
            fail(TN_VALUE,
                 "compile: Unknown entry in %s dictionary: \"%.80s\": the model has no "
                 "such output%s",
                 what, item->string, did_you_mean(&best));
    }
}

/* How much each output's loss counts; as Keras has it, 1 for those that an object leaves out. */
static void read_loss_weights(Trainer *t, const cJSON *spec) {
    for (int i = 0; i < t->nout; i++) t->loss_weights[i] = 1;
    if (!spec) return;
    if (cJSON_IsNumber(spec) && t->nout > 1)
        fail(TN_VALUE,
             "compile: lossWeights must be a list of %d numbers or an object by the "
             "outputs' names",
             t->nout);
    check_names(t, spec, "lossWeights");
    for (int i = 0; i < t->nout && !failed(); i++) {
        const cJSON *mine = for_output(t, spec, i, "lossWeights");
        if (!mine && cJSON_IsObject(spec)) continue;
        if (cJSON_IsNumber(mine)) t->loss_weights[i] = (float)mine->valuedouble;
        else if (!failed())
            fail(TN_VALUE,
                 "compile: lossWeights must be numbers, but that of output \"%.80s\" is "
                 "not",
                 output_name(t->model, i));
    }
}

/* True if a layer, or one inside it, may mask steps. */
static bool may_mask(const Layer *l) {
    const char *name = l->of->schema->class_name;
    if (!strcmp(name, "Masking") || !strcmp(name, "Embedding") || l->of->made) return true;
    for (int i = 0; i < l->ninner; i++)
        if (may_mask(l->inner[i])) return true;
    for (int i = 0; l->graph && i < l->graph->nlayers; i++)
        if (may_mask(l->graph->layers[i])) return true;
    return false;
}

static Trainer *trainer_make(Layer *model, const cJSON *spec) {
    const Graph *g = graph_of(model);
    Arena arena = {0};
    Trainer *t = g ? arena_take(&arena, sizeof *t) : NULL;
    if (!t) return NULL;
    *t = (Trainer){.model = model, .nout = g->nout, .handles = 1, .arena = arena};
    t->masked = !cJSON_IsFalse(json_get(spec, "maskLoss")) && may_mask(model);
    const cJSON *loss = json_get(spec, "loss");
    if (!loss) fail(TN_VALUE, "compile: loss must be given");
    check_names(t, loss, "loss");
    t->losses = arena_take(&t->arena, (size_t)t->nout * sizeof *t->losses);
    t->loss_weights = arena_take(&t->arena, (size_t)t->nout * sizeof *t->loss_weights);
    for (int i = 0; i < t->nout && !failed(); i++) {
        const cJSON *mine = for_output(t, loss, i, "loss");
        if (mine) t->losses[i] = read_loss_or_metric(t, mine, i, false);
        else
            fail(TN_VALUE, "compile: Output \"%.80s\" is missing from loss dictionary",
                 output_name(model, i));
    }
    if (!failed()) read_loss_weights(t, json_get(spec, "lossWeights"));
    if (!failed()) read_metrics(t, json_get(spec, "metrics"));
    if (!failed()) name_values(t);
    return t;
}

/* ---- weights ---- */

static void list_weights(Trainer *t) {
    t->trained = weights_of(t->model, TN_WEIGHTS_TRAINABLE);
    t->all = weights_of(t->model, TN_WEIGHTS_ALL);
    t->listed = weights_version();
}

static bool has_weight(const Walk *w, const Weight *weight) {
    for (int i = 0; i < w->n; i++)
        if (w->v[i]->value == weight->value && w->v[i]->id == weight->id) return true;
    return false;
}

bool trainer_add_new_weights(Trainer *t) {
    if (t->listed == weights_version()) return false;
    const int before = t->trained.n;
    Walk now = weights_of(t->model, TN_WEIGHTS_TRAINABLE),
         all = weights_of(t->model, TN_WEIGHTS_ALL);
    for (int i = 0; i < now.n && !failed(); i++)
        if (!has_weight(&t->all, now.v[i])) walk_add(&t->trained, now.of[i], now.v[i]);
    arena_free(&now.arena);
    arena_free(failed() ? &all.arena : &t->all.arena);
    if (failed()) return false;
    t->all = all;
    t->listed = weights_version();
    if (t->trained.n > before) layers_changed();
    return t->trained.n > before;
}

/* ---- compiling ---- */

Trainer *trainer_retain(Trainer *t) {
    t->handles++;
    return t;
}

void trainer_release(Trainer *t) {
    if (!t || --t->handles) return;
    plans_free(t->plans);
    plans_free(t->tests);
    for (int i = 0; i < t->nmetrics; i++) metric_release(t->metrics[i].metric);
    optimizer_release(t->optimizer);
    arena_free(&t->trained.arena);
    arena_free(&t->all.arena);
    Arena arena = t->arena;
    arena_free(&arena);
}

void model_compile(Layer *model, Optimizer *optimizer, const cJSON *spec) {
    Trainer *t = failed() ? NULL : trainer_make(model, spec);
    if (!t || failed()) {
        trainer_release(t);
        optimizer_release(optimizer);
        return;
    }
    layer_drop_trainer(model);
    t->optimizer = optimizer;
    list_weights(t);
    model->graph->trainer = t;
    model->graph->release_trainer = trainer_release;
}
