/* Maps: y = expression(a, b, ...) where each input is walked over with steps: elementwise ops,
** broadcasting, and with the expression "x" everything that only moves elements. Here is found how
** the inputs lie; the result is pending then (pending.h). */
#include "backend/webgl/pending.h"

static bool in_memory(const Tensor *x) { return x->storage->data && !x->storage->stale_data; }

static bool is_value(const Tensor *x) { return !x || (x->size == 1 && in_memory(x)); }

static bool is_whole(const Map *m, int k) { return m->in[k] && m->in[k]->dtype == TN_INT32; }

/* The one element of input k as a word. */
static int value_of(const Map *m, int k) {
    const Tensor *x = m->in[k];
    if (is_whole(m, k)) return i32(x)[0];
    return float_bits(!x ? m->scalar[k] : x->dtype == TN_BOOL ? u8(x)[0] != 0 : f32(x)[0]);
}

static bool joins(const Map *m, const Pending *p, int axis) {
    int top = p->rank - 1;
    for (int k = 0; k < m->nin; k++)
        if (!is_value(m->in[k]) && m->step[k][axis] != (int64_t)p->step[k][top] * p->size[top])
            return false;
    return true;
}

/* Axes are joined wherever no input minds; innermost first. */
static bool join_axes(const Map *m, Pending *p) {
    for (int i = m->rank - 1; i >= 0; i--) {
        if (m->size[i] == 1) continue;
        if (p->rank && joins(m, p, i)) {
            p->size[p->rank - 1] *= m->size[i];
            continue;
        }
        if (p->rank == MAP_RANK) return false;
        p->size[p->rank] = m->size[i];
        for (int k = 0; k < m->nin; k++) p->step[k][p->rank] = m->step[k][i];
        p->rank++;
    }
    return true;
}

static Way way_of(const Map *m, const Pending *p, int k, int size) {
    const int *step = p->step[k];
    if (is_value(m->in[k])) return VALUE;
    bool same = m->base[k] == 0 && m->in[k]->size == size;
    for (int i = 0, n = 1; i < p->rank; n *= p->size[i++]) same = same && step[i] == n;
    if (same) return SAME;
    bool whole = m->base[k] % 4 == 0;
    for (int i = 1; i < p->rank; i++) whole = whole && step[i] % 4 == 0;
    if (p->size[0] % 4 || !p->rank) return EACH;
    return step[0] == 0 ? SPLAT : step[0] == 1 && whole ? QUAD : EACH;
}

/* ---- running ---- */

void map_broadcast(Map *m, int k, Tensor *x, const Tensor *y) {
    m->in[k] = x;
    int lead = x ? y->rank - x->rank : 0;
    for (int i = y->rank - 1, n = 1; x && i >= 0; i--) {
        int size = i < lead ? 1 : x->shape[i - lead];
        m->step[k][i] = size == 1 ? 0 : n;
        n *= size;
    }
}

static bool is_along(const Pending *p, int k) {
    return k && way_walks(p->way[k]) && p->way[k] == p->way[k - 1] &&
           p->base[k] == p->base[k - 1] && !memcmp(p->step[k], p->step[k - 1], sizeof p->step[k]);
}

/* What is read in place, or as a part of it, is read once, so that it need not be there before. */
static bool may_wait(const Pending *p, const Map *m, int k, const Tensor *y) {
    return p->way[k] == SAME || (p->way[k] == QUAD && m->in[k]->size >= y->size);
}

static bool add_input(Pending *p, const Map *m, int k, const Tensor *y) {
    p->way[k] = way_of(m, p, k, y->size);
    p->base[k] = m->base[k];
    p->along[k] = is_along(p, k);
    p->whole_in[k] = is_whole(m, k);
    if (p->way[k] == VALUE) p->value[k] = value_of(m, k);
    else if (may_wait(p, m, k, y)) p->in[k] = texture_or_pending(m->in[k]);
    else p->in[k] = texture_of(m->in[k]);
    return p->way[k] == VALUE || p->in[k];
}

/* Asked for with one input, unless the expression itself says what becomes of NaN. */
static bool keeps_nan(const Map *m, DType dtype) {
    const bool number = m->nin == 1 && dtype == TN_FLOAT32 && !is_whole(m, 0) && m->expression[1];
    return number && strchr(m->expression, 'x') && !strstr(m->expression, "isnan");
}

bool map_run(const Map *m, Tensor *y) {
    Pending p = {.expression = m->expression,
                 .whole = y->dtype == TN_INT32,
                 .keeps_nan = keeps_nan(m, y->dtype),
                 .nin = m->nin,
                 .np = m->np};
    memcpy(p.p, m->p, sizeof p.p);
    if (!texture_fits(y->size) || !join_axes(m, &p)) return false;
    for (int k = 0; k < m->nin; k++)
        if (!add_input(&p, m, k, y)) return false;
    return pend(&p, y);
}

/* Axes of the result, and the attribute words. */
static Map map_of(const Call *c, const char *expression) {
    const Tensor *y = c->out[0];
    Map m = {.expression = expression, .nin = c->nin, .rank = y->rank};
    memcpy(m.size, y->shape, sizeof(int) * (size_t)y->rank);
    m.np = c->attr_bytes / 4 < 8 ? c->attr_bytes / 4 : 8;
    memcpy(m.p, c->attrs ? c->attrs : m.p, (size_t)m.np * 4);
    return m;
}

bool gl_expression(Call *c, const Shader *shader) {
    (void)shader;
    bool whole = c->out[0]->dtype == TN_INT32;
    for (int k = 0; k < c->nin; k++) whole = whole || (c->in[k] && c->in[k]->dtype == TN_INT32);
    if (c->nin > MAP_INPUTS) return false;
    Map m = map_of(c, whole ? c->op->gl_int : c->op->gl + 1);
    for (int k = 0; k < c->nin; k++) map_broadcast(&m, k, c->in[k], c->out[0]);
    return map_run(&m, c->out[0]);
}

bool gl_cast(Call *c, const Shader *shader) {
    (void)shader;
    const DType from = c->in[0]->dtype, to = c->out[0]->dtype;
    const char *whole = from == TN_FLOAT32 ? "int_wrapped(x)" : "int(x)";
    Map m = map_of(c, to == TN_BOOL    ? (from == TN_INT32 ? "x != 0" : "x != 0.")
                      : to == TN_INT32 ? whole
                                       : "x");
    map_broadcast(&m, 0, c->in[0], c->out[0]);
    return map_run(&m, c->out[0]);
}

/* Inputs x, mean, variance, offset, scale, of which the last two may be missing; p1 is epsilon. */
bool gl_batchNorm(Call *c, const Shader *shader) {
    (void)shader;
    Map m = map_of(c, "(a - b) * (e * inversesqrt(c + p1)) + d");
    m.scalar[4] = 1;
    for (int k = 0; k < c->nin; k++) map_broadcast(&m, k, c->in[k], c->out[0]);
    return map_run(&m, c->out[0]);
}
