/* matMul and conv2d. Their shaders take rows of whole texels, so what has others is padded with zeros
** first; and compute four rows at once, one for each layer of a scratch array, which merge.frag puts
** into the result: 64 products for eight fetches, where one row at a time has 16 for five. */
#include "gl.h"
#include "../cpu/conv.h"

enum { FEW_ROWS = 2 }; /* up to which a row at a time is as good */

static int up4(int n) { return (n + 3) & ~3; }

/* Draws rows by columns elements: at once if there are few rows (`single` is then the program), else
** in bands, for `matrices` of them. */
static bool draw_rows(Draw *d, Program *single, Program *bands, int matrices, int rows, int columns,
                      Tensor *y) {
    if (single) {
        d->program = single;
        return draw_tensor(d, y);
    }
    int blocks = (rows + 3) / 4, width = up4(columns) / 4;
    if ((int64_t)matrices * blocks * width > gl_limits.texels || !bands) return false;
    Texture *scratch = texture_bands(matrices * blocks * width);
    d->program = bands;
    bool aligned = columns % 4 == 0;
    Draw merge = {.program = program_of(&gl_shaders[SHADER_MERGE], aligned ? MERGE_ALIGNED : 0),
                  .nin = 1, .in = {scratch}, .nwords = 8,
                  .words = {0, 0, 0, 0, rows, aligned ? width : columns, width, blocks}};
    bool drawn = draw_texels(d, scratch, matrices * blocks * width) && draw_tensor(&merge, y);
    texture_free(scratch);
    return drawn;
}

/* ---- operands in whole texels ---- */

typedef struct Operand {
    Texture *texture, *copy; /* copy: what is to be freed */
} Operand;

/* x as [batch, rows, columns], at least so large; *texture stays NULL if that cannot be. */
static Operand operand(Tensor *x, int batch, int rows, int columns, int want_rows, int want_columns) {
    Operand o = {.texture = texture_of(x)};
    if (!o.texture || (rows == want_rows && columns == want_columns)) return o;
    int64_t size = (int64_t)batch * want_rows * want_columns;
    o.texture = o.copy = size > INT32_MAX ? NULL
                                          : texture_padded(o.texture, (int[]){batch, rows, columns},
                                                           (int[]){batch, want_rows, want_columns});
    return o;
}

/* ---- matMul ---- */

/* As in ops/matmul.c. */
typedef struct MatMul {
    int batch, m, k, n;
    int step_a, step_b; /* 0: one matrix for all */
    int transpose_a, transpose_b;
} MatMul;

static Program *product_program(uint32_t flags) {
    return program_of(&gl_shaders[SHADER_MAT_MUL], flags);
}

static bool product(const MatMul *g, Texture *a, Texture *b, Tensor *y) {
    bool ta = g->transpose_a, tb = g->transpose_b;
    bool single = g->m <= FEW_ROWS && !ta && g->n % 4 == 0;
    int m = ta ? up4(g->m) : g->m, n = up4(g->n), k = ta && !tb ? g->k : up4(g->k);
    int depth = ta && !tb ? k : k / 4, a_row = (ta ? m : k) / 4, b_row = (tb ? k : n) / 4;
    uint32_t flags = (ta ? MAT_MUL_TA : 0) | (tb ? MAT_MUL_TB : 0);
    Draw d = {.nin = 2, .in = {a, b}, .nwords = 11,
              .words = {0, 0, 0, 0, single ? g->m : (g->m + 3) / 4, depth, n / 4,
                        g->step_a ? (ta ? k : g->m) * a_row : 0, a_row,
                        g->step_b ? (tb ? g->n : k) * b_row : 0, b_row}};
    return draw_rows(&d, single ? product_program(flags) : NULL,
                     single ? NULL : product_program(flags | MAT_MUL_BANDS), g->batch, g->m, g->n, y);
}

static bool multiply(const MatMul *g, Tensor *a, Tensor *b, Tensor *y) {
    bool ta = g->transpose_a, tb = g->transpose_b;
    int m = ta ? up4(g->m) : g->m, k = ta && !tb ? g->k : up4(g->k);
    int as = g->step_a ? g->batch : 1, bs = g->step_b ? g->batch : 1;
    Operand left = ta ? operand(a, as, g->k, g->m, k, m) : operand(a, as, g->m, g->k, m, k);
    Operand right = {0};
    if (left.texture)
        right = tb ? operand(b, bs, g->n, g->k, g->n, k) : operand(b, bs, g->k, g->n, k, up4(g->n));
    bool drawn = right.texture && product(g, left.texture, right.texture, y);
    texture_free(left.copy);
    texture_free(right.copy);
    return drawn;
}

bool gl_matMul(Call *c, const Shader *shader) {
    (void)shader;
    const MatMul *g = c->attrs;
    return g->k && multiply(g, c->in[0], c->in[1], c->out[0]);
}

/* ---- conv2d ---- */

static bool is_product(const ConvGeom *g) {
    return g->kh * g->kw == 1 && g->sh == 1 && g->sw == 1 && g->oh == g->ih && g->ow == g->iw &&
           !g->pt && !g->pl;
}

static bool convolution(const ConvGeom *given, Texture *x, Texture *filter, Tensor *y) {
    ConvGeom g = *given;
    int pixels = g.n * g.oh * g.ow;
    bool single = pixels <= FEW_ROWS && g.oc % 4 == 0;
    g.ic = up4(g.ic);
    g.oc = up4(g.oc);
    Draw d = {.nin = 2, .in = {x, filter}, .nwords = 4 + sizeof g / 4};
    memcpy(d.words + 4, &g, sizeof g);
    const Shader *shader = &gl_shaders[SHADER_CONV2D];
    return draw_rows(&d, single ? program_of(shader, 0) : NULL,
                     single ? NULL : program_of(shader, CONV2D_BANDS), 1, pixels, given->oc, y);
}

bool gl_conv2d(Call *c, const Shader *shader) {
    (void)shader;
    const ConvGeom *g = c->attrs;
    Tensor *x = c->in[0], *filter = c->in[1];
    if (is_product(g)) {
        MatMul p = {.batch = 1, .m = g->n * g->ih * g->iw, .k = g->ic, .n = g->oc};
        return multiply(&p, x, filter, c->out[0]);
    }
    Operand images = operand(x, 1, x->size / g->ic, g->ic, x->size / g->ic, up4(g->ic));
    Operand bank = {0};
    if (images.texture)
        bank = operand(filter, g->kh * g->kw, g->ic, g->oc, up4(g->ic), up4(g->oc));
    bool drawn = bank.texture && convolution(g, images.texture, bank.texture, c->out[0]);
    texture_free(images.copy);
    texture_free(bank.copy);
    return drawn;
}

/* ---- depthwiseConv2d: oc is the multiplier ---- */

bool gl_depthwiseConv2d(Call *c, const Shader *shader) {
    const ConvGeom *g = c->attrs;
    bool aligned = g->oc == 1 && g->ic % 4 == 0;
    Draw d = {.nwords = 4 + sizeof *g / 4};
    memcpy(d.words + 4, g, sizeof *g);
    if (!draw_input(&d, c->in[0]) || !draw_input(&d, c->in[1])) return false;
    d.program = program_of(shader, aligned ? DEPTHWISE_CONV2D_ALIGNED : 0);
    return draw_tensor(&d, c->out[0]);
}
