/* The largest of rows, in order. Rows are cut into pieces; of each the first k are found by
** counting how many come before each element, and those of all pieces are the candidates of the
** next round, until there is one piece. */
#include "backend/webgl/gl.h"
#include "ops/attrs.h"
#include "ops/gather.h"

enum { MOST_PLACES = 256, SPAN = 256 };

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
    if (!x || !draw_places(x, t, c->out[1])) return false;
    if (draw_values(x, t, c->out[1], c->out[0])) return true;
    storage_release(c->out[1]->storage);
    c->out[1]->storage = NULL;
    return false;
}
