/* Rows of ops about places: boxes, scatter and gather, sparse, ragged and string tensors. Most
** leave several results. */
#include "graph_model/rows.h"
#include "base/json.h"
#include "ops/boxes.gen.h"
#include "ops/crop.gen.h"
#include "ops/dilation.gen.h"
#include "ops/pool.gen.h"
#include "ops/ragged.gen.h"
#include "ops/ragged_dense.gen.h"
#include "ops/scatter.gen.h"
#include "ops/search.gen.h"
#include "ops/sparse.gen.h"
#include "ops/string.gen.h"
#include "ops/unique.gen.h"
#include "ops/warp.gen.h"

Tensor *row_where(NodeContext *c) { return tn_nonzero(to_dtype(arg(c, 0), TN_BOOL)); }

/* ---- boxes and images ---- */

Tensor *row_suppress(NodeContext *c) {
    return tn_nonMaxSuppression(arg(c, 0), arg(c, 1), arg_int(c, 2, 0), arg_number(c, 3, 0.5),
                                arg_number(c, 4, -INFINITY));
}

void row_suppress_padded(NodeContext *c) {
    Tensor *valid = NULL;
    out(c, 0,
        tn_nonMaxSuppressionPadded(arg(c, 0), arg(c, 1), arg_int(c, 2, 0), arg_number(c, 3, 0.5),
                                   arg_number(c, 4, -INFINITY),
                                   attr_bool(c, "pad_to_max_output_size", false), &valid));
    out(c, 1, valid);
}

void row_suppress_scores(NodeContext *c) {
    Tensor *scores = NULL;
    Tensor *chosen =
        tn_nonMaxSuppressionWithScore(arg(c, 0), arg(c, 1), arg_int(c, 2, 0), arg_number(c, 3, 0.5),
                                      arg_number(c, 4, -INFINITY), arg_number(c, 5, 0), &scores);
    out(c, 0, chosen);
    out(c, 1, scores);
    out(c, 2, int_scalar(chosen->size));
}

static Sampling sampling_of(NodeContext *c, const char *attr, Sampling otherwise) {
    const char *name = attr_string(c, attr);
    return same_name(name, "bilinear")  ? SAMPLE_BILINEAR
           : same_name(name, "nearest") ? SAMPLE_NEAREST
                                        : otherwise;
}

Tensor *row_crop(NodeContext *c) {
    return tn_cropAndResize(arg(c, 0), arg(c, 1), arg(c, 2), arg_ints(c, 3),
                            sampling_of(c, "method", SAMPLE_BILINEAR),
                            (float)attr_number(c, "extrapolation_value", 0));
}

Tensor *row_transform(NodeContext *c) {
    static const char *const modes[] = {"constant", "reflect", "wrap", "nearest"};
    int mode = 0;
    for (int i = 0; i < 4; i++)
        if (same_name(attr_string(c, "fill_mode"), modes[i])) mode = i;
    return tn_transform(arg(c, 0), arg(c, 1), sampling_of(c, "interpolation", SAMPLE_NEAREST),
                        (FillMode)mode, (float)arg_number(c, 3, 0), arg_ints(c, 2));
}

Tensor *row_dilation(NodeContext *c) {
    return tn_dilation2d(arg(c, 0), arg(c, 1), inner_of(c, "strides", 2), node_pad(c),
                         inner_of(c, "rates", 2), FORMAT_NHWC);
}

void row_max_pool_argmax(NodeContext *c) {
    Tensor *indices = NULL;
    out(c, 0,
        tn_maxPoolWithArgmax(arg(c, 0), inner_of(c, "ksize", 2), inner_of(c, "strides", 2),
                             node_pad(c), attr_bool(c, "include_batch_in_index", false), &indices));
    out(c, 1, indices);
}

/* ---- search ---- */

/* An axis may be given as an empty list: there is only one. */
void row_unique(NodeContext *c) {
    Tensor *indices = NULL;
    int axis = args(c) > 1 && arg(c, 1)->size ? arg_int(c, 1, 0) : 0;
    out(c, 0, tn_unique(arg(c, 0), axis, &indices));
    out(c, 1, indices);
}

void row_difference(NodeContext *c) { out_list(c, tn_setdiff1d(arg(c, 0), arg(c, 1))); }

/* ---- sparse ---- */

Tensor *row_to_dense(NodeContext *c) {
    Tensor *values = arg(c, 2);
    return tn_sparseToDense(arg(c, 0), values, arg_ints(c, 1), to_dtype(arg(c, 3), values->dtype));
}

void row_fill_rows(NodeContext *c) {
    Tensor *values = NULL, *empty = NULL, *map = NULL;
    out(c, 0,
        tn_sparseFillEmptyRows(arg(c, 0), arg(c, 1), arg(c, 2), arg(c, 3), &values, &empty, &map));
    out(c, 1, values);
    out(c, 2, empty);
    out(c, 3, map);
}

void row_sparse_reshape(NodeContext *c) {
    Tensor *shape = NULL;
    out(c, 0, tn_sparseReshape(arg(c, 0), arg(c, 1), arg(c, 2), &shape));
    out(c, 1, shape);
}

/* ---- ragged ---- */

void row_ragged_gather(NodeContext *c) {
    Tensor *values = NULL;
    int rank = attr_int(c, "OUTPUT_RAGGED_RANK", 1);
    const List *splits = tn_raggedGather(arg_list(c, 0, -2), arg(c, -2), arg(c, -1), rank, &values);
    int n = splits->n;
    out_list(c, splits);
    out(c, n, values);
}

void row_ragged_range(NodeContext *c) {
    Tensor *values = NULL;
    out(c, 0, tn_raggedRange(arg(c, 0), arg(c, 1), arg(c, 2), &values));
    out(c, 1, values);
}

/* Kinds of partitions one after another in one text. */
Tensor *row_ragged_dense(NodeContext *c) {
    const Attr *types = attr_find(c->node, "row_partition_types");
    char text[400] = "";
    for (int i = 0, n = 0; types && i < types->count && n < 300; i++)
        n +=
            snprintf(text + n, sizeof text - (size_t)n, "%s%.60s", i ? "," : "", types->strings[i]);
    return tn_raggedTensorToTensor(arg(c, 0), arg(c, 1), arg(c, 2), arg_list(c, 3, 0), text);
}

/* ---- strings ---- */

void row_string_split(NodeContext *c) {
    Tensor *values = NULL, *shape = NULL;
    out(c, 0,
        tn_stringSplit(arg(c, 0), arg(c, 1), attr_bool(c, "skip_empty", true), &values, &shape));
    out(c, 1, values);
    out(c, 2, shape);
}

void row_ngrams(NodeContext *c) {
    Tensor *splits = NULL;
    out(c, 0,
        tn_stringNGrams(arg(c, 0), arg(c, 1), attr_string(c, "separator"),
                        attr_ints(c, "ngram_widths"), attr_string(c, "left_pad"),
                        attr_string(c, "right_pad"), attr_int(c, "pad_width", 0),
                        attr_bool(c, "preserve_short_sequences", false), &splits));
    out(c, 1, splits);
}
