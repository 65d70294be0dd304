/* Resized pictures to the nearest pixel, and the gradients of resizing. The places on both axes
** are worked out as for the CPU and go along as whole numbers, so both choose the same pixels. */
#include "backend/webgl/gl.h"
#include "ops/resize.h"

/* For each input place the first output place that lies at or after it; in + 1 of them. */
static void begins_of(int in, int out, const Between *b, int *begins) {
    int at = 0;
    for (int i = 0; i <= in; i++) {
        while (at < out && b[at].low < i) at++;
        begins[i] = at;
    }
    begins[in] = out;
}

/* Both axes' tables, rows first: where a nearest pixel is; or, going back, the begins of input
** places, then weights of output places as the bits of floats. NULL if there is no memory. */
static Texture *tables(const Resize *r, bool back,
                       void (*places)(int, int, const Resize *, Between *)) {
    const int ins[] = {r->in_h, r->in_w}, outs[] = {r->out_h, r->out_w};
    const int count = r->out_h + r->out_w, size = count + (back ? r->in_h + r->in_w + 2 : 0);
    Between *b = mem_alloc(sizeof *b * (size_t)count);
    int *all = mem_alloc(sizeof *all * (size_t)size), *to = all;
    for (int axis = 0; b && all && axis < 2; axis++) {
        const int out = outs[axis];
        places(ins[axis], out, r, b);
        if (back) begins_of(ins[axis], out, b, to), to += ins[axis] + 1;
        for (int i = 0; i < out; i++) *to++ = back ? float_bits(b[i].weight) : b[i].low;
    }
    Texture *t = b && all ? texture_of_ints(all, size) : NULL;
    if (b) mem_free(b, sizeof *b * (size_t)count);
    if (all) mem_free(all, sizeof *all * (size_t)size);
    return t;
}

static bool draw_resized(Call *c, const Shader *shader, bool back, uint32_t flags,
                         void (*places)(int, int, const Resize *, Between *)) {
    const Resize *r = c->attrs;
    Draw d = {.nwords = 4 + sizeof *r / 4};
    memcpy(d.words + 4, r, sizeof *r);
    Texture *table = draw_input(&d, c->in[0]) ? tables(r, back, places) : NULL;
    if (!table) return false;
    d.in[d.nin++] = table;
    if (r->channels % 4 == 0) flags |= 1; /* ALIGNED */
    d.program = program_of(shader, flags | draw_whole(&d, c->out[0]->dtype));
    bool drawn = draw_tensor(&d, c->out[0]);
    texture_free(table);
    return drawn;
}

bool gl_resizeNearestNeighbor(Call *c, const Shader *shader) {
    return draw_resized(c, shader, false, 0, resize_nearest);
}

bool gl_resizeNearestNeighborGrad(Call *c, const Shader *shader) {
    (void)shader;
    return draw_resized(c, &gl_shaders[SHADER_RESIZE_BACK], true, RESIZE_BACK_NEAREST,
                        resize_nearest);
}

bool gl_resizeBilinearGrad(Call *c, const Shader *shader) {
    (void)shader;
    return draw_resized(c, &gl_shaders[SHADER_RESIZE_BACK], true, 0, resize_between);
}
