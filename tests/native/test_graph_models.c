/* Graph models in C: subgraphs, conditions, loops of both kinds, lists, arrays, tables, calls. */
#include "graph_check.h"
/* clang-format off: nodes stand side by side */

static void straight(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    GraphModel *m = graph(NODE("x", "Placeholder", "") "," NODE("w", "Const", "") "," NODE(
                              "y", "MatMul", "'x','w'") "," NODE("z", "Relu", "'y:0'"),
                          "}}");
    no_error();
    weights(m, "['w']", LIST(tn_tensor(TN_FLOAT32, INTS(2, 1), (float[]){1, -2})));
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){5, 1, 1, 5});
    for (int i = 0; i < 2; i++) {
        Tensor *z = run1(m, "['x']", "['z']", x);
        no_error();
        near_to(at(z, 0), 3, 0);
        near_to(at(z, 1), 0, 0);
    }
    near_to(at(run1(m, "['y']", "['z']", tn_scalar(-1)), 0), 0, 0);
    run1(m, "[]", "['z']", NULL);
    expect_error("Missing the following inputs: [x]");
    run1(m, "['q']", "['z']", x);
    expect_error("keys: [q]");
    run1(m, "['x']", "['q']", x);
    expect_error("The output 'q' is not found");
    run1(m, "['x']", "['z:3']", x);
    expect_error("has no value");
    run1(m, "['x']", "['y']", tn_scalar(1));
    expect_error("node 'y'");
    tn_graph_release(m);
    tn_scope_end(s);
}

/* The results outlive the model; an input or weight that is asked for is a tensor of its own. */
static void ownership(void **state) {
    (void)state;
    GraphModel *m = graph(
        NODE("x", "Placeholder", "") "," NODE("w", "Const", "") "," NODE("i", "Identity", "'x'"),
        "}}");
    Tensor *w = tn_scalar(2), *x = tn_scalar(3);
    weights(m, "['w']", LIST(w));
    Subgraph *p = tn_graph_subgraph(m, quoted("['x']"), quoted("['w','i','i','x']"));
    const List *y = tn_graph_run(p, LIST(x));
    no_error();
    assert_int_equal(y->n, 4);
    for (int i = 0; i < 4; i++) assert_true(y->v[i] != w && y->v[i] != x);
    tn_graph_release(m);
    tn_dispose(w), tn_dispose(x);
    near_to(at(y->v[0], 0), 2, 0);
    for (int i = 1; i < 4; i++) near_to(at(y->v[i], 0), 3, 0);
    for (int i = 0; i < 4; i++) tn_dispose(y->v[i]);
}

/* clang-format off */
static const char branches[] =
    NODE("x", "Placeholder", "") "," NODE("p", "Placeholder", "") ","
    NODE("one", "Const", "'^s'") ","
    NODE("s", "Switch", "'x','p'") "," NODE("neg", "Neg", "'s'") ","
    NODE("exp", "Square", "'s:1'") ","
    NODE("m", "Merge", "'neg','exp'") "," NODE("y", "Add", "'m','one'");
/* clang-format on */

static void switch_merge(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    GraphModel *m = graph(branches, "}}");
    weights(m, "['one']", LIST(tn_scalar(1)));
    for (int p = 0; p < 2; p++) {
        Subgraph *both = tn_graph_subgraph(m, quoted("['x','p']"), quoted("['y','m:1']"));
        const List *y =
            both ? tn_graph_run(both, LIST(tn_scalar(3), tn_cast(tn_scalar((float)p), TN_BOOL)))
                 : NULL;
        no_error();
        near_to(at(y->v[0], 0), p ? 10 : -2, 0);
        assert_int_equal(*(const int *)tn_data(y->v[1]), p);
    }
    Subgraph *neg = tn_graph_subgraph(m, quoted("['x','p']"), quoted("['neg']"));
    tn_graph_run(neg, LIST(tn_scalar(3), tn_cast(tn_scalar(1), TN_BOOL)));
    expect_error("'neg' has no value");
    tn_graph_release(m);
    tn_scope_end(s);
}

#define FRAME(f) "'frame_name':{'s':'" f "'}"
/* for (i = 0; i < n; i++) x = x * 2 + k, with k a constant of the loop. */
/* clang-format off */
static const char loop1[] =
    NODE("x", "Placeholder", "") "," NODE("n", "Const", "") "," NODE("zero", "Const", "") ","
    NODE("k", "Const", "") ","
    NODE("one", "Const", "'^switch'") ","
    NODE_A("in_i", "Enter", "'zero'", FRAME("ZZ==")) ","
    NODE_A("in_x", "Enter", "'x'", FRAME("ZZ==")) ","
    NODE_A("in_n", "Enter", "'n'", FRAME("ZZ==") ",'is_constant':{'b':true}") ","
    NODE_A("in_k", "Enter", "'k'", FRAME("ZZ==") ",'is_constant':{'b':true}") ","
    NODE("i", "Merge", "'in_i','next_i'") "," NODE("v", "Merge", "'in_x','next_x'") ","
    NODE("less", "Less", "'i','in_n'") "," NODE("cond", "LoopCond", "'less'") ","
    NODE("switch", "Switch", "'i','cond'") "," NODE("switch_x", "Switch", "'v','cond'") ","
    NODE("i1", "Add", "'switch:1','one'") "," NODE("twice", "Add", "'switch_x:1','switch_x:1'") ","
    NODE("plus", "Add", "'twice','in_k'") "," NODE("next_i", "NextIteration", "'i1'") ","
    NODE("next_x", "NextIteration", "'plus'") "," NODE("out", "Exit", "'switch_x'") ","
    NODE("count", "Exit", "'switch'") ","
    NODE("y", "Neg", "'out'");
/* clang-format on */

static void old_loop(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    for (int n = 0; n < 6; n++) {
        GraphModel *m = graph(loop1, "}}");
        no_error();
        weights(m, "['n','zero','one','k']", LIST(whole(n), whole(0), whole(1), tn_scalar(1)));
        float want = 3;
        for (int i = 0; i < n; i++) want = want * 2 + 1;
        Tensor *y = run1(m, "['x']", "['y']", tn_scalar(3));
        no_error();
        near_to(at(y, 0), -want, 0);
        y = run1(m, "['x']", "['count']", tn_scalar(3));
        no_error();
        assert_int_equal(*(const int *)tn_data(y), n);
        tn_graph_release(m);
    }
    GraphModel *m = graph(loop1, "}}");
    weights(m, "['n','zero','one','k']", LIST(whole(5), whole(0), whole(0), tn_scalar(1)));
    tn_graph_limit(100);
    run1(m, "['x']", "['y']", tn_scalar(3));
    expect_error("more than 100 times");
    tn_graph_limit(0);
    tn_graph_release(m);
    tn_scope_end(s);
}

static void new_loop(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    GraphModel *m = graph(loop2, library2);
    no_error();
    weights(m, "['zero','shape','most','one']",
            LIST(whole(0), tn_tensor(TN_INT32, INTS(0), NULL), whole(-1), whole(1)));
    Tensor *y = run1(m, "['n']", "['sum']", whole(5));
    no_error();
    assert_int_equal(*(const int *)tn_data(y), 10);
    y = run1(m, "['n']", "['all']", whole(5));
    no_error();
    assert_int_equal(tn_size(y), 5);
    const int want[] = {0, 1, 3, 6, 10};
    assert_memory_equal(tn_data(y), want, sizeof want);
    y = run1(m, "['n']", "['all']", whole(20000));
    no_error();
    assert_int_equal(tn_size(y), 20000);
    tn_graph_release(m);
    tn_scope_end(s);
}

/* A function that calls itself: by If until n is 0, and without end. */
static void recursion(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    /* clang-format off */
    static const char nodes[] = NODE("n", "Placeholder", "") ","
        NODE_A("f", "PartitionedCall", "'n'", "'f':" FUNC("f"));
    /* clang-format on */
    /* clang-format off */
    static const char library[] =
        ",'library':{'function':["
        "{'signature':{'name':'f','inputArg':[{'name':'n'}],'outputArg':[{'name':'r'}]},"
        "'nodeDef':[" NODE_A("if", "If", "'n','n'",
            "'then_branch':" FUNC("g") ",'else_branch':" FUNC("h"))
        "],'ret':{'r':'if:output:0'}},"
        "{'signature':{'name':'g','inputArg':[{'name':'n'}],'outputArg':[{'name':'r'}]},'nodeDef':["
        NODE("one", "Const", "") "," NODE("less", "Sub", "'n','one:output:0'") ","
        NODE_A("f", "PartitionedCall", "'less:z:0'", "'f':" FUNC("f")) ","
        NODE("more", "Add", "'f:output:0','n'")
        "],'ret':{'r':'more:z:0'}},"
        "{'signature':{'name':'h','inputArg':[{'name':'n'}],'outputArg':[{'name':'r'}]},"
            "'nodeDef':[],'ret':{'r':'n'}}]}}}";
    /* clang-format on */
    GraphModel *m = graph(nodes, library);
    no_error();
    weights(m, "['one']", LIST(whole(1)));
    Tensor *y = run1(m, "['n']", "['f']", whole(10));
    no_error();
    assert_int_equal(*(const int *)tn_data(y), 55);
    run1(m, "['n']", "['f']", whole(-1));
    expect_error("more than 200 deep");
    tn_graph_release(m);
    tn_scope_end(s);
}

static void array_gather(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    /* clang-format off */
    GraphModel *m = graph(
        NODE("x", "Placeholder", "") "," NODE("n", "Const", "") "," NODE("all", "Const", "") ","
        NODE_A("a", "TensorArrayV3", "'n'",
            "'dtype':{'type':1},'element_shape':{'shape':{'unknownRank':true}}") ","
        NODE("put", "TensorArrayScatterV3", "'a','all','x','a:1'") ","
        NODE("get", "TensorArrayGatherV3", "'a','all','put'") ","
        NODE("size", "TensorArraySizeV3", "'a','put'") ","
        NODE("again", "TensorArrayGatherV3", "'a','all','get'"), "}}");
    /* clang-format on */
    no_error();
    weights(m, "['n','all']", LIST(whole(2), tn_tensor(TN_INT32, INTS(2), (int[]){1, 0})));
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){1, 2, 3, 4}),
           *y = run1(m, "['x']", "['get']", x);
    no_error();
    for (int i = 0; i < 4; i++) near_to(at(y, i), i + 1, 0);
    y = run1(m, "['x']", "['size']", x);
    assert_int_equal(*(const int *)tn_data(y), 2);
    run1(m, "['x']", "['again']", x);
    expect_error("twice");
    tn_graph_release(m);
    tn_scope_end(s);
}

static void tables(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    /* clang-format off */
    static const char table[] = NODE_A("t", "HashTableV2", "",
        "'key_dtype':{'type':'DT_INT64'},'value_dtype':{'type':'DT_FLOAT'}");
    /* clang-format on */
    /* clang-format off */
    static char rest[2000];
    snprintf(rest, sizeof rest, "},'modelInitializer':{'node':[%s,%s,%s,%s]}}", table,
        NODE("keys", "Const", ""),
             NODE("values", "Const", ""), NODE("import", "LookupTableImportV2",
                 "'t','keys','values'"));
    char nodes[1000];
    snprintf(nodes, sizeof nodes, "%s,%s,%s,%s,%s", NODE("x", "Placeholder", ""), table,
        NODE("no", "Const", ""),
             NODE("find", "LookupTableFindV2", "'t','x','no'"), NODE("size", "LookupTableSizeV2",
                 "'t'"));
    /* clang-format on */
    GraphModel *m = graph(nodes, rest);
    no_error();
    weights(m, "['keys','values','no']",
            LIST(tn_tensor(TN_INT32, INTS(3), (int[]){7, -1, 7}),
                 tn_tensor(TN_FLOAT32, INTS(3), (float[]){.5f, 1, 2}), tn_scalar(-9)));
    Tensor *y = run1(m, "['x']", "['find']", tn_tensor(TN_INT32, INTS(2, 2), (int[]){-1, 0, 7, 8}));
    no_error();
    assert_int_equal(tn_rank(y), 2);
    const float want[] = {1, -9, 2, -9};
    for (int i = 0; i < 4; i++) near_to(at(y, i), want[i], 0);
    tn_graph_release(m);
    tn_scope_end(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, NULL, nothing_left)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(straight), TEST(ownership), TEST(switch_merge), TEST(old_loop),
        TEST(new_loop), TEST(recursion), TEST(array_gather), TEST(tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
