/* raggedTensorToTensor: ragged rows as a dense tensor, short ones filled up, long ones cut. */
#include "ops/scatter.h"
#include "ops/gather.gen.h"
#include "ops/view.gen.h"

static const char op[] = "raggedTensorToTensor";

/* How a row partition tensor says which values a row has. */
typedef enum Partition { FIRST_DIM_SIZE, VALUE_ROWIDS, ROW_SPLITS, PARTITIONS } Partition;

typedef struct Ragged {
    int rank;  /* partitions, without a leading FIRST_DIM_SIZE */
    int first; /* rows of the outermost */
    Partition types[TN_MAX_RANK];
    const int *v[TN_MAX_RANK]; /* their elements, and how many */
    int n[TN_MAX_RANK];
    int shape[TN_MAX_RANK], out_rank; /* of the result */
} Ragged;

/* Reads the next of the names joined by commas. PARTITIONS with the error set if it is none. */
static Partition next_type(const char **text) {
    static const char *const names[] = {"FIRST_DIM_SIZE", "VALUE_ROWIDS", "ROW_SPLITS"};
    const size_t n = strcspn(*text, ",");
    Partition p = 0;
    while (p < PARTITIONS && (strlen(names[p]) != n || memcmp(names[p], *text, n))) p++;
    if (p == PARTITIONS)
        fail(TN_VALUE,
             "%s: rowPartitionTypes: \"%.*s\" is not FIRST_DIM_SIZE, VALUE_ROWIDS or "
             "ROW_SPLITS",
             op, (int)(n < 40 ? n : 40), *text);
    *text += n + ((*text)[n] == ',');
    return p;
}

/* Takes the partitions in; false with the error set. */
static bool read_partitions(Ragged *r, const List *tensors, const char *types) {
    if (!tensors->n || !types || !*types)
        return fail(TN_VALUE, "%s: No row_partition_types given.", op), false;
    if (tensors->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "%s: %d partitions are more than %d", op, tensors->n, TN_MAX_RANK),
               false;
    for (int i = 0; i < tensors->n; i++) {
        Tensor *t = tensors->v[i];
        const Partition type = next_type(&types);
        const int *v = want_dtype(op, "rowPartitionTensors", t, TN_INT32) ? read_ints(t) : NULL;
        if (failed()) return false;
        if (!i && type == VALUE_ROWIDS)
            fail(TN_VALUE, "%s: Cannot handle VALUE_ROWIDS in first dimension.", op);
        else if (i && type == FIRST_DIM_SIZE)
            fail(TN_VALUE, "%s: rowPartitionTypes[%d] is FIRST_DIM_SIZE: only the first may be", op,
                 i);
        else if (type == FIRST_DIM_SIZE ? t->size != 1 : t->rank != 1)
            fail(TN_SHAPE, "%s: rowPartitionTensors[%d] has shape %s, it must be %s", op, i,
                 shape_text(t), type == FIRST_DIM_SIZE ? "one number" : "a vector");
        else if (type != VALUE_ROWIDS && !t->size)
            fail(TN_SHAPE, "%s: Invalid partition input %d. Tensor requires at least one element.",
                 op, i);
        if (failed()) return false;
        if (!i) r->first = type == FIRST_DIM_SIZE ? v[0] : t->size - 1;
        if (type == FIRST_DIM_SIZE) continue;
        r->types[r->rank] = type;
        r->v[r->rank] = v;
        r->n[r->rank++] = t->size;
    }
    if (*types) fail(TN_VALUE, "%s: %d partitions, but more rowPartitionTypes", op, tensors->n);
    if (r->first < 0)
        fail(TN_VALUE, "%s: the first dimension is %d, which is negative", op, r->first);
    return !failed();
}

/* Splits begin at 0 and rise, row ids are not negative: what is checked without the level above. */
static bool partition_fits(const Ragged *r, int level) {
    const int *v = r->v[level], n = r->n[level];
    const bool splits = r->types[level] == ROW_SPLITS;
    for (int i = 0; i < n && !failed(); i++)
        if (splits ? (i ? v[i] < v[i - 1] : v[i] != 0) : v[i] < 0)
            fail(TN_INDEX, "%s: Invalid row %s of partition %d: %d at %d", op,
                 splits ? "split" : "id", level, v[i], i);
    return !failed();
}

/* The longest row of a partition. */
static int widest(const Ragged *r, int level) {
    const int *v = r->v[level], n = r->n[level];
    int most = 0;
    for (int i = 0, run = 0; i < n; i++) {
        if (r->types[level] == ROW_SPLITS) run = i ? v[i] - v[i - 1] : 0;
        else run = i && v[i] == v[i - 1] ? run + 1 : 1;
        if (run > most) most = run;
    }
    return most;
}

/* Works out the shape of the result; false with the error set. */
static bool dense_shape(Ragged *r, Tensor *shape, const Tensor *values) {
    const int *given = read_ints(shape);
    if (!given) return false;
    r->out_rank = r->rank + values->rank;
    const bool known = shape->rank > 0;
    if (r->out_rank > TN_MAX_RANK)
        fail(TN_SHAPE, "%s: the result has rank %d, above %d", op, r->out_rank, TN_MAX_RANK);
    else if (shape->rank > 1 || (!known && given[0] != -1))
        fail(TN_SHAPE, "%s: shape must be a vector, or -1 where nothing is known", op);
    else if (known && shape->size != r->out_rank)
        fail(TN_SHAPE,
             "%s: rt input.shape and shape=%s are incompatible: rt input.rank = %d, but "
             "shape.rank = %d",
             op, ints_text(shape->size < 8 ? shape->size : 8, given), r->out_rank, shape->size);
    for (int i = 0; i < r->out_rank && !failed(); i++) {
        const int fixed = i > r->rank ? values->shape[i - r->rank] : -1;
        int size = known ? given[i] : -1;
        if (size < -1) fail(TN_VALUE, "%s: Dimension %d must be >= -1", op, size);
        else if (fixed >= 0 && size >= 0 && size != fixed)
            fail(TN_SHAPE,
                 "%s: rt input.shape and shape=%s are incompatible: rt "
                 "input.shape[%d] = %d but shape[%d] = %d",
                 op, ints_text(shape->size, given), i, fixed, i, size);
        if (size < 0) size = fixed >= 0 ? fixed : i ? widest(r, i - 1) : r->first;
        r->shape[i] = size;
    }
    if (!failed()) checked_size(op, r->out_rank, r->shape, values->dtype);
    return !failed();
}

/* Where the rows of the next level go in the result, -1 for what is cut off, made of the same of
** the level above: `width` rows fit into one of that, `stride` apart. */
static Tensor *next_places(const Ragged *r, int level, const Tensor *above, int width, int stride) {
    const int *v = r->v[level], n = r->n[level];
    const bool splits = r->types[level] == ROW_SPLITS;
    if (splits && n - 1 > above->size)
        return fail(TN_INDEX, "%s: Row partition size is greater than output size: %d > %d", op,
                    n - 1, above->size);
    Tensor *y = tn_tensor(TN_INT32, INTS(splits ? v[n - 1] : n), NULL);
    if (failed()) return nothing();
    for (int i = 0, row = 0, column = 0; i < y->size; i++, column++) {
        if (splits)
            while (i >= v[row + 1]) row++, column = 0;
        else if (!i || v[i] != row) row = v[i], column = 0;
        if (row >= above->size)
            return fail(TN_INDEX, "%s: Got valueRowId=%d at %d, which is not less than %d", op, row,
                        i, above->size);
        const int begin = i32(above)[row];
        i32(y)[i] = begin < 0 || column >= width ? -1 : begin + column * stride;
    }
    return y;
}

/* The row of the result where each value goes, -1 for none. */
static Tensor *places_of(const Ragged *r) {
    int stride = 1;
    for (int i = 1; i <= r->rank; i++) stride *= r->shape[i];
    Tensor *at = tn_tensor(TN_INT32, INTS(r->first), NULL);
    for (int i = 0; i < r->first && !failed(); i++) i32(at)[i] = i < r->shape[0] ? i * stride : -1;
    for (int level = 0; level < r->rank && !failed(); level++) {
        stride /= r->shape[level + 1];
        at = next_places(r, level, at, r->shape[level + 1], stride);
    }
    return at;
}

/* Puts the values that have a place into rows. */
static Tensor *put_values(Tensor *rows, Tensor *at, Tensor *values) {
    if (failed()) return nothing();
    if (at->size > values->shape[0])
        return fail(TN_INDEX, "%s: the partitions have %d values, but there are %d", op, at->size,
                    values->shape[0]);
    int n = 0;
    for (int i = 0; i < at->size; i++) n += i32(at)[i] >= 0;
    Tensor *to = tn_tensor(TN_INT32, INTS(n), NULL), *from = tn_tensor(TN_INT32, INTS(n), NULL);
    if (failed()) return nothing();
    for (int i = 0, k = 0; i < at->size; i++)
        if (i32(at)[i] >= 0) i32(to)[k] = i32(at)[i], i32(from)[k++] = i;
    return set_rows(rows, to, tn_gather(values, from, 0, 0));
}

/* The default value in every row of the result: [rows, sizes of a value]. */
static Tensor *default_rows(const Ragged *r, Tensor *value, const Tensor *values) {
    int shape[TN_MAX_RANK + 1] = {values->rank, 1};
    for (int i = 0; i <= r->rank; i++) shape[1] *= r->shape[i];
    for (int i = 1; i < values->rank; i++) shape[1 + i] = values->shape[i];
    bool fits = value->rank < values->rank;
    for (int i = 1; fits && i <= value->rank; i++) {
        const int size = value->shape[value->rank - i];
        fits = size == 1 || size == values->shape[values->rank - i];
    }
    if (fits) return tn_broadcastTo(value, (const Ints *)shape);
    return fail(TN_SHAPE,
                "%s: defaultValue.shape=%s and ragged tensor input flatValues.shape=%s are "
                "incompatible",
                op, shape_text(value), shape_text(values));
}

static bool ragged_checks(const Tensor *shape, const Tensor *values, const Tensor *value) {
    if (!want_dtype(op, "shape", shape, TN_INT32)) return false;
    if (!values->rank)
        fail(TN_SHAPE, "%s: values must be of rank 1 or higher, but are a number", op);
    else if (values->dtype != value->dtype)
        fail(TN_DTYPE, "%s: values are %s, but defaultValue is %s", op, dtype_name(values->dtype),
             dtype_name(value->dtype));
    return !failed();
}

/* raggedTensorToTensor: A ragged tensor as a dense one: short rows are filled up, long ones cut.
**   shape : int32 [rank] | []              of the result, -1 for what the longest row says; or -1
**   values : any [...]                     the values of all rows, of rank 1 or more
**   defaultValue : dtype of values [...]   what fills up rows; broadcasts to one value
**   rowPartitionTensors : list of [...]    int32 partitions from the outermost to the innermost
**   rowPartitionTypes : strings            their kinds: 'FIRST_DIM_SIZE' (the number of rows, only
**                                          first), 'VALUE_ROWIDS' (the row of each value),
**                                          'ROW_SPLITS' (where rows begin, and the end)
**   -> y : dtype of values [...]           of shape
** > tf.raggedTensorToTensor([-1, -1], [1, 2, 3, 4.5], 0.5, [tf.tensor([0, 1, 1, 4], [4],
**     'int32')], ['ROW_SPLITS'])   // [[1, 0.5, 0.5], [0.5, 0.5, 0.5], [2, 3, 4.5]]
** > tf.raggedTensorToTensor([3, 2], [1, 2, 3, 4.5], 0.5, [tf.scalar(2, 'int32'), tf.tensor([0, 1,
**     1, 1], [4], 'int32')], ['FIRST_DIM_SIZE', 'VALUE_ROWIDS'])
**     // [[1, 0.5], [2, 3], [0.5, 0.5]]
*/
OP(raggedTensorToTensor, (Tensor * shape, Tensor *values, Tensor *defaultValue,
                          const List *rowPartitionTensors, const char *rowPartitionTypes)) {
    Ragged r = {0};
    if (!ragged_checks(shape, values, defaultValue)) return nothing();
    if (!read_partitions(&r, rowPartitionTensors, rowPartitionTypes)) return nothing();
    for (int i = 0; i < r.rank; i++)
        if (!partition_fits(&r, i)) return nothing();
    if (!dense_shape(&r, shape, values)) return nothing();
    Scope *s = tn_scope_begin();
    int whole[TN_MAX_RANK + 1] = {r.out_rank};
    memcpy(whole + 1, r.shape, sizeof r.shape);
    Tensor *rows = default_rows(&r, defaultValue, values);
    if (!failed() && rows->size) rows = put_values(rows, places_of(&r), values);
    return leave(s, tn_reshape(rows, (const Ints *)whole));
}
