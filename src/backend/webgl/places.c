/* Where pixels come from, as whole numbers and shares: several results of one shader, drawn one by
** one. Word 1 of shaders with pairs.glsl is 0. */
#include "backend/webgl/gl.h"
#include "ops/attrs.h"

static Draw attribute_draw(const Call *c) {
    Draw d = {.nwords = 4 + c->attr_bytes / 4};
    memcpy(d.words + 4, c->attrs, (size_t)c->attr_bytes);
    return d;
}

static bool draw_result(Draw *d, const Shader *shader, uint32_t flags, Tensor *y) {
    d->program = program_of(shader, flags | draw_whole(d, y->dtype));
    return draw_tensor(d, y);
}

/* Inputs images and filter; results places in either. */
bool gl_dilationOrigins(Call *c, const Shader *shader) {
    Draw d = attribute_draw(c);
    if (!draw_input(&d, c->in[0]) || !draw_input(&d, c->in[1])) return false;
    if (!draw_result(&d, shader, 0, c->out[0])) return false;
    if (draw_result(&d, shader, DILATION_ORIGINS_FILTER, c->out[1])) return true;
    undo_results(c, 1);
    return false;
}

/* The word after the attributes says which of the results of floats is drawn. */
static bool draw_places(Call *c, const Shader *shader) {
    Draw d = attribute_draw(c);
    const int which = d.nwords++;
    for (int i = 0; i < c->nin; i++)
        if (!draw_input(&d, c->in[i])) return false;
    for (int i = 0; i < c->nout; i++) {
        d.words[which] = i;
        if (draw_result(&d, shader, 0, c->out[i])) continue;
        undo_results(c, i);
        return false;
    }
    return true;
}

bool gl_warp(Call *c, const Shader *shader) { return draw_places(c, shader); }
bool gl_crop(Call *c, const Shader *shader) { return draw_places(c, shader); }
