/* Layers compute, models learn: values, gradients, freezing, penalties, states. */
#include "layer_check.h"

/* ---- learning ---- */

static void test_xor(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential(NULL);
    add_layer(model, "Dense",
              "'units': 8, 'activation': 'tanh', 'inputShape': [2],"
              "'kernelInitializer': {'className': 'GlorotUniform', 'config': {'seed': 7}}");
    add_layer(model, "Dense",
              "'units': 1, 'activation': 'sigmoid', 'kernelInitializer':"
              "{'className': 'GlorotUniform', 'config': {'seed': 8}}");
    Tensor *x = floats(INTS(4, 2), (float[]){0, 0, 0, 1, 1, 0, 1, 1});
    Tensor *y = floats(INTS(4, 1), (float[]){0, 1, 1, 0});
    compile_model(model, "adam", "{\"loss\": \"binaryCrossentropy\", \"metrics\": [\"accuracy\"]}");
    double before = tn_fit(model, LIST(x), LIST(y), "{\"batchSize\": 4, \"seed\": \"5\"}");
    double after = tn_fit(model, LIST(x), LIST(y), "{\"epochs\": 1500, \"batchSize\": 4}");
    no_error();
    assert_true(after < 0.2 && after < before);
    const List *p = tn_predict(model, LIST(x), 3);
    no_error();
    assert_true(at(p->v[0], 0) < .3 && at(p->v[0], 1) > .7 && at(p->v[0], 2) > .7);
    const List *e = tn_evaluate(model, LIST(x), LIST(y), NULL, 3);
    no_error();
    assert_int_equal(e->n, 2);
    near_to(at(e->v[1], 0), 1, 0);
    tn_layer_release(model);
    tn_scope_end(s);
}

/* Loss of a model for weights given. */
static double loss_at(Layer *model, Tensor *x, Tensor *y) {
    Scope *s = tn_scope_begin();
    double loss = at(tn_evaluate(model, LIST(x), LIST(y), NULL, 32)->v[0], 0);
    tn_scope_end(s);
    return loss;
}

/* The step of sgd with rate 1 is minus the gradient: compared with finite differences. */
static void check_gradients(Layer *model, Tensor *x, Tensor *y, const char *loss) {
    enum { MOST = 400 };
    float before[MOST], step[MOST];
    char spec[200];
    snprintf(spec, sizeof spec, "{\"loss\": \"%s\"}", loss);
    Optimizer *sgd = tn_optimizer("sgd", "{\"learningRate\": 1}");
    tn_compile(model, sgd, spec);
    int n = tn_layer_weights(model, TN_WEIGHTS_TRAINABLE)->n, k = 0;
    for (int i = 0; i < n; i++) {
        Tensor *w = tn_layer_weights(model, TN_WEIGHTS_TRAINABLE)->v[i];
        for (int e = 0; e < tn_size(w); e++) before[k++] = at(w, e);
    }
    assert_true(k <= MOST);
    tn_train_on_batch(model, LIST(x), LIST(y), NULL);
    no_error();
    k = 0;
    for (int i = 0; i < n; i++) {
        Tensor *w = tn_layer_weights(model, TN_WEIGHTS_TRAINABLE)->v[i];
        float *v = (float *)tn_data(w);
        for (int e = 0; e < tn_size(w); e++, k++) step[k] = before[k] - v[e], v[e] = before[k];
    }
    k = 0;
    for (int i = 0; i < n; i++) {
        Tensor *w = tn_layer_weights(model, TN_WEIGHTS_TRAINABLE)->v[i];
        float *v = (float *)tn_data(w), h = 1e-2f;
        for (int e = 0; e < tn_size(w); e++, k++) {
            v[e] = before[k] + h;
            double up = loss_at(model, x, y);
            v[e] = before[k] - h;
            double down = loss_at(model, x, y);
            v[e] = before[k];
            near_to(step[k], (up - down) / (2 * h), 2e-3);
        }
    }
    tn_optimizer_release(sgd);
}

static Tensor *numbers(const Ints *shape) {
    Tensor *x = tn_tensor(TN_FLOAT32, shape, NULL);
    for (int i = 0; i < tn_size(x); i++) ((float *)tn_data(x))[i] = sinf((float)i * 1.7f + 1);
    return x;
}

static void test_gradients(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential(NULL);
    add_layer(model, "Conv2D",
              "'filters': 2, 'kernelSize': 2, 'inputShape': [4, 4, 1],"
              "'activation': 'tanh', 'kernelInitializer': {'className': 'heNormal',"
              "'config': {'seed': 3}}");
    add_layer(model, "DepthwiseConv2D",
              "'kernelSize': 2, 'depthwiseInitializer':"
              "{'className': 'heNormal', 'config': {'seed': 4}}");
    add_layer(model, "Flatten", "");
    add_layer(model, "Dense",
              "'units': 3, 'activation': 'softmax', 'kernelInitializer':"
              "{'className': 'heNormal', 'config': {'seed': 5}}");
    Tensor *x = numbers(INTS(2, 4, 4, 1));
    Tensor *y = floats(INTS(2, 3), (float[]){1, 0, 0, 0, 0, 1});
    check_gradients(model, x, y, "categoricalCrossentropy");
    tn_layer_release(model);
    tn_scope_end(s);
}

/* Groups, a transposed convolution with gaps, and layers as activations. */
static void test_channel_gradients(void **state) {
    static const char *const convs[] = {
        "'filters': 4, 'groups': 2",
        "'filters': 2, 'groups': 2",
        "'filters': 2, 'strides': 2, 'outputPadding': 1, 'dilationRate': 2",
    };
    (void)state;
    for (int i = 0; i < 3; i++) {
        char config[400];
        Scope *s = tn_scope_begin();
        Layer *model = tn_sequential(NULL);
        snprintf(config, sizeof config,
                 "'kernelSize': 2, 'inputShape': [3, 3, 2], %s,"
                 "'activation': {'className': 'Softmax', 'config': {'axis': -1}},"
                 "'kernelInitializer': {'className': 'heNormal', 'config': {'seed': 3}}",
                 convs[i]);
        add_layer(model, i == 2 ? "Conv2DTranspose" : "Conv2D", config);
        add_layer(model, "Activation", "'activation': 'glu'");
        add_layer(model, "GlobalAveragePooling2D", "'keepdims': true");
        add_layer(model, "Flatten", "");
        Tensor *y = numbers(INTS(2, i == 0 ? 2 : 1));
        check_gradients(model, numbers(INTS(2, 3, 3, 2)), y, "meanSquaredError");
        tn_layer_release(model);
        tn_scope_end(s);
    }
    assert_null(make_layer("Dense", "'units': 1, 'activation': {'className': 'PReLU'}"));
    expect_error("a layer without weights, but is PReLU");
}

static void test_recurrent_gradients(void **state) {
    static const char *const kinds[] = {"LSTM", "GRU", "SimpleRNN", "GRU"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        char config[300];
        Scope *s = tn_scope_begin();
        Layer *model = tn_sequential(NULL);
        snprintf(config, sizeof config,
                 "'units': 2, 'inputShape': [3, 2], 'kernelInitializer':"
                 "{'className': 'glorotUniform', 'config': {'seed': 3}}, 'recurrentInitializer':"
                 "{'className': 'orthogonal', 'config': {'seed': 4}}%s",
                 i == 3 ? ", 'resetAfter': true, 'recurrentActivation': 'sigmoid'" : "");
        add_layer(model, kinds[i], config);
        check_gradients(model, numbers(INTS(2, 3, 2)), numbers(INTS(2, 2)), "meanSquaredError");
        tn_layer_release(model);
        tn_scope_end(s);
    }
}

/* ---- batches ---- */

static void test_batches(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential(NULL);
    add_layer(model, "Dense", "'units': 1, 'inputShape': [1], 'kernelInitializer': 'ones'");
    compile_model(model, "sgd", "{\"loss\": \"mse\", \"metrics\": \"mae\"}");
    Tensor *x = floats(INTS(5), (float[]){1, 2, 3, 4, 5}), *y = tn_zeros(INTS(5), TN_FLOAT32);
    for (int batch = 1; batch <= 6; batch++) {
        near_to(at(tn_evaluate(model, LIST(x), LIST(y), NULL, batch)->v[0], 0), 11, 1e-5);
        near_to(at(tn_evaluate(model, LIST(x), LIST(y), NULL, batch)->v[1], 0), 3, 1e-5);
        Tensor *p = tn_predict(model, LIST(x), batch)->v[0];
        no_error();
        for (int i = 0; i < 5; i++) near_to(at(p, i), i + 1, 0);
    }
    Fit *f = tn_fit_begin(model, LIST(x), LIST(y), NULL, NULL, NULL, NULL,
                          "{\"batchSize\": 2, \"validationSplit\": 0.4}");
    assert_int_equal(tn_fit_examples(f), 3);
    assert_true(tn_fit_validates(f));
    assert_int_equal(tn_fit_epoch(f), 2);
    assert_int_equal(tn_fit_batch(f, 0) + tn_fit_batch(f, 1), 3);
    tn_fit_batch(f, 2);
    expect_error("no batch 2");
    tn_fit_validate(f);
    no_error();
    assert_int_equal(tn_fit_values(f, TN_FIT_VALIDATION)->n, 2);
    tn_fit_end(f);
    tn_layer_release(model);
    tn_scope_end(s);
}

static void test_wrong_data(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential("m");
    Tensor *x = numbers(INTS(4, 2)), *y = numbers(INTS(4, 1)), *short_y = numbers(INTS(3, 1));
    tn_predict(model, LIST(x), 32);
    expect_error("model is empty. Add some layers first");
    add_layer(model, "Dense", "'units': 1, 'inputShape': [2], 'name': 'd'");
    tn_fit(model, LIST(x), LIST(y), NULL);
    expect_error("You must compile a model before");
    compile_model(model, "sgd", "{\"loss\": \"meanSquaredError\"}");
    tn_fit(model, LIST(x), LIST(short_y), NULL);
    expect_error("Found 4 input sample(s) and 3 target sample(s)");
    tn_fit(model, LIST(x), LIST(x), NULL);
    expect_error("checking y: expected d to have shape [null,1], but got array with shape [4,2]");
    tn_predict(model, LIST(y), 32);
    expect_error(
        "checking x: expected d_input to have shape [null,2], but got array with shape [4,1]");
    tn_predict(model, LIST(x, x), 32);
    expect_error("Expected to see 1 Tensor(s), but instead got 2");
    tn_predict(model, LIST(x), 0);
    expect_error("batchSize is required to be a positive integer, but got 0");
    tn_fit(model, LIST(x), LIST(y), "{\"validationSplit\": 1}");
    expect_error("validationSplit");
    tn_train_on_batch(model, LIST(x), LIST(short_y), NULL);
    expect_error("y has 3 examples, x has 4");
    tn_fit(model, LIST(x), LIST(y), NULL);
    no_error();
    tn_layer_release(model);
    tn_scope_end(s);
}

/* ---- freezing ---- */

static float kernel_of(Layer *model) {
    return at(tn_layer_weights(model, TN_WEIGHTS_ALL)->v[0], 0);
}

/* Who trains is settled when a model is compiled, so that two models can share layers of which each
** trains its own, as adversarial networks do. */
static void test_freezing(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *judge = tn_sequential("judge"), *both = tn_sequential("both");
    add_layer(judge, "Dense", "'units': 1, 'inputShape': [1], 'kernelInitializer': 'ones'");
    compile_model(judge, "sgd", "{\"loss\": \"mse\"}");
    tn_layer_set_trainable(judge, false);
    add_layer(both, "Dense", "'units': 1, 'inputShape': [1], 'kernelInitializer': 'ones'");
    tn_sequential_add(both, judge);
    compile_model(both, "sgd", "{\"loss\": \"mse\"}");
    Tensor *x = floats(INTS(1, 1), (float[]){1}), *y = floats(INTS(1, 1), (float[]){3});
    tn_train_on_batch(both, LIST(x), LIST(y), NULL);
    near_to(kernel_of(judge), 1, 0);
    assert_true(kernel_of(both) > 1);
    assert_int_equal(tn_layer_weights(both, TN_WEIGHTS_TRAINABLE)->n, 2);
    assert_int_equal(tn_layer_weights(both, TN_WEIGHTS_FIXED)->n, 2);
    assert_int_equal(tn_all_weights()->n, 4);
    int trainable = 0;
    for (int i = 0; i < 4; i++) trainable += tn_is_trainable(tn_all_weights()->v[i]);
    assert_int_equal(trainable, 2);
    tn_train_on_batch(judge, LIST(x), LIST(y), NULL);
    no_error();
    assert_true(kernel_of(judge) > 1);
    tn_layer_release(both);
    tn_layer_release(judge);
    tn_scope_end(s);
}

/* ---- what is beside the loss ---- */

static void test_penalties_and_constraints(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential(NULL);
    add_layer(model, "Dense",
              "'units': 1, 'inputShape': [1], 'kernelInitializer': 'ones',"
              "'kernelRegularizer': {'className': 'L2', 'config': {'l2': 0.5}},"
              "'activityRegularizer': {'className': 'l1', 'config': {'l1': 0.25}},"
              "'kernelConstraint': 'nonNeg'");
    Optimizer *sgd = tn_optimizer("sgd", "{\"learningRate\": 100}");
    tn_compile(model, sgd, "{\"loss\": \"mse\"}");
    Tensor *x = floats(INTS(2, 1), (float[]){1, 3}), *y = floats(INTS(2, 1), (float[]){1, 3});
    const List *loss = tn_train_on_batch(model, LIST(x), LIST(y), NULL);
    no_error();
    near_to(at(loss->v[0], 0), 0.5 + 0.25 * (1 + 3) / 2, 1e-6);
    near_to(kernel_of(model), 0, 0); /* the step went far below 0 */
    tn_optimizer_release(sgd);
    tn_layer_release(model);
    tn_scope_end(s);
}

static void test_sample_weights(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential(NULL);
    add_layer(model, "Dense", "'units': 1, 'inputShape': [1], 'kernelInitializer': 'zeros'");
    compile_model(model, "sgd", "{\"loss\": \"mse\"}");
    Tensor *x = numbers(INTS(2, 1)), *y = floats(INTS(2, 1), (float[]){1, 2});
    Tensor *w = floats(INTS(2), (float[]){0, 3});
    const List *loss = tn_train_on_batch(model, LIST(x), LIST(y), LIST(w));
    no_error();
    near_to(at(loss->v[0], 0), (0 * 1 + 3 * 4) / 2.0, 1e-6);
    tn_layer_release(model);
    tn_scope_end(s);
}

/* ---- layers with a memory ---- */

static void test_batch_norm(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *l = make_layer("BatchNormalization", "'axis': 1, 'epsilon': 0, 'momentum': 0.5");
    Tensor *x = floats(INTS(2, 2, 2), (float[]){1, 3, 10, 30, 1, 3, 10, 30});
    Tensor *y = tn_layer_apply(l, LIST(x), true)->v[0];
    no_error();
    for (int i = 0; i < 8; i++) near_to(at(y, i), i % 2 ? 1 : -1, 1e-5);
    const List *w = tn_layer_weights(l, TN_WEIGHTS_FIXED);
    near_to(at(w->v[0], 0), 1, 1e-6); /* half way from 0 to mean 2 */
    near_to(at(w->v[0], 1), 10, 1e-5);
    near_to(at(w->v[1], 0), 1, 1e-6); /* and from 1 to variance 1 */
    near_to(at(w->v[1], 1), 50.5, 1e-4);
    Tensor *z = tn_layer_apply(l, LIST(x), false)->v[0];
    near_to(at(z, 0), 0, 1e-5);
    near_to(at(z, 2), 0, 1e-5);
    tn_layer_release(l);
    tn_scope_end(s);
}

static void test_stateful(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    const char *config = "'units': 1, 'kernelInitializer': 'ones', 'recurrentInitializer': 'ones',"
                         "'activation': 'linear', 'stateful': true, 'returnState': true";
    Layer *l = make_layer("SimpleRNN", config);
    Tensor *x = floats(INTS(1, 2, 1), (float[]){1, 2}), *h = floats(INTS(1, 1), (float[]){10});
    near_to(at(tn_layer_apply(l, LIST(x), false)->v[0], 0), 3, 0);
    near_to(at(tn_layer_apply(l, LIST(x), false)->v[1], 0), 6, 0);
    tn_layer_reset_states(l);
    near_to(at(tn_layer_apply(l, LIST(x), false)->v[0], 0), 3, 0);
    near_to(at(tn_layer_apply(l, LIST(x, h), false)->v[0], 0), 13, 0);
    no_error();
    tn_layer_apply(l, LIST(numbers(INTS(2, 2, 1))), false);
    expect_error("had batches of 1, this one has 2");
    tn_layer_release(l);
    tn_scope_end(s);
}

static void test_dropout(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *l = make_layer("Dropout", "'rate': 0.25, 'seed': 3");
    Tensor *x = tn_ones(INTS(1, 4000), TN_FLOAT32), *y = tn_layer_apply(l, LIST(x), true)->v[0];
    int zeros = 0;
    for (int i = 0; i < 4000; i++) {
        zeros += at(y, i) == 0;
        assert_true(at(y, i) == 0 || fabsf(at(y, i) - 4 / 3.0f) < 1e-6f);
    }
    assert_true(abs(zeros - 1000) < 150);
    Tensor *same = tn_layer_apply(l, LIST(x), false)->v[0];
    near_to(at(same, 7), 1, 0);
    assert_true(same != x);
    Tensor *next = tn_layer_apply(l, LIST(x), true)->v[0];
    int other = 0;
    for (int i = 0; i < 4000; i++) other += at(next, i) != at(y, i);
    assert_true(other > 1000);
    tn_layer_release(l);
    assert_null(make_layer("Dropout", "'rate': -1"));
    expect_error("rate");
    assert_null(make_layer("Dropout", "'rate': 0.5, 'seed': 1e999")); /* would be null in a file */
    expect_error("seed");
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_xor, nothing_left),
        cmocka_unit_test_teardown(test_gradients, nothing_left),
        cmocka_unit_test_teardown(test_channel_gradients, nothing_left),
        cmocka_unit_test_teardown(test_recurrent_gradients, nothing_left),
        cmocka_unit_test_teardown(test_batches, nothing_left),
        cmocka_unit_test_teardown(test_wrong_data, nothing_left),
        cmocka_unit_test_teardown(test_freezing, nothing_left),
        cmocka_unit_test_teardown(test_penalties_and_constraints, nothing_left),
        cmocka_unit_test_teardown(test_sample_weights, nothing_left),
        cmocka_unit_test_teardown(test_batch_norm, nothing_left),
        cmocka_unit_test_teardown(test_stateful, nothing_left),
        cmocka_unit_test_teardown(test_dropout, nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
