/* The one draw: a triangle over the texels of a tensor. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

static bool ready(const Draw *d) {
    return d->program && (programs_ahead() ? d->program->id : program_ready(d->program));
}

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

static void begin(const Draw *d, GLuint frame) {
    gl_recall();
    gl_use_program(d->program->id);
    for (int i = 0; i < d->nin; i++)
        if (d->in[i])
            gl_use_texture(i, d->in[i]->layers ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_2D, d->in[i]->id);
    if (d->nwords && d->program->words >= 0)
        glUniform4iv(d->program->words, (d->nwords + 3) / 4, d->words);
    gl_use_frame(frame);
}

bool draw_texels(const Draw *d, Texture *t, int texels) {
    if (!t || !ready(d)) return false;
    if (programs_ahead()) return true;
    begin(d, t->frame);
    cover_texels(t->width, texels);
    gl_check("a draw");
    return true;
}

/* One framebuffer serves all draws to several textures. */
static GLuint frame_of_several(Texture **t, int n) {
    static GLuint frame;
    static uint32_t generation;
    static const GLenum targets[] = {GL_COLOR_ATTACHMENT0, GL_COLOR_ATTACHMENT1,
                                     GL_COLOR_ATTACHMENT2, GL_COLOR_ATTACHMENT3};
    static int count;
    if (generation != gl_generation()) {
        glGenFramebuffers(1, &frame);
        generation = gl_generation();
        count = 0;
    }
    gl_use_frame(frame);
    for (int i = 0; i < n || i < count; i++)
        glFramebufferTexture2D(GL_FRAMEBUFFER, targets[i], GL_TEXTURE_2D, i < n ? t[i]->id : 0, 0);
    if (n != count) glDrawBuffers(n, targets);
    count = n;
    return frame;
}

bool draw_several(const Draw *d, Texture **t, int n, int texels) {
    if (n == 1) return draw_texels(d, t[0], texels);
    if (!ready(d)) return false;
    if (programs_ahead()) return true;
    gl_recall();
    begin(d, frame_of_several(t, n));
    cover_texels(t[0]->width, texels);
    gl_check("a draw");
    return true;
}

bool draw_area(const Draw *d, Texture *t, int width, int height) {
    if (!t || !ready(d)) return false;
    if (programs_ahead()) return true;
    begin(d, t->frame);
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
