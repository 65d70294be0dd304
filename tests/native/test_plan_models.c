/* Plans of training steps and of graph models. */
#include "plan_check.h"

/* Layers that draw random numbers draw the same with a seed, so that two models can be compared. */
static Layer *small_net(const char *optimizer, const char *spec) {
    Layer *m = tn_sequential(NULL);
    char json[200];
    add_layer(m, "Conv2D",
              "'filters': 3, 'kernelSize': 3, 'inputShape': [6, 6, 1],"
              "'kernelInitializer': {'className': 'GlorotUniform', 'config': {'seed': 4}},"
              "'kernelRegularizer': {'className': 'L1L2', 'config': {'l2': 0.01}}");
    add_layer(m, "BatchNormalization", "'momentum': 0.5");
    add_layer(m, "ReLU", "");
    add_layer(m, "Dropout", "'rate': 0.3, 'seed': 7");
    add_layer(m, "Flatten", "");
    add_layer(m, "Dense",
              "'units': 2, 'activation': 'softmax', 'kernelConstraint': {'className': 'MaxNorm'},"
              "'kernelInitializer': {'className': 'GlorotUniform', 'config': {'seed': 5}}");
    snprintf(json, sizeof json, "%s", spec);
    for (char *c = json; *c; c++)
        if (*c == '\'') *c = '"';
    compile_model(m, optimizer, json);
    no_error();
    return m;
}

/* Ten steps by plans and by calls, the plans dropped each time: the same values and weights. */
static void train_both(const char *optimizer, const char *spec, int expected) {
    Layer *a = small_net(optimizer, spec), *b = small_net(optimizer, spec);
    const char *why;
    for (int i = 0; i < 10; i++) {
        Scope *s = tn_scope_begin();
        Tensor *x = numbers(INTS(4, 6, 6, 1), i), *got[3];
        Tensor *y = floats(INTS(4, 2), (const float[]){1, 0, 0, 1, 0, 1, 1, 0});
        const List *list = tn_train_on_batch(a, LIST(x), LIST(y), NULL);
        no_error();
        const int n = list->n;
        for (int k = 0; k < n; k++) got[k] = list->v[k];
        plans_free(b->graph->trainer->plans);
        b->graph->trainer->plans = NULL;
        list = tn_train_on_batch(b, LIST(x), LIST(y), NULL);
        no_error();
        for (int k = 0; k < n; k++) assert_true(same(got[k], list->v[k]));
        tn_scope_end(s);
    }
    assert_int_equal(plans_count(a->graph->trainer->plans, &why), expected);
    assert_non_null(
        strstr(tn_model_plans(a), expected ? "\"why\":null" : "a loss or metric in JavaScript"));
    Walk one = weights_of(a, TN_WEIGHTS_ALL), two = weights_of(b, TN_WEIGHTS_ALL);
    for (int i = 0; i < one.n; i++) assert_true(same(one.v[i]->value, two.v[i]->value));
    arena_free(&one.arena);
    arena_free(&two.arena);
    tn_layer_release(a);
    tn_layer_release(b);
}

static void training(void **state) {
    (void)state;
    train_both("sgd", "{'loss': 'categoricalCrossentropy'}", 1);
    train_both("adam", "{'loss': 'meanSquaredError', 'metrics': ['accuracy']}", 1);
}

static Tensor *times_called(int function, Tensor *y, Tensor *p) {
    (void)function;
    return tn_mean(tn_square(tn_sub(p, y)), INTS(-1), false);
}

/* A metric of the caller's is asked beside the plan; with a loss of the caller's there is none. */
static void losses_in_javascript(void **state) {
    (void)state;
    tn_on_metric_function(times_called);
    train_both("sgd", "{'loss': 'meanSquaredError', 'metrics': [{'function': 1, 'name': 'm'}]}", 1);
    train_both("sgd", "{'loss': {'function': 1, 'name': 'm'}}", 0);
}

static void frozen_layers(void **state) {
    (void)state;
    Layer *m = small_net("sgd", "{'loss': 'meanSquaredError'}");
    Scope *s = tn_scope_begin();
    Tensor *x = numbers(INTS(4, 6, 6, 1), 1), *y = numbers(INTS(4, 2), 2), *before, *after;
    for (int i = 0; i < 4; i++) tn_train_on_batch(m, LIST(x), LIST(y), NULL);
    before = tn_clone(tn_layer_weights(m, TN_WEIGHTS_ALL)->v[0]);
    tn_layer_set_trainable(tn_model_layers(m)->v[1], false);
    compile_model(m, "sgd", "{\"loss\": \"meanSquaredError\"}");
    for (int i = 0; i < 4; i++) tn_train_on_batch(m, LIST(x), LIST(y), NULL);
    no_error();
    after = tn_layer_weights(m, TN_WEIGHTS_ALL)->v[0];
    assert_false(same(before, after));
    tn_scope_end(s);
    tn_layer_release(m);
}

static float weights_total(Layer *m) {
    Walk all = weights_of(m, TN_WEIGHTS_ALL);
    float total = 0;
    for (int i = 0; i < all.n; i++)
        for (int k = 0; k < all.v[i]->value->size; k++) total += at(all.v[i]->value, k);
    arena_free(&all.arena);
    return total;
}

/* The third step is a plan's: it fails with a typed error, or gives its loss; training goes on. */
static void out_of_memory_in_training(void **state) {
    (void)state;
    Layer *m = small_net("adam", "{'loss': 'meanSquaredError'}");
    Scope *s = tn_scope_begin();
    Tensor *x = numbers(INTS(2, 6, 6, 1), 1), *y = numbers(INTS(2, 2), 2);
    for (int i = 0; i < 3; i++) tn_train_on_batch(m, LIST(x), LIST(y), NULL);
    no_error();
    int errors = 0, through = 0;
    for (int n = 1; n < 300; n++) {
        const int before = tn_memory()->tensors;
        Scope *inner = tn_scope_begin();
        tn_fail_allocation(n);
        const List *list = tn_train_on_batch(m, LIST(x), LIST(y), NULL);
        tn_fail_allocation(0);
        if (tn_error()) {
            assert_int_equal(tn_error_code(), TN_MEMORY);
            errors++;
        } else {
            assert_true(isfinite(at(list->v[0], 0)));
            through++;
        }
        tn_clear_error();
        tn_scope_end(inner);
        assert_int_equal(tn_memory()->tensors, before);
        assert_true(isfinite(weights_total(m)));
    }
    assert_true(errors && through);
    tn_scope_end(s);
    tn_layer_release(m);
}

/* ---- graph models ---- */

/* y = x w, reshaped to a shape that the graph works out from x's. */
/* clang-format off */
static const char shapes[] =
    NODE("x", "Placeholder", "") "," NODE("w", "Const", "") "," NODE("half", "Const", "") ","
    NODE("flat", "Const", "") "," NODE("axis", "Const", "") ","
    NODE("m", "MatMul", "'x','w'") "," NODE("shape", "Shape", "'m'") ","
    NODE("new", "FloorDiv", "'shape','half'") ","
    NODE("both", "ConcatV2", "'new','flat','axis'") ","
    NODE("y", "Reshape", "'m','both'");
/* clang-format on */

static void graph_shapes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *w = numbers(INTS(3, 4), 5), *half = tn_tensor(TN_INT32, INTS(2), (const int[]){2, 2}),
           *flat = tn_tensor(TN_INT32, INTS(1), (const int[]){-1});
    GraphModel *m = graph(shapes, "}}");
    weights(m, "['w','half','flat','axis']", LIST(w, half, flat, whole(0)));
    Subgraph *p = tn_graph_subgraph(m, quoted("['x']"), quoted("['y']"));
    no_error();
    const char *why;
    for (int i = 0; i < 8; i++) {
        const int rows = i & 1 ? 2 : 6;
        Tensor *x = numbers(INTS(rows, 3), i), *want = tn_matMul(x, w, false, false);
        const List *list = tn_graph_run(p, LIST(x));
        no_error();
        assert_true(same(list->v[0], tn_reshape(want, INTS(rows / 2, 2, 4))));
    }
    assert_int_equal(plans_count(p->plans, &why), 2);
    Tensor *other = numbers(INTS(3, 4), 6), *x = numbers(INTS(2, 3), 1);
    weights(m, "['w']", LIST(other));
    assert_int_equal(plans_count(p->plans, &why), 0);
    const List *list = tn_graph_run(p, LIST(x));
    assert_true(same(list->v[0], tn_reshape(tn_matMul(x, other, false, false), INTS(1, 2, 4))));
    tn_graph_release(m);
    tn_scope_end(s);
}

/* A loop that goes round as often as its input says. */
static void graph_loops(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    GraphModel *m = graph(loop2, library2);
    weights(m, "['zero','shape','most','one']",
            LIST(whole(0), tn_tensor(TN_INT32, INTS(0), NULL), whole(-1), whole(1)));
    Subgraph *p = tn_graph_subgraph(m, quoted("['n']"), quoted("['sum']"));
    no_error();
    for (int i = 0; i < 6; i++) {
        const List *list = tn_graph_run(p, LIST(whole(i)));
        no_error();
        assert_int_equal(*(const int *)tn_data(list->v[0]), i * (i - 1) / 2);
    }
    const char *why;
    assert_int_equal(plans_count(p->plans, &why), 0);
    assert_string_equal(why ? why : "", "values are read");
    tn_graph_release(m);
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(training, nothing_left),
        cmocka_unit_test_teardown(losses_in_javascript, nothing_left),
        cmocka_unit_test_teardown(frozen_layers, nothing_left),
        cmocka_unit_test_teardown(out_of_memory_in_training, nothing_left),
        cmocka_unit_test_teardown(graph_shapes, nothing_left),
        cmocka_unit_test_teardown(graph_loops, nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
