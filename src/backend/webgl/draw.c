/* The one draw: a triangle over the texels of a tensor. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

static bool ready(const Draw *d) { return d->program && d->program->id; }

bool draw_input(Draw *d, Tensor *x) { return (d->in[d->nin++] = texture_of(x)) != NULL; }

uint32_t draw_whole(const Draw *d, DType result) {
    uint32_t flags = result == TN_INT32 ? WHOLE_RESULT : 0;
    for (int i = 0; i < d->nin; i++)
        if (d->in[i] && d->in[i]->whole) flags |= WHOLE_INPUT << i;
    return flags;
}

static void cover(int width, int from, int height) {
    gl_use_area(width, from, height);
    glDrawArrays(GL_TRIANGLES, 0, 3);
}

/* The last row is drawn for itself where drawing all of it would waste much. */
static void cover_texels(int width, int texels) {
    int rows = texels / width, rest = texels % width;
    if (!rows) cover(rest, 0, 1);
    else if (!rest) cover(width, 0, rows);
    else if (8 * (width - rest) < texels) cover(width, 0, rows + 1);
    else {
        cover(width, 0, rows);
        cover(rest, rows, 1);
    }
}

static bool begin(const Draw *d, const Texture *t) {
    if (!t || !ready(d)) return false;
    gl_recall();
    gl_use_program(d->program->id);
    for (int i = 0; i < d->nin; i++)
        if (d->in[i])
            gl_use_texture(i, d->in[i]->layers ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_2D, d->in[i]->id);
    if (d->nwords && d->program->words >= 0)
        glUniform4iv(d->program->words, (d->nwords + 3) / 4, d->words);
    gl_use_frame(t->frame);
    return true;
}

bool draw_texels(const Draw *d, Texture *t, int texels) {
    if (!begin(d, t)) return false;
    cover_texels(t->width, texels);
    gl_check("a draw");
    return true;
}

bool draw_area(const Draw *d, Texture *t, int width, int height) {
    if (!begin(d, t)) return false;
    cover(width, 0, height);
    gl_check("a draw");
    return true;
}

bool draw_tensor(const Draw *d, Tensor *y) {
    if (!ready(d) || !texture_fits(y->size)) return false;
    Texture *t = texture_new(y->dtype, y->size);
    if (!t) return false;
    Storage *s = storage_empty(data_bytes(y));
    if (!s) {
        texture_free(t);
        return false;
    }
    draw_texels(d, t, texels_of(y->size));
    s->texture = t;
    y->storage = s;
    return true;
}

Texture *draw_new(const Draw *d, DType dtype, int size) {
    Texture *t = ready(d) && texture_fits(size) ? texture_new(dtype, size) : NULL;
    if (t) draw_texels(d, t, texels_of(size));
    return t;
}
