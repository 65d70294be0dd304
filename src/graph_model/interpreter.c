/* Runs: the steps of a subgraph one after another. Functions (If, While, calls) and
** loops need no recursion in C: calls are frames in a list, loops go back to their first step. */
#include "graph_model/interpreter.h"
#include "tensor/engine.h"
#include "ops/view.gen.h"

enum { MOST_CALLS = 200, MOST_ITERATIONS = 10000000 };
static int limit = MOST_ITERATIONS;
void tn_graph_limit(int iterations) { limit = iterations > 0 ? iterations : MOST_ITERATIONS; }
int run_limit(void) { return limit; }

/* ---- frames ---- */

void values_release(Value *v, int n) {
    for (int i = 0; v && i < n; i++) value_release(v + i);
}

static size_t frame_bytes(const Subgraph *p) {
    return sizeof(Frame) + (size_t)p->nvalues * sizeof(Value);
}

static void vars_free(Frame *f) {
    values_release(f->vars, f->nvars);
    mem_free(f->vars, (size_t)f->nvars * sizeof *f->vars);
    f->vars = NULL;
    f->nvars = 0;
}

void frame_free(GraphRun *run) {
    Frame *f = run->frame;
    run->frame = f->up;
    run->calls--;
    vars_free(f);
    values_release(f->values, f->subgraph->nvalues);
    mem_free(f, frame_bytes(f->subgraph));
}

static bool spend(GraphRun *run) {
    if (run->left-- > 0) return true;
    fail(TN_VALUE, "graph: loops and calls go round more than %d times", limit);
    return false;
}

bool frame_push(GraphRun *run, Subgraph *p, Value *in, Purpose purpose) {
    if (run->calls == MOST_CALLS)
        fail(TN_VALUE, "graph: functions call each other more than %d deep", MOST_CALLS);
    Frame *f = failed() || !spend(run) ? NULL : mem_alloc(frame_bytes(p));
    if (!f) {
        if (!failed()) fail(TN_MEMORY, "out of memory: %d values of a graph", p->nvalues);
        return false;
    }
    memset(f, 0, frame_bytes(p));
    f->up = run->frame;
    f->subgraph = p;
    f->purpose = purpose;
    run->frame = f;
    run->calls++;
    for (int i = 0; i < p->nin; i++) value_move(f->values + p->in[i], in + i);
    for (int i = 0; i < p->nweights; i++) {
        int s = p->weights[i];
        f->values[s].tensor = tensor_retain(p->graph->nodes[p->node[s]].weight);
    }
    for (int i = 0; i < p->nalways; i++) f->values[p->always[i]].tensor = tensor_retain(nothing());
    return true;
}

/* ---- functions ---- */

static Subgraph *function_subgraph(GraphModel *m, const GraphNode *node, const char *attr,
                                   int nin) {
    const Attr *a = attr_find(node, attr);
    GraphDef *g = a && a->string ? function_of(m, a->string) : NULL;
    if (!g) {
        fail(TN_FILE, "graph: node '%.100s' calls '%.100s', which is not in the library",
             node->name, a && a->string ? a->string : attr);
        return NULL;
    }
    if (g->ninputs != nin) {
        fail(TN_FILE, "graph: node '%.100s' gives %d arguments, function '%.100s' takes %d",
             node->name, nin, g->name, g->ninputs);
        return NULL;
    }
    if (g->subgraph) return g->subgraph;
    Arena a2 = {0};
    Link *in = arena_take(&a2, (size_t)g->ninputs * sizeof *in);
    Link *out = arena_take(&a2, (size_t)g->noutputs * sizeof *out);
    for (int i = 0; in && i < g->ninputs; i++) in[i] = g->inputs[i].link;
    for (int i = 0; out && i < g->noutputs; i++) out[i] = g->outputs[i].link;
    g->subgraph = out ? subgraph_make(g, in, g->ninputs, out, g->noutputs) : NULL;
    arena_free(&a2);
    return g->subgraph;
}

/* Calls the function that an attribute names; in[] are moved. */
static void call(GraphRun *run, const GraphNode *node, const char *attr, Value *in, int n,
                 Purpose why) {
    Subgraph *p = failed() ? NULL : function_subgraph(run->model, node, attr, n);
    if (p) frame_push(run, p, in, why);
}

/* The node's inputs from the i-th on, for f->vars. */
static bool vars_take(Frame *f, const SubgraphStep *step, int from) {
    int n = step->node->nin - from;
    vars_free(f);
    f->vars = mem_alloc((size_t)n * sizeof *f->vars);
    if (!f->vars) {
        fail(TN_MEMORY, "out of memory: %d arguments", n);
        return false;
    }
    f->nvars = n;
    for (int i = 0; i < n; i++) f->vars[i] = value_retain(f->values[step->in[from + i]]);
    return true;
}

static void condition(GraphRun *run, Frame *f, const GraphNode *node) {
    size_t bytes = (size_t)f->nvars * sizeof *f->vars;
    Value *copies = scratch(bytes);
    for (int i = 0; copies && i < f->nvars; i++) copies[i] = value_retain(f->vars[i]);
    call(run, node, "cond", copies, f->nvars, FOR_CONDITION);
    values_release(copies, f->nvars);
    scratch_free(copies, bytes);
}

/* ---- steps ---- */

NodeContext node_context(GraphRun *run, Frame *f) {
    const SubgraphStep *step = f->subgraph->steps + f->at;
    return (NodeContext){.model = run->model,
                         .node = step->node,
                         .subgraph = f->subgraph,
                         .step = step,
                         .values = f->values};
}

void step_end(GraphRun *run, Frame *f) {
    const SubgraphStep *step = f->subgraph->steps + f->at++;
    bool keeps = run->keep && !f->up;
    for (int i = 0; i < step->nfree && !keeps; i++) value_release(f->values + step->free[i]);
}

/* The end of a loop: once more if there is a value for the next iteration. */
static void loop_end(GraphRun *run, Frame *f) {
    const Loop *l = f->subgraph->loops + f->subgraph->steps[f->at].loop;
    bool again = false;
    for (int i = 0; i < l->nnext; i++) {
        again |= is_present(f->values + l->next[i]);
        value_move(f->values + l->back[i], f->values + l->next[i]);
    }
    if (!again) {
        step_end(run, f);
        return;
    }
    for (int i = 0; i < l->nenter; i++) value_release(f->values + l->enter[i]);
    if (spend(run)) f->at = l->begin;
}

/* Whether a node has what it takes; if there are no branches, it must. */
static bool has_inputs(const Frame *f, const SubgraphStep *step, bool merge) {
    int n = 0;
    for (int k = 0; k < step->nin; k++) {
        bool here = is_present(f->values + step->in[k]);
        n += here && (!merge || k < step->node->nin);
        if (here || f->subgraph->conditional) continue;
        fail(TN_FILE, "graph: node '%.100s' takes output %d of '%.100s', which does not give it",
             step->node->name, f->subgraph->index[step->in[k]],
             f->subgraph->graph->nodes[f->subgraph->node[step->in[k]]].name);
        return false;
    }
    return merge ? n > 0 : n == step->nin;
}

static void merge(NodeContext *c) {
    for (int k = 0; k < args(c); k++) {
        Value v = c->values[c->step->in[k]];
        if (!is_present(&v)) continue;
        out_value(c, 0, value_retain(v));
        if (c->step->nout > 1) out(c, 1, tn_cast(tn_scalar((float)k), TN_INT32));
        return;
    }
}

/* Names the node in the message of what went wrong in it. */
static void name_node(const GraphNode *node) {
    char text[400];
    ErrorCode code = tn_error_code();
    if (code == TN_OK || !strncmp(tn_error(), "graph: ", 7)) return;
    snprintf(text, sizeof text, "%s", tn_error());
    tn_clear_error();
    fail(code, "%s (node '%.80s')", text, node->name);
}

static void compute(GraphRun *run, Frame *f) {
    NodeContext c = node_context(run, f);
    Scope *s = tn_scope_begin();
    const Place before = place("node", c.node->name);
    if (!failed()) {
        if (c.node->row->flow == FLOW_MERGE) merge(&c);
        else if (c.node->row->flow == FLOW_CONST) out(&c, 0, c.node->weight);
        else c.node->row->run(&c);
    }
    place_back(before);
    tn_scope_end(s);
    arena_free(&c.arena);
    if (failed()) name_node(c.node);
    else step_end(run, f);
}

/* If and calls: arguments, then the function; While: its condition. */
static void start_call(GraphRun *run, Frame *f, Flow flow) {
    NodeContext c = node_context(run, f);
    if (!vars_take(f, c.step, flow == FLOW_IF)) return;
    const char *attr = flow == FLOW_CALL                    ? "f"
                       : flow == FLOW_IF && arg_bool(&c, 0) ? "then_branch"
                                                            : "else_branch";
    if (flow == FLOW_WHILE) condition(run, f, c.node);
    else call(run, c.node, attr, f->vars, f->nvars, FOR_NODE);
    arena_free(&c.arena);
}

/* One step; false if the node is the caller's to compute. */
static bool step(GraphRun *run, Frame *f) {
    const SubgraphStep *s = f->subgraph->steps + f->at;
    if (!s->node) {
        loop_end(run, f);
        return true;
    }
    Flow flow = s->node->row ? s->node->row->flow : FLOW_PLAIN;
    values_release(f->values + s->first, s->nout);
    if (s->control >= 0) value_release(f->values + s->control);
    if (!has_inputs(f, s, flow == FLOW_MERGE)) {
        if (!failed()) step_end(run, f);
        return true;
    }
    if (s->control >= 0) f->values[s->control].tensor = tensor_retain(nothing());
    if (!s->node->row) return false;
    if (flow >= FLOW_IF) start_call(run, f, flow);
    else compute(run, f);
    return true;
}

/* ---- results of frames ---- */

static Value *results_take(Frame *f) {
    Subgraph *p = f->subgraph;
    Value *v = mem_alloc((size_t)p->nout * sizeof *v);
    if (!v) fail(TN_MEMORY, "out of memory: %d results", p->nout);
    for (int i = 0; v && i < p->nout; i++) {
        v[i] = value_retain(f->values[p->out[i]]);
        if (!is_present(v + i))
            fail(TN_VALUE, "graph: The output '%.120s' has no value for these inputs",
                 p->graph->nodes[p->node[p->out[i]]].name);
    }
    return v;
}

static void node_results(GraphRun *run, Frame *f, Value *v, int n) {
    NodeContext c = node_context(run, f);
    for (int i = 0; i < n; i++) {
        out_value(&c, i, v[i]);
        v[i] = (Value){0};
    }
    vars_free(f);
    step_end(run, f);
}

static bool is_true(const Value *v, int n) {
    if (n != 1 || !v->tensor || !is_real(v->tensor->dtype)) {
        fail(TN_FILE, "graph: the condition of a While must give one number, but gives %d values",
             n);
        return false;
    }
    Tensor *x = v->tensor;
    const void *data = x->size ? tn_data(x) : NULL;
    if (!data) return false;
    return x->dtype == TN_FLOAT32 ? *(const float *)data != 0
           : x->dtype == TN_INT32 ? *(const int *)data != 0
                                  : *(const uint8_t *)data != 0;
}

static void loop_results(GraphRun *run, Frame *f, Value *v, int n) {
    const GraphNode *node = f->subgraph->steps[f->at].node;
    if (n != f->nvars) {
        fail(TN_FILE, "graph: the body of node '%.100s' gives %d values for %d", node->name, n,
             f->nvars);
        return;
    }
    for (int i = 0; i < n; i++) value_move(f->vars + i, v + i);
    condition(run, f, node);
}

/* A frame is through: its results go where they are wanted. */
static void frame_end(GraphRun *run) {
    Frame *f = run->frame, *up = f->up;
    int n = f->subgraph->nout;
    Purpose why = f->purpose;
    size_t bytes = (size_t)n * sizeof(Value);
    Value *v = results_take(f);
    if (why == FOR_CALLER) {
        run->results = v;
        run->done = !failed();
        return;
    }
    frame_free(run);
    if (failed()) why = FOR_CALLER;
    const GraphNode *node = up->subgraph->steps[up->at].node;
    if (why == FOR_NODE) node_results(run, up, v, n);
    else if (why == FOR_LOOP) loop_results(run, up, v, n);
    else if (why == FOR_CONDITION && is_true(v, n))
        call(run, node, "body", up->vars, up->nvars, FOR_LOOP);
    else if (why == FOR_CONDITION && !failed()) node_results(run, up, up->vars, up->nvars);
    values_release(v, n);
    mem_free(v, bytes);
}

bool run_step(GraphRun *run) {
    Frame *f = run->frame;
    if (f->at < f->subgraph->nsteps) return step(run, f);
    frame_end(run);
    return true;
}
