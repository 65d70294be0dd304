/* Layers and training: values, learning, topologies, lives, hostile input, failing allocations. */
#include "train/fit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static Layer *layer(const char *json) {
    cJSON *tree = json_read("test", json);
    Layer *l = tree ? layer_from_json("test", tree) : NULL;
    json_free(tree);
    return l;
}

static void compile(Layer *model, const char *optimizer, const char *spec) {
    cJSON *tree = json_read("test", spec);
    Optimizer *o = optimizer_by_name(optimizer);
    model_compile(model, o, tree);
    json_free(tree);
}

static void no_error(void) {
    if (tn_error()) fail_msg("%s", tn_error());
}

/* An error that holds this text, which is then cleared. */
static void expect_error(const char *part) {
    assert_non_null(tn_error());
    if (!strstr(tn_error(), part)) fail_msg("'%s' is not in '%s'", part, tn_error());
    tn_clear_error();
}

static int live(void **state) {
    (void)state;
    if (tn_error()) print_error("error pending: %s\n", tn_error());
    if (tn_memory()->tensors) print_error("%d tensors are left\n", tn_memory()->tensors);
    return tn_memory()->tensors || tn_error() ? -1 : 0;
}

static const char DENSE[] =
    "{\"className\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["
    "{\"class_name\": \"Dense\", \"config\": {\"units\": 8, \"activation\": \"tanh\","
    " \"batch_input_shape\": [null, 2], \"kernel_initializer\": {\"class_name\":"
    " \"GlorotUniform\", \"config\": {\"seed\": 7}}}},"
    "{\"class_name\": \"Dense\", \"config\": {\"units\": 1, \"activation\": \"sigmoid\","
    " \"kernel_initializer\": {\"class_name\": \"GlorotUniform\", \"config\": {\"seed\": 8}}}}]}}";

static float run_fit(Layer *model, Tensor *x, Tensor *y, int epochs, int batch) {
    FitOptions options = {.batch = batch, .shuffle = true, .seed = "5"};
    Fit *f = fit_begin(model, LIST(x), LIST(y), NULL, NULL, NULL, &options);
    no_error();
    for (int e = 0; e < epochs; e++)
        for (int i = 0, n = fit_epoch(f); i < n; i++) fit_batch(f, i);
    no_error();
    float loss = tn_floats(fit_values(f, FIT_EPOCH)->v[0])[0];
    fit_end(f);
    return loss;
}

static void test_xor(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = layer(DENSE);
    no_error();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(4, 2), (float[]){0, 0, 0, 1, 1, 0, 1, 1});
    Tensor *y = tn_tensor(TN_FLOAT32, INTS(4, 1), (float[]){0, 1, 1, 0});
    compile(model, "adam", "{\"loss\": \"binaryCrossentropy\", \"metrics\": [\"accuracy\"]}");
    no_error();
    float before = run_fit(model, x, y, 1, 4), after = run_fit(model, x, y, 2000, 4);
    assert_true(after < 0.1f && after < before);
    const List *p = model_predict(model, LIST(x), 3);
    no_error();
    const float *v = tn_floats(p->v[0]);
    assert_true(v[0] < .3f && v[1] > .7f && v[2] > .7f && v[3] < .3f);
    const List *e = model_evaluate(model, LIST(x), LIST(y), NULL, 3);
    no_error();
    assert_int_equal(e->n, 2);
    assert_true(tn_floats(e->v[1])[0] == 1);
    layer_release(model);
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_xor, live),
    };
    (void)expect_error;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
