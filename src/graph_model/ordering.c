/* The order of a subgraph's steps, by Kahn's algorithm (Communications of the ACM 5, 1962): a node
** is ready when all that it takes has been computed. Nodes of a loop stay together: a loop begins
** when all values from outside are there, and what is outside waits until it ends. */
#include "graph_model/subgraph.h"
#include "tensor/engine.h"

enum { MOST_REGIONS = 1024, MOST_DEPTH = 32, NOTHING = -1 };

/* ---- who takes what ---- */

static int links(const GraphNode *node) { return node->nin + node->ncontrol; }

static bool find_users(SubgraphBuilder *w) {
    GraphDef *g = w->g;
    size_t edges = 0;
    int *start = arena_take(&w->arena, ((size_t)g->nnodes + 1) * sizeof *start);
    if (!start) return false;
    for (int i = 0; i < g->nnodes; i++)
        for (int k = 0; w->use[i] == NODE_USED && k < links(g->nodes + i); k++)
            if (!is_back(g, g->nodes + i, k)) start[g->nodes[i].in[k].node + 1]++, edges++;
    for (int i = 0; i < g->nnodes; i++) start[i + 1] += start[i];
    int *users = arena_take(&w->arena, edges * sizeof *users);
    int *at = arena_take(&w->arena, (size_t)g->nnodes * sizeof *at);
    if (!users || !at) return false;
    memcpy(at, start, (size_t)g->nnodes * sizeof *at);
    for (int i = 0; i < g->nnodes; i++)
        for (int k = 0; w->use[i] == NODE_USED && k < links(g->nodes + i); k++)
            if (!is_back(g, g->nodes + i, k)) users[at[g->nodes[i].in[k].node]++] = i;
    w->user_start = start;
    w->users = users;
    return true;
}

static void count_waits(SubgraphBuilder *w) {
    for (int i = 0; i < w->g->nnodes; i++) w->waits[i] = 0;
    for (int k = 0; k < w->user_start[w->g->nnodes]; k++) w->waits[w->users[k]]++;
}

static bool cycle(const SubgraphBuilder *w) {
    for (int i = 0; i < w->g->nnodes; i++)
        if (w->use[i] != NODE_UNUSED && w->waits[i] > 0) {
            fail(TN_FILE, "graph: node '%.120s' waits for itself: the graph has a cycle",
                 w->g->nodes[i].name);
            return false;
        }
    fail(TN_FILE, "graph: a loop waits for itself: the graph has a cycle");
    return false;
}

/* ---- regions: the loops that nodes are in ---- */

/* The region in which a node's outputs are seen. */
static int seen_in(const SubgraphBuilder *w, int node) {
    int r = w->region[node];
    return flow_of(w->g->nodes + node) == FLOW_EXIT ? w->regions[r].parent : r;
}

static bool is_inside(const SubgraphBuilder *w, int inner, int outer) {
    while (w->regions[inner].depth > w->regions[outer].depth) inner = w->regions[inner].parent;
    return inner == outer;
}

static int region_inside(SubgraphBuilder *w, int parent, const GraphNode *node) {
    const Attr *attr = attr_find(node, "frame_name");
    const char *name = attr && attr->string ? attr->string : "";
    for (int r = w->nregions - 1; r > 0; r--)
        if (w->regions[r].parent == parent && !strcmp(w->regions[r].name, name)) return r;
    if (w->nregions == MOST_REGIONS || w->regions[parent].depth == MOST_DEPTH) {
        fail(TN_FILE, "graph: more than %d loops, or %d inside each other", MOST_REGIONS - 1,
             MOST_DEPTH);
        return 0;
    }
    w->regions[w->nregions] = (Region){
        name, parent, w->regions[parent].depth + 1, NOTHING, NOTHING, NOTHING, NOTHING, 0, 0};
    return w->nregions++;
}

/* The innermost loop of what a node takes, or the one that it enters. */
static bool find_region(SubgraphBuilder *w, int i) {
    const GraphNode *node = w->g->nodes + i;
    int region = 0;
    for (int k = 0; w->use[i] == NODE_USED && k < links(node); k++) {
        if (is_back(w->g, node, k)) continue;
        int from = seen_in(w, node->in[k].node);
        bool deeper = w->regions[from].depth > w->regions[region].depth;
        if (!(deeper ? is_inside(w, from, region) : is_inside(w, region, from))) {
            fail(TN_FILE, "graph: node '%.120s' takes values of two loops", node->name);
            return false;
        }
        if (deeper) region = from;
    }
    if (w->use[i] == NODE_USED && flow_of(node) == FLOW_ENTER) {
        region = region_inside(w, region, node);
        w->next[i] = w->regions[region].enters;
        w->regions[region].enters = i;
    }
    if (w->use[i] == NODE_USED && flow_of(node) == FLOW_EXIT && !region)
        fail(TN_FILE, "graph: node '%.120s' leaves a loop that it is not in", node->name);
    w->region[i] = region;
    return !failed();
}

static bool find_regions(SubgraphBuilder *w) {
    int *ready = arena_take(&w->arena, (size_t)w->g->nnodes * sizeof *ready), n = 0, done = 0;
    w->regions = arena_take(&w->arena, MOST_REGIONS * sizeof *w->regions);
    if (!ready || !w->regions) return false;
    w->regions[0] = (Region){"", 0, 0, NOTHING, NOTHING, NOTHING, NOTHING, 0, NOTHING};
    w->nregions = 1;
    count_waits(w);
    for (int i = 0; i < w->g->nnodes; i++)
        if (w->use[i] != NODE_UNUSED && !w->waits[i]) ready[n++] = i;
    while (n) {
        int i = ready[--n];
        if (!find_region(w, i)) return false;
        done++;
        for (int k = w->user_start[i]; k < w->user_start[i + 1]; k++)
            if (!--w->waits[w->users[k]]) ready[n++] = w->users[k];
    }
    return done == w->used || cycle(w);
}

/* ---- the order ---- */

static void push_ready(SubgraphBuilder *w, int i) {
    Region *r = w->regions + w->region[i];
    w->next[i] = r->ready;
    r->ready = i;
}

static void push_openable(SubgraphBuilder *w, int r) {
    Region *around = w->regions + w->regions[r].parent;
    w->regions[r].next = around->openable;
    around->openable = r;
}

/* Changes by `by` how many values from outside the regions of a user wait for; those that wait for
** none can begin. */
static void count_outside(SubgraphBuilder *w, int from, int user, int by) {
    int seen = seen_in(w, from);
    for (int r = w->region[user]; r != seen && r; r = w->regions[r].parent) {
        w->regions[r].waits += by;
        if (by < 0 && !w->regions[r].waits) push_openable(w, r);
    }
}

static void emit(SubgraphBuilder *w, int i, int loop) {
    Subgraph *p = w->p;
    w->done++;
    if (has_step(w, i)) {
        w->step_loop[p->nsteps] = loop;
        p->steps[p->nsteps++] = (SubgraphStep){.node = w->g->nodes + i, .loop = NOTHING};
    }
    for (int k = w->user_start[i]; k < w->user_start[i + 1]; k++) {
        int user = w->users[k];
        count_outside(w, i, user, -1);
        if (!--w->waits[user] && flow_of(w->g->nodes + user) != FLOW_ENTER) push_ready(w, user);
    }
}

/* Begins a loop: its Enter nodes, once, then the steps that are repeated. */
static void loop_open(SubgraphBuilder *w, int r) {
    Region *region = w->regions + r;
    int around = w->regions[region->parent].loop;
    for (int i = region->enters, next; i != NOTHING; i = next) {
        next = w->next[i]; /* emit() uses it anew */
        emit(w, i, around);
    }
    region->loop = w->p->nloops++;
    w->p->loops[region->loop] =
        (Loop){.name = region->name, .parent = around, .begin = w->p->nsteps};
}

static void loop_close(SubgraphBuilder *w, int r) {
    Subgraph *p = w->p;
    int loop = w->regions[r].loop;
    p->loops[loop].end = p->nsteps;
    w->step_loop[p->nsteps] = loop;
    p->steps[p->nsteps++] = (SubgraphStep){.loop = loop};
}

static void go_through(SubgraphBuilder *w) {
    for (int now = 0;;) {
        Region *r = w->regions + now;
        if (r->ready != NOTHING) {
            int i = r->ready;
            r->ready = w->next[i];
            emit(w, i, r->loop);
        } else if (r->openable != NOTHING) {
            int inner = r->openable;
            r->openable = w->regions[inner].next;
            loop_open(w, inner);
            now = inner;
        } else if (now) {
            loop_close(w, now);
            now = r->parent;
        } else {
            return;
        }
    }
}

bool subgraph_order(SubgraphBuilder *w) {
    if (!find_users(w) || !find_regions(w)) return false;
    Subgraph *p = w->p;
    size_t most = (size_t)w->used + (size_t)w->nregions;
    p->steps = arena_take(&p->arena, most * sizeof *p->steps);
    p->loops = arena_take(&p->arena, (size_t)w->nregions * sizeof *p->loops);
    w->step_loop = arena_take(&w->arena, most * sizeof(int));
    if (failed()) return false;
    count_waits(w);
    for (int i = 0; i < w->g->nnodes; i++)
        for (int k = w->user_start[i]; k < w->user_start[i + 1]; k++)
            count_outside(w, i, w->users[k], 1);
    for (int i = w->g->nnodes - 1; i >= 0; i--)
        if (w->use[i] != NODE_UNUSED && !w->waits[i]) push_ready(w, i);
    go_through(w);
    return w->done == w->used || cycle(w);
}
