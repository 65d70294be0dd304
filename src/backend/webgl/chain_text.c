/* The shader of a chain: a function for each result from its expression, and a main that fetches
** each texel once. Chains of one structure share a program, sizes are words of the draw. */
#include "backend/webgl/pending.h"
#include <stdarg.h>
#include <stdio.h>

/* ---- structure: what tells one program from another ---- */

enum { MOST_KEY = 400, BUCKETS = 256, MOST_PROGRAMS = 1024 };
typedef struct Structure {
    struct Structure *next;
    int n;
    uint32_t v[];
} Structure;

typedef struct Key {
    int n;
    uint32_t v[MOST_KEY];
} Key;

static void note(Key *key, uint32_t v) { key->v[key->n++] = v; }

static void note_input(Key *key, const Chain *c, const Pending *p, int k) {
    const Texture *in = p->in[k];
    const int node = in && in->pending ? chain_node(c, in) : -1;
    const int from = !in ? 0 : node >= 0 ? node : MOST_NODES + chain_leaf(c, in);
    note(key, (uint32_t)from << 8 | (uint32_t)p->way[k] << 2 | p->along[k] << 1 | p->whole_in[k]);
}

static void describe(Key *key, const Chain *c) {
    for (int i = 0; i < c->nodes; i++) {
        const Pending *p = c->node[i]->pending;
        const uint64_t expression = (uint64_t)(uintptr_t)p->expression;
        const int rank = pending_walks(p) ? p->rank : 0;
        note(key, (uint32_t)expression);
        note(key, (uint32_t)(expression >> 32));
        note(key, (uint32_t)(p->np << 16 | rank << 8 | p->nin << 2 | p->keeps_nan << 1 | p->whole));
        for (int k = 0; k < p->nin; k++) note_input(key, c, p, k);
    }
    for (int i = 0; i < c->outputs; i++) note(key, (uint32_t)c->output[i]);
}

static uint32_t hash_of(const Key *key) {
    uint32_t h = 2166136261u;
    for (int i = 0; i < key->n; i++) h = (h ^ key->v[i]) * 16777619u;
    return h;
}

/* The one copy of a structure, whose address is the program's key. NULL: there are enough of them,
** or no memory. A single result always has one. */
static const Structure *structure_of(const Key *key, bool single) {
    static Structure *buckets[BUCKETS];
    static int count;
    Structure **at = &buckets[(hash_of(key) >> 7) % BUCKETS], *s = *at;
    const size_t bytes = (size_t)key->n * sizeof *key->v;
    while (s && (s->n != key->n || memcmp(s->v, key->v, bytes) != 0)) s = s->next;
    if (s) return s;
    s = single || count < MOST_PROGRAMS ? mem_alloc(sizeof *s + bytes) : NULL;
    if (!s) return NULL;
    *s = (Structure){*at, key->n};
    memcpy(s->v, key->v, bytes);
    count++;
    return *at = s;
}

/* ---- text ---- */

enum { TEXT = 32768 };
typedef struct Text {
    size_t n;
    char s[TEXT];
} Text;

static void add(Text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(Text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->s + t->n, TEXT - t->n, format, args);
    va_end(args);
    t->n = n < 0 || t->n + (size_t)n >= TEXT ? TEXT - 1 : t->n + (size_t)n;
}

static char name_of(const Pending *p, int k) { return p->nin == 1 ? 'x' : (char)('a' + k); }
static const char *texel_type(bool whole) { return whole ? "ivec4" : "vec4"; }
static const char *element_type(bool whole) { return whole ? "int" : "float"; }

/* The function of result i, whose words begin at `first`. */
static void add_function(Text *t, const Pending *p, int i, int first) {
    for (int j = 0; j < p->np; j++)
        add(t, "#undef p%d\n#define p%d number(%d)\n#undef q%d\n#define q%d word(%d)\n", j, j,
            first + j, j, j, first + j);
    add(t, "%s f%d(", element_type(p->whole), i);
    for (int k = 0; k < p->nin; k++)
        add(t, "%s%s %c", k ? "," : "", element_type(p->whole_in[k]), name_of(p, k));
    add(t, "){return %s%s(%s);}\n", p->keeps_nan ? "isnan(x)?x:" : "", element_type(p->whole),
        p->expression);
}

/* Indices along the axes of element e: where the sizes are words from `sizes` on. */
static void add_index(Text *t, const Pending *p, int i, int sizes) {
    if (!pending_walks(p)) return;
    add(t, "ivec4 index%d(int e){ivec4 c=ivec4(0);int q;", i);
    for (int r = 0; r < p->rank; r++)
        if (r == p->rank - 1) add(t, "c.%c=e;", "xyzw"[r]);
        else
            add(t, "q=quotient(e,word(%d));c.%c=e-q*word(%d);e=q;", sizes + r, "xyzw"[r],
                sizes + r);
    add(t, "return c;}\n");
}

static bool has_each(const Pending *p) {
    for (int k = 0; k < p->nin; k++)
        if (p->way[k] == EACH) return true;
    return false;
}

/* Element indices of input k of result i where those of the result are c0, c1... */
static void add_offsets(Text *t, const Pending *p, int i, int k, int word) {
    const int count = p->way[k] == EACH ? 4 : 1;
    for (int j = 0; j < count; j++) {
        add(t, "int o%d_%d_%d=", i, k, j);
        if (p->along[k]) add(t, "o%d_%d_%d", i, k - 1, j);
        else add(t, "word(%d)", word);
        for (int r = 0; !p->along[k] && r < p->rank; r++)
            add(t, "+c%d_%d.%c*word(%d)", i, j, "xyzw"[r], word + 1 + r);
        add(t, ";\n");
    }
}

/* A texel of results that lie in bands: words are those of Banded. */
static void add_banded(Text *t, Way way, int leaf, int word) {
    add(t, "vec4 v;{int n=word(%d);\n#define W ivec4(word(%d),word(%d),word(%d),word(%d))\n",
        word + 1, word, word + 2, word + 3, word + 4);
    if (way == BANDED) add(t, "int r=quotient(t,n);v=merged(x%d,r,t-r*n,W.y,W.w);", leaf);
    if (way == BANDED_MANY) add(t, "int r=quotient(t,n);v=merged(x%d,r,t-r*n,W);", leaf);
    if (way == BANDED_EACH)
        add(t,
            "for(int j=0;j<4;j++){int e=4*t+j,r=quotient(e,n);"
            "v[j]=channel(merged(x%d,r,quarter(e-r*n),W),(e-r*n)&3);}",
            leaf);
    add(t, "}\n#undef W\n");
}

static void add_input(Text *t, const Chain *c, int i, int k, int word) {
    const Pending *p = c->node[i]->pending;
    const Texture *in = p->in[k];
    const int leaf = in && !in->pending ? chain_leaf(c, in) : -1;
    const char *type = texel_type(p->whole_in[k]);
    if (way_walks(p->way[k])) add_offsets(t, p, i, k, word);
    if (p->way[k] >= BANDED && p->way[k] <= BANDED_EACH) add_banded(t, p->way[k], leaf, word);
    if (p->way[k] == QUARTERED)
        add(t, "vec4 v=quartered(x%d,t,ivec4(word(%d),word(%d),word(%d),word(%d)),word(%d));\n",
            leaf, word, word + 1, word + 2, word + 3, word + 4);
    add(t, "%s %c=", type, name_of(p, k));
    switch (p->way[k]) {
    case VALUE: add(t, "%s(%s(%d))", type, p->whole_in[k] ? "word" : "number", word); break;
    case SAME: add(t, leaf >= 0 ? "t%d" : "v%d", leaf >= 0 ? leaf : chain_node(c, in)); break;
    case QUAD:
        if (leaf >= 0) add(t, "quad(x%d,TEXELS(o%d_%d_0))", leaf, i, k);
        else add(t, "g%d(TEXELS(o%d_%d_0))", chain_node(c, in), i, k);
        break;
    case SPLAT: add(t, "%s(at(x%d,o%d_%d_0))", type, leaf, i, k); break;
    case EACH:
        add(t, "%s", type);
        for (int j = 0; j < 4; j++)
            add(t, "%cat(x%d,o%d_%d_%d)%s", j ? ',' : '(', leaf, i, k, j, j == 3 ? ")" : "");
        break;
    default: add(t, "v");
    }
    add(t, ";\n");
}

/* Computes v<i>, the texel of result i. */
static void add_result(Text *t, const Chain *c, int i, int first) {
    const Pending *p = c->node[i]->pending;
    int word = first + p->np;
    add(t, "%s v%d;{\n", texel_type(p->whole), i);
    if (pending_walks(p)) {
        for (int j = 0; j < (has_each(p) ? 4 : 1); j++)
            add(t, "ivec4 c%d_%d=index%d(4*t+%d);\n", i, j, i, j);
        word += p->rank;
    }
    for (int k = 0; k < p->nin; word += input_words(p, k++)) add_input(t, c, i, k, word);
    add(t, "v%d=%s(", i, texel_type(p->whole));
    for (int j = 0; j < 4; j++) {
        add(t, "%sf%d(", j ? "," : "", i);
        for (int k = 0; k < p->nin; k++) add(t, "%s%c.%c", k ? "," : "", name_of(p, k), "xyzw"[j]);
        add(t, ")");
    }
    add(t, ");}\n");
}

/* How a leaf is read: the same by all that read it, but that not all read its texel in place. */
static void add_samplers(Text *t, const Chain *c) {
    for (int leaf = 0; leaf < c->leaves; leaf++) {
        const Texture *x = c->leaf[leaf];
        add(t, "uniform %ssampler2D%s x%d;\n", x->whole ? "i" : "", x->layers ? "Array" : "", leaf);
    }
    for (int i = 1; i < c->outputs; i++)
        add(t, "layout(location=%d) out %s y%d;\n", i,
            texel_type(c->node[c->output[i]]->pending->whole), i);
}

static bool read_in_place(const Chain *c, const Texture *group, const Texture *leaf) {
    for (int i = 0; i < c->nodes; i++) {
        const Pending *p = c->node[i]->pending;
        for (int k = 0; k < p->nin && c->group[i] == group; k++)
            if (p->in[k] == leaf && p->way[k] == SAME) return true;
    }
    return false;
}

static int first_word(const Chain *c) { return c->is_inline ? INLINE_WORDS : 0; }

/* The results of a group at texel t, which for that of the root is the fragment's own. */
static void add_group(Text *t, const Chain *c, const Texture *group) {
    const bool own = group == c->node[c->nodes - 1] && !c->is_inline;
    for (int leaf = 0; leaf < c->leaves; leaf++)
        if (read_in_place(c, group, c->leaf[leaf]))
            add(t,
                own ? "%s t%d=texelFetch(x%d,ivec2(gl_FragCoord.xy),0);\n"
                    : "%s t%d=quad(x%d,t);\n",
                texel_type(c->leaf[leaf]->whole), leaf, leaf);
    for (int i = 0, first = first_word(c); i < c->nodes;
         first += pending_words(c->node[i++]->pending))
        if (c->group[i] == group) add_result(t, c, i, first);
}

static void write_functions(Text *t, const Chain *c) {
    const int last = c->nodes - 1;
    add_samplers(t, c);
    for (int i = 0, first = first_word(c); i < c->nodes; i++) {
        const Pending *p = c->node[i]->pending;
        add_function(t, p, i, first);
        add_index(t, p, i, first + p->np);
        first += pending_words(p);
    }
    for (int i = 0; i < last; i++) {
        if (c->group[i] != c->node[i]) continue;
        add(t, "%s g%d(int t){\n", texel_type(c->node[i]->pending->whole), i);
        add_group(t, c, c->node[i]);
        add(t, "return v%d;}\n", i);
    }
}

static void write_main(Text *t, const Chain *c) {
    add(t, "void main(){int t=texel();\n");
    add_group(t, c, c->node[c->nodes - 1]);
    add(t, "y=v%d;\n", c->output[0]);
    for (int i = 1; i < c->outputs; i++) add(t, "y%d=v%d;\n", i, c->output[i]);
    add(t, "}\n");
}

/* ---- programs ---- */

/* The names of math.glsl begin with v, or with int_. */
static bool needs_math(const char *expression) {
    if (strstr(expression, "int_")) return true;
    for (const char *at = expression; (at = strchr(at, 'v')); at++)
        if (at == expression || !strchr("abcdefghijklmnopqrstuvwxyz", at[-1])) return true;
    return false;
}

static bool chain_needs_math(const Chain *c) {
    for (int i = 0; i < c->nodes; i++)
        if (needs_math(c->node[i]->pending->expression)) return true;
    return false;
}

/* The functions of a chain, to be freed; NULL if there is no memory. */
static Text *functions_of(const Chain *c) {
    Text *t = mem_alloc(sizeof *t);
    if (!t) return NULL;
    t->n = 0;
    t->s[0] = 0;
    if (chain_needs_math(c)) add(t, "%s", gl_math);
    write_functions(t, c);
    return t;
}

static const Structure *structure_of_chain(const Chain *c) {
    Key key = {0};
    describe(&key, c);
    return structure_of(&key, c->nodes == 1);
}

Program *chain_program(const Chain *c) {
    const Structure *structure = structure_of_chain(c);
    Program *known = structure ? program_find(structure, 0) : NULL;
    if (known) return known->id ? known : NULL;
    Text *t = structure ? functions_of(c) : NULL;
    if (!t) return NULL;
    write_main(t, c);
    const char *kinds = c->node[c->nodes - 1]->pending->whole ? "#define WHOLE\n" : "";
    Program *made = NULL;
    if (t->n < TEXT - 1) made = program_build(structure, 0, kinds, "", t->s);
    mem_free(t, sizeof *t);
    return made && made->id ? made : NULL;
}

Program *chain_program_in(const Chain *c, const Shader *shader, uint32_t flags) {
    const Structure *structure = structure_of_chain(c);
    Program *known = structure ? program_find(structure, flags) : NULL;
    if (known) return known->id ? known : NULL;
    Text *t = structure ? functions_of(c) : NULL;
    if (!t) return NULL;
    add(t, "vec4 value(int t){\n");
    add_group(t, c, c->node[c->nodes - 1]);
    add(t, "return v%d;}\n", c->nodes - 1);
    Program *made = NULL;
    if (t->n < TEXT - 1) made = program_with(structure, shader, flags, t->s);
    mem_free(t, sizeof *t);
    return made && made->id ? made : NULL;
}
