/* Pictures of the page that become tensors, and tensors painted on its canvas, without a way
** through memory: JavaScript copies a picture into the texture that is bound here, a draw makes a
** tensor of it. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

/* The last picture's texture, four bytes a pixel, kept for the next of its size. */
static Texture picture;
static bool drawing; /* from it */

static double bytes_of_picture(void) { return 4.0 * picture.width * picture.height; }

void picture_drop(void) {
    if (drawing) return;
    accounts()->texture_pooled -= bytes_of_picture();
    if (picture.id && picture.generation == gl_generation()) {
        gl_forget(picture.id, 0);
        glDeleteTextures(1, &picture.id);
    }
    picture = (Texture){0};
}

static bool make_picture(int width, int height) {
    const uint32_t now = gl_generation();
    if (picture.id && picture.generation == now && picture.width == width &&
        picture.height == height)
        return true;
    picture_drop();
    if (!memory_room(4.0 * width * height)) return false;
    picture = (Texture){.width = width, .height = height, .generation = now};
    accounts()->texture_pooled += bytes_of_picture();
    memory_peak();
    glGenTextures(1, &picture.id);
    gl_recall();
    gl_edit_texture(GL_TEXTURE_2D, picture.id);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, width, height);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    return true;
}

static bool on_gpu(void) { return !failed() && device() == &gl_device && gl_live(); }

/* Binds a texture of RGBA bytes for the page's picture; false where the CPU has to take it: the GPU
** is not chosen, or too small for it. */
EXPORT bool tn_gl_picture(int width, int height) {
    const int side = gl_limits.side;
    if (!on_gpu() || width < 1 || height < 1 || width > side || height > side) return false;
    if (4.0 * width * height >= 0x1p31 || !texture_fits(4 * width * height)) return false;
    if (!make_picture(width, height)) return false;
    gl_recall();
    gl_edit_texture(GL_TEXTURE_2D, picture.id);
    return true;
}

/* int32 [height, width, channels]: the first channels of each pixel that is there now. */
EXPORT Tensor *tn_gl_from_picture(int channels) {
    if (failed()) return nothing();
    if (channels < 1 || channels > 4)
        return fail(TN_VALUE, "fromPixels: numChannels is %d, not in 1..4", channels);
    trace_break("a picture of the page");
    Draw d = {.nin = 1,
              .in = {&picture},
              .nwords = 6,
              .words = {[4] = picture.width, [5] = channels},
              .program = program_of(&gl_shaders[SHADER_PIXELS], WHOLE_RESULT)};
    Tensor *y = make(TN_INT32, 3, (int[]){picture.height, picture.width, channels});
    drawing = true;
    const bool drawn = !failed() && draw_tensor(&d, y);
    drawing = false;
    if (drawn) return y;
    tn_dispose(y);
    return fail(TN_DEVICE, "fromPixels: the picture could not be drawn");
}

/* Whether x is on the GPU alone, so that painting it there saves reading it. */
EXPORT bool tn_gl_paintable(const Tensor *x) {
    const Storage *s = x->storage;
    if (!on_gpu() || !s->texture || (s->data && !s->stale_data) || !x->size) return false;
    return x->shape[0] <= gl_limits.side && x->shape[1] <= gl_limits.side;
}

/* Paints x, which is a picture (tn_drawable), on the canvas of the context, which has its size.
** Values beyond the range are its ends. Premultiplied: that canvas has colours times alpha. */
EXPORT void tn_gl_paint(Tensor *x, float alpha, bool premultiplied) {
    if (failed()) return;
    Draw d = {.nwords = 10};
    Texture screen = {.width = x->shape[1], .height = x->shape[0]};
    const int depth = x->rank == 2 ? 1 : x->shape[2];
    const int scale = x->dtype == TN_FLOAT32 ? 255 : 1;
    const int words[] = {screen.width, screen.height, depth,
                         scale,        premultiplied, float_bits(floorf(alpha * 255 + 0.5f))};
    memcpy(d.words + 4, words, sizeof words);
    if (draw_input(&d, x))
        d.program = program_of(&gl_shaders[SHADER_PAINT], draw_whole(&d, TN_FLOAT32));
    if (!draw_area(&d, &screen, screen.width, screen.height))
        fail(TN_DEVICE, "draw: the picture could not be drawn");
}
