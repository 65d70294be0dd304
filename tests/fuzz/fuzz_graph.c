/* Makes graphs of the fuzzer's bytes, from the table of ops: nodes that take each other's results,
** mostly of nodes before them, functions that call each other, loops; runs them, now and then with
** an allocation that fails. Sanitizers see what is read and written; here it is checked that an
** error is typed and that nothing is left behind. */
#include "graph_model/graph.h"
#include "fuzz_text.h"
#include <stdlib.h>

/* ---- nodes ---- */

enum { WEIGHTS = 8 };

/* What goes into node `index`: a weight, an argument, a node before it; seldom one after it. */
static void put_link(Text *t, Input *in, const char *prefix, int index, int nargs) {
    unsigned b = any_byte(in), to = any_byte(in);
    if (b < 100) put(t, "\"w%u\"", to % WEIGHTS);
    else if (b < 130 && nargs) put(t, "\"a%u\"", to % (unsigned)nargs);
    else if (b < 240 && index)
        put(t, "\"%s%u%s\"", prefix, to % (unsigned)index, to > 200 ? ":1" : "");
    else if (b < 245) put(t, "\"^%s%u\"", prefix, to % (unsigned)(index + 2));
    else put(t, "\"%s%u:%u\"", prefix, to % (unsigned)(index + 3), b - 245);
}

static void put_attr_value(Text *t, Input *in) {
    unsigned b = any_byte(in);
    static const char *const values[] = {
        "{\"i\":\"2\"}",
        "{\"i\":\"-1\"}",
        "{\"i\":\"99999999999\"}",
        "{\"f\":0.5}",
        "{\"b\":true}",
        "{\"s\":\"U0FNRQ==\"}",
        "{\"s\":\"TkNIVw==\"}",
        "{\"type\":\"DT_INT32\"}",
        "{\"type\":\"DT_FLOAT\"}",
        "{\"type\":7}",
        "{\"shape\":{\"unknownRank\":true}}",
        "{\"shape\":{\"dim\":[{\"size\":\"-1\"},{\"size\":\"2\"}]}}",
        "{\"list\":{\"i\":[\"1\",\"2\",\"2\",\"1\"]}}",
        "{\"list\":{}}",
        "{\"list\":{\"s\":[\"Qmlhc0FkZA==\",\"UmVsdQ==\"]}}",
        "{\"func\":{\"name\":\"f\"}}",
        "{\"func\":{\"name\":\"g\"}}",
        "{}",
        "{\"s\":[1,2]}",
        "{\"list\":{\"i\":[\"0\",\"0\",\"1\",\"1\",\"1\",\"1\",\"0\",\"0\"]}}",
        "{\"type\":99}",
        "{\"f\":\"NaN\"}"};
    put(t, "%s", values[b % (sizeof values / sizeof *values)]);
}

/* The attributes that ops of these kinds look for, and some that they do not. */
static void put_attrs(Text *t, Input *in, const Row *row) {
    static const char *const names[] = {"T",
                                        "dtype",
                                        "strides",
                                        "padding",
                                        "data_format",
                                        "dilations",
                                        "ksize",
                                        "explicit_paddings",
                                        "axis",
                                        "fused_ops",
                                        "keep_dims",
                                        "element_dtype",
                                        "element_shape",
                                        "num_split",
                                        "N",
                                        "epsilon",
                                        "frame_name",
                                        "is_constant",
                                        "block_size",
                                        "squeeze_dims",
                                        "dynamic_size",
                                        "shrink_axis_mask",
                                        "ellipsis_mask",
                                        "new_axis_mask",
                                        "DstT",
                                        "Tidx",
                                        "num_elements",
                                        "equation",
                                        "batch_dims",
                                        "f"};
    put(t, ",\"attr\":{\"frame_name\":{\"s\":\"%s\"}", any_byte(in) & 1 ? "QQ==" : "Qg==");
    if (row->flow == FLOW_IF)
        put(t, ",\"then_branch\":{\"func\":{\"name\":\"f\"}},\"else_branch\":{\"func\":{\"name\":"
               "\"g\"}}");
    if (row->flow == FLOW_WHILE)
        put(t, ",\"cond\":{\"func\":{\"name\":\"f\"}},\"body\":{\"func\":{\"name\":\"g\"}}");
    for (unsigned n = any_byte(in) % 4; n; n--) {
        put(t, ",\"%s\":", names[any_byte(in) % (sizeof names / sizeof *names)]);
        put_attr_value(t, in);
    }
    put(t, "}");
}

static void put_nodes(Text *t, Input *in, const char *prefix, int count, int nargs) {
    int n;
    const Row *rows = rows_all(&n);
    for (int i = 0; i < count; i++) {
        unsigned b = any_byte(in), c = any_byte(in);
        const Row *row = rows + (b * 256 + c) % (unsigned)n;
        int inputs = row->least + (int)(any_byte(in) % 3);
        put(t, "%s{\"name\":\"%s%d\",\"op\":\"%s\",\"input\":[", i ? "," : "", prefix, i, row->op);
        for (int k = 0; k < inputs; k++) {
            if (k) put(t, ",");
            put_link(t, in, prefix, i, nargs);
        }
        put(t, "]");
        put_attrs(t, in, row);
        put(t, "}");
    }
    for (int i = 0; i < WEIGHTS; i++)
        put(t, "%s{\"name\":\"w%d\",\"op\":\"Const\"}", count || i ? "," : "", i);
}

/* A loop as TensorFlow 1 writes it, around two of the nodes before it. */
static void put_loop(Text *t, Input *in, int count) {
    unsigned a = any_byte(in) % (unsigned)count, b = any_byte(in) % (unsigned)count;
    static const char F[] = "\"attr\":{\"frame_name\":{\"s\":\"TE9PUA==\"}}";
    put(t,
        ",{\"name\":\"e\",\"op\":\"Enter\",\"input\":[\"n%u\"],%s},{\"name\":\"m\",\"op\":"
        "\"Merge\",\"input\":[\"e\",\"x\"]}",
        a, F);
    put(t, ",{\"name\":\"c\",\"op\":\"LoopCond\",\"input\":[\"m\"]},{\"name\":\"s\",\"op\":"
           "\"Switch\",\"input\":[\"m\",\"c\"]}");
    put(t,
        ",{\"name\":\"d\",\"op\":\"Sub\",\"input\":[\"s:1\",\"w0\"]},{\"name\":\"x\",\"op\":"
        "\"NextIteration\",\"input\":[\"%s\"]}",
        b & 1 ? "d" : "s:1");
    put(t, ",{\"name\":\"out\",\"op\":\"Exit\",\"input\":[\"s\"]}");
}

static void put_function(Text *t, Input *in, const char *name) {
    int nargs = (int)(any_byte(in) % 3), count = 1 + (int)(any_byte(in) % 4),
        nout = 1 + (int)(any_byte(in) % 2);
    put(t, "{\"signature\":{\"name\":\"%s\",\"inputArg\":[", name);
    for (int i = 0; i < nargs; i++) put(t, "%s{\"name\":\"a%d\"}", i ? "," : "", i);
    put(t, "],\"outputArg\":[");
    for (int i = 0; i < nout; i++) put(t, "%s{\"name\":\"r%d\"}", i ? "," : "", i);
    put(t, "]},\"nodeDef\":[");
    put_nodes(t, in, name, count, nargs);
    put(t, "],\"ret\":{");
    for (int i = 0; i < nout; i++) {
        put(t, "%s\"r%d\":", i ? "," : "", i);
        if (nargs && any_byte(in) & 1) put(t, "\"a%u\"", any_byte(in) % (unsigned)nargs);
        else put(t, "\"%s%u:y:%u\"", name, any_byte(in) % (unsigned)count, any_byte(in) % 2);
    }
    put(t, "}}");
}

static int put_model(Text *t, Input *in) {
    int count = 1 + (int)(any_byte(in) % 10);
    bool loop = any_byte(in) % 3 == 0;
    put(t, "{\"modelTopology\":{\"node\":[");
    put_nodes(t, in, "n", count, 0);
    if (loop) put_loop(t, in, count);
    put(t, "],\"library\":{\"function\":[");
    put_function(t, in, "f");
    put(t, ",");
    put_function(t, in, "g");
    put(t, "]}}}");
    return count;
}

/* ---- running ---- */

static Tensor *any_tensor(Input *in) {
    unsigned b = any_byte(in);
    int rank = (int)(b % 5), shape[TN_MAX_RANK + 1] = {rank};
    for (int i = 0; i < rank; i++) shape[1 + i] = (int)(any_byte(in) % 4);
    Tensor *x = tn_tensor(TN_FLOAT32, (const Ints *)shape, NULL);
    if (!tn_error()) x = tn_add(x, tn_scalar((float)(int8_t)any_byte(in)));
    return tn_cast(x, b >= 200 ? TN_BOOL : b >= 80 ? TN_INT32 : TN_FLOAT32);
}

static void try_out(GraphModel *m, Input *in, int count) {
    struct {
        int n;
        Tensor *v[WEIGHTS];
    } weights = {WEIGHTS, {0}};
    char out[100];
    for (int i = 0; i < WEIGHTS; i++) weights.v[i] = any_tensor(in);
    tn_graph_set_weights(m, "[\"w0\",\"w1\",\"w2\",\"w3\",\"w4\",\"w5\",\"w6\",\"w7\"]",
                         (const List *)&weights);
    tn_graph_info(m);
    for (int i = 0; i < 3; i++) {
        unsigned b = any_byte(in);
        snprintf(out, sizeof out, i == 2 && b & 1 ? "[\"out\"]" : "[\"n%u\",\"n%u:1\"]",
                 b % (unsigned)count, any_byte(in) % (unsigned)count);
        Subgraph *p = tn_graph_subgraph(m, "[]", out);
        const List *none = (const List *)(Tensor *[]){NULL, NULL};
        GraphRun *r = p ? tn_graph_begin(p, none, b & 2) : NULL;
        if (r) tn_graph_continue(r);
        tn_graph_end(r);
        tn_clear_error();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static Text text;
    Input in = {bytes, bytes + n};
    unsigned b = any_byte(&in);
    text.n = 0;
    int count = put_model(&text, &in);
    tn_graph_limit(60);
    Scope *s = tn_scope_begin();
    if (b >= 200) tn_fail_allocation(1 + (int)any_byte(&in) * 4);
    GraphModel *m = tn_graph(text.v);
    if (m) try_out(m, &in, count);
    else if (!tn_error()) abort();
    tn_fail_allocation(0);
    tn_graph_release(m);
    tn_scope_end(s);
    tn_clear_error();
    if (!tn_memory()->tensors && !tn_memory()->storages) return 0;
    fprintf(stderr, "%d tensors, %d storages are left of %s\n", tn_memory()->tensors,
            tn_memory()->storages, text.v);
    abort();
}
