/* Gradients of convolutions by their filters, and of depthwise ones by their images; tallies. What
** comes of them is small and what is summed for it long, so that is cut into pieces (for a filter:
** the rows of all results), each summed for itself, and the sums of the pieces are added up: that
** spreads the work, and keeps digits. */
#include "backend/webgl/gl.h"
#include "backend/cpu/conv_kernels.h"

enum { ENOUGH = 4096, LEAST_ROWS = 2, ONE_MORE = sizeof(ConvGeom) / 4 };

/* How many rows of results make a piece, where one piece is drawn by `fragments`. */
static int span_of(const ConvGeom *g, int64_t fragments) {
    const int rows = g->n * g->oh, most = (rows + LEAST_ROWS - 1) / LEAST_ROWS;
    int pieces = ENOUGH / (int)(fragments < ENOUGH ? fragments : ENOUGH);
    if (pieces > most) pieces = most;
    return (rows + pieces - 1) / pieces;
}

static int pieces_of(const ConvGeom *g, int span) { return (g->n * g->oh + span - 1) / span; }

static Draw geometry_draw(const ConvGeom *g, int span) {
    Draw d = {.nwords = 4 + ONE_MORE + 1};
    memcpy(d.words + 4, g, sizeof *g);
    d.words[4 + ONE_MORE] = span;
    return d;
}

/* Adds up the pieces, and frees them. */
static bool add_up(Texture *sums, int pieces, Tensor *y) {
    bool drawn = sums && draw_sum_of(sums, pieces, y);
    texture_free(sums);
    return drawn;
}

/* What is drawn at once for one piece: matrices of rows by columns. */
typedef struct Blocks {
    int matrices, rows, columns;
} Blocks;

static bool draw_filter(Draw *d, uint32_t flags, const Blocks *b, int pieces, Tensor *y) {
    Program *program = program_of(&gl_shaders[SHADER_CONV_FILTER], CONV_FILTER_BANDS | flags);
    if (pieces == 1) return draw_bands(d, program, b->matrices, b->rows, b->columns, y);
    if ((int64_t)pieces * y->size > INT32_MAX) return false;
    return add_up(draw_bands_new(d, program, pieces * b->matrices, b->rows, b->columns), pieces, y);
}

/* Images of one channel: blocks are rows of taps, else channels. */
static bool is_one(const ConvGeom *g) {
    return g->ic == 1 && g->kw <= BANDS && g->sw == 1 && g->dw == 1;
}

bool gl_conv2d_filter(Call *c, const Shader *shader) {
    (void)shader;
    const ConvGeom *g = c->attrs;
    const bool one = is_one(g);
    const int images = g->n * g->ih * g->iw, results = g->n * g->oh * g->ow, ic = up4(g->ic);
    const Blocks b = {one ? g->kh : g->kh * g->kw, one ? g->kw : g->ic, g->oc};
    const int64_t fragments = (int64_t)b.matrices * ((b.rows + 3) / 4) * (up4(g->oc) / 4);
    const int span = span_of(g, fragments), pieces = pieces_of(g, span);
    Operand x = operand(c->in[0], 1, images, g->ic, images, one ? 1 : ic), dy = {0};
    if (x.texture) dy = operand(c->in[1], 1, results, g->oc, results, up4(g->oc));
    Draw d = geometry_draw(g, span);
    d.nin = 2, d.in[0] = x.texture, d.in[1] = dy.texture;
    bool drawn = dy.texture && draw_filter(&d, one ? CONV_FILTER_ONE : 0, &b, pieces, c->out[0]);
    texture_free(x.copy);
    texture_free(dy.copy);
    return drawn;
}

static bool depthwise_aligned(const ConvGeom *g) { return g->oc == 1 && g->ic % 4 == 0; }

bool gl_depthwise_input(Call *c, const Shader *shader) {
    (void)shader;
    const ConvGeom *g = c->attrs;
    Draw d = geometry_draw(g, 0);
    if (!draw_input(&d, c->in[0]) || !draw_input(&d, c->in[1])) return false;
    d.program = program_of(&gl_shaders[SHADER_DEPTHWISE_INPUT],
                           depthwise_aligned(g) ? DEPTHWISE_INPUT_ALIGNED : 0);
    return draw_tensor(&d, c->out[0]);
}

bool gl_depthwise_filter(Call *c, const Shader *shader) {
    (void)shader;
    const ConvGeom *g = c->attrs;
    const int size = c->out[0]->size, span = span_of(g, size / 4 + 1), pieces = pieces_of(g, span);
    Draw d = geometry_draw(g, span);
    if (!draw_input(&d, c->in[0]) || !draw_input(&d, c->in[1])) return false;
    d.program = program_of(&gl_shaders[SHADER_DEPTHWISE_FILTER],
                           depthwise_aligned(g) ? DEPTHWISE_FILTER_ALIGNED : 0);
    if (pieces == 1) return draw_tensor(&d, c->out[0]);
    if ((int64_t)pieces * size > INT32_MAX) return false;
    return add_up(draw_new(&d, TN_FLOAT32, pieces * size), pieces, c->out[0]);
}

/* ---- tally ---- */

/* Inputs truths, predictions, weights, thresholds. */
bool gl_tally(Call *c, const Shader *shader) {
    enum { LEAST_SPAN = 256, MOST_PIECES = 1024 };
    const int n = c->in[0]->size, size = c->out[0]->size, even = (n - 1) / MOST_PIECES + 1;
    const int span = even < LEAST_SPAN ? LEAST_SPAN : even, pieces = (n - 1) / span + 1;
    Draw d = {.program = program_of(shader, 0),
              .nwords = 7,
              .words = {[4] = n, [5] = c->in[3]->size, [6] = span}};
    for (int i = 0; i < c->nin; i++)
        if (!draw_input(&d, c->in[i])) return false;
    if (pieces == 1) return draw_tensor(&d, c->out[0]);
    if ((int64_t)pieces * size > INT32_MAX) return false;
    return add_up(draw_new(&d, TN_FLOAT32, pieces * size), pieces, c->out[0]);
}
