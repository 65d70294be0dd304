/* The values of a subgraph: one for each output of a node that is read, numbered by node and
** output. Each is freed at the step that reads it last; what a loop reads from outside stays until
** the loop ends. */
#include "graph_model/subgraph.h"
#include <stdlib.h>

/* A value's node and output in one number: sorted, they are searched. */
typedef struct Keys {
    uint64_t *v;
    size_t n;
} Keys;

static uint64_t key(int node, int index) {
    return (uint64_t)(uint32_t)node << 32 | (uint32_t)index;
}

static void put(Keys *k, int node, int index) { k->v[k->n++] = key(node, index); }

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int value_of(const Keys *k, int node, int index) {
    uint64_t wanted = key(node, index);
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (k->v[mid] < wanted) low = mid + 1;
        else high = mid;
    }
    return (int)low;
}

/* The output number that input k of a node is read from; of a control input: INDEX_CONTROL. */
static int index_of(const SubgraphBuilder *w, const GraphNode *node, int k) {
    if (is_back(w->g, node, k)) return INDEX_BACK;
    return node->in[k].index == CONTROL ? INDEX_CONTROL : node->in[k].index;
}

/* Control inputs are read only where they may not be there: otherwise the order is enough. */
static int read_links(const SubgraphBuilder *w, const GraphNode *node) {
    return node->nin + (w->conditional ? node->ncontrol : 0);
}

/* ---- which values there are ---- */

static bool find_keys(SubgraphBuilder *w, Keys *keys, const Link *in, int nin, const Link *out,
                      int nout) {
    Subgraph *p = w->p;
    size_t most = (size_t)nin + (size_t)nout;
    for (int i = 0; i < p->nsteps; i++)
        if (p->steps[i].node) most += (size_t)read_links(w, p->steps[i].node) + 2;
    keys->v = arena_take(&w->arena, most * sizeof *keys->v);
    if (!keys->v) return false;
    for (int i = 0; i < nin; i++) put(keys, in[i].node, in[i].index);
    for (int i = 0; i < nout; i++) put(keys, out[i].node, out[i].index);
    for (int i = 0; i < p->nsteps; i++) {
        const GraphNode *node = p->steps[i].node;
        if (!node) continue;
        for (int k = 0; k < read_links(w, node); k++)
            put(keys, node->in[k].node, index_of(w, node, k));
        if (flow_of(node) != FLOW_NEXT) continue;
        put(keys, (int)(node - w->g->nodes), 0);
        put(keys, (int)(node - w->g->nodes), INDEX_BACK);
    }
    qsort(keys->v, keys->n, sizeof *keys->v, by_value);
    size_t n = 0;
    for (size_t i = 0; i < keys->n; i++)
        if (!n || keys->v[n - 1] != keys->v[i]) keys->v[n++] = keys->v[i];
    keys->n = n;
    return true;
}

static bool list_values(SubgraphBuilder *w, const Keys *keys) {
    Subgraph *p = w->p;
    p->nvalues = (int)keys->n;
    p->index = arena_take(&p->arena, keys->n * sizeof(int));
    p->node = arena_take(&p->arena, keys->n * sizeof(int));
    p->weights = arena_take(&p->arena, keys->n * sizeof(int));
    p->always = arena_take(&p->arena, keys->n * sizeof(int));
    if (failed()) return false;
    for (int s = 0; s < p->nvalues; s++) {
        int node = p->node[s] = (int)(keys->v[s] >> 32);
        p->index[s] = (int)(uint32_t)keys->v[s];
        if (has_step(w, node)) continue;
        if (p->index[s] == INDEX_CONTROL) p->always[p->nalways++] = s;
        else if (w->use[node] == NODE_USED && !p->index[s]) p->weights[p->nweights++] = s;
    }
    return true;
}

static int *port_values(SubgraphBuilder *w, const Keys *keys, const Link *links, int n) {
    int *values = arena_take(&w->p->arena, (size_t)n * sizeof *values);
    for (int i = 0; values && i < n; i++) values[i] = value_of(keys, links[i].node, links[i].index);
    return values;
}

static bool step_values(SubgraphBuilder *w, const Keys *keys) {
    Subgraph *p = w->p;
    for (int i = 0; i < p->nsteps; i++) {
        SubgraphStep *step = p->steps + i;
        const GraphNode *node = step->node;
        if (!node) continue;
        int n = read_links(w, node), id = (int)(node - w->g->nodes);
        step->in = arena_take(&p->arena, (size_t)n * sizeof *step->in);
        if (!step->in) return false;
        for (int k = 0; k < n; k++)
            step->in[k] = value_of(keys, node->in[k].node, index_of(w, node, k));
        step->first = value_of(keys, id, 0);
        step->nout = value_of(keys, id, INDEX_BACK) - step->first;
        step->nin = n;
        int control = value_of(keys, id, INDEX_CONTROL);
        bool has = (size_t)control < keys->n && keys->v[control] == key(id, INDEX_CONTROL);
        step->control = has ? control : -1;
    }
    return true;
}

/* ---- loops ---- */

static bool loop_values(SubgraphBuilder *w, const Keys *keys, int loop) {
    Subgraph *p = w->p;
    Loop *l = p->loops + loop;
    for (int pass = 0; pass < 2; pass++) {
        l->nnext = 0;
        for (int i = l->begin; i < l->end; i++) {
            if (w->step_loop[i] != loop || !p->steps[i].node) continue;
            if (flow_of(p->steps[i].node) != FLOW_NEXT) continue;
            int id = (int)(p->steps[i].node - w->g->nodes);
            if (pass) l->next[l->nnext] = value_of(keys, id, 0);
            if (pass) l->back[l->nnext] = value_of(keys, id, INDEX_BACK);
            l->nnext++;
        }
        if (pass) break;
        l->next = arena_take(&p->arena, (size_t)l->nnext * sizeof(int));
        l->back = arena_take(&p->arena, (size_t)l->nnext * sizeof(int));
        if (failed()) return false;
    }
    return true;
}

static bool is_constant(const GraphNode *node) {
    const Attr *attr = attr_find(node, "is_constant");
    return attr && attr->number != 0;
}

static bool enters(const SubgraphBuilder *w, const GraphNode *node, int loop) {
    return node && flow_of(node) == FLOW_ENTER &&
           w->regions[w->region[node - w->g->nodes]].loop == loop;
}

/* Enter nodes stand right before their loop. */
static bool enter_values(SubgraphBuilder *w, int loop) {
    Subgraph *p = w->p;
    Loop *l = p->loops + loop;
    int first = l->begin;
    while (first && enters(w, p->steps[first - 1].node, loop)) first--;
    l->enter = arena_take(&p->arena, (size_t)(l->begin - first) * sizeof(int));
    if (!l->enter) return false;
    for (int i = first; i < l->begin; i++)
        if (!is_constant(p->steps[i].node) && p->steps[i].nout)
            l->enter[l->nenter++] = p->steps[i].first;
    return true;
}

/* What comes around a loop must come back into the same loop. */
static bool check_back(const SubgraphBuilder *w) {
    const Subgraph *p = w->p;
    for (int i = 0; i < p->nsteps; i++) {
        const GraphNode *node = p->steps[i].node;
        if (!node) continue;
        int id = (int)(node - w->g->nodes);
        bool wrong = flow_of(node) == FLOW_NEXT && !w->region[id];
        for (int k = 0; k < node->nin; k++)
            wrong |= is_back(w->g, node, k) && w->region[node->in[k].node] != w->region[id];
        if (!wrong) continue;
        fail(TN_FILE, "graph: node '%.120s' goes around a loop that it is not in", node->name);
        return false;
    }
    return true;
}

/* ---- the last reader of each value ---- */

/* The step after which a value made at `made` and read at `at` may be freed. */
static int last_read(const SubgraphBuilder *w, int made, int at) {
    const Loop *loops = w->p->loops;
    int last = at;
    for (int l = w->step_loop[at]; l >= 0; l = loops[l].parent)
        if (made < loops[l].begin || made > loops[l].end) last = loops[l].end;
    return last;
}

static bool find_last(SubgraphBuilder *w, int *last) {
    Subgraph *p = w->p;
    int *made = arena_take(&w->arena, (size_t)p->nvalues * sizeof *made);
    if (!made) return false;
    for (int s = 0; s < p->nvalues; s++) made[s] = last[s] = -1;
    for (int i = 0; i < p->nsteps; i++) {
        const SubgraphStep *step = p->steps + i;
        for (int k = 0; step->node && k < step->nout; k++) made[step->first + k] = i;
        if (step->node && step->control >= 0) made[step->control] = i;
    }
    for (int l = 0; l < p->nloops; l++)
        for (int k = 0; k < p->loops[l].nnext; k++) made[p->loops[l].back[k]] = p->loops[l].begin;
    for (int i = 0; i < p->nsteps; i++)
        for (int k = 0; p->steps[i].node && k < p->steps[i].nin; k++) {
            int s = p->steps[i].in[k], at = last_read(w, made[s], i);
            if (at > last[s]) last[s] = at;
        }
    for (int i = 0; i < p->nout; i++) last[p->out[i]] = -1; /* results stay */
    return true;
}

static bool free_values(SubgraphBuilder *w) {
    Subgraph *p = w->p;
    int *last = arena_take(&w->arena, (size_t)p->nvalues * sizeof *last);
    int *all = arena_take(&p->arena, (size_t)p->nvalues * sizeof *all);
    if (!last || !all || !find_last(w, last)) return false;
    for (int s = 0; s < p->nvalues; s++)
        if (last[s] >= 0) p->steps[last[s]].nfree++;
    for (int i = 0; i < p->nsteps; i++) {
        p->steps[i].free = all;
        all += p->steps[i].nfree;
        p->steps[i].nfree = 0;
    }
    for (int s = 0; s < p->nvalues; s++)
        if (last[s] >= 0) p->steps[last[s]].free[p->steps[last[s]].nfree++] = s;
    return true;
}

bool subgraph_number_values(SubgraphBuilder *w, const Link *in, int nin, const Link *out,
                            int nout) {
    Subgraph *p = w->p;
    Keys keys = {0};
    if (!check_back(w) || !find_keys(w, &keys, in, nin, out, nout) || !list_values(w, &keys))
        return false;
    p->in = port_values(w, &keys, in, nin);
    p->out = port_values(w, &keys, out, nout);
    p->nin = nin;
    p->nout = nout;
    if (failed() || !step_values(w, &keys)) return false;
    for (int l = 0; l < p->nloops; l++)
        if (!loop_values(w, &keys, l) || !enter_values(w, l)) return false;
    return free_values(w);
}
