/* Plans: doing it again gives what the calls gave, bit for bit; and what cannot be done again is
** not done by a plan. */
#include "plan_check.h"

static int planned(const Layer *model) {
    const char *why;
    return plans_count(model->graph->plans, &why);
}

static void broken_by(const Layer *model, const char *want) {
    const char *why;
    assert_int_equal(plans_count(model->graph->plans, &why), 0);
    assert_string_equal(why ? why : "nothing", want);
}

/* What the model gives by its calls alone. */
static Tensor *eagerly(Layer *model, Tensor *x) {
    Tensor *y = nothing();
    layer_run(model, &x, 1, &y, 1, false);
    return y;
}

static Tensor *predicted(Layer *model, Tensor *x) {
    const List *list = tn_predict(model, LIST(x), 64);
    no_error();
    return list->v[0];
}

/* Three batches of other numbers each: all as the calls give it. */
static void check_predict(Layer *model, const Ints *shape) {
    for (int i = 0; i < 4; i++) {
        Scope *s = tn_scope_begin();
        Tensor *x = numbers(shape, i), *y = predicted(model, x);
        assert_true(same(y, eagerly(model, x)));
        tn_scope_end(s);
    }
    no_error();
}

static Layer *mlp(void) {
    Layer *m = tn_sequential(NULL);
    add_layer(m, "Dense", "'units': 8, 'inputShape': [5], 'activation': 'relu'");
    add_layer(m, "Dense", "'units': 3, 'activation': 'softmax'");
    no_error();
    return m;
}

static void dense(void **state) {
    (void)state;
    Layer *m = mlp();
    check_predict(m, INTS(4, 5));
    assert_int_equal(planned(m), 1);
    check_predict(m, INTS(1, 5));
    assert_int_equal(planned(m), 2);
    for (int n = 2; n < 9; n++) check_predict(m, INTS(n, 5));
    assert_int_equal(planned(m), 4);
    tn_layer_release(m);
}

static void convolutions(void **state) {
    (void)state;
    Layer *m = tn_sequential(NULL);
    add_layer(m, "Conv2D", "'filters': 4, 'kernelSize': 3, 'inputShape': [9, 9, 2]");
    add_layer(m, "BatchNormalization", "");
    add_layer(m, "ReLU", "'maxValue': 6");
    add_layer(m, "MaxPooling2D", "");
    add_layer(m, "Flatten", "");
    add_layer(m, "Dropout", "'rate': 0.5");
    add_layer(m, "Dense", "'units': 3");
    check_predict(m, INTS(2, 9, 9, 2));
    assert_int_equal(planned(m), 1);
    tn_layer_release(m);
}

static void sequences(void **state) {
    (void)state;
    Layer *m = tn_sequential(NULL);
    add_layer(m, "Masking", "'inputShape': [6, 3]");
    add_layer(m, "LSTM", "'units': 4, 'returnSequences': true");
    add_layer(m, "GRU", "'units': 3");
    check_predict(m, INTS(2, 6, 3));
    assert_int_equal(planned(m), 1);
    tn_layer_release(m);
}

/* One layer twice, a branch that joins, and an output that is an input of another. */
static void branches(void **state) {
    (void)state;
    Symbol *x = tn_input("x", INTS(-1, 4), TN_FLOAT32);
    Layer *d = make_layer("Dense", "'units': 4"), *add = make_layer("Add", ""), *both[2];
    const struct {
        int n;
        const Symbol *v[2];
    } one = {1, {x}};
    const Symbol *y = tn_layer_connect(d, (const Symbols *)&one)->v[0];
    const struct {
        int n;
        const Symbol *v[2];
    } two = {1, {y}};
    const Symbol *z = tn_layer_connect(d, (const Symbols *)&two)->v[0];
    const struct {
        int n;
        const Symbol *v[2];
    } ends = {2, {x, z}};
    const Symbol *sum = tn_layer_connect(add, (const Symbols *)&ends)->v[0];
    const struct {
        int n;
        const Symbol *v[3];
    } outs = {3, {sum, y, sum}};
    Layer *m = tn_model("m", (const Symbols *)&one, (const Symbols *)&outs);
    no_error();
    both[0] = d, both[1] = add;
    for (int i = 0; i < 4; i++) {
        Scope *s = tn_scope_begin();
        Tensor *in = numbers(INTS(2, 4), i), *want[3], *got[3];
        const List *list = tn_predict(m, LIST(in), 32);
        no_error();
        for (int j = 0; j < 3; j++) got[j] = list->v[j];
        layer_run(m, &in, 1, want, 3, false);
        for (int j = 0; j < 3; j++) assert_true(same(got[j], want[j]));
        tn_dispose(got[0]);
        assert_true(same(got[2], want[2]));
        tn_scope_end(s);
    }
    assert_int_equal(planned(m), 1);
    tn_layer_release(m);
    tn_layer_release(both[0]);
    tn_layer_release(both[1]);
    tn_layer_release(tn_symbol_layer(x));
}

static void new_weights(void **state) {
    (void)state;
    Layer *m = mlp();
    check_predict(m, INTS(2, 5));
    Scope *s = tn_scope_begin();
    const List *w = tn_layer_weights(m, TN_WEIGHTS_ALL);
    Tensor *kernel = w->v[0];
    tn_assign(kernel, tn_mul(kernel, tn_scalar(2)));
    check_predict(m, INTS(2, 5));
    assert_int_equal(planned(m), 1);
    add_layer(m, "Dense", "'units': 2");
    check_predict(m, INTS(2, 5));
    tn_sequential_pop(m);
    check_predict(m, INTS(2, 5));
    tn_scope_end(s);
    tn_layer_release(m);
}

static void disposed_weight(void **state) {
    (void)state;
    Layer *m = mlp();
    check_predict(m, INTS(2, 5));
    tn_dispose(tn_layer_weights(m, TN_WEIGHTS_ALL)->v[1]);
    Scope *s = tn_scope_begin();
    tn_predict(m, LIST(numbers(INTS(2, 5), 1)), 32);
    expect_error("already disposed");
    tn_scope_end(s);
    tn_layer_release(m);
}

static void nothing_grows(void **state) {
    (void)state;
    Layer *m = mlp();
    check_predict(m, INTS(2, 5));
    const Accounts before = *tn_memory();
    check_predict(m, INTS(2, 5));
    assert_int_equal(before.tensors, tn_memory()->tensors);
    assert_int_equal(before.storages, tn_memory()->storages);
    assert_true(before.bytes == tn_memory()->bytes);
    tn_layer_release(m);
}

static void gradients_see_the_calls(void **state) {
    (void)state;
    Layer *m = mlp();
    check_predict(m, INTS(2, 5));
    Scope *s = tn_scope_begin();
    Tensor *x = numbers(INTS(2, 5), 2), *kernel = tn_layer_weights(m, TN_WEIGHTS_ALL)->v[0];
    tn_tape_begin();
    Tensor *y = tn_sum(tn_square(predicted(m, x)), NULL, false);
    const List *g = tn_gradients(y, LIST(x, kernel), NULL);
    no_error();
    assert_non_null(g->v[0]);
    assert_non_null(g->v[1]);
    tn_tape_end();
    tn_scope_end(s);
    tn_layer_release(m);
}

/* ---- what breaks a trace ---- */

static void kept_states(void **state) {
    (void)state;
    Layer *m = tn_sequential(NULL);
    add_layer(m, "SimpleRNN", "'units': 2, 'stateful': true, 'batchInputShape': [2, 3, 2]");
    Scope *s = tn_scope_begin();
    Tensor *x = numbers(INTS(2, 3, 2), 1), *y[4];
    for (int i = 0; i < 4; i++) y[i] = predicted(m, x);
    broken_by(m, "a tensor is kept");
    tn_layer_reset_states(m);
    for (int i = 0; i < 4; i++) assert_true(same(y[i], predicted(m, x)));
    tn_scope_end(s);
    tn_layer_release(m);
}

static void read_values(void **state) {
    (void)state;
    Layer *m = tn_sequential(NULL);
    add_layer(m, "Embedding", "'inputDim': 4, 'outputDim': 2, 'inputLength': 3");
    Scope *s = tn_scope_begin();
    Tensor *x = floats(INTS(1, 3), (const float[]){0, 3, 1});
    for (int i = 0; i < 4; i++) assert_true(same(predicted(m, x), eagerly(m, x)));
    broken_by(m, "values are read");
    tn_predict(m, LIST(floats(INTS(1, 3), (const float[]){0, 4, 1})), 32);
    expect_error("the index value 4 is not in [0, 3]");
    tn_scope_end(s);
    tn_layer_release(m);
}

/* ---- the engine's part alone ---- */

typedef struct Job {
    Tensor *variable, *kept;
    int times;
} Job;

static Plans *plans;

static void end_of_plans(int want, const char *reason) {
    const char *why;
    assert_int_equal(plans_count(plans, &why), want);
    assert_string_equal(why ? why : "", reason);
    plans_free(plans);
    plans = NULL;
}

static Tensor *work(void (*run)(void *, Tensor **, Tensor **), Job *job, Tensor *x) {
    Tensor *y = NULL;
    plans_run(&plans, &(Work){run, job, &x, &y, 1, 1, 0, 0});
    return y;
}

static void follow(void *job, Tensor **in, Tensor **out) {
    Job *j = job;
    Tensor *old = tn_mul(j->variable, tn_scalar(3));
    j->times++;
    tn_assign(j->variable, tn_reshape(tn_add(tn_reshape(in[0], INTS(2, 2)), old), INTS(2, 2)));
    out[0] = tn_sub(j->variable, old);
}

static void assignments(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Job job = {tn_variable(tn_zeros(INTS(2, 2), TN_FLOAT32), false), NULL, 0};
    Job plain = {tn_variable(tn_zeros(INTS(2, 2), TN_FLOAT32), false), NULL, 0};
    for (int i = 0; i < 6; i++) {
        Tensor *x = numbers(INTS(4), i), *y = work(follow, &job, x), *want;
        follow(&plain, &x, &want);
        assert_true(same(y, want));
        assert_true(same(job.variable, plain.variable));
    }
    assert_int_equal(job.times, 2);
    end_of_plans(1, "");
    tn_dispose(job.variable);
    tn_dispose(plain.variable);
    tn_scope_end(s);
}

static void noise(void *job, Tensor **in, Tensor **out) {
    ((Job *)job)->times++;
    out[0] = tn_dropout(in[0], 0.5, NULL, NULL);
}

static void random_numbers(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_ones(INTS(1000), TN_FLOAT32), *y[6];
    Job job = {0};
    for (int i = 0; i < 6; i++) y[i] = work(noise, &job, x);
    for (int i = 1; i < 6; i++) assert_false(same(y[i], y[i - 1]));
    assert_int_equal(job.times, 2);
    end_of_plans(1, "");
    tn_scope_end(s);
}

/* Shapes of constants, read to be followed, are as good as numbers in the code. */
static void shaped(void *job, Tensor **in, Tensor **out) {
    (void)job;
    Tensor *sizes = tn_tensor(TN_INT32, INTS(1), &in[0]->size);
    const int *v = tn_data(tn_floorDiv(sizes, tn_cast(tn_scalar(2), TN_INT32)));
    out[0] = v ? tn_reshape(in[0], INTS(2, v[0])) : nothing();
}

static void constants(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    for (int i = 0; i < 4; i++) {
        Tensor *x = numbers(INTS(6), i), *y = work(shaped, NULL, x);
        assert_true(same(y, tn_reshape(x, INTS(2, 3))));
    }
    end_of_plans(1, "");
    tn_scope_end(s);
}

static void deciding(void *job, Tensor **in, Tensor **out) {
    (void)job;
    Tensor *y = tn_square(in[0]);
    const float *v = tn_floats(y);
    out[0] = v && v[0] > 0.5f ? tn_neg(y) : tn_clone(y);
}

static void keeping(void *job, Tensor **in, Tensor **out) {
    Job *j = job;
    tn_dispose(j->kept);
    j->kept = tn_keep(tn_square(in[0]));
    out[0] = tn_neg(j->kept);
}

static void in_javascript(void *job, Tensor **in, Tensor **out) {
    (void)job;
    trace_break("a layer in JavaScript");
    out[0] = tn_neg(in[0]);
}

static void in_words(void *job, Tensor **in, Tensor **out) {
    (void)job;
    Tensor *t = tn_strings(INTS(1), (const char *const[]){"a"});
    tn_concat(LIST(t, t), 0);
    out[0] = tn_neg(in[0]);
}

static void of_its_own(void *job, Tensor **in, Tensor **out) {
    (void)job;
    Tensor *v = tn_variable(in[0], false);
    tn_assign(v, tn_neg(v));
    out[0] = tn_neg(v);
    tn_dispose(v);
}

static void broken_traces(void **state) {
    (void)state;
    static const struct {
        void (*run)(void *, Tensor **, Tensor **);
        const char *why;
    } rows[] = {
        {deciding, "values are read"},
        {keeping, "a tensor is kept"},
        {in_javascript, "a layer in JavaScript"},
        {in_words, "strings"},
        {of_its_own, "a variable of its own"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        Scope *s = tn_scope_begin();
        Job job = {0}, plain = {0};
        for (int i = 0; i < 4; i++) {
            Tensor *x = numbers(INTS(3), i), *y = work(rows[k].run, &job, x), *want;
            rows[k].run(&plain, &x, &want);
            assert_true(same(y, want));
        }
        end_of_plans(0, rows[k].why);
        tn_dispose(job.kept);
        tn_dispose(plain.kept);
        tn_scope_end(s);
    }
}

/* With the n-th allocation failing: an error, or the right answer; nothing is left. */
static void out_of_memory(void **state) {
    (void)state;
    Layer *m = mlp();
    Scope *s = tn_scope_begin();
    Tensor *x = numbers(INTS(2, 5), 3), *want = eagerly(m, x);
    for (int times = 1; times < 5; times++)
        for (int n = 1; n < 400; n++) {
            const int before = tn_memory()->tensors;
            bool through = true;
            Scope *inner = tn_scope_begin();
            layers_changed();
            for (int i = 1; i < times; i++) predicted(m, x);
            tn_fail_allocation(n);
            const List *list = tn_predict(m, LIST(x), 32);
            Tensor *y = list->n ? list->v[0] : NULL;
            tn_fail_allocation(0);
            if (tn_error()) {
                assert_int_equal(tn_error_code(), TN_MEMORY);
                through = false;
            }
            tn_clear_error();
            if (through) assert_true(same(y, want));
            tn_scope_end(inner);
            assert_int_equal(tn_memory()->tensors, before);
            Scope *after = tn_scope_begin();
            assert_true(same(predicted(m, x), want));
            tn_scope_end(after);
        }
    tn_scope_end(s);
    tn_layer_release(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(dense, nothing_left),
        cmocka_unit_test_teardown(convolutions, nothing_left),
        cmocka_unit_test_teardown(sequences, nothing_left),
        cmocka_unit_test_teardown(branches, nothing_left),
        cmocka_unit_test_teardown(new_weights, nothing_left),
        cmocka_unit_test_teardown(disposed_weight, nothing_left),
        cmocka_unit_test_teardown(nothing_grows, nothing_left),
        cmocka_unit_test_teardown(gradients_see_the_calls, nothing_left),
        cmocka_unit_test_teardown(kept_states, nothing_left),
        cmocka_unit_test_teardown(read_values, nothing_left),
        cmocka_unit_test_teardown(assignments, nothing_left),
        cmocka_unit_test_teardown(random_numbers, nothing_left),
        cmocka_unit_test_teardown(constants, nothing_left),
        cmocka_unit_test_teardown(broken_traces, nothing_left),
        cmocka_unit_test_teardown(out_of_memory, nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
