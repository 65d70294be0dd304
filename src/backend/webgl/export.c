/* Textures that the page gets: copies of tensors, in rows of their own width. A tensor holds each,
** so that it goes as tensors go; to ops it is one whose data must be fetched first. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

/* Rows that are full but for the last. */
static void usual_shape(int texels, int *height, int *width) {
    const int row = 1 << gl_limits.shift;
    *width = texels < row ? texels : row;
    *height = (texels + *width - 1) / *width;
}

static bool can_export(const Tensor *x) {
    if (failed()) return false;
    if (device() != &gl_device || !gl_live())
        fail(TN_DEVICE, "'readToGPU' not yet implemented or not found in the registry: dataToGPU "
                        "needs tf.setBackend('webgl')");
    else if (!is_real(x->dtype))
        fail(TN_DTYPE, "Does not support reading texture for %s dtype.", dtype_name(x->dtype));
    else if (!x->size)
        fail(TN_SHAPE, "dataToGPU: shape %s has no elements for a texture", shape_text(x));
    return !failed();
}

static bool holds_all(const Tensor *x, int height, int width) {
    if (height > 0 && width > 0 && height <= gl_limits.side && width <= gl_limits.side &&
        (int64_t)height * width >= texels_of(x->size))
        return true;
    fail(TN_SHAPE,
         "dataToGPU: customTexShape [%d, %d] has %.0f texels of four elements with sides "
         "up to %d, shape %s needs %d",
         height, width, (double)height * width, gl_limits.side, shape_text(x), texels_of(x->size));
    return false;
}

/* The page gets whole numbers as floats, which are not read back: the copy keeps them in memory. */
static bool keep_ints(const Tensor *x, Storage *s) {
    if (x->dtype != TN_INT32) return true;
    if (!storage_to_memory(x->storage)) return false;
    s->data = mem_alloc(s->bytes);
    if (s->data) memcpy(s->data, x->storage->data, s->bytes);
    return s->data != NULL;
}

static Tensor *given_tensor(Tensor *x, Texture *t) {
    const uint32_t bytes = data_bytes(x);
    Tensor *y = make_like(x);
    Storage *s = failed() ? NULL : storage_empty(bytes);
    if (s) y->storage = s, s->texture = t;
    else texture_free(t);
    if (s && keep_ints(x, s)) return y;
    tn_dispose(y);
    return fail(TN_MEMORY, "out of memory: a tensor of %u bytes does not fit", bytes);
}

/* A copy of x in a texture of [height, width] texels, or of as many as needed where both are 0. */
EXPORT Tensor *tn_gl_export(Tensor *x, int height, int width) {
    if (!can_export(x)) return nothing();
    if (!height && !width) usual_shape(texels_of(x->size), &height, &width);
    if (!holds_all(x, height, width)) return nothing();
    Texture *from = texture_of(x), *t = NULL;
    if (from) t = texture_exported(x->dtype, x->size, width, height);
    if (!t)
        return fail(TN_DEVICE, "dataToGPU: shape %s is in no texture that can be copied",
                    shape_text(x));
    gl_share();
    Draw d = {.nin = 1, .in = {from}, .nwords = 6, .words = {[4] = width, [5] = x->size}};
    d.program = program_of(&gl_shaders[SHADER_GIVE], draw_whole(&d, TN_FLOAT32));
    if (!draw_area(&d, t, width, height)) {
        texture_free(t);
        return fail(TN_DEVICE, "dataToGPU: the copy could not be drawn");
    }
    return given_tensor(x, t);
}

/* Of what tn_gl_export gave: 0 the texture's name, 1 its height, 2 its width. */
EXPORT unsigned tn_gl_exported(const Tensor *y, int what) {
    const Texture *t = y->storage->texture;
    return what == 0 ? t->id : (unsigned)(what == 1 ? t->height : t->width);
}

/* The page takes the context itself. */
EXPORT void tn_gl_take(void) { gl_share(); }
