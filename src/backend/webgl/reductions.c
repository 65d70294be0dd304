/* Reductions and what is made of them, over n in [outer, n, inner]. A long n is reduced piece by
** piece, in passes: that keeps the digits of sums, and the work spread over the device. */
#include "backend/webgl/gl.h"
#include "ops/attrs.h"

enum { CHUNK = 256, MOST_IN_ONE = 2048, ENOUGH_ELEMENTS = 16384, LONGEST_ROW = 1 << 17 };

static int chunk_of(const Reduce *r) {
    bool one = r->n <= CHUNK || (r->n <= MOST_IN_ONE && r->outer * r->inner >= ENOUGH_ELEMENTS);
    return one ? r->n : CHUNK;
}

static Draw pass(Texture *x, const Reduce *r, uint32_t flags, int chunk, int pieces) {
    if (r->inner % 4 == 0) flags |= REDUCE_COLUMNS;
    else if (r->inner == 1 && r->n % 4 == 0 && chunk % 4 == 0) flags |= REDUCE_ROWS;
    Draw d = {.nin = 1,
              .in = {x},
              .nwords = 8,
              .words = {r->outer * pieces * r->inner, 0, 0, 0, r->n, r->inner, chunk, pieces}};
    d.program = program_of(&gl_shaders[SHADER_REDUCE], flags | draw_whole(&d, x->dtype));
    return d;
}

static bool reduce_texture(Texture *x, Reduce r, uint32_t flags, Tensor *y) {
    Texture *partial = NULL;
    while (x) {
        int chunk = chunk_of(&r), pieces = (r.n + chunk - 1) / chunk;
        Draw d = pass(x, &r, flags, chunk, pieces);
        Texture *next = pieces > 1 ? draw_new(&d, y->dtype, r.outer * pieces * r.inner) : NULL;
        bool drawn = pieces == 1 && draw_tensor(&d, y);
        texture_free(partial);
        if (pieces == 1) return drawn;
        r.n = pieces;
        x = partial = next;
    }
    return false;
}

static bool reduce_with(Call *c, uint32_t flags) {
    return reduce_texture(texture_of(c->in[0]), *(const Reduce *)c->attrs, flags, c->out[0]);
}

bool draw_sum_of(Texture *x, int pieces, Tensor *y) {
    return reduce_texture(x, (Reduce){1, pieces, y->size}, 0, y);
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

/* ---- cumsum, cumprod: each pass joins what lies twice as far away as the pass before ---- */

static bool scan_with(Call *c, uint32_t flags) {
    const Scan *s = c->attrs;
    Tensor *y = c->out[0];
    Texture *x = texture_of(c->in[0]), *last = NULL;
    bool drawn = false;
    for (int reach = s->exclusive ? 0 : 1; x && !drawn; reach = reach ? 2 * reach : 1) {
        const int next = reach ? 2 * reach : 1, far = reach ? reach : 1;
        Draw d = {.nin = 1,
                  .in = {x},
                  .nwords = 7,
                  .words = {[4] = s->n, [5] = s->inner, [6] = s->reverse ? -far : far}};
        d.program = program_of(&gl_shaders[SHADER_CUMSUM],
                               flags | (reach ? 0 : CUMSUM_MOVE) | draw_whole(&d, y->dtype));
        Texture *made = next < s->n ? draw_new(&d, y->dtype, y->size) : NULL;
        if (next >= s->n) drawn = draw_tensor(&d, y);
        texture_free(last);
        x = last = made;
    }
    return drawn;
}

bool gl_cumsum(Call *c, const Shader *shader) { return (void)shader, scan_with(c, 0); }
bool gl_cumprod(Call *c, const Shader *shader) {
    return (void)shader, scan_with(c, CUMSUM_PRODUCT);
}
