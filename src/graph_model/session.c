/* A model as callers run it: inputs are checked and go in, custom ops wait for the caller, results
** get handles. */
#include "graph_model/interpreter.h"
#include "base/json.h"
#include "jit/plan.h"
#include "ops/view.gen.h"

/* ---- inputs ---- */

static const Ints *wanted_shape(const GraphNode *node) {
    const Attr *a = node->row && node->row->flow == FLOW_INPUT ? attr_find(node, "shape") : NULL;
    return a && a->kind == ATTR_SHAPE ? a->ints : NULL;
}

/* A shape as JavaScript writes a list into a text. */
static void write_shape(char *text, size_t size, int n, const int *v) {
    size_t at = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < n && at + 14 < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%d", i ? "," : "", v[i]);
    snprintf(text + at, size - at, "]");
}

static void misfit(const GraphNode *node, const Ints *wanted, const Tensor *x) {
    char must[120], was[120];
    write_shape(must, sizeof must, wanted->n, wanted->v);
    write_shape(was, sizeof was, x->rank, x->shape);
    fail(TN_SHAPE,
         "The shape of dict['%.120s'] provided in model.execute(dict) must be %s, but was %s",
         node->name, must, was);
}

static bool check_input(const GraphNode *node, const Tensor *x) {
    const Ints *shape = wanted_shape(node);
    bool fits = !shape || shape->n == x->rank;
    for (int i = 0; shape && fits && i < shape->n; i++)
        fits = shape->v[i] < 0 || shape->v[i] == x->shape[i];
    const Attr *dtype =
        node->row && node->row->flow == FLOW_INPUT ? attr_find(node, "dtype") : NULL;
    if (!fits) misfit(node, shape, x);
    else if (dtype && dtype->kind == ATTR_DTYPE && dtype->number >= 0 &&
             (int)dtype->number != (int)x->dtype)
        fail(TN_DTYPE,
             "The dtype of dict['%.120s'] provided in model.execute(dict) must be "
             "%s, but was %s",
             node->name, dtype_name((DType)dtype->number), dtype_name(x->dtype));
    return !failed();
}

static bool check_inputs(const Subgraph *p, const List *inputs) {
    if (inputs->n != p->ngiven) {
        fail(TN_VALUE, "graph: %d inputs are given, the subgraph takes %d", inputs->n, p->ngiven);
        return false;
    }
    for (int i = 0; i < p->ngiven; i++)
        if (!check_input(p->graph->nodes + p->node[p->in[i]], inputs->v[i])) return false;
    return true;
}

static GraphRun *run_make(Subgraph *p) {
    GraphRun *run = mem_alloc(sizeof *run);
    if (!run) {
        fail(TN_MEMORY, "out of memory: no size for a graph's run");
        return NULL;
    }
    *run = (GraphRun){.model = p->graph->model, .subgraph = p, .left = run_limit()};
    p->refs++;
    p->graph->model->refs++;
    return run;
}

static void run_free(GraphRun *run) {
    while (run->frame) frame_free(run);
    values_release(run->results, run->subgraph->nout);
    mem_free(run->results, (size_t)run->subgraph->nout * sizeof(Value));
    subgraph_release(run->subgraph);
    tn_graph_release(run->model);
    mem_free(run, sizeof *run);
}

/* All that an initializer is run for: its outputs, and tables that no output waits for. */
static Link *aims_of(const GraphDef *g, Arena *a, int *n) {
    const Row *import = row_of("LookupTableImport");
    Link *out = arena_take(a, (size_t)(g->noutputs + g->nnodes) * sizeof *out);
    *n = 0;
    for (int i = 0; out && i < g->noutputs; i++) out[(*n)++] = g->outputs[i].link;
    for (int i = 0; out && i < g->nnodes; i++)
        if (g->nodes[i].row && g->nodes[i].row->run == import->run) out[(*n)++] = (Link){i, 0};
    return out;
}

/* Fills tables and captures what the initializer gives, once. */
static bool initialize(GraphModel *m) {
    GraphDef *g = m->initializer;
    if (m->initialized || !g) return true;
    Arena a = {0};
    int n;
    Link *out = aims_of(g, &a, &n);
    Subgraph *p = out ? subgraph_make(g, NULL, 0, out, n) : NULL;
    GraphRun *run = p ? run_make(p) : NULL;
    if (run && frame_push(run, p, NULL, FOR_CALLER) && tn_graph_continue(run))
        fail(TN_VALUE, "graph: the initializer has an op of the caller's");
    m->captured = arena_take(&m->arena, (size_t)m->main.ninputs * sizeof *m->captured);
    for (int i = 0; m->captured && i < m->main.ninputs && !failed(); i++) {
        int from = m->resources[i] ? names_find(&g->output_keys, m->resources[i]) : -1;
        if (from >= 0) m->captured[i] = value_retain(run->results[from]);
        m->ncaptured = i + 1;
    }
    if (run) run_free(run);
    tn_subgraph_release(p);
    arena_free(&a);
    return m->initialized = !failed();
}

GraphRun *tn_graph_begin(Subgraph *p, const List *inputs, bool keep) {
    if (failed() || !check_inputs(p, inputs) || !initialize(p->graph->model)) return NULL;
    GraphModel *m = p->graph->model;
    if (keep || m->nkept) kept_free(m);
    size_t bytes = (size_t)p->nin * sizeof(Value);
    Value *in = scratch(bytes);
    GraphRun *run = in ? run_make(p) : NULL;
    for (int i = 0; in && i < p->nin; i++)
        in[i] = i < p->ngiven ? (Value){.tensor = tensor_retain(inputs->v[i])}
                              : value_retain(m->captured ? m->captured[p->captured[i - p->ngiven]]
                                                         : (Value){0});
    if (run) run->keep = keep;
    bool ready = run && frame_push(run, p, in, FOR_CALLER);
    values_release(in, p->nin);
    scratch_free(in, bytes);
    if (ready) return run;
    if (run) run_free(run);
    return NULL;
}

const char *tn_graph_continue(GraphRun *run) {
    while (!failed() && !run->done)
        if (!run_step(run)) return run->frame->subgraph->steps[run->frame->at].node->json;
    return NULL;
}

const List *tn_graph_arguments(GraphRun *run) {
    Frame *f = run->frame;
    const SubgraphStep *s = f->subgraph->steps + f->at;
    List *list = make_list(failed() ? 0 : s->node->nin);
    for (int i = 0; i < list->n; i++) {
        Tensor *x = f->values[s->in[i]].tensor;
        list->v[i] = x ? tn_clone(x) : tn_scalar(0);
    }
    return list;
}

void tn_graph_supply(GraphRun *run, const List *results) {
    if (failed()) return;
    NodeContext c = node_context(run, run->frame);
    out_list(&c, results);
    step_end(run, run->frame);
}

/* Values of the run stay with the model. */
static void keep_values(GraphRun *run) {
    Frame *f = run->frame;
    GraphModel *m = run->model;
    int n = 0;
    for (int s = 0; s < f->subgraph->nvalues; s++)
        n += f->values[s].tensor && f->subgraph->index[s] < INDEX_BACK;
    m->kept = scratch((size_t)n * sizeof *m->kept);
    for (int s = 0; m->kept && s < f->subgraph->nvalues; s++)
        if (f->values[s].tensor && f->subgraph->index[s] < INDEX_BACK)
            m->kept[m->nkept++] = (Kept){f->subgraph->graph->nodes + f->subgraph->node[s],
                                         f->subgraph->index[s], tensor_retain(f->values[s].tensor)};
}

const List *tn_graph_end(GraphRun *run) {
    if (!run) return make_list(0);
    if (run->keep && run->done) keep_values(run);
    List *list = make_list(failed() || !run->done ? 0 : run->subgraph->nout);
    for (int i = 0; i < list->n; i++) list->v[i] = value_handle(run->results[i]);
    run_free(run);
    if (failed()) list->n = 0;
    return list;
}

static void run_whole(void *subgraph, Tensor **in, Tensor **out) {
    Subgraph *p = subgraph;
    const size_t bytes = sizeof(List) + (size_t)p->ngiven * sizeof(Tensor *);
    List *inputs = scratch(bytes);
    GraphRun *run = NULL;
    if (inputs) {
        inputs->n = p->ngiven;
        memcpy(inputs->v, in, (size_t)p->ngiven * sizeof *in);
        run = tn_graph_begin(p, inputs, false);
    }
    if (run && tn_graph_continue(run))
        fail(TN_VALUE, "graph: node '%.120s' has an op of the caller's",
             run->frame->subgraph->steps[run->frame->at].node->name);
    const List *results = tn_graph_end(run);
    for (int j = 0; j < p->nout; j++) out[j] = results->n ? results->v[j] : nothing();
    scratch_free(inputs, bytes);
}

const List *tn_graph_run(Subgraph *p, const List *inputs) {
    const size_t bytes = (size_t)p->nout * sizeof(Tensor *);
    Tensor **out = failed() || !check_inputs(p, inputs) ? NULL : scratch(bytes);
    Work w = {run_whole, p, (Tensor **)inputs->v, out, p->ngiven, p->nout, .mode = run_limit()};
    if (out && p->graph->model->nkept) kept_free(p->graph->model);
    if (out) plans_run(&p->plans, &w);
    List *list = make_list(failed() || !out ? 0 : p->nout);
    for (int j = 0; j < list->n; j++) list->v[j] = out[j];
    scratch_free(out, bytes);
    return list;
}

/* ---- what a run has kept ---- */

const List *tn_graph_intermediates(GraphModel *m) {
    List *list = make_list(failed() ? 0 : m->nkept);
    for (int i = 0; i < list->n; i++) list->v[i] = tn_clone(m->kept[i].tensor);
    return list;
}

const char *tn_graph_intermediate_names(GraphModel *m) {
    cJSON *names = json_array();
    for (int i = 0; i < m->nkept && !failed(); i++) {
        cJSON *pair = json_append(names, json_array());
        json_append(pair, json_string(m->kept[i].node->name));
        json_append(pair, json_number(m->kept[i].index));
    }
    return json_text(names);
}

void tn_graph_forget(GraphModel *m) { kept_free(m); }
