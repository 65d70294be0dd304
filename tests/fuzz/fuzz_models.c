/* Makes topologies of the fuzzer's bytes, from the tables that layers are declared by: loads them,
** and where that works predicts, trains, writes and reads them again, now and then with an
** allocation that fails. Sanitizers see what is read and written; here it is checked that an error
** is typed and that nothing is left behind. */
#include "models.h"
#include "nn/core/layer.h"
#include "fuzz_text.h"

/* Mostly small; sometimes what must be refused. */
static int any_int(Input *in) {
    static const int odd[] = {0, -1, INT32_MAX, 1 << 30, INT32_MIN, -7};
    unsigned b = any_byte(in);
    return b >= 248 ? odd[b % (sizeof odd / sizeof *odd)] : 1 + (int)(b % 5);
}

static void put_ints(Text *t, Input *in, int n) {
    put(t, "[");
    for (int i = 0; i < n; i++) put(t, "%s%d", i ? "," : "", any_int(in));
    put(t, "]");
}

static const char *part_name(FieldKind kind, unsigned b) {
    const PartClass *const *all = kind == FIELD_INITIALIZER   ? all_initializers
                                  : kind == FIELD_REGULARIZER ? all_regularizers
                                                              : all_constraints;
    int n = 0;
    while (all[n]) n++;
    return all[b % (unsigned)n]->schema->name;
}

static const char *activation_name(unsigned b) {
    int n = 0;
    while (all_activations[n]) n++;
    return all_activations[b % (unsigned)n]->name;
}

static void put_choice(Text *t, const Field *f, unsigned b) {
    int n = 0;
    while (f->choices[n]) n++;
    put(t, "\"%s\"", f->choices[b % (unsigned)n]);
}

static void put_layer(Text *t, Input *in, int index, const char *nodes, int level);

static void put_value(Text *t, Input *in, const Field *f, int level) {
    unsigned b = any_byte(in);
    if (b >= 250) {
        static const char *const wrong[] = {"\"x\"", "{}", "[[[]]]", "1e400", "-0.5", "true"};
        put(t, "%s", wrong[b % 6]);
        return;
    }
    switch (f->kind) {
    case FIELD_INT: put(t, "%d", any_int(in)); break;
    case FIELD_FLOAT: put(t, "%g", (double)(b % 10) / 8); break;
    case FIELD_FLOATS: put(t, "[%g,%g]", (double)(b % 10) / 8, (double)(b % 7)); break;
    case FIELD_BOOL: put(t, b & 1 ? "true" : "false"); break;
    case FIELD_INTS:
    case FIELD_SHAPE:
        if (b % 4) put_ints(t, in, f->count ? f->count : (int)(b % 4));
        else put(t, "%d", any_int(in));
        break;
    case FIELD_SIDES: put(t, "[[%d,%d],[%d,%d]]", b & 1, b >> 1 & 1, b >> 2 & 1, b >> 3 & 1); break;
    case FIELD_STRING: put(t, "\"n%u\"", b % 4); break;
    case FIELD_SEED: put(t, "%u", b); break;
    case FIELD_ENUM:
    case FIELD_DTYPE: put_choice(t, f, b); break;
    case FIELD_ACTIVATION: put(t, "\"%s\"", activation_name(b)); break;
    case FIELD_INITIALIZER:
    case FIELD_REGULARIZER:
    case FIELD_CONSTRAINT: put(t, "\"%s\"", part_name(f->kind, b)); break;
    case FIELD_LAYER:
        if (level < 2) put_layer(t, in, 90 + level, NULL, level + 1);
        else put(t, "null");
        break;
    case FIELD_VALUES: put(t, b % 2 ? "[\"a\",\"b%u\"]" : "[%u,3]", b); break;
    case FIELD_LAYERS:
        put(t, "[");
        for (unsigned i = 0; level < 2 && i < b % 3; i++) {
            if (i) put(t, ",");
            put_layer(t, in, 90 + level, NULL, level + 1);
        }
        put(t, "]");
    }
}

static void put_fields(Text *t, Input *in, const Schema *schema, int level) {
    for (int i = 0; i < schema->count; i++) {
        const Field *f = schema->fields + i;
        if (f->initial && any_byte(in) % 4) continue;
        put(t, ",\"%s\":", f->name);
        put_value(t, in, f, level);
    }
}

/* Fields as Keras 3 writes them. */
static void put_keras3(Text *t, Input *in) {
    static const char *const fields[] = {
        "\"dtype\":{\"class_name\":\"DTypePolicy\",\"config\":{\"name\":\"mixed_float16\"}}",
        "\"dtype\":{\"class_name\":\"DTypePolicyMap\",\"config\":{\"default_policy\":\"int64\"}}",
        "\"groups\":1,\"keepdims\":false,\"seed\":{\"config\":{\"seed\":3}}",
        "\"threshold\":0,\"negative_slope\":0.5",
        "\"axis\":[1]",
        "\"axis\":[[1]]",
        "\"activation\":{\"class_name\":\"function\",\"config\":\"silu\"}",
        "\"rate\":{\"class_name\":\"__numpy__\",\"config\":{\"value\":0.5}}",
        "\"layer\":{\"config\":{}},\"backward_layer\":{\"config\":{\"name\":\"b\"}}",
        "\"kernel_initializer\":{\"class_name\":\"IdentityInitializer\",\"config\":{}}"};
    for (unsigned b = any_byte(in); b & 1; b = any_byte(in))
        put(t, ",%s", fields[(b >> 1) % (sizeof fields / sizeof *fields)]);
}

static void put_layer(Text *t, Input *in, int index, const char *nodes, int level) {
    const Schema *schema = all_layers[any_byte(in) % LAYER_CLASSES]->schema;
    put(t, "{\"class_name\":\"%s\",\"name\":\"l%d\"", schema->class_name, index);
    if (nodes) put(t, ",\"inbound_nodes\":%s", nodes);
    if (any_byte(in) % 4 == 0)
        put(t, ",\"module\":\"%s\"", any_byte(in) % 4 ? "keras.layers" : "keras.src.ops.numpy");
    put(t, ",\"config\":{\"name\":\"l%d\"", index);
    if (any_byte(in) % 4 == 0) put_keras3(t, in);
    put_fields(t, in, schema, level);
    if (any_byte(in) % 8 == 0) {
        put(t, ",\"inputShape\":");
        put_ints(t, in, (int)(any_byte(in) % 5));
    }
    put(t, "}}");
}

/* One or two nodes, of one to three inputs each, of layers that mostly stand before. */
static void put_nodes(Text *t, Input *in, int index) {
    unsigned b = any_byte(in);
    put(t, "[");
    for (unsigned node = 0; node <= (b & 1); node++) {
        const bool call = any_byte(in) % 4 == 0; /* as Keras 3 writes it */
        put(t, "%s%s[", node ? "," : "", call ? "{\"args\":" : "");
        for (unsigned i = 0; i <= (b >> 1) % 3; i++) {
            unsigned to = any_byte(in);
            put(t, "%s%s[\"l%u\",%u,%u]%s", i ? "," : "",
                call ? "{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":" : "",
                to % (unsigned)(index + (to > 250)), to > 240 ? 1u : 0u, to > 245 ? 1u : 0u,
                call ? "}}" : "");
        }
        put(t, call ? "],\"kwargs\":{\"mask\":null}}" : "]");
    }
    put(t, "]");
}

static void put_model(Text *t, Input *in) {
    int layers = 1 + (int)(any_byte(in) % 5), rank = 1 + (int)(any_byte(in) % 3);
    bool stack = any_byte(in) & 1;
    put(t, "{\"class_name\":\"%s\",\"config\":{\"name\":\"m\",\"layers\":[",
        stack ? "Sequential" : "Model");
    put(t, "{\"class_name\":\"InputLayer\",\"inbound_nodes\":[],\"config\":{\"name\":\"l0\","
           "\"inputShape\":");
    put_ints(t, in, rank);
    put(t, "}}");
    for (int i = 1; i <= layers; i++) {
        Text nodes = {.n = 0};
        put_nodes(&nodes, in, i);
        put(t, ",");
        put_layer(t, in, i, nodes.v, 0);
    }
    put(t, "],\"inputLayers\":[[\"l0\",0,0]],\"outputLayers\":[[\"l%d\",0,0]", layers);
    if (any_byte(in) % 4 == 0) put(t, ",[\"l%d\",0,0]", 1 + (int)any_byte(in) % layers);
    put(t, "]}}");
}

/* Data for a model's input: batches of two. */
static Tensor *data_for(const Symbol *input) {
    int shape[TN_MAX_RANK + 1] = {input->shape.rank};
    for (int i = 0; i < input->shape.rank; i++)
        shape[1 + i] = input->shape.size[i] < 0 ? 2 : input->shape.size[i];
    return tn_cast(tn_fill((const Ints *)shape, 0.5f, TN_FLOAT32), input->shape.dtype);
}

static void train(Layer *model, Tensor *x, const List *p, unsigned b) {
    static const char *const losses[] = {"mse", "categoricalCrossentropy", "binaryCrossentropy",
                                         "hinge"};
    static const char *const optimizers[] = {"sgd", "adam", "rmsprop", "adadelta"};
    char spec[100];
    Tensor *y[8];
    struct {
        int n;
        Tensor *v[8];
    } targets = {p->n < 8 ? p->n : 8, {0}};
    for (int i = 0; i < targets.n; i++) y[i] = p->v[i];
    for (int i = 0; i < targets.n; i++) targets.v[i] = tn_zerosLike(y[i]);
    snprintf(spec, sizeof spec, "{\"loss\":\"%s\",\"metrics\":[\"accuracy\"]}", losses[b % 4]);
    Optimizer *o = tn_optimizer_by_name(optimizers[b / 4 % 4]);
    if (o) tn_compile(model, o, spec);
    tn_optimizer_release(o);
    if (!tn_error()) tn_train_on_batch(model, LIST(x), (const List *)&targets, NULL);
}

/* What is written is read again, with as many numbers in its file, and written the same. */
static void write_and_read(const Layer *model, double numbers, bool memory_fails) {
    static char first[200000];
    const char *text = tn_model_topology(model);
    if (tn_error() || strlen(text) >= sizeof first) return;
    strcpy(first, text);
    Layer *again = tn_model_load_for(first, numbers);
    if (again && !tn_error() && strcmp(first, tn_model_topology(again)) && !tn_error()) {
        fprintf(stderr, "written: %s\nread and written again: %s\n", first,
                tn_model_topology(again));
        abort();
    }
    if (!again && !memory_fails) {
        fprintf(stderr, "what was written is refused: %s\n%s\n", tn_error(), first);
        abort();
    }
    tn_layer_release(again);
}

static void use(Layer *model, unsigned b, double numbers, bool memory_fails) {
    const Symbols *inputs = tn_model_symbols(model, false);
    if (tn_error() || !inputs->n) return;
    Tensor *x = data_for(inputs->v[0]);
    write_and_read(model, numbers, memory_fails);
    tn_model_summary(model, 0, NULL);
    const List *p = tn_predict(model, LIST(x), 1 + (int)(b % 3));
    if (!tn_error()) train(model, x, p, b);
    tn_clear_error();
    tn_layer_dispose(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static Text text;
    Input in = {bytes, bytes + n};
    unsigned b = any_byte(&in);
    text.n = 0;
    put_model(&text, &in);
    if (b >= 200) tn_fail_allocation(1 + (int)any_byte(&in) * 4);
    Scope *s = tn_scope_begin();
    tn_model_unknown(text.v);
    const double numbers = b & 1 ? (double)any_byte(&in) : -1;
    Layer *model = tn_model_load_for(text.v, numbers);
    if (model) use(model, b, numbers, b >= 200);
    else if (!tn_error()) abort();
    tn_layer_release(model);
    tn_scope_end(s);
    tn_fail_allocation(0);
    tn_clear_error();
    if (!tn_memory()->tensors) return 0;
    fprintf(stderr, "%d tensors are left of %s\n", tn_memory()->tensors, text.v);
    abort();
}
