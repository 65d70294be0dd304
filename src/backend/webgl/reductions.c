/* Reductions and what is made of them, over n in [outer, n, inner]. A long n is reduced piece by
** piece, in passes: that keeps the digits of sums, and the work spread over the device. */
#include "backend/webgl/pending.h"
#include "ops/attrs.h"

enum {
    CHUNK = 256,
    MOST_IN_ONE = 2048,
    ENOUGH_ELEMENTS = 16384,
    LONGEST_ROW = 1 << 17,
    LEAST_APART = 32
};

/* In two passes the square root of n each, where that is no more than CHUNK; whole texels. */
static int chunk_of(const Reduce *r) {
    bool one = r->n <= CHUNK || (r->n <= MOST_IN_ONE && r->outer * r->inner >= ENOUGH_ELEMENTS);
    if (one) return r->n;
    return r->n > CHUNK * CHUNK ? CHUNK : up4((int)ceilf(sqrtf((float)r->n)));
}

static uint32_t layout_of(const Reduce *r, int chunk) {
    if (r->inner % 4 == 0) return REDUCE_COLUMNS;
    return r->inner == 1 && r->n % 4 == 0 && chunk % 4 == 0 ? REDUCE_ROWS : 0;
}

/* Between passes over columns each piece has a row of the texture to itself unless they are few. */
static bool lie_apart(const Reduce *r, int pieces) {
    const int row = 1 << gl_limits.shift;
    const int64_t rows = (int64_t)r->outer * pieces;
    return pieces >= LEAST_APART && r->inner % 4 == 0 && r->inner / 4 <= row &&
           rows <= gl_limits.side && rows * row <= gl_limits.texels;
}

/* One pass over x, or over a chain where x is NULL; `line` texels from one of n to the next where
** they are columns. */
static Draw pass(Texture *x, const Chain *chain, const Reduce *r, uint32_t flags, int chunk,
                 int line) {
    const int pieces = (r->n + chunk - 1) / chunk;
    Draw d = {
        .nin = 1,
        .in = {x},
        .nwords = INLINE_WORDS,
        .words = {r->outer * pieces * r->inner, 0, 0, 0, r->n, r->inner, chunk, pieces, line}};
    const Shader *shader = &gl_shaders[SHADER_REDUCE];
    flags |= layout_of(r, chunk);
    if (x) d.program = program_of(shader, flags | draw_whole(&d, x->dtype));
    else {
        d.program = chain_program_in(chain, shader, flags | REDUCE_INLINE);
        chain_fill(chain, &d);
    }
    return d;
}

static Texture *draw_apart(const Draw *d, DType dtype, int columns, int rows) {
    Texture *t = d->program ? texture_new(dtype, rows << (gl_limits.shift + 2)) : NULL;
    if (!t || draw_area(d, t, columns, rows)) return t;
    texture_free(t);
    return NULL;
}

static bool reduce_from(Texture *x, const Chain *chain, Reduce r, uint32_t flags, Tensor *y) {
    Texture *partial = NULL;
    for (int line = r.inner / 4; x || chain; chain = NULL) {
        const int chunk = chunk_of(&r), pieces = (r.n + chunk - 1) / chunk;
        const bool apart = lie_apart(&r, pieces);
        Draw d = pass(x, chain, &r, flags | (apart ? REDUCE_APART : 0), chunk, line);
        Texture *next = NULL;
        bool drawn = pieces == 1 && draw_tensor(&d, y);
        if (apart) next = draw_apart(&d, y->dtype, r.inner / 4, r.outer * pieces);
        else if (pieces > 1) next = draw_new(&d, y->dtype, r.outer * pieces * r.inner);
        texture_free(partial);
        if (pieces == 1) return drawn;
        line = apart ? 1 << gl_limits.shift : r.inner / 4;
        r.n = pieces;
        x = partial = next;
    }
    return false;
}

static bool reduce_with(Call *c, uint32_t flags) {
    const Reduce *r = c->attrs;
    Chain chain;
    const bool joins = layout_of(r, chunk_of(r)) && c->in[0]->dtype == TN_FLOAT32;
    if (joins && c->last & 1 && chain_inline(&chain, c->in[0]) &&
        reduce_from(NULL, &chain, *r, flags, c->out[0]))
        return true;
    return reduce_from(texture_of(c->in[0]), NULL, *r, flags, c->out[0]);
}

bool draw_sum_of(Texture *x, int pieces, Tensor *y) {
    return reduce_from(x, NULL, (Reduce){1, pieces, y->size}, 0, y);
}

bool gl_sum(Call *c, const Shader *shader) { return (void)shader, reduce_with(c, 0); }
bool gl_max(Call *c, const Shader *shader) { return (void)shader, reduce_with(c, REDUCE_MAX); }
bool gl_prod(Call *c, const Shader *shader) { return (void)shader, reduce_with(c, REDUCE_PRODUCT); }
bool gl_min(Call *c, const Shader *shader) { return (void)shader, reduce_with(c, REDUCE_MIN); }

/* ---- softmax: attributes begin with a Reduce ---- */

static Texture *peaks_of(Texture *x, const Reduce *r, bool rows) {
    Draw d = {.program = program_of(&gl_shaders[SHADER_PEAKS], rows ? PEAKS_ROWS : 0),
              .nin = 1,
              .in = {x},
              .nwords = 6,
              .words = {[4] = r->n, [5] = r->inner}};
    return draw_new(&d, TN_FLOAT32, 4 * r->outer * r->inner);
}

static bool softmax_with(Call *c, uint32_t flags) {
    const Reduce *r = c->attrs;
    Texture *x = r->n <= LONGEST_ROW ? texture_of(c->in[0]) : NULL;
    if (!x || r->outer * r->inner > gl_limits.texels) return false;
    bool rows = r->inner == 1 && r->n % 4 == 0;
    Texture *peaks = peaks_of(x, r, rows);
    if (!peaks) return false;
    Draw d = {.program =
                  program_of(&gl_shaders[SHADER_SOFTMAX], flags | (rows ? SOFTMAX_ALIGNED : 0)),
              .nin = 2,
              .in = {x, peaks},
              .nwords = 6,
              .words = {[4] = r->n, [5] = r->inner}};
    bool drawn = draw_tensor(&d, c->out[0]);
    texture_free(peaks);
    return drawn;
}

bool gl_softmax(Call *c, const Shader *shader) { return (void)shader, softmax_with(c, 0); }
bool gl_logSoftmax(Call *c, const Shader *shader) {
    return (void)shader, softmax_with(c, SOFTMAX_LOG);
}

bool gl_logSumExp(Call *c, const Shader *shader) {
    const Reduce *r = c->attrs;
    Texture *x = r->n <= LONGEST_ROW ? texture_of(c->in[0]) : NULL;
    if (!x || r->outer * r->inner > gl_limits.texels) return false;
    Draw d = {.program = program_of(shader, 0), .nin = 1};
    d.in[0] = peaks_of(x, r, r->inner == 1 && r->n % 4 == 0);
    bool drawn = d.in[0] && draw_tensor(&d, c->out[0]);
    texture_free(d.in[0]);
    return drawn;
}

/* ---- cumsum, cumprod: the sums of pieces, the running sums of those, and then all ---- */

enum { ROW_PIECE = 32, COLUMN_PIECE = 16 };

static Texture *scan_texture(Texture *x, const Scan *s, uint32_t flags);

/* What comes before each piece. */
static Texture *offsets_of(Texture *x, const Scan *s, uint32_t flags, int chunk, int pieces) {
    const Reduce r = {s->outer, s->n, s->inner};
    const Scan sums = {
        .outer = s->outer, .n = pieces, .inner = s->inner, .exclusive = 1, .reverse = s->reverse};
    const uint32_t kind = flags & CUMSUM_PRODUCT ? REDUCE_PRODUCT : 0;
    Draw d = pass(x, NULL, &r, kind, chunk, s->inner / 4);
    Texture *totals = draw_new(&d, x->dtype, s->outer * pieces * s->inner);
    Texture *offsets = totals ? scan_texture(totals, &sums, flags & CUMSUM_PRODUCT) : NULL;
    texture_free(totals);
    return offsets;
}

/* The draw of x's running sums; *offsets is to be freed after it. */
static Draw scan_draw(Texture *x, const Scan *s, uint32_t flags, Texture **offsets) {
    const bool rows = s->inner == 1 && s->n % 4 == 0;
    const int piece = rows ? ROW_PIECE : COLUMN_PIECE, chunk = s->n <= 2 * piece ? s->n : piece,
              pieces = (s->n + chunk - 1) / chunk;
    *offsets = pieces > 1 ? offsets_of(x, s, flags, chunk, pieces) : NULL;
    Draw d = {.nin = 2,
              .in = {x, pieces > 1 ? *offsets : x},
              .nwords = 10,
              .words = {[4] = s->n, s->inner, chunk, pieces, s->exclusive, s->reverse}};
    flags |= rows ? CUMSUM_ROWS : s->inner % 4 == 0 ? CUMSUM_COLUMNS : 0;
    if (d.in[1])
        d.program = program_of(&gl_shaders[SHADER_CUMSUM], flags | draw_whole(&d, x->dtype));
    return d;
}

static Texture *scan_texture(Texture *x, const Scan *s, uint32_t flags) {
    Texture *offsets;
    Draw d = scan_draw(x, s, flags, &offsets);
    Texture *made = draw_new(&d, x->dtype, s->outer * s->n * s->inner);
    texture_free(offsets);
    return made;
}

static bool scan_with(Call *c, uint32_t flags) {
    Texture *x = texture_of(c->in[0]), *offsets;
    if (!x || c->in[0]->dtype != c->out[0]->dtype) return false;
    Draw d = scan_draw(x, c->attrs, flags, &offsets);
    const bool drawn = draw_tensor(&d, c->out[0]);
    texture_free(offsets);
    return drawn;
}

bool gl_cumsum(Call *c, const Shader *shader) { return (void)shader, scan_with(c, 0); }
bool gl_cumprod(Call *c, const Shader *shader) {
    return (void)shader, scan_with(c, CUMSUM_PRODUCT);
}

/* ---- argMax, argMin: attributes begin with a Reduce, and a sign follows ---- */

static uint32_t lines_flags(const Reduce *r, int chunk) {
    if (r->inner % 4 == 0) return ARG_MAX_COLUMNS;
    return r->inner == 1 && r->n % 4 == 0 && chunk % 4 == 0 ? ARG_MAX_ROWS : 0;
}

/* Places of the best of each piece are the candidates of the next pass. */
bool gl_argMax(Call *c, const Shader *shader) {
    Reduce r = *(const Reduce *)c->attrs;
    const int sign = ((const int *)c->attrs)[3], length = r.n;
    Texture *x = texture_of(c->in[0]), *chosen = NULL;
    for (bool drawn = false; x && !drawn;) {
        const int chunk = chunk_of(&r), pieces = (r.n + chunk - 1) / chunk;
        const int size = r.outer * pieces * r.inner;
        Draw d = {.nin = chosen ? 2 : 1,
                  .in = {x, chosen},
                  .nwords = 10,
                  .words = {size, [4] = r.n, r.inner, sign, chunk, pieces, length}};
        const uint32_t flags = chosen ? ARG_MAX_CHOSEN : lines_flags(&r, chunk);
        d.program = program_of(shader, flags | draw_whole(&d, TN_INT32));
        Texture *next = pieces > 1 ? draw_new(&d, TN_INT32, size) : NULL;
        drawn = pieces == 1 && draw_tensor(&d, c->out[0]);
        texture_free(chosen);
        if (drawn || !next) return drawn;
        r.n = pieces;
        chosen = next;
    }
    return false;
}
