/* What optimizers share: configs, rates that change, states kept for each variable. */
#include "tensor/engine.h"
#include "training/optimizer_state.h"

const OptimizerClass *optimizer_find(const char *name) {
    for (int i = 0; all_optimizers[i]; i++)
        if (same_name(name, all_optimizers[i]->schema->name)) return all_optimizers[i];
    return NULL;
}

/* ---- making ---- */

static Optimizer *every; /* there is */

static void link_up(Optimizer *o) {
    o->next = every;
    if (every) every->previous = o;
    every = o;
}

static void unlink_from(const Optimizer *o) {
    if (o->next) o->next->previous = o->previous;
    if (o->previous) o->previous->next = o->next;
    else every = o->next;
}

void optimizers_sweep(void) {
    for (Optimizer *o = every; o; o = o->next) {
        bool alone = o->handles == 1; /* of no model, whose weights stay */
        optimizer_sweep(o);
        if (alone) optimizer_forget_waiting(o);
    }
}

static Optimizer *optimizer_start(const OptimizerClass *of) {
    Arena arena = {0};
    Optimizer *o = arena_take(&arena, sizeof *o);
    if (!o) return NULL;
    *o = (Optimizer){.of = of, .handles = 1, .arena = arena};
    link_up(o);
    void *config = arena_take(&o->arena, (size_t)of->schema->bytes);
    o->config = config;
    o->json = json_object();
    if (config && o->json) return o;
    optimizer_release(o);
    return NULL;
}

/* The config as given, with what is usual for the class where it says nothing. */
static cJSON *with_usual(const OptimizerClass *of, const cJSON *config) {
    cJSON *all = config ? json_copy(config) : json_object();
    cJSON *usual = of->usual ? json_read(of->schema->name, of->usual) : NULL;
    const cJSON *item;
    cJSON_ArrayForEach(item, usual) if (!json_get(all, item->string))
        json_replace(all, item->string, json_copy(item));
    json_free(usual);
    return all;
}

/* Takes the schedule out of a config, leaving its first rate; *full gets it with all fields. */
static void take_schedule(Optimizer *o, cJSON *all, cJSON **full) {
    const cJSON *rate = json_get(all, "learningRate");
    if (!cJSON_IsObject(rate)) return;
    o->schedule = schedule_read(o->of->schema->name, rate, &o->arena, full);
    if (!o->schedule) return;
    cJSON_Delete(cJSON_DetachItemViaPointer(all, (cJSON *)rate));
    json_put(all, "learningRate", json_number(schedule_at(o->schedule, 0)));
}

/* Extras, and what comes after them, are left out of the config where they were not given: other
** libraries do not know them. */
static void leave_out_extras(const OptimizerClass *of, cJSON *json, const cJSON *config) {
    for (int i = 0; i < of->schema->count; i++) {
        const Field *f = of->schema->fields + i;
        if (f->offset < of->extras || json_get(config, f->name)) continue;
        cJSON_DeleteItemFromObjectCaseSensitive(json, f->name);
    }
}

static void want_rate(const Schema *schema, const cJSON *config) {
    if (!schema->fields[0].initial && !json_get(config, schema->fields[0].name))
        fail(TN_VALUE, "%s for %sOptimizer must be defined.", schema->fields[0].name,
             schema->class_name);
}

static void read_config(Optimizer *o, const cJSON *config) {
    const Schema *schema = o->of->schema;
    cJSON *full = NULL, *all = with_usual(o->of, config);
    if (!failed()) want_rate(schema, all);
    if (!failed()) take_schedule(o, all, &full);
    Reader r = {schema->name, all, o->json, &o->arena, NULL};
    if (!failed() && config_read(&r, schema, o->config)) {
        o->extras = (const ExtrasConfig *)((const char *)o->config + o->of->extras);
        leave_out_extras(o->of, o->json, all);
        if (full) json_replace(o->json, "learningRate", json_copy(full));
    }
    json_free(full);
    json_free(all);
}

Optimizer *optimizer_make(const OptimizerClass *of, const cJSON *config) {
    Optimizer *o = optimizer_start(of);
    if (!o) return NULL;
    read_config(o, config);
    if (!failed()) return o;
    optimizer_release(o);
    return NULL;
}

Optimizer *optimizer_by_name(const char *name) {
    const OptimizerClass *of = optimizer_find(name);
    if (!of) {
        Likely best = {0};
        for (int i = 0; all_optimizers[i]; i++)
            likely_try(&best, name, all_optimizers[i]->schema->name);
        fail(TN_VALUE, "compile: Unknown Optimizer '%.80s'%s", name, did_you_mean(&best));
        return NULL;
    }
    cJSON *config = of->by_name ? json_read(name, of->by_name) : NULL;
    Optimizer *o = failed() ? NULL : optimizer_make(of, config);
    json_free(config);
    return o;
}

static const Schema custom_schema = {"optimizer", "Optimizer", NULL, 0, sizeof(double)};
static const OptimizerClass custom_class = {.schema = &custom_schema};

Optimizer *optimizer_custom(void) { return optimizer_start(&custom_class); }

Optimizer *optimizer_retain(Optimizer *o) {
    o->handles++;
    return o;
}

void optimizer_release(Optimizer *o) {
    if (!o || --o->handles) return;
    unlink_from(o);
    optimizer_forget(o);
    mem_free(o->slots, (size_t)o->capacity * sizeof *o->slots);
    json_free(o->json);
    Arena arena = o->arena;
    arena_free(&arena);
}

/* ---- configs ---- */

const char *optimizer_class(const Optimizer *o) { return o->of->schema->class_name; }

cJSON *optimizer_config(const Optimizer *o, bool pythonic) {
    return pythonic ? json_pythonic(o->json) : json_copy(o->json);
}

/* The rate is the first field of every optimizer's config, which is the optimizer's own. */
double optimizer_rate(const Optimizer *o) {
    return o->schedule ? schedule_at(o->schedule, o->steps) : *(const double *)o->config;
}

static const Field *field_of(const Optimizer *o, const char *name) {
    for (int i = 0; i < o->of->schema->count; i++)
        if (!strcmp(name, o->of->schema->fields[i].name)) return o->of->schema->fields + i;
    return NULL;
}

void optimizer_set(Optimizer *o, const char *name, double value) {
    const Field *f = field_of(o, name);
    bool truth = f && f->kind == FIELD_BOOL;
    if (!f || (f->kind != FIELD_FLOAT && !truth) || !isfinite(value)) {
        if (!f) fail(TN_VALUE, "%s: there is no %.80s", o->of->schema->name, name);
        else fail(TN_VALUE, "%s: %s must be a number", o->of->schema->name, f->name);
        return;
    }
    void *at = (char *)o->config + f->offset;
    if (truth) *(bool *)at = value != 0;
    else *(double *)at = value;
    if (f->offset == 0) o->schedule = NULL;
    json_replace(o->json, f->name, truth ? json_bool(value != 0) : json_number(value));
}

int optimizer_steps(const Optimizer *o) { return o->steps; }
void optimizer_set_steps(Optimizer *o, int steps) { o->steps = steps; }
