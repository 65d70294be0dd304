/* Ops that are neither in the table nor the caller's: a model with some loads, and what needs them
** is refused when it is asked for. */
#include "graph_model/subgraph.h"
#include "base/json.h"

enum { MOST_NODES = 2000 }; /* that are told of; finding the op of each takes a step for each op */

static bool is_unknown(const GraphNode *node) { return !node->row && !node->json; }

/* Adds to {op: [names of nodes]} those of a graph, or of what a subgraph uses of it. */
static void add_graph(cJSON *ops, const GraphDef *g, const uint8_t *use, int *left) {
    for (int i = 0; i < g->nnodes && *left; i++) {
        const GraphNode *node = g->nodes + i;
        if (!is_unknown(node) || (use && use[i] != NODE_USED)) continue;
        cJSON *names = cJSON_GetObjectItemCaseSensitive(ops, node->op);
        if (!names) names = json_put(ops, node->op, json_array());
        json_append(names, json_string(node->name));
        --*left;
    }
}

const char *tn_graph_unknown(const GraphModel *m) {
    if (failed()) return "";
    cJSON *ops = json_object();
    int left = MOST_NODES;
    add_graph(ops, &m->main, NULL, &left);
    if (m->initializer) add_graph(ops, m->initializer, NULL, &left);
    for (int i = 0; i < m->nfunctions; i++) add_graph(ops, m->functions + i, NULL, &left);
    return json_text(ops);
}

/* Appends what fits; n counts what all would have taken. */
static void append(char *text, int size, int *n, const char *form, const char *name) {
    if (*n < size) *n += snprintf(text + *n, (size_t)(size - *n), form, name);
}

static void refuse(const cJSON *ops) {
    char text[300] = "";
    const int size = sizeof text;
    int n = 0;
    const cJSON *names, *name;
    cJSON_ArrayForEach(names, ops) {
        append(text, size, &n, n ? ", %.60s" : "%.60s", names->string);
        cJSON_ArrayForEach(name, names)
            append(text, size, &n, name == names->child ? " (%.60s" : ", %.60s", name->valuestring);
        append(text, size, &n, "%s", ")");
    }
    fail(TN_FILE, "graph: %d ops are not known: %s; registerOp() takes functions that compute them",
         cJSON_GetArraySize(ops), text);
}

bool subgraph_ops_known(const SubgraphBuilder *w) {
    int left = MOST_NODES;
    bool known = true;
    for (int i = 0; known && i < w->g->nnodes; i++)
        known = w->use[i] != NODE_USED || !is_unknown(w->g->nodes + i);
    if (known) return true;
    cJSON *ops = json_object();
    add_graph(ops, w->g, w->use, &left);
    if (!failed()) refuse(ops);
    json_free(ops);
    return false;
}
