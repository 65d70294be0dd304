/* Graph models that are wrong, large, or run out of memory. */
#include "graph_check.h"
/* clang-format off: nodes stand side by side */

/* What a wrong graph is refused with. */
static void wrong(void **state) {
    (void)state;
    static const struct {
        const char *nodes, *rest, *error;
    } cases[] = {
        {"", "", "JSON"},
        {"{'op':'Add'}", "}}", "no name"},
        {NODE("y", "Relu", "'y'"), "}}", "no output but a cycle, as through 'y'"},
        {NODE("a", "Relu", "'y'") "," NODE("y", "Relu", "'a'"), "}}", "cycle, as through 'a'"},
        {NODE("a", "Const", "") "," NODE("a", "Const", ""), "}}", "two nodes are named 'a'"},
        {NODE("a", "Relu", "'b'"), "}}", "takes 'b'"},
        {NODE("a", "Add", ""), "}}", "has 0 inputs, Add takes 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(graph(cases[i].nodes, cases[i].rest));
        expect_error(cases[i].error);
    }
    static const struct {
        const char *nodes, *rest, *error;
    } broken[] = {
        {NODE("a", "Foo", "") "," NODE("b", "Bar", "'a'") "," NODE("c", "Baz",
                                                                   "") "," NODE("y", "Foo", "'b'"),
         "}}", "2 ops are not known: Foo (a, y), Bar (b)"},
        {NODE("y", "Relu", "'y'") "," NODE("z", "Relu", "'y'"), "}}", "cycle"},
        {NODE("a", "Relu", "'y'") "," NODE("y", "Relu", "'a'") "," NODE("z", "Relu", "'y'"), "}}",
         "cycle"},
        {NODE("m", "Merge", "'y'") "," NODE("z", "Relu", "'y'") "," NODE("y", "NextIteration",
                                                                         "'m'"),
         "}}", "goes around a loop that it is not in"},
        {NODE("x", "Const", "") "," NODE("y", "Exit", "'x'"), "}}", "leaves a loop"},
        {NODE("x", "Const", "") "," NODE("y", "If", "'x'"), "}}", "not in the library"},
        {NODE("y", "NoOp", "'__proto__'") "," NODE("__proto__", "Placeholder", ""), "}}",
         "Missing the following inputs: [__proto__]"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        Scope *s = tn_scope_begin();
        GraphModel *m = graph(broken[i].nodes, broken[i].rest);
        weights(m, "['x']", LIST(tn_scalar(1)));
        run1(m, "[]", "['y']", NULL);
        expect_error(broken[i].error);
        tn_graph_release(m);
        tn_scope_end(s);
    }
}

/* A graph of n nodes in a row. */
static GraphModel *long_graph(int n) {
    char *json = malloc(64 * (size_t)n), *to = json;
    to += sprintf(to, "{\"modelTopology\":{\"node\":[{\"name\":\"n0\",\"op\":\"Placeholder\"}");
    for (int i = 1; i < n; i++)
        to += sprintf(to, ",{\"name\":\"n%d\",\"op\":\"Neg\",\"input\":[\"n%d\"]}", i, i - 1);
    sprintf(to, "]}}");
    GraphModel *m = tn_graph(json);
    free(json);
    return m;
}

/* As many as a file may hold are run; a million are refused before they are read. */
static void many_nodes(void **state) {
    (void)state;
    assert_null(long_graph(1000000));
    expect_error("the JSON has more than 2000000 values");
    GraphModel *m = long_graph(300000);
    no_error();
    Scope *s = tn_scope_begin();
    Tensor *y = run1(m, "['n0']", "['n299999']", tn_scalar(3));
    no_error();
    near_to(at(y, 0), -3, 0);
    tn_scope_end(s);
    tn_graph_release(m);
}

/* Each allocation fails once: an error, and nothing is left. */
static void failing_allocations(void **state) {
    (void)state;
    int n = 0;
    for (bool through = false; !through && n < 20000; n++) {
        Scope *s = tn_scope_begin();
        Tensor *w[] = {whole(0), tn_tensor(TN_INT32, INTS(0), NULL), whole(-1), whole(1)},
               *x = whole(3);
        tn_fail_allocation(n + 1);
        GraphModel *m = graph(loop2, library2);
        weights(m, "['zero','shape','most','one']", LIST(w[0], w[1], w[2], w[3]));
        Subgraph *p = m ? tn_graph_subgraph(m, quoted("['n']"), quoted("['all']")) : NULL;
        const List *y = p ? tn_graph_run(p, LIST(x)) : NULL;
        through = !tn_error();
        if (through) assert_int_equal(y->n, 1);
        else assert_true(tn_error_code() == TN_MEMORY || strstr(tn_error(), "the JSON is broken"));
        tn_fail_allocation(0);
        tn_clear_error();
        tn_graph_release(m);
        tn_scope_end(s);
        assert_int_equal(tn_memory()->tensors, 0);
    }
    assert_true(n > 100 && n < 20000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, NULL, nothing_left)
int main(void) {
    const struct CMUnitTest tests[] = {TEST(wrong), TEST(many_nodes), TEST(failing_allocations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
