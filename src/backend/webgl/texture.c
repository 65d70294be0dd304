/* Textures: a pool of size classes, and the way of data there and back. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"
#include "backend/webgl/pending.h"

enum { CLASSES = 64, CHECKED_BYTES = 16 << 20 };
static const double POOL_CAP = 256e6; /* bytes kept for reuse; beyond, textures are deleted */

typedef enum Kind { FLOATS, HALVES, WHOLE, KINDS } Kind;
static Texture *pools[KINDS][CLASSES], *arrays;
static bool halves;

/* Whether floats are kept as half floats from now on: half the memory, 11 bits of precision, and
** nothing past 65504. Whole numbers stay exact. */
EXPORT void tn_gl_half(bool on) { halves = on; }
bool texture_halves(void) { return halves; }

/* A device that draws to half floats only keeps bools as such too. */
static bool is_half(DType dtype) {
    if (dtype == TN_FLOAT32) return halves || !gl_limits.floats;
    return dtype == TN_BOOL && !gl_limits.floats;
}

static Kind kind_of(const Texture *t) { return t->whole ? WHOLE : t->half ? HALVES : FLOATS; }

static double bytes_of(const Texture *t) {
    return (t->half ? 8.0 : 16.0) * t->width * t->height * (t->layers ? t->layers : 1);
}

/* Powers of two up to a whole row, then rows with four classes to each power of two. */
static void class_size(int texels, Texture *t) {
    int row = 1 << gl_limits.shift;
    if (texels <= row) {
        t->kind = texels > 1 ? 32 - __builtin_clz((unsigned)texels - 1) : 0;
        t->width = 1 << t->kind;
        t->height = 1;
        return;
    }
    int rows = (texels + row - 1) / row, log = 31 - __builtin_clz((unsigned)rows - 1);
    int quarter = log < 2 ? 0 : ((rows - 1) >> (log - 2)) & 3;
    t->width = row;
    t->height = log < 2 ? rows : ((5 + quarter) << log) >> 2;
    t->kind = gl_limits.shift + (log < 2 ? rows : 4 * log + quarter - 3);
}

/* What was lost with its context is counted no more. */
static void account(const Texture *t, int sign) {
    if (t->generation != gl_generation()) return;
    accounts()->textures += sign;
    accounts()->texture_bytes += sign * bytes_of(t);
    memory_peak();
}

static void delete(Texture *t) {
    if (t->generation == gl_generation()) {
        gl_forget(t->id, t->frame);
        if (t->frame) glDeleteFramebuffers(1, &t->frame);
        glDeleteTextures(1, &t->id);
    }
    mem_free(t, sizeof *t);
}

static Texture *unpool(Texture **from) {
    Texture *t = *from;
    *from = t->next;
    accounts()->texture_pooled -= bytes_of(t);
    return t;
}

static void trim_list(Texture **from, double keep) {
    while (*from && accounts()->texture_pooled > keep) delete (unpool(from));
}

void texture_pool_trim(double keep) {
    trim_list(&arrays, keep);
    for (int k = CLASSES - 1; k >= 0; k--)
        for (int kind = 0; kind < KINDS; kind++) trim_list(&pools[kind][k], keep);
}

void texture_pool_clear(void) { texture_pool_trim(-1); }

/* ---- making ---- */

static void attach(Texture *t) {
    static const GLenum targets[BANDS] = {GL_COLOR_ATTACHMENT0, GL_COLOR_ATTACHMENT1,
                                          GL_COLOR_ATTACHMENT2, GL_COLOR_ATTACHMENT3};
    glGenFramebuffers(1, &t->frame);
    gl_use_frame(t->frame);
    for (int i = 0; i < t->layers; i++)
        glFramebufferTextureLayer(GL_FRAMEBUFFER, targets[i], t->id, 0, i);
    if (t->layers) glDrawBuffers(t->layers, targets);
    else glFramebufferTexture2D(GL_FRAMEBUFFER, targets[0], GL_TEXTURE_2D, t->id, 0);
}

/* GL says only on request that memory is out, and asking waits: so only large ones are asked
** about. */
static bool allocate(Texture *t) {
    GLenum target = t->layers ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_2D;
    static const GLenum formats[KINDS] = {GL_RGBA32F, GL_RGBA16F, GL_RGBA32I};
    GLenum format = formats[kind_of(t)];
    glGenTextures(1, &t->id);
    gl_recall();
    gl_edit_texture(target, t->id);
    if (t->layers) glTexStorage3D(target, 1, format, t->width, t->height, t->layers);
    else glTexStorage2D(target, 1, format, t->width, t->height);
    glTexParameteri(target, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glTexParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    bool made = bytes_of(t) < CHECKED_BYTES || glGetError() != GL_OUT_OF_MEMORY;
    if (made) attach(t);
    return made;
}

/* Memory that the pool holds is given up where there is no other. */
static bool make_room_for(Texture *t) {
    for (int tries = 0; tries < 2 && memory_room(bytes_of(t)); tries++) {
        if (allocate(t)) return true;
        gl_forget(t->id, 0);
        glDeleteTextures(1, &t->id);
        t->id = 0;
        texture_pool_clear();
    }
    return false;
}

static Texture *texture_like(const Texture *like) {
    Texture *t = mem_alloc(sizeof *t);
    if (!t) return NULL;
    *t = *like;
    t->refs = 1;
    t->generation = gl_generation();
    return t;
}

static Texture *create(const Texture *like) {
    Texture *t = texture_like(like);
    if (!t || make_room_for(t)) return t;
    delete (t);
    return NULL;
}

static Texture likeness(DType dtype, int size) {
    Texture like = {
        .half = is_half(dtype), .whole = dtype == TN_INT32, .size = size, .dtype = dtype};
    class_size(texels_of(size), &like);
    return like;
}

bool texture_obtain(Texture *t) {
    Texture **from = &pools[kind_of(t)][t->kind];
    if (*from) {
        Texture *pooled = unpool(from);
        t->id = pooled->id;
        t->frame = pooled->frame;
        mem_free(pooled, sizeof *pooled);
    } else if (!make_room_for(t)) return false;
    account(t, 1);
    return true;
}

Texture *texture_new(DType dtype, int size) {
    const Texture like = likeness(dtype, size);
    Texture *t = texture_like(&like);
    if (!t || texture_obtain(t)) return t;
    mem_free(t, sizeof *t);
    return NULL;
}

Texture *texture_pending(DType dtype, int size, Pending *p) {
    const Texture like = likeness(dtype, size);
    Texture *t = texture_like(&like);
    if (t) {
        t->pending = p;
        t->ahead = programs_ahead();
    }
    return t;
}

Texture *texture_exported(DType dtype, int size, int width, int height) {
    const Texture like = {.width = width,
                          .height = height,
                          .size = size,
                          .dtype = dtype,
                          .exported = true,
                          .half = is_half(dtype)};
    Texture *t = create(&like);
    if (t) account(t, 1);
    return t;
}

/* Held until what is in them is drawn to its place, so there are few: the first that is large
** enough, and not four times as large. */
Texture *texture_bands(int width, int height) {
    Texture **from = &arrays;
    while (*from && ((*from)->width < width || (*from)->height < height ||
                     (double)(*from)->width * (*from)->height > 4.0 * width * height))
        from = &(*from)->next;
    const Texture like = {
        .width = width, .height = height, .layers = BANDS, .half = !gl_limits.floats};
    Texture *t = *from ? unpool(from) : create(&like);
    if (!t) return NULL;
    t->refs = 1;
    account(t, 1);
    return t;
}

/* Into the pool if it is not full. */
static void put_away(Texture *t) {
    account(t, -1);
    double bytes = bytes_of(t);
    if (t->exported || t->generation != gl_generation() ||
        accounts()->texture_pooled + bytes > POOL_CAP) {
        delete (t);
        return;
    }
    Texture **to = t->layers ? &arrays : &pools[kind_of(t)][t->kind];
    t->next = *to;
    *to = t;
    accounts()->texture_pooled += bytes;
}

void texture_return(Texture *t) {
    Texture *given = mem_alloc(sizeof *given);
    if (given) {
        *given = *t;
        put_away(given);
    }
    t->id = t->frame = 0;
}

void texture_free(Texture *t) {
    if (!t || --t->refs) return;
    texture_free(t->padded);
    t->padded = NULL;
    if (!t->pending) {
        put_away(t);
        return;
    }
    pending_free(t->pending);
    mem_free(t, sizeof *t);
}

void texture_drop(Storage *s) {
    memory_forget(s);
    texture_free(s->texture);
    s->texture = NULL;
}

/* ---- to the device ---- */

/* The nearest half float, to even, infinite past 65504: half the bytes to upload. */
static uint16_t half_of(float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    if (size > 0x7f800000) return (uint16_t)(sign | 0x7e00);
    if (size >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
    if (size < 0x38800000) return (uint16_t)(sign | (uint32_t)lrintf(fabsf(v) * 0x1p24f));
    return (uint16_t)(sign | (size + 0xfff + (size >> 13 & 1) - 0x38000000) >> 13);
}

/* Whole texels, in as many rows as there are. False if there is no memory for them. */
static bool write_halves(Texture *t, const float *data) {
    const int texels = texels_of(t->size), rows = texels / t->width, rest = texels % t->width;
    size_t bytes = (size_t)texels * 4 * sizeof(uint16_t);
    uint16_t *halves_of = mem_alloc(bytes);
    if (!halves_of) return false;
    memset(halves_of + (size_t)(texels - 1) * 4, 0, 4 * sizeof *halves_of);
    for (int i = 0; i < t->size; i++) halves_of[i] = half_of(data[i]);
    gl_recall();
    gl_edit_texture(GL_TEXTURE_2D, t->id);
    if (rows)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, t->width, rows, GL_RGBA, GL_HALF_FLOAT, halves_of);
    if (rest)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, rows, rest, 1, GL_RGBA, GL_HALF_FLOAT,
                        halves_of + (size_t)rows * (size_t)t->width * 4);
    gl_check("an upload");
    mem_free(halves_of, bytes);
    return true;
}

/* Elements of four bytes, floats or whole numbers; the last texel may be a part of one. */
static void write_words(Texture *t, const void *data) {
    const uint32_t *from = data;
    const GLenum format = t->whole ? GL_RGBA_INTEGER : GL_RGBA, type = t->whole ? GL_INT : GL_FLOAT;
    int full = t->size / 4, rest = t->size % 4, rows = full / t->width, x = full % t->width;
    gl_recall();
    gl_edit_texture(GL_TEXTURE_2D, t->id);
    if (rows) glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, t->width, rows, format, type, from);
    if (x)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, rows, x, 1, format, type,
                        from + (size_t)rows * (size_t)t->width * 4);
    if (rest) {
        uint32_t last[4] = {0};
        memcpy(last, from + (size_t)full * 4, (size_t)rest * sizeof *last);
        glTexSubImage2D(GL_TEXTURE_2D, 0, x, rows, 1, 1, format, type, last);
    }
    gl_check("an upload");
}

/* Bools as floats; false if there is no memory for them. */
static bool write_bools(Texture *t, const uint8_t *data) {
    size_t bytes = (size_t)t->size * sizeof(float);
    float *floats = mem_alloc(bytes);
    if (!floats) return false;
    for (int i = 0; i < t->size; i++) floats[i] = data[i] != 0;
    write_words(t, floats);
    mem_free(floats, bytes);
    return true;
}

Texture *texture_of_ints(const int *values, int n) {
    Texture *t = texture_fits(n) ? texture_new(TN_INT32, n) : NULL;
    if (t) write_words(t, values);
    return t;
}

Texture *texture_or_pending(Tensor *x) {
    Storage *s = x->storage;
    Texture *t = s->texture;
    if (t && t->generation == gl_generation()) {
        memory_used(s);
        if (t->exported) return NULL;
        return programs_ahead() && !t->ahead ? texture_settle(t) : t;
    }
    if (!s->data || s->stale_data) return NULL;
    if (t) texture_drop(s);
    t = texture_new(x->dtype, x->size);
    if (!t) return NULL;
    bool there = true;
    if (t->half) there = write_halves(t, s->data);
    else if (x->dtype == TN_BOOL) there = write_bools(t, s->data);
    else write_words(t, s->data);
    s->texture = there ? t : NULL;
    if (there) memory_used(s);
    if (there) return t;
    texture_free(t);
    return NULL;
}

Texture *texture_of(Tensor *x) { return texture_settle(texture_or_pending(x)); }

/* ---- and back ---- */

int texture_rows(const Texture *t) { return (texels_of(t->size) + t->width - 1) / t->width; }

void texture_unpack(const Texture *t, const void *from, void *data) {
    if (t->dtype != TN_BOOL) {
        memcpy(data, from, (size_t)t->size * 4);
        return;
    }
    for (int i = 0; i < t->size; i++) ((uint8_t *)data)[i] = ((const float *)from)[i] != 0;
}

void texture_read(const Texture *t, void *to) {
    gl_use_frame(t->frame);
    glReadPixels(0, 0, t->width, texture_rows(t), t->whole ? GL_RGBA_INTEGER : GL_RGBA,
                 t->whole ? GL_INT : GL_FLOAT, to);
}

bool texture_download(Storage *s, void *data) {
    Texture *t = s->texture;
    const bool there = t->generation == gl_generation();
    if (there && !texture_settle(t) && !context_lost()) {
        fail(TN_MEMORY, "webgl: out of memory: a tensor of %d elements cannot be drawn", t->size);
        return false;
    }
    if (there && !t->pending) {
        size_t bytes = texture_row_bytes(t) * (size_t)texture_rows(t);
        bool direct = t->dtype != TN_BOOL && bytes == (size_t)t->size * 4;
        void *texels = direct ? data : scratch(bytes);
        if (!texels) return false;
        gl_recall();
        texture_read(t, texels);
        gl_check("reading back");
        if (!direct) {
            texture_unpack(t, texels, data);
            scratch_free(texels, bytes);
        }
        if (!context_lost() && !failed()) memory_arrived(s);
        if (!context_lost()) return !failed();
    }
    fail(TN_DEVICE,
         "webgl: the GPU context was lost, and with it a tensor of %d elements that only "
         "it held",
         t->size);
    return false;
}
