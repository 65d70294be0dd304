/* What callers learn of a model, and its weights. */
#include "graph_model/graph.h"
#include "base/json.h"
#include "jit/plan.h"

static cJSON *shape_json(const Attr *a) {
    if (!a || a->kind != ATTR_SHAPE || !a->ints) return json_null();
    return json_ints(a->ints->n, a->ints->v);
}

static cJSON *dtype_json(const Attr *a) {
    bool known = a && a->kind == ATTR_DTYPE && a->number >= 0;
    return known ? json_string(dtype_name((DType)a->number)) : json_null();
}

static cJSON *ports_json(const GraphModel *m, const Port *ports, int n, bool input) {
    cJSON *list = json_array();
    for (int i = 0; i < n && !failed(); i++) {
        const GraphNode *node = m->main.nodes + ports[i].link.node;
        cJSON *port = json_append(list, json_object());
        json_put(port, "name", json_string(node->name));
        json_put(port, "key", ports[i].key ? json_string(ports[i].key) : json_null());
        json_put(port, "shape", shape_json(attr_find(node, "shape")));
        json_put(port, "dtype", dtype_json(attr_find(node, "dtype")));
        if (input && m->resources[i]) json_put(port, "captured", json_bool(true));
    }
    return list;
}

const char *tn_graph_info(const GraphModel *m) {
    if (failed()) return "";
    cJSON *info = json_object();
    json_put(info, "inputs", ports_json(m, m->main.inputs, m->main.ninputs, true));
    json_put(info, "outputs", ports_json(m, m->main.outputs, m->main.noutputs, false));
    json_put(info, "custom", json_bool(m->custom));
    return json_text(info);
}

/* ---- weights ---- */

static void set_weights(GraphDef *g, const Names *names, const List *values) {
    for (int i = 0; i < g->nnodes; i++) {
        GraphNode *node = g->nodes + i;
        if (!node->row || node->row->flow != FLOW_CONST) continue;
        int at = names_find(names, node->name);
        if (at < 0) continue;
        tensor_release(node->weight);
        node->weight = tensor_retain(values->v[at]);
    }
}

void tn_graph_set_weights(GraphModel *m, const char *text, const List *values) {
    cJSON *json = json_read("graph", text);
    const cJSON *item;
    Arena a = {0};
    int n = 0, count = json ? cJSON_GetArraySize(json) : 0;
    const char **list = arena_take(&a, (size_t)count * sizeof *list);
    Names names;
    if (list && count != values->n)
        fail(TN_VALUE, "graph: %d names for %d weights", count, values->n);
    if (list)
        cJSON_ArrayForEach(item, json) list[n++] = cJSON_IsString(item) ? item->valuestring : "";
    if (!failed() && names_sort(&names, &a, n, list)) {
        for (Subgraph *p = m->subgraphs; p; p = p->next) {
            plans_free(p->plans);
            p->plans = NULL;
        }
        set_weights(&m->main, &names, values);
        if (m->initializer) set_weights(m->initializer, &names, values);
        for (int i = 0; i < m->nfunctions; i++) set_weights(m->functions + i, &names, values);
    }
    arena_free(&a);
    json_free(json);
}
