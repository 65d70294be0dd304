/* Models as graphs: sharing, lives, topologies good and hostile, memory that runs out. */
#include "layer_check.h"

static Symbol *input(const char *name, int features) {
    return tn_input(name, INTS(-1, features), TN_FLOAT32);
}

static Symbol *on(Layer *l, Symbol *x) {
    const Symbols *y = tn_layer_connect(l, SYMBOLS(x));
    return y->n ? y->v[0] : NULL;
}

/* ---- lifetimes ---- */

/* a and b are applied to each other's results: a cycle of layers, freed with the last handle. */
static void test_shared(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Symbol *x = input("x", 2);
    Layer *a = make_layer("Dense", "'units': 2, 'kernelInitializer': 'ones'");
    Layer *b = make_layer("Dense", "'units': 2, 'kernelInitializer': 'ones'");
    Symbol *y = on(a, on(b, on(a, x)));
    Layer *model = tn_model(NULL, SYMBOLS(x), SYMBOLS(y));
    no_error();
    tn_layer_release(tn_symbol_layer(x));
    tn_layer_release(a);
    tn_layer_release(b);
    assert_int_equal(tn_layer_weights(model, TN_WEIGHTS_ALL)->n, 4);
    Tensor *p = tn_predict(model, LIST(floats(INTS(1, 2), (float[]){1, 2})), 1)->v[0];
    no_error();
    near_to(at(p, 0), 12, 0);
    assert_int_equal(tn_model_layers(model)->n, 3);
    tn_layer_release(model);
    tn_scope_end(s);
}

/* A model that is applied to its own result, and one inside another that shares its layers. */
static void test_models_in_models(void **state) {
    (void)state;
    Symbol *x = input("x", 2);
    Layer *d = make_layer("Dense", "'units': 2");
    Symbol *y = on(d, x);
    Layer *inner = tn_model("inner", SYMBOLS(x), SYMBOLS(y));
    Symbol *z = on(inner, y);
    Layer *outer = tn_model("outer", SYMBOLS(x), SYMBOLS(z));
    no_error();
    assert_int_equal(tn_layer_weights(outer, TN_WEIGHTS_ALL)->n, 2);
    tn_layer_release(tn_symbol_layer(x));
    tn_layer_release(d);
    tn_layer_release(inner);
    const char *text = tn_model_topology(outer);
    no_error();
    assert_non_null(strstr(text, "\"inbound_nodes\":[[[\"x\",0,0,{}]]]"));
    tn_layer_release(outer);
}

static void test_cut(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *base = tn_sequential("base");
    add_layer(base, "Dense", "'units': 3, 'inputShape': [2], 'name': 'one'");
    add_layer(base, "Dense", "'units': 4, 'name': 'two'");
    Layer *one = tn_model_layers(base)->v[0];
    Symbol *in = tn_model_symbols(base, false)->v[0], *out = tn_layer_symbols(one, 0, true)->v[0];
    Layer *cut = tn_model("cut", SYMBOLS(in), SYMBOLS(out));
    no_error();
    assert_int_equal(tn_layer_dispose(base), 2); /* of layer two; layer one is in `cut` too */
    tn_layer_release(base);
    Tensor *x = tn_ones(INTS(1, 2), TN_FLOAT32);
    assert_int_equal(tn_predict(cut, LIST(x), 1)->n, 1);
    no_error();
    assert_int_equal(tn_layer_dispose(cut), 2);
    tn_predict(cut, LIST(x), 1);
    expect_error("is already disposed");
    tn_layer_dispose(cut);
    expect_error("is already disposed");
    tn_layer_release(cut);
    tn_scope_end(s);
}

static void test_stack(void **state) {
    (void)state;
    Layer *m = tn_sequential("m"), *other = tn_sequential("other");
    tn_sequential_pop(m);
    expect_error("no layers in the model");
    add_layer(m, "Dense", "'units': 3");
    expect_error("must get an `inputShape`");
    add_layer(m, "Dense", "'units': 3, 'inputShape': [2], 'name': 'd'");
    add_layer(m, "Dense", "'units': 3, 'name': 'd'");
    expect_error("a layer named d already");
    tn_sequential_add(m, m);
    expect_error("cannot be added to itself");
    add_layer(m, "Conv2D", "'filters': 3, 'kernelSize': 2");
    expect_error("x must be of rank 4, but has shape [null, 3]");
    add_layer(m, "Dense", "'units': 5");
    tn_sequential_pop(m);
    no_error();
    assert_int_equal(tn_model_layers(m)->n, 1);
    tn_sequential_add(other, m); /* a model on top of nothing brings its input with it */
    add_layer(other, "Dense", "'units': 1");
    no_error();
    assert_int_equal(tn_layer_weights(other, TN_WEIGHTS_ALL)->n, 4);
    for (int i = 0; i < 100 && !tn_error(); i++) {
        Layer *around = tn_sequential(NULL);
        tn_sequential_add(around, other);
        tn_layer_release(other);
        other = around;
    }
    expect_error("nested more than 64 deep");
    tn_layer_release(m);
    tn_layer_release(other);
}

static void test_wrong_graphs(void **state) {
    (void)state;
    Symbol *x = input("x", 2), *z = input("z", 2);
    Layer *d = make_layer("Dense", "'units': 2, 'name': 'd'");
    Layer *add = make_layer("Add", "'name': 'a'");
    Symbol *y = on(d, x), *sum = tn_layer_connect(add, SYMBOLS(y, z))->v[0];
    no_error();
    assert_null(tn_model("m", SYMBOLS(x), SYMBOLS(sum)));
    expect_error("depend on input z, which is not among");
    assert_null(tn_model("m", SYMBOLS(y), SYMBOLS(sum)));
    expect_error("must be InputLayer objects, but input 0 is the result of layer d");
    assert_null(tn_model("m", SYMBOLS(x, x), SYMBOLS(y)));
    expect_error("is redundant: 0 and 1 are the same");
    tn_layer_connect(add, SYMBOLS(x));
    expect_error("a list of at least 2 inputs. Got 1 input(s)");
    tn_layer_connect(d, SYMBOLS(x, z));
    expect_error("takes one input, but got 2");
    Layer *twin = make_layer("Dense", "'units': 2, 'name': 'd'");
    Symbol *again = on(twin, y);
    assert_null(tn_model("m", SYMBOLS(x), SYMBOLS(again)));
    expect_error("The name \"d\" is used more than once");
    Layer *both[] = {d, add, twin, tn_symbol_layer(x), tn_symbol_layer(z)};
    for (int i = 0; i < 5; i++) tn_layer_release(both[i]);
}

/* ---- topologies ---- */

static void refuse(const char *json, const char *part) {
    Layer *model = tn_model_load(json);
    if (model) fail_msg("loaded: %.200s", json);
    expect_error(part);
}

#define GRAPH(layers, in, out)                                                                     \
    "{\"class_name\": \"Model\", \"config\": {\"name\": \"m\", \"layers\": [" layers               \
    "], \"input_layers\": " in ", \"output_layers\": " out "}}"
#define INPUT(name)                                                                                \
    "{\"class_name\": \"InputLayer\", \"name\": \"" name "\", \"inbound_nodes\": [], "             \
    "\"config\": {\"name\": \"" name "\", \"batch_input_shape\": [null, 2]}}"
#define DENSE(name, nodes)                                                                         \
    "{\"class_name\": \"Dense\", \"name\": \"" name "\", \"inbound_nodes\": " nodes ", "           \
    "\"config\": {\"name\": \"" name "\", \"units\": 2}}"
#define STACK(layers) "{\"class_name\": \"Sequential\", \"config\": [" layers "]}"

static void test_bad_topologies(void **state) {
    (void)state;
    refuse("", "");
    refuse("{", "");
    refuse("[]", "no class_name");
    refuse("{\"class_name\": \"Sequential\"}", "no list of layers");
    refuse("{\"class_name\": \"Dense\", \"config\": {\"units\": 1}}", "that of a layer, Dense");
    refuse("{\"class_name\": \"Nonsense\"}", "'Nonsense' is not known");
    refuse(STACK("{\"class_name\": \"Dense\"}"), "units must be given");
    refuse(STACK("{\"class_name\": \"Dense\", \"config\": {\"units\": 2147483647, "
                 "\"batch_input_shape\": [null, 2147483647]}}"),
           "2 GiB");
    refuse(STACK("{\"class_name\": \"Dense\", \"config\": {\"units\": 1e300}}"), "a whole number");
    refuse(STACK("{\"class_name\": \"Dense\", \"config\": {\"units\": 1, "
                 "\"batch_input_shape\": [1,2,3,4,5,6,7,8,9]}}"),
           "at most 8 whole numbers");
    refuse(GRAPH("", "[]", "[]"), "no layers");
    refuse(GRAPH(INPUT("i"), "[[\"i\", 0, 0]]", "[]"), "at least one input and one output");
    refuse(GRAPH(INPUT("i") ", " INPUT("i"), "[]", "[]"), "two layers are named 'i'");
}

/* A model of input i, layer d with these nodes, layer e after d, and these outputs. */
#define ONE(nodes, outputs)                                                                        \
    GRAPH(INPUT("i") ", " DENSE("d", nodes) ", " DENSE("e", "[[[\"d\", 0, 0]]]"),                  \
          "[[\"i\", 0, 0]]", outputs)

static void test_bad_references(void **state) {
    (void)state;
    refuse(ONE("[[[\"i\", 0, 0]]]", "[[\"d\", 1, 0]]"), "names a node that is not there");
    refuse(ONE("[[[\"i\", 0, 0]]]", "[[\"d\", 0, 1]]"), "has 1 results, tensor 1 is asked for");
    refuse(ONE("[[[\"i\", 0, 0]]]", "[[\"f\", 0, 0]]"), "no layer 'f'");
    refuse(ONE("[[[\"i\", 0, 0]]]", "[[\"d\", 0]]"), "not [name, node, tensor]");
    refuse(ONE("[[[\"f\", 0, 0]]]", "[[\"d\", 0, 0]]"), "no layer 'f'");
    refuse(ONE("[[[\"i\", 3, 0]]]", "[[\"d\", 0, 0]]"), "has 1 nodes, node 3 is asked for");
    refuse(ONE("[[[\"i\", -1, 0]]]", "[[\"d\", 0, 0]]"), "not [name, node, tensor]");
    refuse(ONE("[[[\"d\", 0, 0]]]", "[[\"d\", 0, 0]]"), "in a circle");
    refuse(ONE("[[[\"e\", 0, 0]]]", "[[\"d\", 0, 0]]"), "in a circle");
    refuse(ONE("[[]]", "[[\"d\", 0, 0]]"), "has a node without inputs");
    refuse(ONE("[5]", "[[\"d\", 0, 0]]"), "no array of inputs");
    refuse(ONE("{\"a\": 5}", "[[\"d\", 0, 0]]"), "inbound_nodes is no array");
}

/* Layers may come in any order, be shared, and refer to later nodes. */
static void test_order(void **state) {
    (void)state;
    Layer *model = tn_model_load(GRAPH(
        DENSE("c", "[[[\"b\", 1, 0]]]") ", " DENSE(
            "b",
            "[[[\"a\", 0, 0]], [[\"b\", 0, 0]]]") ", " DENSE("a",
                                                             "[[[\"i\", 0, 0]]]") ", " INPUT("i"),
        "[\"i\", 0, 0]", "[\"c\", 0, 0]"));
    no_error();
    assert_int_equal(tn_model_layers(model)->n, 4);
    assert_string_equal(tn_layer_name(tn_model_layers(model)->v[0]), "i");
    char first[4000];
    snprintf(first, sizeof first, "%s", tn_model_topology(model));
    Layer *again = tn_model_load(first);
    no_error();
    assert_string_equal(first, tn_model_topology(again));
    tn_layer_release(model);
    tn_layer_release(again);
}

/* n times `open`, the middle, n times `close`, in memory of the caller's. */
static char *nested(int n, const char *open, const char *middle, const char *close) {
    size_t size = (size_t)n * (strlen(open) + strlen(close)) + strlen(middle) + 1;
    char *text = malloc(size), *at = text;
    for (int i = 0; i < n; i++) at += sprintf(at, "%s", open);
    at += sprintf(at, "%s", middle);
    for (int i = 0; i < n; i++) at += sprintf(at, "%s", close);
    return text;
}

static void test_deep(void **state) {
    (void)state;
    char *text = nested(100000, "{\"class_name\":\"Sequential\",\"config\":[", "", "]}");
    refuse(text, "nested more than 300 deep");
    free(text);
    text = nested(100000, "[", "", "]");
    refuse(text, "nested more than 300 deep");
    free(text);
    text = nested(99, "{\"class_name\":\"Sequential\",\"config\":[",
                  "{\"class_name\":\"Flatten\","
                  "\"config\":{\"batch_input_shape\":[null,1]}}",
                  "]}");
    refuse(text, "nested more than 64 deep");
    free(text);
}

/* A chain as long as no stack of C is deep. */
static void test_long(void **state) {
    (void)state;
    enum { N = 20000 };
    char *text = malloc(N * 200), *end = text;
    end += sprintf(end, "{\"class_name\":\"Model\",\"config\":{\"layers\":[" INPUT("l0"));
    for (int i = N; i > 0; i--)
        end += sprintf(end,
                       ",{\"class_name\":\"ReLU\",\"config\":{\"name\":\"l%d\"},"
                       "\"inbound_nodes\":[[[\"l%d\",0,0]]]}",
                       i, i - 1);
    sprintf(end, "],\"input_layers\":[[\"l0\",0,0]],\"output_layers\":[[\"l%d\",0,0]]}}", N);
    Layer *model = tn_model_load(text);
    no_error();
    Scope *s = tn_scope_begin();
    Tensor *y = tn_predict(model, LIST(tn_ones(INTS(1, 2), TN_FLOAT32)), 1)->v[0];
    near_to(at(y, 1), 1, 0);
    tn_scope_end(s);
    tn_layer_release(model);
    free(text);
}

/* ---- weights from files ---- */

static void test_weight_names(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *m = tn_sequential("m");
    add_layer(m, "Dense", "'units': 1, 'inputShape': [1], 'name': 'd'");
    Tensor *kernel = floats(INTS(1, 1), (float[]){3}), *bias = floats(INTS(1), (float[]){4});
    tn_layer_load_weights(m, "[\"d/bias\", \"d/kernel\"]", LIST(bias, kernel), true);
    no_error();
    near_to(at(tn_layer_weights(m, TN_WEIGHTS_ALL)->v[0], 0), 3, 0);
    tn_layer_load_weights(m, "[\"d/cell/bias\", \"m/d/kernel\"]", LIST(bias, kernel), true);
    no_error();
    tn_layer_load_weights(m, "[\"d/kernel\"]", LIST(kernel), true);
    expect_error("1 of 2 weights are not set: the first is d/bias");
    tn_layer_load_weights(m, "[\"d/kernel\", \"e/kernel\"]", LIST(kernel, kernel), true);
    expect_error("no target variable: e/kernel");
    tn_layer_load_weights(m, "[\"d/kernel\", \"e/kernel\"]", LIST(kernel, kernel), false);
    no_error();
    tn_layer_load_weights(m, "[\"d/kernel\", \"d/bias\"]", LIST(bias, bias), true);
    expect_error("Shape mismatch: the weight shape [1, 1] of d/kernel");
    tn_layer_set_weights(m, LIST(kernel));
    expect_error("list of length 1, but the layer was expecting 2");
    tn_layer_release(m);
    tn_scope_end(s);
}

/* ---- memory that runs out ---- */

/* Everything once: layers, graph, compile, a step, prediction, topology, and freeing. */
static void everything(void) {
    Scope *s = tn_scope_begin();
    Layer *model = tn_model_load(GRAPH(INPUT("i") ", " DENSE("a", "[[[\"i\", 0, 0]]]") ", " DENSE(
                                           "b", "[[[\"a\", 0, 0]], [[\"b\", 0, 0]]]"),
                                       "[[\"i\", 0, 0]]", "[[\"b\", 1, 0]]"));
    Layer *stack = tn_sequential(NULL);
    if (stack) add_layer(stack, "Dense", "'units': 2, 'inputShape': [2]");
    if (stack && model) tn_sequential_add(stack, model);
    if (stack && !tn_error()) {
        Tensor *x = tn_ones(INTS(3, 2), TN_FLOAT32), *y = tn_zeros(INTS(3, 2), TN_FLOAT32);
        compile_model(stack, "adam", "{\"loss\": \"mse\", \"metrics\": [\"mae\"]}");
        tn_fit(stack, LIST(x), LIST(y), "{\"batchSize\": 2, \"validationSplit\": 0.3}");
        tn_predict(stack, LIST(x), 2);
        tn_model_topology(stack);
        tn_model_summary(stack, 0, NULL);
    }
    tn_layer_release(model);
    tn_layer_release(stack);
    tn_scope_end(s);
}

static void test_failing_memory(void **state) {
    (void)state;
    int n = 1;
    everything();
    no_error();
    for (; n < 20000; n++) {
        tn_fail_allocation(n);
        everything();
        tn_fail_allocation(0);
        if (!tn_error()) break;
        ErrorCode code = tn_error_code();
        if (code != TN_MEMORY && code != TN_FILE) fail_msg("%d: %s", n, tn_error());
        tn_clear_error();
        int left = tn_memory()->tensors;
        if (left) fail_msg("allocation %d failed: %d tensors are left", n, left);
    }
    print_message("%d allocations failed in turn\n", n - 1);
    assert_in_range(n, 300, 19999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_shared, nothing_left),
        cmocka_unit_test_teardown(test_models_in_models, nothing_left),
        cmocka_unit_test_teardown(test_cut, nothing_left),
        cmocka_unit_test_teardown(test_stack, nothing_left),
        cmocka_unit_test_teardown(test_wrong_graphs, nothing_left),
        cmocka_unit_test_teardown(test_bad_topologies, nothing_left),
        cmocka_unit_test_teardown(test_bad_references, nothing_left),
        cmocka_unit_test_teardown(test_order, nothing_left),
        cmocka_unit_test_teardown(test_deep, nothing_left),
        cmocka_unit_test_teardown(test_long, nothing_left),
        cmocka_unit_test_teardown(test_weight_names, nothing_left),
        cmocka_unit_test_teardown(test_failing_memory, nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
