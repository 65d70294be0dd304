/* Maps: y = expression(a, b, ...) where each input is walked over with steps: elementwise ops,
** broadcasting, and with the expression "x" everything that only moves elements. The shader is
** written here from the expression and from the way each input lies:
**   VALUE  one number, passed as a uniform         SAME   as y: the texel at the same place
**   QUAD   whole texels, found by their index      SPLAT  one element for the whole texel
**   EACH   four elements anywhere */
#include "backend/webgl/gl.h"
#include <stdarg.h>
#include <stdio.h>

typedef enum Way { VALUE, SAME, QUAD, SPLAT, EACH, WAYS } Way;
enum { WAY_BITS = 3, TEXT = 6000 };

/* The map with axes joined wherever no input minds; innermost first, as the shader wants it. */
typedef struct Plan {
    int rank, size[MAP_RANK], step[MAP_INPUTS][MAP_RANK];
    Way way[MAP_INPUTS];
    bool along[MAP_INPUTS]; /* with the steps of the input before */
} Plan;

static bool in_memory(const Tensor *x) { return x->storage->data && !x->storage->stale_data; }

static bool is_value(const Tensor *x) { return !x || (x->size == 1 && in_memory(x)); }

static bool is_whole(const Map *m, int k) { return m->in[k] && m->in[k]->dtype == TN_INT32; }

/* The one element of input k as a word. */
static int value_of(const Map *m, int k) {
    const Tensor *x = m->in[k];
    if (is_whole(m, k)) return i32(x)[0];
    return float_bits(!x ? m->scalar[k] : x->dtype == TN_BOOL ? u8(x)[0] != 0 : f32(x)[0]);
}

static bool joins(const Map *m, const Plan *p, int axis) {
    int top = p->rank - 1;
    for (int k = 0; k < m->nin; k++)
        if (!is_value(m->in[k]) && m->step[k][axis] != (int64_t)p->step[k][top] * p->size[top])
            return false;
    return true;
}

static bool plan_axes(const Map *m, Plan *p) {
    for (int i = m->rank - 1; i >= 0; i--) {
        if (m->size[i] == 1) continue;
        if (p->rank && joins(m, p, i)) {
            p->size[p->rank - 1] *= m->size[i];
            continue;
        }
        if (p->rank == MAP_RANK) return false;
        p->size[p->rank] = m->size[i];
        for (int k = 0; k < m->nin; k++) p->step[k][p->rank] = m->step[k][i];
        p->rank++;
    }
    return true;
}

static Way way_of(const Map *m, const Plan *p, int k, int size) {
    const int *step = p->step[k];
    if (is_value(m->in[k])) return VALUE;
    bool same = m->base[k] == 0 && m->in[k]->size == size;
    for (int i = 0, n = 1; i < p->rank; n *= p->size[i++]) same = same && step[i] == n;
    if (same) return SAME;
    bool whole = m->base[k] % 4 == 0;
    for (int i = 1; i < p->rank; i++) whole = whole && step[i] % 4 == 0;
    if (p->size[0] % 4 || !p->rank) return EACH;
    return step[0] == 0 ? SPLAT : step[0] == 1 && whole ? QUAD : EACH;
}

/* ---- the text ---- */

typedef struct Text {
    size_t n;
    bool keeps_nan;
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

static char name_of(const Map *m, int k) { return m->nin == 1 ? 'x' : (char)('a' + k); }

/* Element indices of input k where those of y are c0, c1... */
static void add_offsets(Text *t, const Plan *p, int k) {
    int count = p->way[k] == EACH ? 4 : 1;
    for (int j = 0; j < count; j++) {
        add(t, "int o%d%d=", k, j);
        if (p->along[k]) add(t, "o%d%d", k - 1, j);
        else add(t, "word(%d)", 24 + k);
        for (int i = 0; !p->along[k] && i < p->rank; i++)
            add(t, "+c%d.%c*words[%d].%c", j, "xyzw"[i], 1 + k, "xyzw"[i]);
        add(t, ";\n");
    }
}

static void add_input(Text *t, const Map *m, const Plan *p, int k) {
    const char *texel = is_whole(m, k) ? "ivec4" : "vec4";
    if (p->way[k] > SAME) add_offsets(t, p, k);
    add(t, "%s %c=", texel, name_of(m, k));
    if (p->way[k] == VALUE)
        add(t, "%s(%s(%d))", texel, is_whole(m, k) ? "word" : "number", 4 + 4 * k);
    if (p->way[k] == SAME) add(t, "texelFetch(x%d,ivec2(gl_FragCoord.xy),0)", k);
    if (p->way[k] == QUAD) add(t, "quad(x%d,o%d0>>2)", k, k);
    if (p->way[k] == SPLAT) add(t, "%s(at(x%d,o%d0))", texel, k, k);
    if (p->way[k] == EACH) add(t, "%s", texel);
    for (int j = 0; p->way[k] == EACH && j < 4; j++)
        add(t, "%cat(x%d,o%d%d)%s", j ? ',' : '(', k, k, j, j == 3 ? ")" : "");
    add(t, ";\n");
}

static void add_coordinates(Text *t, const Plan *p, bool each) {
    add(t, "ivec4 index(int i){ivec4 c=ivec4(0),n=words[0];int q;");
    for (int i = 0; i < p->rank; i++)
        if (i == p->rank - 1) add(t, "c.%c=i;", "xyzw"[i]);
        else add(t, "q=i/n.%c;c.%c=i-q*n.%c;i=q;", "xyzw"[i], "xyzw"[i], "xyzw"[i]);
    add(t, "return c;}\nvoid main(){int i=4*texel();ivec4 c0=index(i)");
    for (int j = 1; each && j < 4; j++) add(t, ",c%d=index(i+%d)", j, j);
    add(t, ";\n");
}

static void write_shader(Text *t, const Map *m, const Plan *p) {
    bool walk = false, each = false;
    for (int k = 0; k < m->nin; k++) {
        if (p->way[k] != VALUE) add(t, "uniform %ssampler2D x%d;\n", is_whole(m, k) ? "i" : "", k);
        walk = walk || p->way[k] > SAME;
        each = each || p->way[k] == EACH;
    }
    for (int i = 0; i < m->np; i++)
        add(t, "#define p%d number(%d)\n#define q%d word(%d)\n", i, 32 + i, i, 32 + i);
    add(t, "ELEMENT f(");
    for (int k = 0; k < m->nin; k++)
        add(t, "%s%s %c", k ? "," : "", is_whole(m, k) ? "int" : "float", name_of(m, k));
    add(t, "){return %sELEMENT(%s);}\n", t->keeps_nan ? "isnan(x)?x:" : "", m->expression);
    if (walk) add_coordinates(t, p, each);
    else add(t, "void main(){\n");
    for (int k = 0; k < m->nin; k++) add_input(t, m, p, k);
    add(t, "y=TEXEL(");
    for (int j = 0; j < 4; j++) {
        add(t, j ? ",f(" : "f(");
        for (int k = 0; k < m->nin; k++) add(t, "%s%c.%c", k ? "," : "", name_of(m, k), "xyzw"[j]);
        add(t, ")");
    }
    add(t, ");}\n");
}

static uint32_t flags_of(const Map *m, const Plan *p, DType dtype) {
    uint32_t flags = dtype == TN_INT32;
    bool walk = false;
    for (int k = 0; k < m->nin; k++) {
        flags = flags << 1 | is_whole(m, k);
        flags = flags << (WAY_BITS + 1) | (uint32_t)p->way[k] << 1 | p->along[k];
        walk = walk || p->way[k] > SAME;
    }
    return flags << 3 | (walk ? (uint32_t)p->rank : 0);
}

/* The names of math.glsl begin with v, or with int_. */
static bool needs_math(const char *expression) {
    if (strstr(expression, "int_")) return true;
    for (const char *at = expression; (at = strchr(at, 'v')); at++)
        if (at == expression || !strchr("abcdefghijklmnopqrstuvwxyz", at[-1])) return true;
    return false;
}

/* Of NaN comes NaN, though compilers drop a comparison that minds it: asked for with one input,
** unless the expression itself says what becomes of it. */
static bool keeps_nan(const Map *m, DType dtype) {
    bool number = m->nin == 1 && dtype == TN_FLOAT32 && !is_whole(m, 0) && m->expression[1];
    return number && strchr(m->expression, 'x') && !strstr(m->expression, "isnan");
}

static Program *program_for(const Map *m, const Plan *p, DType dtype) {
    uint32_t flags = flags_of(m, p, dtype);
    Program *known = program_find(m->expression, flags);
    if (known) return known;
    Text *t = mem_alloc(sizeof *t);
    if (!t) return NULL;
    t->n = 0;
    t->keeps_nan = keeps_nan(m, dtype);
    write_shader(t, m, p);
    const char *math = needs_math(m->expression) ? gl_math : "";
    Program *made = NULL;
    const char *kinds = dtype == TN_INT32 ? "#define WHOLE\n" : "";
    if (t->n < TEXT - 1) made = program_build(m->expression, flags, kinds, math, t->s);
    mem_free(t, sizeof *t);
    return made;
}

/* ---- running ---- */

void map_broadcast(Map *m, int k, Tensor *x, const Tensor *y) {
    m->in[k] = x;
    int lead = x ? y->rank - x->rank : 0;
    for (int i = y->rank - 1, n = 1; x && i >= 0; i--) {
        int size = i < lead ? 1 : x->shape[i - lead];
        m->step[k][i] = size == 1 ? 0 : n;
        n *= size;
    }
}

static bool is_along(const Map *m, const Plan *p, int k) {
    return k && p->way[k] > SAME && p->way[k] == p->way[k - 1] && m->base[k] == m->base[k - 1] &&
           !memcmp(p->step[k], p->step[k - 1], sizeof p->step[k]);
}

bool map_run(const Map *m, Tensor *y) {
    Plan p = {0};
    if (!plan_axes(m, &p)) return false;
    Draw d = {.nwords = 32 + m->np};
    for (int k = 0; k < m->nin; k++) {
        p.way[k] = way_of(m, &p, k, y->size);
        p.along[k] = is_along(m, &p, k);
        d.words[24 + k] = m->base[k];
        for (int i = 0; i < p.rank; i++) d.words[4 + 4 * k + i] = p.step[k][i];
        d.nin = k;
        if (p.way[k] == VALUE) d.words[4 + 4 * k] = value_of(m, k);
        else if (!draw_input(&d, m->in[k])) return false;
    }
    d.nin = m->nin;
    memcpy(d.words, p.size, sizeof p.size);
    memcpy(d.words + 32, m->p, sizeof m->p);
    d.program = program_for(m, &p, y->dtype);
    return draw_tensor(&d, y);
}

/* Axes of the result, and the attribute words. */
static Map map_of(const Call *c, const char *expression) {
    const Tensor *y = c->out[0];
    Map m = {.expression = expression, .nin = c->nin, .rank = y->rank};
    memcpy(m.size, y->shape, sizeof(int) * (size_t)y->rank);
    m.np = c->attr_bytes / 4 < 8 ? c->attr_bytes / 4 : 8;
    memcpy(m.p, c->attrs ? c->attrs : m.p, (size_t)m.np * 4);
    return m;
}

bool gl_expression(Call *c, const Shader *shader) {
    (void)shader;
    bool whole = c->out[0]->dtype == TN_INT32;
    for (int k = 0; k < c->nin; k++) whole = whole || (c->in[k] && c->in[k]->dtype == TN_INT32);
    if (c->nin > MAP_INPUTS) return false;
    Map m = map_of(c, whole ? c->op->gl_int : c->op->gl + 1);
    for (int k = 0; k < c->nin; k++) map_broadcast(&m, k, c->in[k], c->out[0]);
    return map_run(&m, c->out[0]);
}

bool gl_cast(Call *c, const Shader *shader) {
    (void)shader;
    const DType from = c->in[0]->dtype, to = c->out[0]->dtype;
    const char *whole = from == TN_FLOAT32 ? "int_wrapped(x)" : "int(x)";
    Map m = map_of(c, to == TN_BOOL    ? (from == TN_INT32 ? "x != 0" : "x != 0.")
                      : to == TN_INT32 ? whole
                                       : "x");
    map_broadcast(&m, 0, c->in[0], c->out[0]);
    return map_run(&m, c->out[0]);
}

/* Inputs x, mean, variance, offset, scale, of which the last two may be missing; p1 is epsilon. */
bool gl_batchNorm(Call *c, const Shader *shader) {
    (void)shader;
    Map m = map_of(c, "(a - b) * (e * inversesqrt(c + p1)) + d");
    m.scalar[4] = 1;
    for (int k = 0; k < c->nin; k++) map_broadcast(&m, k, c->in[k], c->out[0]);
    return map_run(&m, c->out[0]);
}
