/* Topologies: nodes and functions from JSON, their links, and what the signature calls inputs and
** outputs. Names are sorted and searched, never hashed: a file cannot make that slow. */
#include "graph_model/graph.h"
#include "base/json.h"
#include "tensor/engine.h"

static const cJSON *member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_member(const cJSON *object, const char *name) {
    const cJSON *item = member(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static bool broken(const char *what, const char *name) {
    fail(TN_FILE, "graph: %s '%.120s'", what, name);
    return false;
}

/* ---- nodes ---- */

typedef struct Reading {
    GraphModel *model;
    Names custom; /* ops that the caller computes */
} Reading;

static bool node_start(Reading *r, GraphNode *node, const cJSON *json) {
    Arena *a = &r->model->arena;
    node->name = text_member(json, "name");
    node->op = text_member(json, "op");
    if (!node->name || !node->op)
        return broken("a node has no name or no op:", node->name ? node->name : "");
    bool custom = names_find(&r->custom, node->op) >= 0;
    node->row = custom ? NULL : row_of(node->op);
    if (custom) {
        const char *text = json_text(json_copy(json));
        node->json = failed() ? NULL : arena_text(a, text);
        r->model->custom = true;
    }
    return !failed() && attrs_read(member(json, "attr"), a, &node->attrs, &node->nattrs);
}

static bool nodes_start(Reading *r, GraphDef *g, const cJSON *list, int before) {
    Arena *a = &r->model->arena;
    const cJSON *item;
    int i = before;
    const char **names = arena_take(a, (size_t)g->nnodes * sizeof *names);
    if (!names) return false;
    cJSON_ArrayForEach(item, list) if (!node_start(r, g->nodes + i++, item)) return false;
    for (i = 0; i < g->nnodes; i++) names[i] = g->nodes[i].name;
    if (!names_sort(&g->names, a, g->nnodes, names)) return false;
    int twice = names_double(&g->names);
    return twice < 0 || broken("two nodes are named", names[twice]);
}

/* "node" and the output's number of "node:1", "node:out:1"; *length is of the node's name. */
static void split_name(const char *name, int *length, const char **output, int *output_length,
                       int *index) {
    const char *first = strchr(name, ':'), *last = strrchr(name, ':');
    *length = first ? (int)(first - name) : (int)strlen(name);
    *output = first && first != last ? first + 1 : NULL;
    *output_length = *output ? (int)(last - *output) : 0;
    *index = 0;
    for (const char *c = last ? last + 1 : ""; *c >= '0' && *c <= '9' && *index < 100000000; c++)
        *index = *index * 10 + (*c - '0');
}

/* Where the row's output of this name begins: all but the last are single. */
static int output_number(const Row *row, const char *output, int length) {
    const char *at = row && row->outputs ? row->outputs : "";
    for (int i = 0; *at; i++) {
        int n = (int)strcspn(at, " ");
        if (n == length && !strncmp(at, output, (size_t)n)) return i;
        at += n + (at[n] == ' ');
    }
    return 0;
}

static Link link_to(const GraphDef *g, const char *name) {
    int length, output_length, index, node;
    const char *output;
    char start[512];
    split_name(name, &length, &output, &output_length, &index);
    if (length >= (int)sizeof start) return (Link){-1, 0};
    memcpy(start, name, (size_t)length);
    start[length] = 0;
    node = names_find(&g->names, start);
    if (node >= 0 && output) index += output_number(g->nodes[node].row, output, output_length);
    return (Link){node, index};
}

Link link_of(const GraphDef *g, const char *name, bool input) {
    int port = names_find(input ? &g->input_keys : &g->output_keys, name);
    if (port >= 0) return (input ? g->inputs : g->outputs)[port].link;
    return link_to(g, name);
}

static bool node_link(GraphDef *g, GraphNode *node, const cJSON *list, Arena *a) {
    const cJSON *item;
    int total = cJSON_GetArraySize(list);
    node->in = arena_take(a, (size_t)total * sizeof *node->in);
    if (!node->in) return false;
    for (int control = 0; control < 2; control++) cJSON_ArrayForEach(item, list) {
            const char *name = cJSON_IsString(item) ? item->valuestring : "";
            if ((*name == '^') != control) continue;
            Link link = link_to(g, name + control);
            if (link.node < 0) {
                fail(TN_FILE, "graph: node '%.120s' takes '%.120s', which is not in the graph",
                     node->name, name);
                return false;
            }
            node->in[control ? node->nin + node->ncontrol++ : node->nin++] =
                control ? (Link){link.node, CONTROL} : link;
        }
    if (!node->row || node->nin >= node->row->least) return true;
    fail(TN_FILE, "graph: node '%.120s' has %d inputs, %s takes %d", node->name, node->nin,
         node->op, node->row->least);
    return false;
}

static bool nodes_link(GraphDef *g, const cJSON *list, int before, Arena *a) {
    const cJSON *item;
    int i = before;
    cJSON_ArrayForEach(
        item, list) if (!node_link(g, g->nodes + i++, member(item, "input"), a)) return false;
    return true;
}

/* ---- what goes in and comes out ---- */

enum { MOST_PORTS = 10000 }; /* of a signature */

static bool keys_sort(Names *s, Arena *a, const Port *ports, int n) {
    const char **keys = arena_take(a, (size_t)n * sizeof *keys);
    for (int i = 0; keys && i < n; i++) keys[i] = ports[i].key ? ports[i].key : "";
    return keys && names_sort(s, a, n, keys);
}

/* Ports of a signature's {key: {name}}; nodes that are not there are left out. */
static bool ports_read(const GraphDef *g, const cJSON *entries, Arena *a, Port **ports, int *n) {
    const cJSON *item;
    int most = cJSON_IsObject(entries) ? cJSON_GetArraySize(entries) : 0;
    *n = 0;
    if (most > MOST_PORTS) {
        fail(TN_FILE, "graph: the signature has %d inputs or outputs, at most %d are read", most,
             MOST_PORTS);
        return false;
    }
    *ports = arena_take(a, (size_t)most * sizeof **ports);
    if (!*ports) return false;
    cJSON_ArrayForEach(item, entries) {
        const char *name = text_member(item, "name");
        Link link = name && *n < most ? link_to(g, name) : (Link){-1, 0};
        if (link.node >= 0) (*ports)[(*n)++] = (Port){item->string, link};
    }
    return true;
}

static bool is_placeholder(const GraphNode *node) {
    return node->row && node->row->flow == FLOW_INPUT;
}

/* Without a signature: placeholders go in, and nodes that nothing takes come out. */
static bool ports_guess(GraphDef *g, bool inputs, Arena *a, Port **ports, int *n) {
    uint8_t *taken = arena_take(a, (size_t)g->nnodes);
    int count = 0;
    if (!taken) return false;
    for (int i = 0; i < g->nnodes; i++) {
        const GraphNode *node = g->nodes + i;
        if (inputs) taken[i] = !is_placeholder(node);
        else
            for (int k = 0; k < node->nin + node->ncontrol; k++) taken[node->in[k].node] = 1;
    }
    for (int i = 0; i < g->nnodes; i++) count += !taken[i];
    *ports = arena_take(a, (size_t)count * sizeof **ports);
    *n = 0;
    for (int i = 0; *ports && i < g->nnodes; i++)
        if (!taken[i]) (*ports)[(*n)++] = (Port){NULL, {i, 0}};
    return *ports != NULL;
}

static bool ports_find(GraphDef *g, const cJSON *signature, Arena *a) {
    if (!ports_read(g, member(signature, "inputs"), a, &g->inputs, &g->ninputs)) return false;
    if (!ports_read(g, member(signature, "outputs"), a, &g->outputs, &g->noutputs)) return false;
    if (!g->ninputs && !ports_guess(g, true, a, &g->inputs, &g->ninputs)) return false;
    if (!g->noutputs && !ports_guess(g, false, a, &g->outputs, &g->noutputs)) return false;
    return keys_sort(&g->input_keys, a, g->inputs, g->ninputs) &&
           keys_sort(&g->output_keys, a, g->outputs, g->noutputs);
}

/* ---- graphs and functions ---- */

static bool graph_read(Reading *r, GraphDef *g, const cJSON *json, const cJSON *signature) {
    const cJSON *list = member(json, "node");
    Arena *a = &r->model->arena;
    g->model = r->model;
    if (!list && (member(json, "model_config") || member(json, "class_name")))
        return broken("this is a model of layers, which is loaded by", "loadLayersModel");
    if (!cJSON_IsArray(list)) return broken("the topology has no list of nodes:", "node");
    g->nnodes = cJSON_GetArraySize(list);
    g->nodes = arena_take(a, (size_t)g->nnodes * sizeof *g->nodes);
    return g->nodes && nodes_start(r, g, list, 0) && nodes_link(g, list, 0, a) &&
           ports_find(g, signature, a);
}

/* Arguments of a function are placeholders in front of its nodes. */
static bool arguments_read(Reading *r, GraphDef *g, const cJSON *list) {
    const cJSON *item;
    Arena *a = &r->model->arena;
    g->inputs = arena_take(a, (size_t)cJSON_GetArraySize(list) * sizeof *g->inputs);
    if (!g->inputs) return false;
    cJSON_ArrayForEach(item, list) {
        const char *name = text_member(item, "name");
        if (!name) return broken("an argument has no name, of function", g->name);
        g->nodes[g->ninputs] =
            (GraphNode){.name = name, .op = "Placeholder", .row = row_of("Placeholder")};
        g->inputs[g->ninputs] = (Port){NULL, {g->ninputs, 0}};
        g->ninputs++;
    }
    return true;
}

static bool results_read(GraphDef *g, const cJSON *list, const cJSON *ret, Arena *a) {
    const cJSON *item;
    g->outputs = arena_take(a, (size_t)cJSON_GetArraySize(list) * sizeof *g->outputs);
    if (!g->outputs) return false;
    cJSON_ArrayForEach(item, list) {
        const char *name = text_member(item, "name"), *from = name ? text_member(ret, name) : NULL;
        Link link = from ? link_to(g, from) : (Link){-1, 0};
        if (link.node < 0) return broken("a result comes from nowhere, of function", g->name);
        g->outputs[g->noutputs++] = (Port){NULL, link};
    }
    return true;
}

static bool function_read(Reading *r, GraphDef *g, const cJSON *json) {
    const cJSON *signature = member(json, "signature"), *list = member(json, "nodeDef"),
                *arguments = member(signature, "inputArg");
    Arena *a = &r->model->arena;
    g->model = r->model;
    g->nnodes = cJSON_GetArraySize(arguments) + cJSON_GetArraySize(list);
    g->nodes = arena_take(a, (size_t)g->nnodes * sizeof *g->nodes);
    return g->nodes && arguments_read(r, g, arguments) && nodes_start(r, g, list, g->ninputs) &&
           nodes_link(g, list, g->ninputs, a) &&
           results_read(g, member(signature, "outputArg"), member(json, "ret"), a);
}

static bool functions_read(Reading *r, const cJSON *list) {
    GraphModel *m = r->model;
    const cJSON *item;
    int i = 0, n = cJSON_GetArraySize(list);
    const char **names = arena_take(&m->arena, (size_t)n * sizeof *names);
    m->functions = arena_take(&m->arena, (size_t)n * sizeof *m->functions);
    if (!m->functions || !names) return false;
    m->nfunctions = n;
    cJSON_ArrayForEach(item, list) {
        names[i] = text_member(member(item, "signature"), "name");
        if (!names[i]) return broken("a function has no name:", "library");
        m->functions[i].name = names[i];
        if (!function_read(r, m->functions + i++, item)) return false;
    }
    if (!names_sort(&m->function_names, &m->arena, n, names)) return false;
    int twice = names_double(&m->function_names);
    return twice < 0 || broken("two functions are named", names[twice]);
}

GraphDef *function_of(GraphModel *m, const char *name) {
    int i = names_find(&m->function_names, name);
    return i < 0 ? NULL : m->functions + i;
}

/* ---- the model ---- */

enum { MOST_RESOURCES = 1000 };

static bool custom_read(Reading *r, const cJSON *list) {
    const cJSON *item;
    const char **names =
        arena_take(&r->model->arena, (size_t)cJSON_GetArraySize(list) * sizeof *names);
    int n = 0;
    if (!names) return false;
    cJSON_ArrayForEach(item, list) if (cJSON_IsString(item)) names[n++] = item->valuestring;
    return names_sort(&r->custom, &r->model->arena, n, names);
}

/* The initializer's output of this resourceId, NULL if there is none. */
static const char *resource_named(const cJSON *outputs, const cJSON *id) {
    const cJSON *item;
    cJSON_ArrayForEach(
        item, outputs) if (cJSON_Compare(member(item, "resourceId"), id, true)) return item->string;
    return NULL;
}

/* Which output of the initializer feeds which input: those of the same resourceId. The ports are
** the entries of `inputs` whose nodes are there, in that order. */
static bool resources_read(GraphModel *m, const cJSON *inputs, const cJSON *outputs) {
    const char **from = arena_take(&m->arena, (size_t)m->main.ninputs * sizeof *from);
    const cJSON *item;
    int i = 0, found = 0;
    m->resources = from;
    if (!from || !outputs) return from != NULL;
    cJSON_ArrayForEach(item, inputs) {
        const cJSON *id = member(item, "resourceId");
        if (i == m->main.ninputs) break;
        if (m->main.inputs[i].key != item->string) continue;
        if (id && found++ == MOST_RESOURCES)
            return broken("there are too many inputs with a resourceId, like", item->string);
        if (id) from[i] = resource_named(outputs, id);
        i++;
    }
    return true;
}

static bool initializer_read(Reading *r, const cJSON *json) {
    GraphModel *m = r->model;
    const cJSON *initializer = member(json, "modelInitializer"),
                *signature = member(json, "initializerSignature");
    if (!resources_read(m, member(member(json, "signature"), "inputs"),
                        member(signature, "outputs")))
        return false;
    if (!cJSON_IsArray(member(initializer, "node"))) return true;
    m->initializer = arena_take(&m->arena, sizeof *m->initializer);
    return m->initializer && graph_read(r, m->initializer, initializer, signature);
}

/* False, with the error set, if every node is an input of another: then some form a cycle. */
static bool has_outputs(const GraphDef *g) {
    if (g->noutputs || !g->nnodes) return true;
    return broken("each node is an input of another, so there is no output but a cycle, as through",
                  g->nodes[0].name);
}

static bool model_read(GraphModel *m) {
    Reading r = {.model = m};
    const cJSON *topology = member(m->json, "modelTopology");
    return custom_read(&r, member(m->json, "customOps")) &&
           functions_read(&r, member(member(topology, "library"), "function")) &&
           graph_read(&r, &m->main, topology, member(m->json, "signature")) &&
           has_outputs(&m->main) && initializer_read(&r, m->json);
}

GraphModel *tn_graph(const char *text) {
    cJSON *json = json_read("graph", text);
    GraphModel *m = json ? mem_alloc(sizeof *m) : NULL;
    if (!m) {
        json_free(json);
        if (json) fail(TN_MEMORY, "out of memory: no most for a graph");
        return NULL;
    }
    *m = (GraphModel){.refs = 1, .json = json};
    if (model_read(m)) return m;
    tn_graph_release(m);
    return NULL;
}

static void weights_release(GraphDef *g) {
    for (int i = 0; i < g->nnodes; i++) tensor_release(g->nodes[i].weight);
}

void tn_graph_release(GraphModel *m) {
    if (!m || --m->refs) return;
    while (m->subgraphs) subgraph_remove(m->subgraphs);
    if (m->main.nodes) weights_release(&m->main);
    if (m->initializer && m->initializer->nodes) weights_release(m->initializer);
    for (int i = 0; i < m->nfunctions; i++)
        if (m->functions[i].nodes) weights_release(m->functions + i);
    tables_free(m);
    kept_free(m);
    json_free(m->json);
    Arena arena = m->arena;
    mem_free(m, sizeof *m);
    arena_free(&arena);
}
