/* The tape: calls recorded while gradients are asked for, and the backward pass over them.
** Reverse-mode differentiation; a gradient is made of ops, so an outer tape records the inner
** tape's backward pass and gives gradients of any order. Broadcasting is undone here, once. */
#include "autograd/tape.h"
#include "base/grow.h"
#include "ops/binary.gen.h"
#include "ops/view.gen.h"

typedef struct Node {
    Call call;
    size_t bytes;
    Tensor *tensors[]; /* in, then out; then the attributes */
} Node;

/* What a tensor's mark and grad were before this pass, for passes inside passes (customGrad). */
typedef struct Touched {
    Tensor *x;
    uint32_t mark;
    Tensor *grad;
} Touched;

typedef struct Pass {
    uint32_t id;
    Touched *touched;
    int n, capacity;
} Pass;

enum { MAX_TAPES = 32 };
static Node **nodes;
static int count, capacity;
static int starts[MAX_TAPES], pauses[MAX_TAPES];
static int depth, paused;
static uint32_t last_pass, current_pass;

static void out_of_memory(void) {
    fail(TN_MEMORY, "out of memory: the tape cannot grow past %d calls", count);
}

int tn_tape_begin(void) {
    if (depth == MAX_TAPES) {
        fail(TN_GRADIENT, "grad: more than %d gradients inside each other", MAX_TAPES);
        return 0;
    }
    pauses[depth] = paused; /* a new tape records, whatever those around it do */
    paused = 0;
    starts[depth++] = count;
    return depth;
}

/* A custom gradient's JavaScript closure is kept as long as the call that names it. */
static void (*custom_drop)(int id);
static void custom_grad(Call *c, Tensor **dy, Tensor **dx);
static const Op custom_op = {.name = "customGrad", .grad = custom_grad};

static void node_free(Node *node) {
    Call *c = &node->call;
    if (c->op == &custom_op && custom_drop) custom_drop(*(const int *)c->attrs);
    for (int i = 0; i < c->nin; i++) tensor_release(c->in[i]);
    for (int j = 0; j < c->nout; j++) tensor_release(c->out[j]);
    mem_free(node, node->bytes);
}

void tn_tape_end(void) {
    if (!depth) return;
    depth--;
    paused = pauses[depth];
    if (depth && !paused) return; /* the tape around it has recorded the same calls */
    while (count > starts[depth]) node_free(nodes[--count]);
}

void tn_tape_pause(bool pause) { paused += pause ? 1 : -1; }
bool recording(void) { return depth && !paused; }
/* The same, for JavaScript. */
EXPORT bool tn_recording(void) { return recording(); }

TapeState tape_state(void) { return (TapeState){depth, paused, count, current_pass}; }

void tape_back(const TapeState *before) {
    while (count > before->count) node_free(nodes[--count]);
    depth = before->depth;
    paused = before->paused;
    current_pass = before->pass;
}

void tape_record(const Call *c) {
    size_t handles = (size_t)(c->nin + c->nout) * sizeof(Tensor *);
    size_t bytes = sizeof(Node) + handles + (size_t)c->attr_bytes;
    if (!GROW(nodes, capacity, (size_t)count + 1)) return out_of_memory();
    Node *node = mem_alloc(bytes);
    if (!node) {
        fail(TN_MEMORY, "out of memory: %s is not recorded", c->op->name);
        return;
    }
    node->bytes = bytes;
    node->call = *c;
    node->call.in = node->tensors;
    node->call.out = node->tensors + c->nin;
    node->call.attrs = node->tensors + c->nin + c->nout;
    for (int i = 0; i < c->nin; i++) node->tensors[i] = c->in[i] ? tensor_retain(c->in[i]) : NULL;
    for (int j = 0; j < c->nout; j++) node->call.out[j] = tensor_retain(c->out[j]);
    if (c->attr_bytes) memcpy(node->tensors + c->nin + c->nout, c->attrs, (size_t)c->attr_bytes);
    nodes[count++] = node;
}

void tape_snapshot(Tensor *v) {
    Tensor *old = NULL;
    for (int k = 0; k < count; k++)
        for (int i = 0; i < nodes[k]->call.nin; i++) {
            if (nodes[k]->call.in[i] != v) continue;
            if (!old) {
                old = tn_keep(tensor_alias(v));
                if (failed()) return;
                old->of = tensor_retain(v);
            }
            nodes[k]->call.in[i] = tensor_retain(old);
            tensor_release(v);
        }
    tn_dispose(old);
}

/* ---- the backward pass ---- */

static Tensor *origin(Tensor *x) { return x->of ? x->of : x; }
static bool reached(const Tensor *x) { return x && (x->of ? x->of : x)->mark == current_pass; }
bool wants(const Call *c, int i) { return reached(c->in[i]); }

/* Marks x as reached by this pass. */
static void touch(Pass *p, Tensor *x) {
    x = origin(x);
    if (x->mark == p->id) return;
    if (!GROW(p->touched, p->capacity, (size_t)p->n + 1)) return out_of_memory();
    p->touched[p->n++] = (Touched){tensor_retain(x), x->mark, x->grad};
    x->mark = p->id;
    x->grad = NULL;
}

static void pass_end(Pass *p) {
    while (p->n) {
        Touched *t = &p->touched[--p->n];
        tensor_release(t->x->grad);
        t->x->mark = t->mark;
        t->x->grad = t->grad;
        tensor_release(t->x);
    }
    mem_free(p->touched, (size_t)p->capacity * sizeof *p->touched);
}

/* Marks what is computed from marked tensors; through constant ops only if asked. */
static void mark_forward(Pass *p, int from, int to, bool constants_too) {
    for (int k = from; k < to; k++) {
        Call *c = &nodes[k]->call;
        bool any = false;
        if (c->op->constant && !constants_too) continue;
        for (int i = 0; i < c->nin && !any; i++) any = reached(c->in[i]);
        for (int j = 0; any && j < c->nout; j++) touch(p, c->out[j]);
    }
}

static void accumulate(Call *c, Tensor *x, Tensor *g) {
    g = unbroadcast(g, x);
    if (!failed() && !same_shape(g, x)) {
        fail(TN_GRADIENT, "%s: its gradient has shape %s, the input %s", c->op->name, shape_text(g),
             shape_text(x));
        return;
    }
    x = origin(x);
    Tensor *sum = x->grad ? tn_add(x->grad, g) : g;
    if (failed()) return;
    tensor_retain(sum);
    tensor_release(x->grad);
    x->grad = sum;
}

/* The dtype of gradients: complex64 for complex64, else float32. */
static Tensor *as_gradient(Tensor *x) { return x->dtype == TN_COMPLEX64 ? x : to_float(x); }

enum { STACK_TENSORS = 16 };

/* A view's gradient is dy in the shape of its input. */
static Tensor *view_back(Call *c, Tensor *dy) {
    const Tensor *x = c->in[0];
    return run(c->op, &dy, 1, OUT(make(dy->dtype, x->rank, x->shape)), NULL, 0);
}

static void backward_call(Call *c, Tensor **dy, Tensor **dx) {
    for (int j = 0; j < c->nout; j++)
        dy[j] = c->out[j]->mark == current_pass && c->out[j]->grad
                    ? tensor_revive(c->out[j]->grad)
                    : as_gradient(tn_zerosLike(c->out[j]));
    for (int i = 0; i < c->nin; i++) dx[i] = NULL;
    const Place before = place("gradient", c->op->name);
    if (!c->op->cpu && !c->op->grad && !failed()) dx[0] = view_back(c, dy[0]);
    else if (c->op->grad) c->op->grad(c, dy, dx);
    else fail(TN_GRADIENT, "%s: no gradient is defined for it", c->op->name);
    for (int i = 0; i < c->nin && !failed(); i++)
        if (dx[i] && reached(c->in[i])) accumulate(c, c->in[i], dx[i]);
    place_back(before);
}

static bool has_grad(const Call *c) {
    for (int j = 0; j < c->nout; j++)
        if (c->out[j]->mark == current_pass && c->out[j]->grad) return true;
    return false;
}

static bool is_result(const Tensor *x, const List *xs) {
    for (int i = 0; i < xs->n; i++)
        if (xs->v[i] == x) return true;
    return false;
}

static void backward(const List *xs, int from, int to) {
    uint32_t id = current_pass;
    for (int k = to - 1; k >= from && !failed(); k--) {
        Call *c = &nodes[k]->call;
        if (!has_grad(c)) continue;
        Tensor *few[2 * STACK_TENSORS];
        size_t bytes = (size_t)(c->nin + c->nout) * sizeof(Tensor *);
        Tensor **grads = bytes > sizeof few ? scratch(bytes) : few;
        Scope *s = grads ? tn_scope_begin() : NULL;
        if (s) backward_call(c, grads, grads + c->nout);
        tn_scope_end(s);
        if (grads != few) scratch_free(grads, bytes);
        for (int j = 0; j < c->nout; j++) { /* consumed: every reader of out[j] comes after it */
            if (c->out[j]->mark != id || is_result(c->out[j], xs)) continue;
            tensor_release(c->out[j]->grad);
            c->out[j]->grad = NULL;
        }
    }
}

static void seed(Tensor *y, Tensor *dy) {
    if (dy && !same_shape(y, dy)) {
        fail(TN_SHAPE, "grad: dy has shape %s, y has %s", shape_text(dy), shape_text(y));
        return;
    }
    if (dy && dy->dtype != TN_FLOAT32 && dy->dtype != TN_COMPLEX64) {
        fail(TN_DTYPE, "grad: dy must be float32, but is %s", dtype_name(dy->dtype));
        return;
    }
    Tensor *g = dy ? dy : as_gradient(tn_onesLike(y));
    if (!failed()) origin(y)->grad = tensor_retain(g);
}

/* Each result is a handle of its own, though two inputs may share one gradient, or it is dy. */
static Tensor *result(Tensor *g, Scope *s) {
    if (g->id && g->scope != s) g = tn_clone(g);
    return tn_scope_out(s, tensor_revive(g));
}

/* True if y is computed from x in any way. */
static bool depends(Tensor *y, Tensor *x, int from, int to) {
    uint32_t outer = current_pass;
    Pass p = {.id = ++last_pass};
    current_pass = p.id;
    touch(&p, x);
    mark_forward(&p, from, to, true);
    bool found = reached(y);
    pass_end(&p);
    current_pass = outer;
    return found;
}

static const List *collect(Tensor *y, const List *xs, Scope *s, int from, int to) {
    List *grads = make_list(xs->n);
    for (int i = 0; i < grads->n; i++) {
        Tensor *x = xs->v[i], *g = reached(x) ? origin(x)->grad : NULL;
        if (!g && depends(y, x, from, to)) g = as_gradient(tn_zerosLike(x));
        grads->v[i] = g && !failed() ? result(g, s) : NULL;
    }
    return grads;
}

const List *tn_gradients(Tensor *y, const List *xs, Tensor *dy) {
    if (failed()) return make_list(0);
    if (!depth) {
        fail(TN_GRADIENT, "grad: no tape is open");
        return make_list(0);
    }
    uint32_t outer = current_pass;
    Pass p = {.id = ++last_pass};
    current_pass = p.id;
    int from = starts[depth - 1], to = count;
    bool quiet = depth == 1;
    if (quiet) tn_tape_pause(true);
    Scope *s = tn_scope_begin();
    for (int i = 0; i < xs->n; i++) touch(&p, xs->v[i]);
    mark_forward(&p, from, to, false);
    if (reached(y)) seed(y, dy);
    if (!failed() && reached(y)) backward(xs, from, to);
    const List *grads = failed() ? make_list(0) : collect(y, xs, s, from, to);
    tn_scope_end(s);
    if (quiet) tn_tape_pause(false);
    pass_end(&p);
    current_pass = outer;
    return grads;
}

/* ---- custom gradients ---- */

static void (*custom_call)(int id, Tensor *dy, int count, Tensor **dx, Tensor **in);

/* call(id, dy, count, dx, in) fills dx for the closure `id`, which knows how many of the `count`
** tensors in[] are inputs, the rest being saved; drop(id): the closure is not needed any more. */
EXPORT void tn_on_custom(void (*call)(int, Tensor *, int, Tensor **, Tensor **),
                         void (*drop)(int)) {
    custom_call = call;
    custom_drop = drop;
}

/* A gradient of the caller's is of its input's shape: nothing is broadcast here. */
static void want_gradient(const Tensor *x, const Tensor *dx, int i) {
    DType dtype = x->dtype == TN_COMPLEX64 ? TN_COMPLEX64 : TN_FLOAT32;
    if (!same_shape(x, dx))
        fail(TN_GRADIENT,
             "customGrad: the gradient of input %d has shape %s, which does not match "
             "the shape of the input, %s",
             i, shape_text(dx), shape_text(x));
    else if (dx->dtype != dtype)
        fail(TN_GRADIENT, "customGrad: the gradient of input %d must have '%s' dtype, but has '%s'",
             i, dtype_name(dtype), dtype_name(dx->dtype));
}

static void custom_grad(Call *c, Tensor **dy, Tensor **dx) {
    trace_break("JavaScript gives a gradient");
    for (int i = 0; i < c->nin; i++) tensor_revive(c->in[i]);
    custom_call(*(const int *)c->attrs, dy[0], c->nin, dx, c->in);
    for (int i = 0; i < c->nin && !failed(); i++)
        if (dx[i]) want_gradient(c->in[i], dx[i], i);
}

/* y with closure `id` as its gradient for the inputs; inputs holds the saved tensors after them.
** The closure gets handles on saved tensors again, in the scope of the backward pass. */
EXPORT Tensor *tn_custom(const List *inputs, Tensor *y, int id) {
    Tensor *out = tensor_alias(y);
    Call c = {.op = &custom_op,
              .in = (Tensor **)inputs->v,
              .out = &out,
              .nin = inputs->n,
              .nout = 1,
              .attrs = &id,
              .attr_bytes = sizeof id};
    const bool records = !failed() && recording();
    if (records) tape_record(&c);
    if ((!records || failed()) && custom_drop) custom_drop(id);
    if (!failed()) return out;
    tn_dispose(out);
    return nothing();
}
