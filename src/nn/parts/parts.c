/* Finding parts by name, and the small families: regularizers, constraints. */
#include "nn/core/layer.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"

/* ---- finding ---- */

static const PartClass *const *family(FieldKind kind) {
    if (kind == FIELD_INITIALIZER) return all_initializers;
    return kind == FIELD_REGULARIZER ? all_regularizers : all_constraints;
}

/* Keras's shorter and longer names. */
static const char *usual_name(const char *name) {
    static const char *const names[][2] = {
        {"uniform", "randomUniform"},
        {"normal", "randomNormal"},
        {"zero", "zeros"},
        {"one", "ones"},
        {"orthogonalInitializer", "orthogonal"},
        {"identityInitializer", "identity"},
        {"stftInitializer", "stft"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same_name(name, names[i][0])) return names[i][1];
    return name;
}

static const PartClass *part_find(FieldKind kind, const char *name) {
    const PartClass *const *all = family(kind);
    name = usual_name(name);
    for (int i = 0; all[i]; i++)
        if (same_name(name, all[i]->schema->name) || same_name(name, all[i]->schema->class_name))
            return all[i];
    return NULL;
}

bool part_class_is_known(const char *class_name) {
    bool known = false;
    for (int kind = FIELD_INITIALIZER; kind <= FIELD_CONSTRAINT; kind++)
        known |= part_find((FieldKind)kind, class_name) != NULL;
    return known;
}

static const char *kind_name(FieldKind kind) {
    if (kind == FIELD_INITIALIZER) return "initializer";
    return kind == FIELD_REGULARIZER ? "regularizer" : "constraint";
}

/* The config of a case of another class: what is preset, and what was given. */
static cJSON *preset_config(const PartClass *of, cJSON *spec) {
    const cJSON *item;
    cJSON *config = json_read(of->schema->name, of->preset);
    cJSON_ArrayForEach(item, spec) json_put(config, item->string, json_copy(item));
    json_free(spec);
    return config;
}

/* Reads the config of a part; *canonical gets it in full. */
static const void *part_config(const Reader *r, const PartClass *of, const cJSON *spec,
                               cJSON **canonical) {
    char who[160];
    snprintf(who, sizeof who, "%.80s: %s", r->who, of->schema->name);
    void *config = arena_take(r->arena, (size_t)of->schema->bytes + 1);
    *canonical = json_object();
    Reader part = {who, spec, *canonical, r->arena, r->layer};
    return config && config_read(&part, of->schema, config) ? config : NULL;
}

const Part *part_read(const Reader *r, const Field *f, const cJSON *spec) {
    const Part *own = custom_part(r, f, spec);
    return own || failed() ? own : part_read_known(r, f, spec);
}

const Part *part_read_known(const Reader *r, const Field *f, const cJSON *spec) {
    const char *class_name = json_get_text(spec, "className");
    const char *name = cJSON_IsString(spec) ? spec->valuestring : class_name;
    const PartClass *of = name ? part_find(f->kind, name) : NULL;
    if (!of) {
        const char *kind = kind_name(f->kind);
        fail(TN_VALUE, "%s: Unknown %s: %.60s: %s must be the name of %s %s or {className, config}",
             r->who, kind, name ? name : "neither text nor object", f->name,
             *kind == 'i' ? "an" : "a", kind);
        return NULL;
    }
    cJSON *canonical = NULL;
    const void *config = part_config(r, of, json_get(spec, "config"), &canonical);
    if (config && of->as) {
        cJSON *full = preset_config(of, canonical);
        config = part_config(r, of->as, full, &canonical);
        json_free(full);
        of = of->as;
    }
    if (failed()) {
        json_free(canonical);
        return NULL;
    }
    json_put(r->to, f->name, json_instance(of->schema->class_name, canonical));
    Part *part = arena_take(r->arena, sizeof *part);
    if (part) *part = (Part){of, config};
    return part;
}

const Activation *activation_find(const char *name) {
    for (int i = 0; all_activations[i]; i++)
        if (same_name(name, all_activations[i]->name) ||
            (*all_activations[i]->also && same_name(name, all_activations[i]->also)))
            return all_activations[i];
    return NULL;
}

/* ---- regularizers: a penalty that the loss gets ---- */

static Tensor *l1l2_apply(const void *config, Tensor *w) {
    const L1L2Config *k = config;
    Scope *s = tn_scope_begin();
    Tensor *penalty = NULL;
    if (k->l1) penalty = tn_mul(tn_scalar((float)k->l1), tn_sum(tn_abs(w), NULL, false));
    if (k->l2) {
        Tensor *squares = tn_mul(tn_scalar((float)k->l2), tn_sum(tn_square(w), NULL, false));
        penalty = penalty ? tn_add(penalty, squares) : squares;
    }
    return leave(s, penalty ? penalty : tn_scalar(0));
}

/* l1l2: A penalty of l1 * sum(|w|) + l2 * sum(w^2).
**   l1 : float = 0.01   weight of the absolute values
**   l2 : float = 0.01   weight of the squares
** > tf.regularizers.l1l2({l1: 0.5, l2: 1}).apply([1, -2])   // 6.5
*/
REGULARIZER(l1l2, L1L2, .apply = l1l2_apply);

/* l1: A penalty of l1 * sum(|w|).
**   l1 : float = 0.01   its weight
** > tf.regularizers.l1({l1: 0.5}).apply([1, -2])   // 1.5
*/
REGULARIZER(l1, L1, .as = &l1l2_part, .preset = "{\"l2\": 0}");

/* l2: A penalty of l2 * sum(w^2).
**   l2 : float = 0.01   its weight
** > tf.regularizers.l2({l2: 0.5}).apply([1, -2])   // 2.5
*/
REGULARIZER(l2, L2, .as = &l1l2_part, .preset = "{\"l1\": 0}");

static Tensor *orthogonalRegularizer_apply(const void *config, Tensor *w) {
    const OrthogonalRegularizerConfig *k = config;
    const bool rows = k->mode == ORTHOGONAL_ROWS;
    if (w->rank != 2)
        return fail(TN_SHAPE,
                    "orthogonalRegularizer: the weight must be a matrix, but has shape "
                    "%s",
                    shape_text(w));
    const double n = w->shape[rows ? 0 : 1];
    Scope *s = tn_scope_begin();
    Tensor *squares = tn_sum(tn_square(w), INTS(rows ? 1 : 0), true);
    Tensor *unit = tn_mul(w, tn_rsqrt(tn_maximum(squares, tn_scalar(1e-14f))));
    Tensor *product = tn_matMul(unit, unit, !rows, rows);
    Tensor *others = tn_sub(tn_scalar(1), tn_eye((int)n, NULL, NULL, TN_FLOAT32));
    Tensor *sum = tn_sum(tn_abs(tn_mul(product, others)), NULL, false);
    const double pairs = n > 1 ? n * (n - 1) : 1; /* each is in the sum twice */
    return leave(s, tn_mul(tn_scalar((float)(k->factor / pairs)), sum));
}

/* orthogonalRegularizer: A penalty on rows, or columns, that are not at right angles: the mean of
** the absolute cosines between them.
**   factor : float = 0.01            its weight
**   mode : OrthogonalMode = 'rows'   which vectors
** > tf.regularizers.orthogonalRegularizer({factor: 0.5}).apply([[3, 4], [0, 2]])   // 0.4
** > tf.regularizers.orthogonalRegularizer({factor: 1, mode: 'columns'}).apply([[1, 1], [0, 0]])
**     // 1
*/
REGULARIZER(orthogonalRegularizer, OrthogonalRegularizer, .apply = orthogonalRegularizer_apply);

/* ---- constraints: applied to a weight after each step ---- */

static Tensor *norms(Tensor *w, const Ints *axes) {
    return tn_sqrt(tn_sum(tn_square(w), axes, true));
}

static Tensor *maxNorm_apply(const void *config, Tensor *w) {
    const MaxNormConfig *k = config;
    Scope *s = tn_scope_begin();
    Tensor *n = norms(w, k->axis), *wanted = tn_clipByValue(n, 0, (float)k->maxValue);
    return leave(s, tn_mul(w, tn_div(wanted, tn_add(tn_scalar(1e-7f), n))));
}

/* maxNorm: Scales a weight down where its norm is above a limit.
**   maxValue : float = 2   the limit
**   axis : ints = 0        along which norms are taken, one or several
** > tf.constraints.maxNorm({maxValue: 1}).apply([[3], [4]])   // [[0.6], [0.8]]
*/
CONSTRAINT(maxNorm, MaxNorm, .apply = maxNorm_apply);

static Tensor *unitNorm_apply(const void *config, Tensor *w) {
    const UnitNormConfig *k = config;
    Scope *s = tn_scope_begin();
    return leave(s, tn_div(w, tn_add(tn_scalar(1e-7f), norms(w, k->axis))));
}

/* unitNorm: Scales a weight to norm 1.
**   axis : ints = 0   along which norms are taken, one or several
** > tf.constraints.unitNorm().apply([[3], [4]])   // [[0.6], [0.8]]
*/
CONSTRAINT(unitNorm, UnitNorm, .apply = unitNorm_apply);

static Tensor *nonNeg_apply(const void *config, Tensor *w) {
    (void)config;
    return tn_relu(w);
}

/* nonNeg: Puts 0 where a weight is negative.
** > tf.constraints.nonNeg().apply([1, -2])   // [1, 0]
*/
CONSTRAINT(nonNeg, NonNeg, .apply = nonNeg_apply);

static Tensor *minMaxNorm_apply(const void *config, Tensor *w) {
    const MinMaxNormConfig *k = config;
    float rate = (float)k->rate;
    Scope *s = tn_scope_begin();
    Tensor *n = norms(w, k->axis);
    Tensor *clipped = tn_clipByValue(n, (float)k->minValue, (float)k->maxValue);
    Tensor *wanted = tn_add(tn_mul(tn_scalar(rate), clipped), tn_mul(tn_scalar(1 - rate), n));
    return leave(s, tn_mul(w, tn_div(wanted, tn_add(tn_scalar(1e-7f), n))));
}

/* minMaxNorm: Scales a weight so that its norm lies between two limits.
**   minValue : float = 0   lower limit
**   maxValue : float = 1   upper limit
**   axis : ints = 0        along which norms are taken, one or several
**   rate : float = 1       how much of the way to the limit one step goes
** > tf.constraints.minMaxNorm({minValue: 10, maxValue: 20}).apply([[3], [4]])   // [[6], [8]]
*/
CONSTRAINT(minMaxNorm, MinMaxNorm, .apply = minMaxNorm_apply);
