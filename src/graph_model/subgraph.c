/* Subgraphs: which nodes are needed for some outputs, and that all that they need is given. */
#include "graph_model/subgraph.h"
#include "base/json.h"
#include "jit/plan.h"

bool is_back(const GraphDef *g, const GraphNode *node, int k) {
    return flow_of(node) == FLOW_MERGE && k < node->nin &&
           flow_of(g->nodes + node->in[k].node) == FLOW_NEXT;
}

bool has_step(const SubgraphBuilder *w, int i) {
    const GraphNode *node = w->g->nodes + i;
    if (w->use[i] != NODE_USED) return false;
    return flow_of(node) != FLOW_CONST || (w->conditional && node->ncontrol);
}

static bool is_missing(const GraphNode *node) { return flow_of(node) == FLOW_INPUT && !node->nin; }

/* Control flow, tables, and ops of which the size of the result depends on values. */
static bool is_dynamic(const GraphNode *node) {
    static const char *const ops[] = {"Where", "NonMaxSuppressionV", "HashTable", "LookupTable"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (!strncmp(node->op, ops[i], strlen(ops[i]))) return true;
    return flow_of(node) >= FLOW_SWITCH && flow_of(node) <= FLOW_WHILE;
}

/* Marks what the outputs need, back to what is given. */
static bool mark(SubgraphBuilder *w, const Link *in, int nin, const Link *out, int nout) {
    GraphDef *g = w->g;
    int *stack = arena_take(&w->arena, (size_t)g->nnodes * sizeof *stack), n = 0;
    if (!stack) return false;
    for (int i = 0; i < nin; i++) w->use[in[i].node] = NODE_FED;
    for (int i = 0; i < nout; i++)
        if (w->use[out[i].node] == NODE_UNUSED) w->use[stack[n++] = out[i].node] = NODE_USED;
    while (n) {
        const GraphNode *node = g->nodes + stack[--n];
        w->conditional |= flow_of(node) == FLOW_SWITCH;
        w->p->dynamic |= is_dynamic(node);
        for (int k = 0; k < node->nin + node->ncontrol; k++) {
            int from = node->in[k].node;
            if (w->use[from] == NODE_UNUSED) w->use[stack[n++] = from] = NODE_USED;
        }
    }
    for (int i = 0; i < g->nnodes; i++) w->used += w->use[i] != NODE_UNUSED;
    return true;
}

static void append(char *text, size_t size, const char *name, bool first) {
    size_t n = strlen(text);
    if (n + 4 < size) snprintf(text + n, size - n, "%s%.60s", first ? "" : ",", name);
}

/* Placeholders that are needed and not given, and constants without a value. */
static bool check_given(const SubgraphBuilder *w, const Link *in, int nin, const Link *out,
                        int nout) {
    const GraphNode *nodes = w->g->nodes;
    char missing[160] = "", outputs[100] = "", inputs[100] = "";
    for (int i = 0; i < w->g->nnodes; i++) {
        if (w->use[i] != NODE_USED) continue;
        if (is_missing(nodes + i)) append(missing, sizeof missing, nodes[i].name, !*missing);
        if (flow_of(nodes + i) != FLOW_CONST || nodes[i].weight) continue;
        fail(TN_FILE, "graph: constant '%.120s' has no value among the weights", nodes[i].name);
        return false;
    }
    if (!*missing) return true;
    for (int i = 0; i < nout; i++) append(outputs, sizeof outputs, nodes[out[i].node].name, !i);
    for (int i = 0; i < nin; i++) append(inputs, sizeof inputs, nodes[in[i].node].name, !i);
    fail(TN_VALUE,
         "Cannot compute the outputs [%s] from the provided inputs [%s]. "
         "Missing the following inputs: [%s]",
         outputs, inputs, missing);
    return false;
}

static bool subgraph_fill(SubgraphBuilder *w, const Link *in, int nin, const Link *out, int nout) {
    size_t n = (size_t)w->g->nnodes;
    w->use = arena_take(&w->arena, n);
    w->region = arena_take(&w->arena, n * sizeof(int));
    w->next = arena_take(&w->arena, n * sizeof(int));
    w->waits = arena_take(&w->arena, n * sizeof(int));
    if (failed()) return false;
    return mark(w, in, nin, out, nout) && subgraph_ops_known(w) &&
           check_given(w, in, nin, out, nout) && subgraph_order(w) &&
           subgraph_number_values(w, in, nin, out, nout);
}

Subgraph *subgraph_make(GraphDef *g, const Link *in, int nin, const Link *out, int nout) {
    if (failed()) return NULL;
    Subgraph *p = mem_alloc(sizeof *p);
    if (!p) {
        fail(TN_MEMORY, "out of memory for a graph's subgraph");
        return NULL;
    }
    *p = (Subgraph){.graph = g, .refs = 1, .next = g->model->subgraphs};
    g->model->subgraphs = p;
    SubgraphBuilder w = {.g = g, .p = p};
    bool made = subgraph_fill(&w, in, nin, out, nout);
    p->ngiven = nin;
    p->conditional = w.conditional;
    arena_free(&w.arena);
    if (made) return p;
    tn_subgraph_release(p);
    return NULL;
}

void subgraph_remove(Subgraph *p) {
    Subgraph **link = &p->graph->model->subgraphs;
    while (*link && *link != p) link = &(*link)->next;
    if (!*link) return;
    *link = p->next;
    subgraph_release(p);
}

void subgraph_release(Subgraph *p) {
    if (--p->refs) return;
    Arena arena = p->arena;
    plans_free(p->plans);
    mem_free(p, sizeof *p);
    arena_free(&arena);
}

void tn_subgraph_release(Subgraph *p) {
    if (p) subgraph_remove(p);
}

bool tn_subgraph_is_dynamic(const Subgraph *p) { return p->dynamic; }

/* ---- by names ---- */

static Link *links_read(GraphDef *g, const char *text, bool input, Arena *a, int *n) {
    cJSON *json = json_read("graph", text);
    const cJSON *item;
    *n = 0;
    Link *links = json ? arena_take(a, (size_t)cJSON_GetArraySize(json) * sizeof *links) : NULL;
    if (links) cJSON_ArrayForEach(item, json) {
            const char *name = cJSON_IsString(item) ? item->valuestring : "";
            Link link = link_of(g, name, input);
            if (link.node < 0 && input)
                fail(TN_VALUE,
                     "The dict provided in model.execute(dict) has keys: [%.120s] that "
                     "are not part of graph",
                     name);
            else if (link.node < 0)
                fail(TN_VALUE, "The output '%.120s' is not found in the graph", name);
            links[(*n)++] = link;
        }
    json_free(json);
    return failed() ? NULL : links;
}

/* Adds inputs that the model's initializer gives, but those that the caller does. */
static Link *links_capture(GraphModel *m, const Link *in, int nin, Arena *a, int **ports, int *n) {
    int most = m->main.ninputs;
    Link *all = arena_take(a, (size_t)(nin + most) * sizeof *all);
    *ports = arena_take(a, (size_t)most * sizeof **ports);
    *n = 0;
    if (!all || !*ports) return NULL;
    memcpy(all, in, (size_t)nin * sizeof *all);
    for (int i = 0; i < most; i++) {
        bool given = !m->resources[i];
        for (int k = 0; k < nin && !given; k++) given = in[k].node == m->main.inputs[i].link.node;
        if (given) continue;
        all[nin + *n] = m->main.inputs[i].link;
        (*ports)[(*n)++] = i;
    }
    return all;
}

Subgraph *tn_graph_subgraph(GraphModel *m, const char *inputs, const char *outputs) {
    if (failed()) return NULL;
    Arena a = {0};
    int nin, nout, ncaptured, *ports;
    Link *in = links_read(&m->main, inputs, true, &a, &nin);
    Link *out = in ? links_read(&m->main, outputs, false, &a, &nout) : NULL;
    Link *all = out ? links_capture(m, in, nin, &a, &ports, &ncaptured) : NULL;
    Subgraph *p = all ? subgraph_make(&m->main, all, nin + ncaptured, out, nout) : NULL;
    if (p) p->ngiven = nin;
    if (p) p->captured = arena_take(&p->arena, (size_t)ncaptured * sizeof(int));
    if (p && p->captured) memcpy(p->captured, ports, (size_t)ncaptured * sizeof(int));
    arena_free(&a);
    return failed() ? NULL : p;
}
