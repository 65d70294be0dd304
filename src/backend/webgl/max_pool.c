/* The gradient of maxPool. Windows of two by two that do not overlap have a shader that looks at
** each of them once; for all others it is found which tap of each window is the largest, then what
** comes to a pixel from the windows that it is in. */
#include "backend/webgl/pending.h"
#include "backend/cpu/conv_kernels.h"

static Draw geometry_draw(const ConvGeom *g) {
    Draw d = {.nwords = 4 + sizeof *g / 4};
    memcpy(d.words + 4, g, sizeof *g);
    return d;
}

static bool in_quarters(const ConvGeom *g) {
    return g->kh == 2 && g->kw == 2 && g->sh == 2 && g->sw == 2 && g->dh == 1 && g->dw == 1 &&
           !g->pt && !g->pl && g->ic % 4 == 0 && g->ih >= 2 * g->oh && g->iw >= 2 * g->ow;
}

static bool draw_quarters(Call *c) {
    const ConvGeom *g = c->attrs;
    const int texels = g->ic / 4, width = g->ow * texels, height = g->n * g->oh;
    Draw d = geometry_draw(g);
    if (width > gl_limits.side || height > gl_limits.side || !draw_input(&d, c->in[0]) ||
        !draw_input(&d, c->in[1]))
        return false;
    d.program = program_of(&gl_shaders[SHADER_MAX_POOL_QUARTERS], MAX_POOL_QUARTERS_BANDS);
    Texture *scratch = texture_bands(width, height);
    Pending merge = {.expression = "x",
                     .nin = 1,
                     .in = {scratch},
                     .way = {QUARTERED},
                     .quartered = {g->ih, texels, g->iw, g->oh, g->ow}};
    const bool made = scratch && draw_area(&d, scratch, width, height) && pend(&merge, c->out[0]);
    texture_free(scratch);
    return made;
}

static bool draw_by_taps(Call *c, const Shader *shader) {
    const ConvGeom *g = c->attrs;
    const bool apart = g->sw >= g->kw && g->sh >= g->kh && g->dw == 1 && g->dh == 1;
    const bool aligned = g->ic % 4 == 0;
    Draw find = geometry_draw(g), d = geometry_draw(g);
    if (!draw_input(&find, c->in[0])) return false;
    find.program = program_of(&gl_shaders[SHADER_MAX_POOL_TAP], aligned ? MAX_POOL_TAP_ALIGNED : 0);
    Texture *taps = draw_new(&find, TN_FLOAT32, c->in[1]->size);
    d.in[d.nin++] = taps;
    d.program = program_of(shader, (aligned ? MAX_POOL_GRAD_ALIGNED : 0) |
                                       (apart ? MAX_POOL_GRAD_APART : 0));
    const bool drawn = taps && draw_input(&d, c->in[1]) && draw_tensor(&d, c->out[0]);
    texture_free(taps);
    return drawn;
}

bool gl_maxPoolGrad(Call *c, const Shader *shader) {
    return (in_quarters(c->attrs) && draw_quarters(c)) || draw_by_taps(c, shader);
}
