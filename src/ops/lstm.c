/* Steps of recurrences, said with other ops: basicLSTMCell, movingAverage. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/matmul.gen.h"
#include "ops/slice.gen.h"
#include "ops/unary.gen.h"

/* ---- basicLSTMCell ---- */

static bool want_matrices(Tensor *const *x, const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (!want_rank("basicLSTMCell", names[i], x[i], 2)) return false;
    return true;
}

static bool want_cell(const Tensor *kernel, const Tensor *bias, const Tensor *data, const Tensor *c,
                      const Tensor *h) {
    static const char op[] = "basicLSTMCell";
    const int units = c->shape[1], inputs = data->shape[1] + h->shape[1];
    if (kernel->shape[1] % 4 || kernel->shape[1] / 4 != units)
        fail(TN_SHAPE, "%s: lstmKernel has %d columns, c has %d: there must be four times as many",
             op, kernel->shape[1], units);
    else if (kernel->shape[0] != inputs)
        fail(TN_SHAPE, "%s: lstmKernel has %d rows, data and h have %d columns", op,
             kernel->shape[0], inputs);
    else if (!want_rank(op, "lstmBias", bias, 1)) return false;
    else if (bias->size != kernel->shape[1])
        fail(TN_SHAPE, "%s: lstmBias has %d elements, lstmKernel %d columns", op, bias->size,
             kernel->shape[1]);
    else if (data->shape[0] != h->shape[0] || data->shape[0] != c->shape[0])
        fail(TN_SHAPE, "%s: data has %d rows, c %d and h %d", op, data->shape[0], c->shape[0],
             h->shape[0]);
    return !failed();
}

/* basicLSTMCell: One step of an LSTM (Zaremba et al., 2014).
**   forgetBias : []                            is added to the forget gate
**   lstmKernel : [inputs + units, 4 * units]   input gate, new input, forget gate, output gate
**   lstmBias : [4 * units]
**   data : [n, inputs]
**   c : [n, units]                             state of the cell before
**   h : [n, units]                             output before
**   -> states : pair of float32 [n, units]     the new c and the new h
** > tf.basicLSTMCell(0.5, [[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8], [-0.1, 0.3, 0.2, -0.5]],
**     [0.1, -0.2, 0.3, 0.4], [[1, -0.5]], [[0.3]], [[0.7]])   // [[[0.1704777]], [[0.0865327]]]
*/
LISTOP(basicLSTMCell, (Tensor * forgetBias, Tensor *lstmKernel, Tensor *lstmBias, Tensor *data,
                       Tensor *c, Tensor *h)) {
    static const char *const names[] = {"lstmKernel", "data", "c", "h"};
    if (failed() || !want_matrices((Tensor *[]){lstmKernel, data, c, h}, names, 4) ||
        !want_cell(lstmKernel, lstmBias, data, c, h))
        return make_list(0);
    Scope *s = tn_scope_begin();
    Tensor *sums = tn_matMul(tn_concat(LIST(data, h), 1), lstmKernel, false, false);
    sums = tn_add(sums, lstmBias);
    Tensor *gate[4];
    for (int i = 0; i < 4; i++)
        gate[i] = tn_slice(sums, INTS(0, i * c->shape[1]), INTS(-1, c->shape[1]));
    Tensor *taken = tn_mul(tn_sigmoid(gate[0]), tn_tanh(gate[1]));
    Tensor *kept = tn_mul(c, tn_sigmoid(tn_add(forgetBias, gate[2])));
    Tensor *state = tn_add(taken, kept);
    Tensor *output = tn_mul(tn_tanh(state), tn_sigmoid(gate[3]));
    List *states = make_list(failed() ? 0 : 2);
    if (states->n) states->v[0] = tn_scope_out(s, state), states->v[1] = output;
    leave(s, output);
    return states;
}

/* ---- movingAverage ---- */

/* movingAverage: An average brought nearer to a value: v + (x - v) (1 - decay) / (1 - decay^step).
**   v : [...]                  the average
**   x : numeric like v         the new value
**   decay : []                 how much of the average stays
**   step : [] = null           number of this update, from 1; needed with zeroDebias
**   zeroDebias : bool = true   divides by 1 - decay^step, as for an average that began with 0
**                              (Kingma and Ba, 2014); false: does not
**   -> y : like v              the new average
** > tf.movingAverage([1, 2], [3, 4], 0.5, 2)   // [2.3333333, 3.3333333]
** > tf.movingAverage([1, 2], [3, 5], 0.75, null, false)   // [1.5, 2.75]
*/
OP(movingAverage, (Tensor * v, Tensor *x, Tensor *decay, Tensor *step, bool zeroDebias)) {
    if (failed()) return nothing();
    if (v->dtype != x->dtype)
        return fail(TN_DTYPE,
                    "movingAverage: The dtypes of the first(%s) and second(%s) input "
                    "must match",
                    dtype_name(v->dtype), dtype_name(x->dtype));
    if (!same_shape(v, x))
        return fail(TN_SHAPE, "movingAverage: Shape mismatch in v and x: %s and %s", shape_text(v),
                    shape_text(x));
    if (zeroDebias && !step)
        return fail(TN_VALUE, "movingAverage: When using zeroDebias: true, step is required.");
    Scope *s = tn_scope_begin();
    Tensor *one = tn_scalar(1);
    Tensor *update = tn_mul(tn_sub(x, v), tn_sub(one, decay));
    if (zeroDebias) update = tn_div(update, tn_sub(one, tn_pow(decay, step)));
    return leave(s, tn_add(v, update));
}
