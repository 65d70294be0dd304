/* Names of weights in files: what each is called, and which weight a file's name means. */
#include <ctype.h>
#include "nn/core/model.h"
#include "nn/model/model_weights.h"

enum { NAME_SIZE = 400 };

/* ---- one name ---- */

/* True for dense_Dense7: made up by the library, and different in each run of a program. */
static bool is_made_up(const char *name, const char *class_name) {
    char start[160], snake[64];
    snake_case(class_name, snake, sizeof snake);
    int n = snprintf(start, sizeof start, "%s_%.80s", snake, class_name);
    return !strncmp(name, start, (size_t)n) && isdigit((unsigned char)name[n]);
}

/* Of stacked cells: layer/RNNCell_0. */
static int index_in_stack(const Layer *cell) {
    int i = 0;
    while (cell->around->inner[i] != cell) i++;
    return i;
}

/* outer/dense/kernel for a weight of a layer within a layer of the caller's. */
static void lent_name(const Layer *l, const Weight *v, char *to, int size) {
    size_t n = strlen(l->name);
    char snake[64];
    if (v->from && is_made_up(v->from, v->from_class)) {
        snake_case(v->from_class, snake, sizeof snake);
        snprintf(to, (size_t)size, "%.100s/%s/%.80s", l->name, snake, v->name);
    } else if (v->from) {
        snprintf(to, (size_t)size, "%.100s/%.100s/%.80s", l->name, v->from, v->name);
    } else if (!strncmp(v->name, l->name, n) && v->name[n] == '/') {
        snprintf(to, (size_t)size, "%.250s", v->name);
    } else {
        snprintf(to, (size_t)size, "%.150s/%.140s", l->name, v->name);
    }
}

/* The name, and the layer that it begins with. */
static const Layer *short_name(const Walk *w, int i, char *to, int size) {
    const Layer *l = w->of[i], *around = l->around, *top = around;
    const Weight *v = w->v[i];
    if (v->lent) {
        lent_name(l, v, to, size);
        return l;
    }
    if (!around) {
        snprintf(to, (size_t)size, "%.200s/%.80s", l->name, v->name);
        return l;
    }
    if (around->of->is_cell) {
        if (around->around) top = around->around;
        snprintf(to, (size_t)size, "%.180s/RNNCell_%d/%.80s", top->name, index_in_stack(l),
                 v->name);
    } else if (around->ninner == 1) { /* a wrapper of one lends it its name */
        snprintf(to, (size_t)size, "%.200s/%.80s", around->name, v->name);
    } else {
        snprintf(to, (size_t)size, "%.100s/%.100s/%.80s", around->name, l->name, v->name);
    }
    return top;
}

void weights_name(const Walk *w, int i, char *to, int size) { short_name(w, i, to, size); }

/* ---- all names ---- */

/* The name with those of what is around it in front, but for the outermost model. */
static const char *path(const Walk *w, int i, Arena *arena) {
    char text[NAME_SIZE], longer[NAME_SIZE + 120];
    const Layer *top = short_name(w, i, text, sizeof text);
    for (const Layer *l = top->visit.parent; l && l->visit.parent; l = l->visit.parent) {
        snprintf(longer, sizeof longer, "%.100s/%s", l->name, text);
        snprintf(text, sizeof text, "%.*s", NAME_SIZE - 1, longer);
    }
    return arena_text(arena, text);
}

typedef struct Sorted {
    const char *text;
    int index; /* in the walk */
} Sorted;

static int by_text(const void *a, const void *b) {
    const Sorted *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static Sorted *sorted(const char **names, int n, Arena *arena) {
    Sorted *list = arena_take(arena, (size_t)(n + 1) * sizeof *list);
    for (int i = 0; list && i < n; i++) list[i] = (Sorted){names[i], i};
    if (list) qsort(list, (size_t)n, sizeof *list, by_text);
    return list;
}

static const char *numbered(const char *name, int k, Arena *arena) {
    char text[NAME_SIZE + 16];
    snprintf(text, sizeof text, "%.*s_%d", NAME_SIZE, name, k);
    return arena_text(arena, text);
}

/* Renames what is equal: by paths, or by numbers. True if there was any. */
static bool part_equals(const Walk *w, const char **names, bool by_path, Arena *arena) {
    const Sorted *list = sorted(names, w->n, arena);
    bool any = false;
    for (int i = 0, end; list && i < w->n && !failed(); i = end) {
        for (end = i + 1; end < w->n && !strcmp(list[i].text, list[end].text);) end++;
        if (end == i + 1) continue;
        any = true;
        for (int k = by_path ? i : i + 1; k < end; k++)
            names[list[k].index] =
                by_path ? path(w, list[k].index, arena) : numbered(list[k].text, k - i, arena);
    }
    return any;
}

const char **weights_names(const Walk *w, Arena *arena) {
    char text[NAME_SIZE];
    const char **names = arena_take(arena, (size_t)(w->n + 1) * sizeof *names);
    for (int i = 0; names && i < w->n && !failed(); i++) {
        short_name(w, i, text, sizeof text);
        names[i] = arena_text(arena, text);
    }
    if (failed() || !part_equals(w, names, true, arena)) return failed() ? NULL : names;
    while (!failed() && part_equals(w, names, false, arena)) {
    }
    return failed() ? NULL : names;
}

/* ---- what a file's name means ---- */

/* A name as a file has it: what stands before the last slash, and after it. */
typedef struct FileName {
    const char *text, *leaf;
    int length; /* before the slash */
} FileName;

static FileName split(const char *text) {
    const char *slash = strrchr(text, '/');
    return (FileName){text, slash ? slash + 1 : text, slash ? (int)(slash - text) : 0};
}

static int count_parts(const char *name) {
    int n = 1;
    for (; *name; name++) n += *name == '/';
    return n;
}

/* Finds a layer's name in a file's name, searching back from *end, as whole parts; *end is then
** where it begins. */
static bool take(const FileName *g, int *end, const char *name) {
    int n = (int)strlen(name);
    for (int at = *end - n; n && at >= 0; at--) {
        if ((at && g->text[at - 1] != '/') || (at + n < *end && g->text[at + n] != '/') ||
            strncmp(g->text + at, name, (size_t)n))
            continue;
        *end = at ? at - 1 : 0;
        return true;
    }
    return false;
}

/* The only weight of its layer that is called a kernel: Keras 3 calls a depthwise_kernel so. */
static bool is_only_kernel(const Layer *l, const Weight *v) {
    int n = 0;
    bool is = false;
    for (int i = 0; i < l->nweights; i++) {
        const char *end = strstr(l->weights[i].name, "kernel");
        if (!end || strcmp(end, "kernel")) continue;
        n++;
        is = is || l->weights + i == v;
    }
    return n == 1 && is;
}

static bool leaf_fits(const FileName *g, const Layer *l, const Weight *v) {
    size_t n = strlen(v->name);
    if (isdigit((unsigned char)*g->leaf) && strlen(g->leaf) <= 3)
        return atoi(g->leaf) == v - l->weights; /* layer/1: the second */
    if (!strncmp(g->leaf, v->name, n) && (!g->leaf[n] || g->leaf[n] == ':')) return true;
    return !strcmp(g->leaf, "kernel") && is_only_kernel(l, v);
}

/* Where a name does not say the layer's own: that of the wrapper or recurrent layer around will do,
** but not of one with two layers in it. */
static const Layer *stands_for(const Layer *l) {
    const Layer *around = l->around;
    return around && (around->ninner == 1 || around->of->is_cell) ? around : NULL;
}

/* How many parts of a file's name are names of the weight's layer and of what is around it; 0:
** it is another's. */
static int likeness(const FileName *g, const Walk *w, int i) {
    const Layer *l = w->of[i];
    const Weight *v = w->v[i];
    int end = g->length, parts = 0;
    bool known = false;
    if (!leaf_fits(g, l, v)) return 0;
    if (v->lent && v->from && take(g, &end, v->from)) parts += count_parts(v->from), known = true;
    if (v->lent && !v->from) known = !strcmp(g->text, v->name);
    if (l->around && l->around->of->is_cell) {
        char stacked[24];
        snprintf(stacked, sizeof stacked, "RNNCell_%d", index_in_stack(l));
        if (take(g, &end, stacked)) parts++, known = true;
    }
    const Layer *other = stands_for(l);
    const Layer *outer = other && other->of->is_cell ? other->around : NULL;
    for (const Layer *at = l; at; at = at->visit.parent) {
        if (!take(g, &end, at->name)) continue;
        parts += count_parts(at->name);
        known = known || at == l || at == other || at == outer;
    }
    return known ? (parts ? parts : 1) : 0;
}

static int depth_of(const Layer *l) {
    int n = 0;
    for (; l; l = l->visit.parent) n++;
    return n;
}

/* The unused weight that is most like a name, of equals the outermost, then the first; -1: none. */
static int most_like(const Naming *all, const char *text) {
    const FileName g = split(text);
    int best = -1, most = 0, depth = 0;
    for (int i = 0; i < all->walk->n; i++) {
        int parts = all->used[i] ? 0 : likeness(&g, all->walk, i);
        int d = parts ? depth_of(all->walk->of[i]) : 0;
        if (!parts || parts < most || (parts == most && d >= depth)) continue;
        best = i;
        most = parts;
        depth = d;
    }
    return best;
}

static int find_equal(const Naming *all, const Sorted *list, const char *text) {
    int low = 0, high = all->walk->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (strcmp(list[middle].text, text) < 0) low = middle + 1;
        else high = middle;
    }
    bool found = low < all->walk->n && !strcmp(list[low].text, text);
    return found && !all->used[list[low].index] ? list[low].index : -1;
}

const int *weights_find(Naming *all, const char **strings, int n, Arena *arena) {
    int *found = arena_take(arena, (size_t)(n + 1) * sizeof *found);
    all->used = arena_take(arena, (size_t)all->walk->n + 1);
    all->names = failed() ? NULL : weights_names(all->walk, arena);
    const Sorted *list = failed() ? NULL : sorted(all->names, all->walk->n, arena);
    for (int loosely = 0; loosely < 2 && !failed(); loosely++)
        for (int k = 0; k < n; k++) {
            if (loosely && found[k] >= 0) continue;
            found[k] = loosely ? most_like(all, strings[k]) : find_equal(all, list, strings[k]);
            if (found[k] >= 0) all->used[found[k]] = true;
        }
    return failed() ? NULL : found;
}
