/* The gradient of maxPool: windows of two by two, which do not overlap, have a shader that looks at
** each of them once; all others one that looks through the windows of each pixel. */
#include "backend/webgl/pending.h"
#include "backend/cpu/conv_kernels.h"

static bool in_quarters(const ConvGeom *g) {
    return g->kh == 2 && g->kw == 2 && g->sh == 2 && g->sw == 2 && g->dh == 1 && g->dw == 1 &&
           !g->pt && !g->pl && g->ic % 4 == 0 && g->ih >= 2 * g->oh && g->iw >= 2 * g->ow;
}

static bool draw_quarters(Call *c) {
    const ConvGeom *g = c->attrs;
    const int texels = g->ic / 4, width = g->ow * texels, height = g->n * g->oh;
    Draw d = {.nwords = 4 + sizeof *g / 4};
    memcpy(d.words + 4, g, sizeof *g);
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
    const bool made = draw_area(&d, scratch, width, height) && pend(&merge, c->out[0]);
    texture_free(scratch);
    return made;
}

bool gl_maxPoolGrad(Call *c, const Shader *shader) {
    return (in_quarters(c->attrs) && draw_quarters(c)) || gl_shader(c, shader);
}
