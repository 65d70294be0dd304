/* The largest of rows, in order. Rows are cut into pieces; of each the first k are found, and those
** of all pieces are the candidates of the next round, until there is one piece. A few are found by
** going through a piece, many by counting how many come before each element. */
#include "backend/webgl/gl.h"
#include "ops/attrs.h"
#include "ops/gather.h"

enum { MOST_PLACES = 256, SPAN = 256, FEW = 16, FEW_SPAN = 2048, LONGEST = 1 << 24 };

/* m candidates of each row in pieces of `span`, a multiple of four, of which `left` are left. */
typedef struct Round {
    int m, span, pieces, left;
} Round;

static Round round_of(int m, int k) {
    const int most = 4 * k > SPAN ? 4 * k : SPAN, span = m <= 2 * most ? up4(m) : most;
    Round r = {m, span, (m - 1) / span + 1, 0};
    const int last = m - (r.pieces - 1) * span;
    r.left = (r.pieces - 1) * k + (last < k ? last : k);
    return r;
}

static Texture *ranks_of(Texture *x, Texture *chosen, const TopK *t, const Round *r) {
    const int64_t size = (int64_t)t->rows * r->pieces * r->span;
    Draw d = {.nin = chosen ? 2 : 1,
              .in = {x, chosen},
              .nwords = 8,
              .words = {[4] = t->n, r->m, r->span, r->pieces}};
    d.program = program_of(&gl_shaders[SHADER_TOPK_RANK],
                           (chosen ? TOPK_RANK_CHOSEN : 0) | draw_whole(&d, TN_INT32));
    return size <= INT32_MAX ? draw_new(&d, TN_INT32, (int)size) : NULL;
}

static Draw picks_draw(Texture *ranks, Texture *chosen, const TopK *t, const Round *r) {
    Draw d = {.nin = chosen ? 2 : 1,
              .in = {ranks, chosen},
              .nwords = 9,
              .words = {[4] = r->m, r->span, r->pieces, t->k, r->left}};
    d.program = program_of(&gl_shaders[SHADER_TOPK_PICK],
                           (chosen ? TOPK_PICK_CHOSEN : 0) | draw_whole(&d, TN_INT32));
    return d;
}

/* Draws the places of the first k of each row. */
static bool draw_places(Texture *x, const TopK *t, Tensor *y) {
    Texture *chosen = NULL;
    bool drawn = false;
    Round r = {.left = t->n};
    do {
        r = round_of(r.left, t->k);
        Texture *ranks = ranks_of(x, chosen, t, &r), *next = NULL;
        if (ranks) {
            Draw d = picks_draw(ranks, chosen, t, &r);
            if (r.pieces == 1) drawn = draw_tensor(&d, y);
            else next = draw_new(&d, TN_INT32, t->rows * r.left);
        }
        texture_free(ranks);
        texture_free(chosen);
        chosen = next;
    } while (chosen);
    return drawn;
}

/* For few places: texels of four of them. */
static Texture *best_of(Texture *x, Texture *chosen, const TopK *t, int m, int span) {
    const int pieces = (m - 1) / span + 1, quads = up4(t->k) / 4;
    const int64_t size = (int64_t)t->rows * pieces * quads * 4;
    Draw d = {.nin = chosen ? 2 : 1,
              .in = {x, chosen},
              .nwords = 9,
              .words = {[4] = t->n, m, span, pieces, quads}};
    const bool rows = t->n % 4 == 0 && span % 4 == 0;
    const uint32_t flags = chosen ? TOPK_BEST_CHOSEN : rows ? TOPK_BEST_ROWS : 0;
    d.program = program_of(&gl_shaders[SHADER_TOPK_BEST], flags | draw_whole(&d, TN_INT32));
    return size <= INT32_MAX ? draw_new(&d, TN_INT32, (int)size) : NULL;
}

static bool draw_few(Texture *x, const TopK *t, Tensor *y) {
    const int fours = up4(t->k);
    Texture *chosen = NULL;
    int m = t->n, pieces = 0;
    do {
        const int span = m <= FEW_SPAN ? m : SPAN;
        Texture *next = best_of(x, chosen, t, m, span);
        texture_free(chosen);
        chosen = next;
        pieces = (m - 1) / span + 1;
        m = pieces * fours;
    } while (chosen && pieces > 1);
    Texture *fit = chosen && fours != t->k ? texture_padded(chosen, (int[]){1, t->rows, fours},
                                                            (int[]){1, t->rows, t->k})
                                           : NULL;
    if (fit) texture_free(chosen), chosen = fit;
    y->storage = chosen && (fit || fours == t->k) ? storage_empty(data_bytes(y)) : NULL;
    if (y->storage) y->storage->texture = chosen;
    else texture_free(chosen);
    return y->storage != NULL;
}

static bool draw_values(Texture *x, const TopK *t, Tensor *places, Tensor *y) {
    const Gather g = {t->rows, 1, t->n, t->k, 1};
    Draw d = {.nin = 2, .in = {x, texture_of(places)}, .nwords = 4 + sizeof g / 4};
    memcpy(d.words + 4, &g, sizeof g);
    d.program = program_of(&gl_shaders[SHADER_GATHER], draw_whole(&d, y->dtype));
    return draw_tensor(&d, y);
}

bool gl_topk(Call *c, const Shader *shader) {
    (void)shader;
    const TopK *t = c->attrs;
    Texture *x = t->k <= MOST_PLACES ? texture_of(c->in[0]) : NULL;
    if (!x) return false;
    const bool few = t->k <= FEW && t->n <= LONGEST; /* places are floats there */
    if (!(few ? draw_few : draw_places)(x, t, c->out[1])) return false;
    if (draw_values(x, t, c->out[1], c->out[0])) return true;
    storage_release(c->out[1]->storage);
    c->out[1]->storage = NULL;
    return false;
}
