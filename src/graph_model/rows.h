/* Functions that rows of the table call where one expression is not enough. Each leaves or returns
** what its ops of TensorFlow give. */
#ifndef TN_ROWS_H
#define TN_ROWS_H
#include "graph_model/graph.h"

/* arithmetic.c */
Tensor *row_bias(NodeContext *c);
Tensor *row_select(NodeContext *c);
typedef Tensor *(*Reduction)(Tensor *x, const Ints *axis, bool keepDims);
Tensor *row_reduce(NodeContext *c, Reduction f);
void row_top(NodeContext *c);
Tensor *row_one_hot(NodeContext *c);
Tensor *row_range(NodeContext *c);
Tensor *row_fill(NodeContext *c);
/* A seed as the ops take it: NULL where it is 0, unpredictable. */
const char *seed_of(NodeContext *c);
Tensor *row_uniform_int(NodeContext *c);
Tensor *row_irfft(NodeContext *c);
Tensor *row_rfft(NodeContext *c);

/* windows.c: convolutions, pooling, normalization; NCHW as well as NHWC */
Tensor *row_conv1d(NodeContext *c);
Tensor *row_conv2d(NodeContext *c);
Tensor *row_depthwise(NodeContext *c);
Tensor *row_conv2d_transpose(NodeContext *c);
Tensor *row_max_pool(NodeContext *c);
Tensor *row_avg_pool(NodeContext *c);
Tensor *row_conv3d(NodeContext *c);
Tensor *row_max_pool3d(NodeContext *c);
Tensor *row_avg_pool3d(NodeContext *c);
Tensor *row_batch_norm(NodeContext *c);
Tensor *row_matmul(NodeContext *c);
/* 'NHWC', 'NCHW' */
DataFormat node_format(NodeContext *c);
/* 'SAME', 'VALID', 'EXPLICIT' */
const Pad *node_pad(NodeContext *c);
/* Sizes along the axes between batch and channels of an attribute: 1 where it is not there. */
const Ints *inner_of(NodeContext *c, const char *attr, int axes);

/* shapes.c */
void row_pass(NodeContext *c);
void row_pass_all(NodeContext *c);
void row_switch(NodeContext *c);
void row_shapes(NodeContext *c);
Tensor *row_shape(NodeContext *c);
Tensor *row_pack(NodeContext *c);
void row_split(NodeContext *c);
void row_split_sizes(NodeContext *c);
void row_unpack(NodeContext *c);
Tensor *row_strided_slice(NodeContext *c);
Tensor *row_reverse(NodeContext *c);
Tensor *row_squeeze(NodeContext *c);
Tensor *row_ensure_shape(NodeContext *c);
Tensor *row_pad(NodeContext *c, double value);
Tensor *row_gather(NodeContext *c, int axis);
Tensor *row_slice(NodeContext *c);
/* An int32 without dimensions. */
Tensor *int_scalar(int value);

/* indices.c */
Tensor *row_where(NodeContext *c);
Tensor *row_suppress(NodeContext *c);
void row_suppress_padded(NodeContext *c);
void row_suppress_scores(NodeContext *c);
Tensor *row_crop(NodeContext *c);
Tensor *row_transform(NodeContext *c);
Tensor *row_dilation(NodeContext *c);
void row_max_pool_argmax(NodeContext *c);
void row_unique(NodeContext *c);
void row_difference(NodeContext *c);
Tensor *row_to_dense(NodeContext *c);
void row_fill_rows(NodeContext *c);
void row_sparse_reshape(NodeContext *c);
void row_ragged_gather(NodeContext *c);
void row_ragged_range(NodeContext *c);
Tensor *row_ragged_dense(NodeContext *c);
void row_string_split(NodeContext *c);
void row_ngrams(NodeContext *c);

/* lists.c */
void list_reserve(NodeContext *c);
void list_empty(NodeContext *c);
void list_from_tensor(NodeContext *c);
void list_scatter(NodeContext *c);
void list_split(NodeContext *c);
void list_set(NodeContext *c);
void list_push(NodeContext *c);
void list_pop(NodeContext *c);
void list_resize(NodeContext *c);
Tensor *list_get(NodeContext *c);
Tensor *list_gather(NodeContext *c);
Tensor *list_stack(NodeContext *c);
void list_concat(NodeContext *c);
Tensor *list_length(NodeContext *c);
/* Whether two shapes may be one; NULL: open. And what is known of both, in *merged. */
bool shapes_merge(const Ints *a, const Ints *b, int *merged);

/* arrays.c */
void array_make(NodeContext *c);
void array_write(NodeContext *c);
Tensor *array_read(NodeContext *c);
Tensor *array_gather(NodeContext *c);
void array_scatter(NodeContext *c);
void array_concat(NodeContext *c);
void array_split(NodeContext *c);
void array_close(NodeContext *c);
Tensor *array_size(NodeContext *c);

/* hash_tables.c */
void table_make(NodeContext *c);
void table_import(NodeContext *c);
Tensor *table_find(NodeContext *c);
Tensor *table_size(NodeContext *c);
#endif
