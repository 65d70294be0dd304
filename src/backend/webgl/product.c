/* matMul, conv2d and its way back to images. Their shaders take rows of whole texels, so what has
** others is padded with zeros first; and compute four rows at once, one for each layer of a
** scratch array, of which the result is made later, with what is computed from it: 64 products for
** eight fetches, where one row at a time has 16 for five. */
#include "backend/webgl/pending.h"
#include "backend/cpu/conv_kernels.h"
#include "ops/attrs.h"

enum {
    FEW_ROWS = 2,    /* up to which a row at a time is as good */
    LEAST_WIDTH = 32 /* of what is drawn at once, in texels */
};

/* Where blocks of rows lie in a layer: `columns` texels each, `beside` of them side by side. */
typedef struct Bands {
    int columns, beside, width, height;
} Bands;

static Bands bands_of(int blocks, int columns) {
    Bands b = {.columns = columns, .beside = 1};
    while (columns * b.beside < LEAST_WIDTH || (blocks - 1) / b.beside >= gl_limits.side)
        b.beside *= 2;
    b.width = columns * b.beside;
    b.height = (blocks - 1) / b.beside + 1;
    return b;
}

/* Rows by columns elements, a row at a time. */
static bool draw_single(Draw *d, Program *program, Tensor *y) {
    d->program = program;
    return draw_tensor(d, y);
}

/* In bands, for `matrices` of them; words 1 and 2 tell the program of the two sizes. What is left
** to do is in *merge: the bands put together, which is done with what is made of them. */
static bool draw_to_bands(Draw *d, Program *program, int matrices, int rows, int columns,
                          Pending *merge) {
    int blocks = (rows + 3) / 4;
    if ((int64_t)matrices * blocks > gl_limits.texels) return false;
    Bands b = bands_of(matrices * blocks, up4(columns) / 4);
    Texture *scratch = b.width > gl_limits.side ? NULL : texture_bands(b.width, b.height);
    if (!scratch) return false;
    const bool whole = columns % 4 == 0;
    *merge = (Pending){.expression = "x",
                       .nin = 1,
                       .in = {scratch},
                       .way = {!whole         ? BANDED_EACH
                               : matrices > 1 ? BANDED_MANY
                                              : BANDED},
                       .banded = {rows, whole ? b.columns : columns, b.columns, blocks, b.beside}};
    d->program = program;
    d->words[1] = b.columns;
    d->words[2] = b.beside;
    if (draw_area(d, scratch, b.width, b.height)) return true;
    texture_free(scratch);
    return false;
}

bool draw_bands(Draw *d, Program *program, int matrices, int rows, int columns, Tensor *y) {
    Pending merge;
    if (!texture_fits(y->size) || !draw_to_bands(d, program, matrices, rows, columns, &merge))
        return false;
    const bool made = pend(&merge, y);
    texture_free(merge.in[0]);
    return made;
}

Texture *draw_bands_new(Draw *d, Program *program, int matrices, int rows, int columns) {
    Tensor y = {.dtype = TN_FLOAT32, .size = matrices * rows * columns};
    Texture *made = NULL;
    if (draw_bands(d, program, matrices, rows, columns, &y))
        made = texture_settle(y.storage->texture);
    if (made) made->refs++;
    storage_release(y.storage);
    return made;
}

/* ---- operands in whole texels ---- */

enum { MOST_KEPT = 1 << 18 }; /* elements of a copy that its texture keeps for the next call */

static Texture *padded_copy(Texture *t, const int as[5]) {
    const int64_t size = (int64_t)as[0] * as[3] * as[4];
    if (t->padded && !memcmp(t->padded_as, as, sizeof t->padded_as)) {
        t->padded->refs++;
        return t->padded;
    }
    if (size > INT32_MAX) return NULL;
    Texture *made = texture_padded(t, as, (const int[]){as[0], as[3], as[4]});
    if (!made || size > MOST_KEPT || programs_ahead()) return made;
    texture_free(t->padded);
    t->padded = made;
    memcpy(t->padded_as, as, sizeof t->padded_as);
    made->refs++;
    return made;
}

Operand operand(Tensor *x, int batch, int rows, int columns, int want_rows, int want_columns) {
    Operand o = {.texture = texture_of(x)};
    if (!o.texture || (rows == want_rows && columns == want_columns)) return o;
    o.texture = o.copy =
        padded_copy(o.texture, (const int[]){batch, rows, columns, want_rows, want_columns});
    return o;
}

/* ---- matMul ---- */

static Program *product_program(uint32_t flags) {
    return program_of(&gl_shaders[SHADER_MAT_MUL], flags);
}

static bool product(const MatMul *g, Texture *a, Texture *b, Tensor *y) {
    bool ta = g->transpose_a, tb = g->transpose_b;
    bool single = g->m <= FEW_ROWS && !ta && g->n % 4 == 0;
    int m = ta ? up4(g->m) : g->m, n = up4(g->n), k = ta && !tb ? g->k : up4(g->k);
    int depth = ta && !tb ? k : k / 4, a_row = (ta ? m : k) / 4, b_row = (tb ? k : n) / 4;
    uint32_t flags = (ta ? MAT_MUL_TA : 0) | (tb ? MAT_MUL_TB : 0);
    Draw d = {.nin = 2,
              .in = {a, b},
              .nwords = 11,
              .words = {0, 0, 0, 0, single ? g->m : (g->m + 3) / 4, depth, n / 4,
                        g->stride_a ? (ta ? k : g->m) * a_row : 0, a_row,
                        g->stride_b ? (tb ? g->n : k) * b_row : 0, b_row}};
    if (single) return draw_single(&d, product_program(flags), y);
    return draw_bands(&d, product_program(flags | MAT_MUL_BANDS), g->batch, g->m, g->n, y);
}

static bool multiply(const MatMul *g, Tensor *a, Tensor *b, Tensor *y) {
    bool ta = g->transpose_a, tb = g->transpose_b;
    int m = ta ? up4(g->m) : g->m, k = ta && !tb ? g->k : up4(g->k);
    int as = g->stride_a ? g->batch : 1, bs = g->stride_b ? g->batch : 1;
    Operand left = ta ? operand(a, as, g->k, g->m, k, m) : operand(a, as, g->m, g->k, m, k);
    Operand right = {0};
    if (left.texture)
        right = tb ? operand(b, bs, g->n, g->k, g->n, k) : operand(b, bs, g->k, g->n, k, up4(g->n));
    bool drawn = right.texture && product(g, left.texture, right.texture, y);
    texture_free(left.copy);
    texture_free(right.copy);
    return drawn;
}

/* A long sum of products is added piece by piece: that keeps its digits, and spreads the work. */
enum { LONG_SUM = 1 << 14, MOST_PIECE = 4096, LEAST_PIECE = 512, MOST_RESULTS = 1 << 16 };

/* Of what a piece may be, whole texels that k consists of; k if there is no such. */
static int piece_of(int k) {
    for (int piece = MOST_PIECE; piece >= LEAST_PIECE; piece -= 4)
        if (k % piece == 0) return piece;
    return k;
}

static bool multiply_pieces(const MatMul *g, int piece, Tensor *a, Tensor *b, Tensor *y) {
    const int pieces = g->k / piece;
    const MatMul each = {.batch = pieces,
                         .m = g->m,
                         .k = piece,
                         .n = g->n,
                         .stride_a = g->m * piece,
                         .stride_b = piece * g->n,
                         .transpose_a = g->m > 1,
                         .transpose_b = g->n == 1};
    Tensor parts = {.dtype = TN_FLOAT32, .size = pieces * y->size};
    if (!multiply(&each, a, b, &parts)) return false;
    Texture *made = texture_settle(parts.storage->texture);
    const bool drawn = made && draw_sum_of(made, pieces, y);
    storage_release(parts.storage);
    return drawn;
}

/* Whether pieces of k lie one after another in both. */
static bool splits(const MatMul *g) {
    return g->batch == 1 && g->k >= LONG_SUM && (int64_t)g->m * g->n <= MOST_RESULTS &&
           (g->m == 1 || g->transpose_a) && (g->n == 1 || !g->transpose_b);
}

bool gl_matMul(Call *c, const Shader *shader) {
    (void)shader;
    const MatMul *g = c->attrs;
    const int piece = splits(g) ? piece_of(g->k) : g->k;
    if (piece < g->k && (int64_t)(g->k / piece) * c->out[0]->size <= gl_limits.texels)
        return multiply_pieces(g, piece, c->in[0], c->in[1], c->out[0]);
    return g->k && multiply(g, c->in[0], c->in[1], c->out[0]);
}

/* ---- conv2d ---- */

bool conv_is_product(const ConvGeom *g) {
    return g->kh * g->kw == 1 && g->sh == 1 && g->sw == 1 && g->oh == g->ih && g->ow == g->iw &&
           !g->pt && !g->pl;
}

/* Whether conv3.frag has it: windows three wide, along rows of results. */
static bool is_three_wide(const ConvGeom *g) {
    return g->kw == 3 && g->dw == 1 && g->sw <= 2 && g->ow > FEW_ROWS;
}

static uint32_t three_flags(const ConvGeom *g, bool transposed) {
    return CONV3_BANDS | (g->sw == 2 ? CONV3_STEP2 : 0) | (g->ic == 1 ? CONV3_ONE : 0) |
           (transposed ? CONV3_TRANSPOSED : 0);
}

/* `back`: with the geometry of a convolution from results to images. Channels of images are whole
** texels, unless there is one. */
static bool convolution(const ConvGeom *given, bool back, Texture *x, Texture *filter, Tensor *y) {
    ConvGeom g = *given;
    const bool strided = g.sh * g.sw > 1, three = is_three_wide(&g) && !(back && strided);
    const int pixels = g.n * g.oh * g.ow;
    g.oc = up4(g.oc);
    Draw d = {.nin = 2, .in = {x, filter}, .nwords = 4 + sizeof g / 4};
    memcpy(d.words + 4, &g, sizeof g);
    const Shader *shader = &gl_shaders[three ? SHADER_CONV3 : SHADER_CONV2D];
    if (three)
        return draw_bands(&d, program_of(shader, three_flags(&g, back)), g.n * g.oh, g.ow,
                          given->oc, y);
    const uint32_t flags = back ? CONV2D_TRANSPOSED | (strided ? CONV2D_STRIDED : 0) : 0;
    if (pixels <= FEW_ROWS && given->oc % 4 == 0)
        return draw_single(&d, program_of(shader, flags), y);
    return draw_bands(&d, program_of(shader, flags | CONV2D_BANDS), 1, pixels, given->oc, y);
}

/* x, and filters as [taps, ic, oc] for images of ic channels. */
static bool convolve(ConvGeom g, bool back, Tensor *x, Tensor *filter, Tensor *y) {
    const int taps = g.kh * g.kw, pixels = x->size / g.ic, given = g.ic, oc = up4(g.oc);
    g.ic = given == 1 && !back && is_three_wide(&g) ? 1 : up4(given);
    Operand images = operand(x, 1, pixels, given, pixels, g.ic), bank = {0};
    if (images.texture)
        bank = back ? operand(filter, taps, g.oc, given, oc, g.ic)
                    : operand(filter, taps, given, g.oc, g.ic, oc);
    bool drawn = bank.texture && convolution(&g, back, images.texture, bank.texture, y);
    texture_free(images.copy);
    texture_free(bank.copy);
    return drawn;
}

bool gl_conv2d(Call *c, const Shader *shader) {
    (void)shader;
    const ConvGeom *g = c->attrs;
    if (!conv_is_product(g)) return convolve(*g, false, c->in[0], c->in[1], c->out[0]);
    MatMul p = {.batch = 1, .m = g->n * g->ih * g->iw, .k = g->ic, .n = g->oc};
    return multiply(&p, c->in[0], c->in[1], c->out[0]);
}

/* Back from results to images: the gradient of conv2d by its images, and conv2dTranspose. */
bool gl_conv2dTranspose(Call *c, const Shader *shader) {
    (void)shader;
    const ConvGeom *g = c->attrs;
    const int pixels = g->n * g->oh * g->ow;
    if (conv_is_product(g)) {
        MatMul p = {.batch = 1, .m = pixels, .k = g->oc, .n = g->ic, .transpose_b = 1};
        return multiply(&p, c->in[0], c->in[1], c->out[0]);
    }
    ConvGeom back = *g;
    back.ih = g->oh, back.iw = g->ow, back.ic = g->oc;
    back.oh = g->ih, back.ow = g->iw, back.oc = g->ic;
    return convolve(back, true, c->in[0], c->in[1], c->out[0]);
}

/* ---- depthwiseConv2d: oc is the multiplier ---- */

bool gl_depthwiseConv2d(Call *c, const Shader *shader) {
    const ConvGeom *g = c->attrs;
    bool aligned = g->oc == 1 && g->ic % 4 == 0;
    bool bands = aligned && g->kw == 3 && g->dw == 1 && g->sw <= 2 && g->ow > FEW_ROWS;
    Draw d = {.nwords = 4 + sizeof *g / 4};
    memcpy(d.words + 4, g, sizeof *g);
    if (!draw_input(&d, c->in[0]) || !draw_input(&d, c->in[1])) return false;
    uint32_t flags = aligned ? DEPTHWISE_CONV2D_ALIGNED : 0;
    if (!bands) return draw_single(&d, program_of(shader, flags), c->out[0]);
    flags |= DEPTHWISE_CONV2D_BANDS | (g->sw == 2 ? DEPTHWISE_CONV2D_STEP2 : 0);
    return draw_bands(&d, program_of(shader, flags), g->n * g->oh, g->ow, g->ic, c->out[0]);
}
