/* Functions that rows of the table call where one expression is not enough. Each leaves or returns
** what its ops of TensorFlow give. */
#ifndef TN_ROWS_H
#define TN_ROWS_H
#include "graph_model/graph.h"

/* arithmetic.c */
Tensor *row_bias(Site *c);
Tensor *row_select(Site *c);
typedef Tensor *(*Reduction)(Tensor *x, const Ints *axis, bool keepDims);
Tensor *row_reduce(Site *c, Reduction f);
void row_top(Site *c);
Tensor *row_one_hot(Site *c);
Tensor *row_range(Site *c);
Tensor *row_fill(Site *c);
/* A seed as the ops take it: NULL where it is 0, unpredictable. */
const char *seed_of(Site *c);
Tensor *row_uniform_int(Site *c);
Tensor *row_irfft(Site *c);
Tensor *row_rfft(Site *c);

/* windows.c: convolutions, pooling, normalization; NCHW as well as NHWC */
Tensor *row_conv1d(Site *c);
Tensor *row_conv2d(Site *c);
Tensor *row_depthwise(Site *c);
Tensor *row_conv2d_transpose(Site *c);
Tensor *row_max_pool(Site *c);
Tensor *row_avg_pool(Site *c);
Tensor *row_conv3d(Site *c);
Tensor *row_max_pool3d(Site *c);
Tensor *row_avg_pool3d(Site *c);
Tensor *row_batch_norm(Site *c);
Tensor *row_matmul(Site *c);
/* 'SAME', 'VALID', 'EXPLICIT' */
const Pad *site_pad(Site *c);
/* Sizes along the axes between batch and channels of an attribute: 1 where it is not there. */
const Ints *inner_of(Site *c, const char *attr, int axes);

/* shapes.c */
void row_pass(Site *c);
void row_pass_all(Site *c);
void row_switch(Site *c);
void row_shapes(Site *c);
Tensor *row_shape(Site *c);
Tensor *row_pack(Site *c);
void row_split(Site *c);
void row_split_sizes(Site *c);
void row_unpack(Site *c);
Tensor *row_strided_slice(Site *c);
Tensor *row_reverse(Site *c);
Tensor *row_squeeze(Site *c);
Tensor *row_ensure_shape(Site *c);
Tensor *row_pad(Site *c, double value);
Tensor *row_gather(Site *c, int axis);
Tensor *row_slice(Site *c);
/* An int32 without dimensions. */
Tensor *int_scalar(int value);

/* indices.c */
Tensor *row_where(Site *c);
Tensor *row_suppress(Site *c);
void row_suppress_padded(Site *c);
void row_suppress_scores(Site *c);
Tensor *row_crop(Site *c);
Tensor *row_transform(Site *c);
Tensor *row_dilation(Site *c);
void row_max_pool_argmax(Site *c);
void row_unique(Site *c);
void row_difference(Site *c);
Tensor *row_to_dense(Site *c);
void row_fill_rows(Site *c);
void row_sparse_reshape(Site *c);
void row_ragged_gather(Site *c);
void row_ragged_range(Site *c);
Tensor *row_ragged_dense(Site *c);
void row_string_split(Site *c);
void row_ngrams(Site *c);

/* lists.c */
void list_reserve(Site *c);
void list_empty(Site *c);
void list_from_tensor(Site *c);
void list_scatter(Site *c);
void list_split(Site *c);
void list_set(Site *c);
void list_push(Site *c);
void list_pop(Site *c);
void list_resize(Site *c);
Tensor *list_get(Site *c);
Tensor *list_gather(Site *c);
Tensor *list_stack(Site *c);
void list_concat(Site *c);
Tensor *list_length(Site *c);
/* Whether two shapes may be one; NULL: open. And what is known of both, in *merged. */
bool shapes_merge(const Ints *a, const Ints *b, int *merged);

/* arrays.c */
void array_make(Site *c);
void array_write(Site *c);
Tensor *array_read(Site *c);
Tensor *array_gather(Site *c);
void array_scatter(Site *c);
void array_concat(Site *c);
void array_split(Site *c);
void array_close(Site *c);
Tensor *array_size(Site *c);

/* hash_tables.c */
void table_make(Site *c);
void table_import(Site *c);
Tensor *table_find(Site *c);
Tensor *table_size(Site *c);
#endif
