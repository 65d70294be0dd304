/* The table of ops as C has it: a function for each row of op_table.h, and the rows sorted by name.
** */
#include "graph_model/rows.h"
#include "ops/batchspace.gen.h"
#include "ops/binary.gen.h"
#include "ops/bincount.gen.h"
#include "ops/complex.gen.h"
#include "ops/create.gen.h"
#include "ops/depth.gen.h"
#include "ops/einsum.gen.h"
#include "ops/fft.gen.h"
#include "ops/image.gen.h"
#include "ops/join.gen.h"
#include "ops/linalg.gen.h"
#include "ops/lrn.gen.h"
#include "ops/pad.gen.h"
#include "ops/random.gen.h"
#include "ops/reduce.gen.h"
#include "ops/scan.gen.h"
#include "ops/scatter.gen.h"
#include "ops/search.gen.h"
#include "ops/segment.gen.h"
#include "ops/several.gen.h"
#include "ops/softmax.gen.h"
#include "ops/sort.gen.h"
#include "ops/stats.gen.h"
#include "ops/string.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include <stdlib.h>

#define ONE(op, least, expression)                                                                 \
    static void row_of_##op(NodeContext *c) { out(c, 0, expression); }
#define ALL(op, least, function, outputs)
#define FLOW(op, least, flow, function, outputs)
#include "graph_model/op_table.h"
#undef ONE
#undef ALL
#undef FLOW

#define ONE(op, least, expression) {#op, least, FLOW_PLAIN, row_of_##op, NULL},
#define ALL(op, least, function, outputs) {#op, least, FLOW_PLAIN, function, outputs},
#define FLOW(op, least, flow, function, outputs) {#op, least, flow, function, outputs},
static Row rows[] = {
#include "graph_model/op_table.h"
};
enum { ROWS = sizeof rows / sizeof *rows };

static int by_op(const void *a, const void *b) {
    return strcmp(((const Row *)a)->op, ((const Row *)b)->op);
}

const Row *rows_all(int *n) {
    static bool sorted;
    if (!sorted) qsort(rows, ROWS, sizeof *rows, by_op);
    sorted = true;
    *n = ROWS;
    return rows;
}

const Row *row_of(const char *op) {
    int n;
    return bsearch(&(Row){.op = op}, rows_all(&n), ROWS, sizeof *rows, by_op);
}
