/* einsum: sums of products named by labels. An equation is lowered to diagonals, sums, transposes
** and matrix products, pair by pair, so its gradients are theirs. */
#include "ops/strided.h"
#include "ops/binary.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

/* A label is a character; the axes of an ellipsis, counted from the last, have those after them. */
enum { ELLIPSIS = 128, LABELS = ELLIPSIS + TN_MAX_RANK, MAX_TERMS = 16 };

typedef struct Labels {
    int n;
    uint8_t v[TN_MAX_RANK];
} Labels;

/* A tensor and the labels of its axes. */
typedef struct Term {
    Tensor *x;
    Labels axes;
} Term;

typedef struct Einsum {
    int n;
    Term terms[MAX_TERMS];
    Labels out;
    int size[LABELS]; /* of the axes with this label; -1: not known yet */
} Einsum;

static bool has(const Labels *l, int label) { return memchr(l->v, label, (size_t)l->n) != NULL; }

static void add_label(Labels *l, int label) {
    if (l->n == TN_MAX_RANK) fail(TN_SHAPE, "einsum: a term has more than %d axes", TN_MAX_RANK);
    else l->v[l->n++] = (uint8_t)label;
}

/* ---- reading the equation ---- */

/* "[2,3]" */
static const char *tight(const Tensor *x) {
    static char text[16 * TN_MAX_RANK];
    int n = 0;
    for (const char *p = shape_text(x); *p; p++)
        if (*p != ' ') text[n++] = *p;
    text[n] = 0;
    return text;
}

/* The labels of one term, up to `end`; an ellipsis stands for `more` axes. */
static void read_labels(const char *at, const char *end, int more, Labels *l) {
    int dots = 0;
    for (; at < end && !failed(); at++) {
        if (*at == ' ' || (*at >= '\t' && *at <= '\r')) continue;
        if (end - at >= 3 && !memcmp(at, "...", 3) && !dots++) {
            for (int i = more - 1; i >= 0; i--) add_label(l, ELLIPSIS + i);
            at += 2;
        } else if (*at <= ' ' || *at > '~' || strchr(".,->", *at))
            fail(TN_VALUE, "einsum: byte %d of the equation is no label", (unsigned char)*at);
        else add_label(l, *at);
    }
    if (!dots && more > 0)
        fail(TN_SHAPE, "einsum: a term has %d labels and no ellipsis, its tensor rank %d", l->n,
             l->n + more);
}

/* Labels other than an ellipsis. */
static int letters(const char *at, const char *end) {
    int n = 0;
    for (; at < end; at++) n += *at > ' ' && *at != '.';
    return n;
}

/* Notes the sizes of a term's axes; those of an ellipsis may be 1 here and n there. */
static void note_sizes(Einsum *e, const Term *t) {
    for (int i = 0; i < t->axes.n; i++) {
        int *size = &e->size[t->axes.v[i]], here = t->x->shape[i];
        const bool dots = t->axes.v[i] >= ELLIPSIS;
        if (*size < 0 || (dots && *size == 1)) *size = here;
        else if (*size != here && !(dots && here == 1))
            fail(TN_SHAPE,
                 "einsum: Expected dimension %d at axis %d of input shaped %s, but got "
                 "dimension %d",
                 *size, i, tight(t->x), here);
    }
}

/* Returns how many axes the ellipsis stands for. */
static int read_term(Einsum *e, const char *at, const char *end, Tensor *x) {
    Term *t = &e->terms[e->n++];
    const int more = x->rank - letters(at, end);
    t->x = x;
    if (more < 0)
        fail(TN_SHAPE, "einsum: term %d has %d labels, tensors[%d] rank %d", e->n - 1,
             x->rank - more, e->n - 1, x->rank);
    else read_labels(at, end, more, &t->axes);
    if (!failed()) note_sizes(e, t);
    return more;
}

static void read_output(Einsum *e, const char *at, int dots) {
    const char *end = at + strlen(at);
    read_labels(at, end, strstr(at, "...") ? dots : 0, &e->out);
    for (int i = 0; i < e->out.n && !failed(); i++) {
        const int label = e->out.v[i];
        if (e->size[label] < 0)
            fail(TN_VALUE,
                 "Output subscripts contain the label %c not present in the "
                 "input subscripts.",
                 label);
        else if (memchr(e->out.v, label, (size_t)i))
            fail(TN_VALUE, "einsum: the label %c is twice in the output subscripts", label);
    }
}

static void read_equation(Einsum *e, const char *equation, const List *tensors) {
    const char *arrow = strstr(equation, "->");
    if (!arrow) fail(TN_VALUE, "einsum: Equations without an arrow are not supported.");
    else if (strstr(arrow + 2, "->"))
        fail(TN_VALUE, "einsum: Equation must contain exactly one arrow (\"->\").");
    if (failed()) return;
    int inputs = 1, dots = 0;
    for (const char *p = equation; p < arrow; p++) inputs += *p == ',';
    if (inputs != tensors->n)
        fail(TN_VALUE, "einsum: Expected %d input tensors, received %d", inputs, tensors->n);
    else if (inputs > MAX_TERMS)
        fail(TN_VALUE, "einsum: %d input tensors are more than %d", inputs, MAX_TERMS);
    for (int i = 0; i < inputs && !failed(); i++) {
        const char *end = equation;
        while (end < arrow && *end != ',') end++;
        const int more = read_term(e, equation, end, tensors->v[i]);
        if (more > dots) dots = more;
        equation = end + 1;
    }
    if (!failed()) read_output(e, arrow + 2, dots);
}

/* ---- one term ---- */

/* A walk that takes the diagonal of axes with the same label. */
static const Op diagonal_op = {
    .name = "diagonal", .cpu = strided_cpu, .gl = "strided", .grad = strided_grad, .any = true};

static void take_diagonals(Term *t) {
    const Strided from = whole(t->x);
    Strided walk = {0};
    Labels axes = {0};
    for (int i = 0; i < t->axes.n; i++) {
        int k = 0;
        while (k < axes.n && axes.v[k] != t->axes.v[i]) k++;
        if (k == axes.n) add_label(&axes, t->axes.v[i]);
        walk.size[k] = from.size[i];
        walk.stride[k] += from.stride[i];
    }
    if (axes.n == t->axes.n) return;
    walk.rank = axes.n;
    t->axes = axes;
    t->x = run(&diagonal_op, IN(t->x), OUT(make(t->x->dtype, walk.rank, walk.size)), &walk,
               sizeof walk);
}

/* Drops the axes for which `keep` is false, by summing over them. */
static void sum_out(Term *t, const bool *keep) {
    int axes[TN_MAX_RANK + 1] = {0};
    Labels left = {0};
    for (int i = 0; i < t->axes.n; i++)
        if (keep[t->axes.v[i]]) add_label(&left, t->axes.v[i]);
        else axes[++axes[0]] = i;
    if (axes[0]) t->x = tn_sum(t->x, (const Ints *)axes, false);
    t->axes = left;
}

/* Position of a label among the axes of a term that has it. */
static int axis_with(const Term *t, int label) {
    return (int)((const uint8_t *)memchr(t->axes.v, label, (size_t)t->axes.n) - t->axes.v);
}

/* The tensor with its axes in this order. */
static Tensor *arranged(const Term *t, const Labels *order) {
    if (failed()) return nothing();
    int perm[TN_MAX_RANK + 1] = {order->n};
    for (int i = 0; i < order->n; i++) perm[1 + i] = axis_with(t, order->v[i]);
    return tn_transpose(t->x, (const Ints *)perm, false);
}

/* ---- a pair ---- */

/* Axes of size 1 that the other term has too say nothing. */
static void drop_ones(Term *t, const Term *other) {
    int axes[TN_MAX_RANK + 1] = {0};
    Labels left = {0};
    for (int i = 0; i < t->axes.n; i++)
        if (t->x->shape[i] == 1 && has(&other->axes, t->axes.v[i])) axes[++axes[0]] = i;
        else add_label(&left, t->axes.v[i]);
    if (axes[0]) t->x = tn_squeeze(t->x, (const Ints *)axes);
    t->axes = left;
}

/* How the axes of two terms meet. */
typedef struct Meeting {
    Labels both, left, right, summed; /* in both and kept, in one, in both and summed over */
} Meeting;

static Meeting meet(const Term *a, const Term *b, const bool *keep) {
    Meeting m = {0};
    for (int i = 0; i < a->axes.n; i++) {
        const int label = a->axes.v[i];
        if (!has(&b->axes, label)) add_label(&m.left, label);
        else add_label(keep[label] ? &m.both : &m.summed, label);
    }
    for (int i = 0; i < b->axes.n; i++)
        if (!has(&a->axes, b->axes.v[i])) add_label(&m.right, b->axes.v[i]);
    return m;
}

static Labels joined(const Labels *a, const Labels *b, const Labels *c) {
    Labels all = *a;
    for (int i = 0; i < b->n; i++) add_label(&all, b->v[i]);
    for (int i = 0; i < c->n; i++) add_label(&all, c->v[i]);
    return all;
}

static int size_with(const Term *t, int label) { return t->x->shape[axis_with(t, label)]; }

/* Elements along these axes of a term. */
static int volume(const Term *t, const Labels *l) {
    int n = 1;
    for (int i = 0; i < l->n; i++) n *= size_with(t, l->v[i]);
    return n;
}

static bool same_labels(const Labels *a, const Labels *b) {
    return a->n == b->n && !memcmp(a->v, b->v, (size_t)a->n);
}

/* t as a stack of matrices, [both, free, summed] or, if it lies that way, [both, summed, free]. */
static Tensor *as_matrices(const Term *t, const Meeting *m, const Labels *free, bool *flipped) {
    const Labels plain = joined(&m->both, free, &m->summed);
    const Labels other = joined(&m->both, &m->summed, free);
    *flipped = !same_labels(&t->axes, &plain) && same_labels(&t->axes, &other);
    const int rows = volume(t, *flipped ? &m->summed : free);
    const int columns = volume(t, *flipped ? free : &m->summed);
    Tensor *x = arranged(t, *flipped ? &other : &plain);
    return tn_reshape(x, INTS(volume(t, &m->both), rows, columns));
}

/* The product as [both, left, right]. Few rows and columns, and nothing to sum over, are better
** multiplied element by element. */
static Tensor *product(const Term *a, const Term *b, const Meeting *m) {
    bool a_flipped, b_flipped;
    Tensor *x = as_matrices(a, m, &m->left, &a_flipped);
    Tensor *y = as_matrices(b, m, &m->right, &b_flipped);
    if (failed()) return nothing();
    if (!m->summed.n)
        return tn_mul(tn_reshape(x, INTS(x->shape[0], x->shape[1] * x->shape[2], 1)),
                      tn_reshape(y, INTS(y->shape[0], 1, y->shape[1] * y->shape[2])));
    if (!m->left.n && !m->right.n && m->both.n)
        return tn_sum(
            tn_mul(tn_reshape(x, INTS(x->shape[0], -1)), tn_reshape(y, INTS(y->shape[0], -1))),
            INTS(1), false);
    return tn_matMul(x, y, a_flipped, !b_flipped);
}

static Term contract(Term a, Term b, const bool *keep) {
    drop_ones(&a, &b);
    drop_ones(&b, &a);
    bool wanted[LABELS];
    for (int i = 0; i < LABELS; i++) wanted[i] = keep[i] || (has(&a.axes, i) && has(&b.axes, i));
    sum_out(&a, wanted);
    sum_out(&b, wanted);
    if (failed()) return a;
    const Meeting m = meet(&a, &b, keep);
    Term t = {nothing(), joined(&m.both, &m.left, &m.right)};
    if (failed()) return t;
    int shape[TN_MAX_RANK + 1] = {t.axes.n};
    for (int i = 0; i < t.axes.n; i++)
        shape[1 + i] = size_with(has(&a.axes, t.axes.v[i]) ? &a : &b, t.axes.v[i]);
    t.x = tn_reshape(product(&a, &b, &m), (const Ints *)shape);
    return t;
}

/* ---- all ---- */

/* Labels that the output, or a term other than a and b, has. */
static void kept(const Einsum *e, int a, int b, bool *keep) {
    for (int i = 0; i < LABELS; i++) {
        keep[i] = has(&e->out, i);
        for (int k = 0; k < e->n && !keep[i]; k++)
            keep[i] = k != a && k != b && has(&e->terms[k].axes, i);
    }
}

/* Elements that contracting a and b makes, less those that it is rid of. */
static double growth(const Einsum *e, int a, int b) {
    bool keep[LABELS];
    kept(e, a, b, keep);
    const Labels *x = &e->terms[a].axes, *y = &e->terms[b].axes;
    double n = 1;
    for (int i = 0; i < LABELS; i++)
        if (keep[i] && (has(x, i) || has(y, i))) n *= e->size[i];
    return n - e->terms[a].x->size - e->terms[b].x->size;
}

/* The pair that grows least, first the one whose axes come first in the output. */
static void choose(const Einsum *e, int *a, int *b) {
    double least = 0;
    *a = 0, *b = 1;
    for (int i = 0; e->n > 2 && i < e->n; i++)
        for (int k = i + 1; k < e->n; k++) {
            const double n = growth(e, i, k);
            if ((i == 0 && k == 1) || n < least) least = n, *a = i, *b = k;
        }
    for (int i = 0; i < e->out.n; i++) {
        const bool x = has(&e->terms[*a].axes, e->out.v[i]);
        const bool y = has(&e->terms[*b].axes, e->out.v[i]);
        if (x == y) continue;
        const int first = y ? *b : *a;
        *b = *a + *b - first;
        *a = first;
        return;
    }
}

static Tensor *evaluate(Einsum *e) {
    bool keep[LABELS];
    for (int i = 0; i < e->n && !failed(); i++) take_diagonals(&e->terms[i]);
    while (e->n > 1 && !failed()) {
        int a, b;
        choose(e, &a, &b);
        kept(e, a, b, keep);
        const Term t = contract(e->terms[a], e->terms[b], keep);
        e->terms[a < b ? a : b] = t;
        e->terms[a < b ? b : a] = e->terms[--e->n];
    }
    if (failed()) return nothing();
    kept(e, 0, 0, keep);
    sum_out(&e->terms[0], keep);
    return arranged(&e->terms[0], &e->out);
}

/* einsum: Sums of products, by labels of axes (Einstein's notation).
**   equation : string            a term of labels for each tensor, and one for the result:
**                                'ij,jk->ik'. Labels that the result lacks are summed over; one
**                                that is twice in a term takes its diagonal; '...' stands for all
**                                other axes, which broadcast
**   ...tensors : list of [...]   one for each term, at most 16; several are contracted in pairs,
**                                small ones first
**   -> y : [...]                 the axes of the result's term, in its order
** > tf.einsum('ij,jk->ik', [[1, 2], [3, 4]], [[5, 6], [7, 8]])   // [[19, 22], [43, 50]]
** > tf.einsum('bi,bi->b', [[1, 2], [3, 4]], [[1, 0.5], [2, 1]])   // [2, 10]
** > tf.einsum('...ii->...i', [[[1, 2], [3, 4]], [[5, 6], [7, 8]]])   // [[1, 4], [5, 8]]
** > tf.einsum('i,j,ik->kj', [1, 2], [3, 4, 5], [[1, -1], [0.5, 2]])   // [[6, 8, 10], [9, 12, 15]]
*/
OP(einsum, (const char *equation, const List *tensors)) {
    if (failed()) return nothing();
    Einsum e = {0};
    for (int i = 0; i < LABELS; i++) e.size[i] = -1;
    read_equation(&e, equation ? equation : "", tensors);
    if (failed()) return nothing();
    Scope *s = tn_scope_begin();
    DType dtype = e.terms[0].x->dtype;
    for (int i = 1; i < e.n; i++) dtype = upcast(dtype, e.terms[i].x->dtype);
    for (int i = 0; i < e.n; i++) e.terms[i].x = to_dtype(e.terms[i].x, dtype);
    return leave(s, evaluate(&e));
}
