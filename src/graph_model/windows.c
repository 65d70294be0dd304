/* Rows of convolutions, pooling, normalization and matrix products, with what the converter has
** fused into them. */
#include "graph_model/rows.h"
#include "base/names.h"
#include "ops/window.h"
#include "ops/batchnorm.gen.h"
#include "ops/binary.gen.h"
#include "ops/conv.gen.h"
#include "ops/conv3d.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/matmul.gen.h"
#include "ops/pool.gen.h"
#include "ops/pool3d.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"

DataFormat node_format(NodeContext *c) {
    return same_name(attr_string(c, "data_format"), "NCHW") ? FORMAT_NCHW : FORMAT_NHWC;
}

static VolumeFormat volume_of(NodeContext *c) {
    return same_name(attr_string(c, "data_format"), "NCDHW") ? FORMAT_NCDHW : FORMAT_NDHWC;
}

const Pad *node_pad(NodeContext *c) {
    const char *padding = attr_string(c, "padding");
    if (same_name(padding, "EXPLICIT")) return attr_ints(c, "explicit_paddings");
    return same_name(padding, "SAME") ? PAD_SAME : PAD_VALID;
}

const Ints *inner_of(NodeContext *c, const char *attr, int axes) {
    const Ints *all = attr_ints(c, attr);
    int v[4] = {1, 1, 1, 1},
        first = 1 + (node_format(c) == FORMAT_NCHW || volume_of(c) == FORMAT_NCDHW);
    if (all->n == axes + 2) memcpy(v, all->v + first, sizeof(int) * (size_t)axes);
    else if (all->n)
        fail(TN_FILE, "%s: attribute '%s' has %d numbers, not %d", c->node->op, attr, all->n,
             axes + 2);
    return ints_make(c, axes, v);
}

/* Input i as [n, h, w, c], which the ops take, whatever the file's order. */
static Tensor *image(NodeContext *c, int i) { return channels_last(arg(c, i), node_format(c)); }
static Tensor *as_in_file(NodeContext *c, Tensor *y) { return channels_back(y, node_format(c)); }

/* ---- what is fused ---- */

static bool is_fused(const Attr *ops, int i, const char *name) {
    return ops && i < ops->count && same_name(ops->strings[i], name);
}

static Tensor *activate(NodeContext *c, Tensor *y, const char *name, Tensor *alpha) {
    static const struct {
        const char *name;
        Tensor *(*f)(Tensor *x);
    } all[] = {{"relu", tn_relu},
               {"relu6", tn_relu6},
               {"elu", tn_elu},
               {"sigmoid", tn_sigmoid},
               {"tanh", tn_tanh}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (same_name(name, all[i].name)) return all[i].f(y);
    if (same_name(name, "leakyrelu"))
        return tn_leakyRelu(y, (float)attr_number(c, "leakyrelu_alpha", 0.2));
    if (same_name(name, "prelu") && alpha) return tn_prelu(y, alpha);
    if (same_name(name, "linear")) return y;
    return fail(TN_FILE, "%s: '%.60s' cannot be fused with %d further inputs", c->node->op, name,
                args(c) - 2);
}

/* Further inputs in the order of fused_ops: a bias, or a normalization's four; an alpha. */
static Tensor *add_fused(NodeContext *c, Tensor *y) {
    const Attr *ops = attr_find(c->node, "fused_ops");
    int i = 0, next = 2;
    if (ops && ops->kind != ATTR_STRINGS) ops = NULL;
    if (is_fused(ops, i, "BiasAdd")) {
        y = tn_add(y, arg(c, next));
        i++, next++;
    } else if (is_fused(ops, i, "FusedBatchNorm")) {
        y = tn_batchNorm(y, arg(c, 4), arg(c, 5), arg(c, 3), arg(c, 2),
                         (float)attr_number(c, "epsilon", 1e-4));
        i++, next += 4;
    }
    for (; ops && i < ops->count && !failed(); i++)
        y = activate(c, y, ops->strings[i], next < args(c) ? arg(c, next) : NULL);
    return y;
}

/* ---- convolutions ---- */

Tensor *row_conv1d(NodeContext *c) {
    bool first = same_name(attr_string(c, "data_format"), "NCW");
    return tn_conv1d(arg(c, 0), arg(c, 1), attr_int(c, "stride", 1), node_pad(c),
                     first ? FORMAT_NCW : FORMAT_NWC, attr_int(c, "dilation", 1), ROUND_NONE);
}

/* Explicit padding is in the order of the file's format. */
static const Pad *pad_last(NodeContext *c) {
    const Pad *p = node_pad(c);
    if (node_format(c) != FORMAT_NCHW || p->n != 8) return p;
    return ints_make(c, 8, (int[]){0, 0, p->v[4], p->v[5], p->v[6], p->v[7], 0, 0});
}

Tensor *row_conv2d(NodeContext *c) {
    Tensor *y = tn_conv2d(image(c, 0), arg(c, 1), inner_of(c, "strides", 2), pad_last(c),
                          FORMAT_NHWC, inner_of(c, "dilations", 2), ROUND_NONE);
    return as_in_file(c, add_fused(c, y));
}

Tensor *row_depthwise(NodeContext *c) {
    Tensor *y = tn_depthwiseConv2d(image(c, 0), arg(c, 1), inner_of(c, "strides", 2), pad_last(c),
                                   FORMAT_NHWC, inner_of(c, "dilations", 2), ROUND_NONE);
    return as_in_file(c, add_fused(c, y));
}

Tensor *row_conv2d_transpose(NodeContext *c) {
    const Ints *shape = arg_ints(c, 0);
    if (shape->n != 4)
        return node_fail(c, TN_SHAPE, "outputShape has %lld numbers, not 4", shape->n, 0);
    if (node_format(c) == FORMAT_NCHW)
        shape = ints_make(c, 4, (int[]){shape->v[0], shape->v[2], shape->v[3], shape->v[1]});
    return as_in_file(c, tn_conv2dTranspose(image(c, 2), arg(c, 1), shape,
                                            inner_of(c, "strides", 2), pad_last(c), ROUND_NONE));
}

Tensor *row_max_pool(NodeContext *c) {
    return as_in_file(c, tn_maxPool(image(c, 0), inner_of(c, "ksize", 2), inner_of(c, "strides", 2),
                                    pad_last(c), ROUND_NONE));
}

Tensor *row_avg_pool(NodeContext *c) {
    return as_in_file(c, tn_avgPool(image(c, 0), inner_of(c, "ksize", 2), inner_of(c, "strides", 2),
                                    pad_last(c), ROUND_NONE));
}

Tensor *row_conv3d(NodeContext *c) {
    return tn_conv3d(arg(c, 0), arg(c, 1), inner_of(c, "strides", 3), node_pad(c), volume_of(c),
                     inner_of(c, "dilations", 3));
}

Tensor *row_max_pool3d(NodeContext *c) {
    return tn_maxPool3d(arg(c, 0), inner_of(c, "ksize", 3), inner_of(c, "strides", 3), node_pad(c),
                        ROUND_NONE, volume_of(c));
}

Tensor *row_avg_pool3d(NodeContext *c) {
    return tn_avgPool3d(arg(c, 0), inner_of(c, "ksize", 3), inner_of(c, "strides", 3), node_pad(c),
                        ROUND_NONE, volume_of(c));
}

Tensor *row_batch_norm(NodeContext *c) {
    return as_in_file(c, tn_batchNorm(image(c, 0), arg(c, 3), arg(c, 4), arg(c, 2), arg(c, 1),
                                      (float)attr_number(c, "epsilon", 1e-3)));
}

Tensor *row_matmul(NodeContext *c) {
    bool ta = attr_bool(c, "transpose_a", false) || attr_bool(c, "adj_x", false);
    bool tb = attr_bool(c, "transpose_b", false) || attr_bool(c, "adj_y", false);
    return add_fused(c, tn_matMul(arg(c, 0), arg(c, 1), ta, tb));
}
