/* What summary() prints: a table of a model's layers. */
#include "nn/core/custom.h"
#include "base/arena_grow.h"
#include "nn/model/model_weights.h"
#include "nn/model/summary.h"

enum { MOST_COLUMNS = 5 };

typedef struct Text {
    char *v;
    int n, capacity;
    Arena arena;
} Text;

typedef struct Table {
    Text text;
    int columns, ends[MOST_COLUMNS]; /* where each column ends */
    int width;
} Table;

static void put(Text *t, const char *more, size_t n) {
    if (failed() || !ARENA_GROW(&t->arena, t->v, t->capacity, t->n + (int)n + 1)) return;
    memcpy(t->v + t->n, more, n);
    t->n += (int)n;
    t->v[t->n] = 0;
}

static void line(Table *t, char c) {
    for (int i = 0; i < t->width; i++) put(&t->text, &c, 1);
    put(&t->text, "\n", 1);
}

/* Each field is cut, or filled with blanks, up to the end of its column. */
static void row(Table *t, const char *const *fields) {
    size_t start = t->text.n;
    for (int i = 0; i < t->columns && !failed(); i++) {
        size_t at = t->text.n - start, end = (size_t)t->ends[i], n = strlen(fields[i]);
        if (i && at) t->text.v[t->text.n - 1] = ' ';
        if (n > end - at) n = end - at;
        put(&t->text, fields[i], n);
        while (!failed() && t->text.n - start < end) put(&t->text, " ", 1);
    }
    put(&t->text, "\n", 1);
}

static void put_shape(Text *t, const Shape *s) {
    char size[16];
    put(t, "[", 1);
    for (int i = 0; i < s->rank; i++) {
        if (i) put(t, ",", 1);
        if (s->size[i] < 0) put(t, "null", 4);
        else put(t, size, (size_t)snprintf(size, sizeof size, "%d", s->size[i]));
    }
    put(t, "]", 1);
}

/* Shapes of what goes into a layer, a list for each of its places. */
static void put_inputs(Text *t, const Layer *l) {
    for (const Node *node = l->nodes; node; node = node->next) {
        put(t, node == l->nodes ? "[" : ",[", node == l->nodes ? 1 : 2);
        for (int i = 0; i < (node->nin ? node->nin : 1); i++) {
            if (i) put(t, ",", 1);
            put_shape(t, node->nin ? &node->in[i]->shape : &node->out[0]->shape);
        }
        put(t, "]", 1);
    }
}

/* True if the layer gives one result, of the same shape wherever it is. */
static bool one_shape(const Layer *l) {
    for (const Node *node = l->nodes; node; node = node->next) {
        const Shape *first = &l->nodes->out[0]->shape, *s = &node->out[0]->shape;
        bool same = s->rank == first->rank && node->nout == 1;
        if (!same || memcmp(s->size, first->size, sizeof(int) * (size_t)s->rank)) return false;
    }
    return l->nodes != NULL;
}

static int chosen(const Graph *g, const Node *node) {
    for (int i = 0; i < g->ncalls; i++)
        if (g->calls[i].node == node) return 1;
    return 0;
}

/* name[node][tensor] for each input, each on a line of its own; the first is in the layer's. */
static void sources(Table *t, const Graph *g, const Layer *l, const char *fields[]) {
    char source[240];
    int k = 0;
    for (const Node *node = l->nodes; node && !failed(); node = node->next)
        for (int i = 0; i < node->nin && chosen(g, node); i++) {
            const Symbol *in = node->in[i];
            snprintf(source, sizeof source, "%.200s[%d][%d]", in->node->layer->name,
                     in->node->index, in->index);
            fields[4] = source;
            row(t, fields);
            if (!k++) fields[0] = fields[1] = fields[2] = fields[3] = "";
        }
    if (!k) row(t, fields);
}

static void layer_row(Table *t, const Graph *g, Layer *l) {
    Text in = {0}, out = {0};
    char name[300], params[32];
    Walk w = weights_of(l, TN_WEIGHTS_ALL);
    snprintf(name, sizeof name, "%.200s (%s)", l->name, layer_class_name(l));
    snprintf(params, sizeof params, "%.0f",
             has_method(l, TN_METHOD_COUNT_PARAMS) ? custom_params(l) : weights_count(&w));
    put_inputs(&in, l);
    if (one_shape(l)) put_shape(&out, &l->nodes->out[0]->shape);
    else put(&out, "multiple", 8);
    if (!failed()) {
        const char *fields[MOST_COLUMNS] = {name, in.v, out.v, params, ""};
        if (t->columns == MOST_COLUMNS) sources(t, g, l, fields);
        else row(t, fields);
    }
    arena_free(&w.arena);
    arena_free(&in.arena);
    arena_free(&out.arena);
}

/* True where every layer has one input and one reader: the table needs no sources. */
static bool is_chain(const Graph *g) {
    if (g->nin != 1 || g->nout != 1 || g->ncalls + 1 != g->nlayers) return false;
    for (int i = 0; i < g->ncalls; i++)
        if (g->calls[i].nin != 1 || g->calls[i].nout != 1) return false;
    for (int i = 0; i < g->nvalues; i++)
        if (g->uses[i] > 1) return false;
    return true;
}

static void lay_columns(Table *t, bool chain, int width, const double *positions, int n) {
    static const double of_chain[] = {.32, .61, .89, 1}, of_graph[] = {.24, .48, .70, .80, 1};
    t->columns = chain ? 4 : 5;
    t->width = width > 0 && width <= 1000 ? width : chain ? 90 : 115;
    if (n != t->columns) positions = chain ? of_chain : of_graph;
    for (int i = 0; i < t->columns; i++) {
        double end = positions[i] <= 1 ? floor(t->width * positions[i]) : positions[i];
        int least = i ? t->ends[i - 1] + 1 : 1;
        t->ends[i] = end >= least && end <= 10000 ? (int)end : least;
    }
}

static void totals(Table *t, Layer *model) {
    static const char *const words[] = {"Total", "Trainable", "Non-trainable"};
    static const WhichWeights which[] = {TN_WEIGHTS_ALL, TN_WEIGHTS_TRAINABLE, TN_WEIGHTS_FIXED};
    char text[64];
    for (int i = 0; i < 3; i++) {
        Walk w = weights_of(model, which[i]);
        int n = snprintf(text, sizeof text, "%s params: %.0f\n", words[i], weights_count(&w));
        put(&t->text, text, (size_t)n);
        arena_free(&w.arena);
    }
}

const char *model_summary(Layer *model, int width, const double *positions, int npositions,
                          Arena *arena) {
    static const char *const titles[] = {"Layer (type)", "Input Shape", "Output shape", "Param #",
                                         "Receives inputs"};
    const Graph *g = graph_of(model);
    Table t = {0};
    int n;
    if (!g) return "";
    lay_columns(&t, is_chain(g), width, positions, npositions);
    line(&t, '_');
    row(&t, titles);
    line(&t, '=');
    Layer **layers = model_layers(model, &n);
    for (int i = 0; i < n && !failed(); i++) {
        layer_row(&t, g, layers[i]);
        line(&t, i == n - 1 ? '=' : '_');
    }
    totals(&t, model);
    line(&t, '_');
    *arena = t.text.arena;
    return failed() ? "" : t.text.v;
}
