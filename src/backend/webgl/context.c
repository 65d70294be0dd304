/* The GL context: starting, losing and restoring it, its limits, and all of its state that we set.
** Nobody else binds anything. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"
#include <stdio.h>

enum { UNITS = MAX_SAMPLERS + 1, WISHED_TEXELS_LOG = 22, LEAST_SHIFT = 9 };
enum { MOST_SIDE = 16384 }; /* places in textures are floats in shaders, exact up to there */

typedef struct State {
    GLuint program, frame, bound[UNITS];
    int unit, from, width, height;
} State;

static State state;
static bool alive, debugging, shared;
static GLuint arrays, nearest; /* of our own, in a shared context */
static uint32_t generation = 1;
Limits gl_limits;

bool gl_live(void) { return alive; }
uint32_t gl_generation(void) { return generation; }

void gl_use_program(GLuint id) {
    if (state.program == id) return;
    glUseProgram(state.program = id);
}

static void activate(int unit) {
    if (state.unit != unit) glActiveTexture(GL_TEXTURE0 + (GLenum)(state.unit = unit));
}

void gl_use_texture(int unit, GLenum target, GLuint id) {
    if (state.bound[unit] == id) return;
    activate(unit);
    glBindTexture(target, state.bound[unit] = id);
}

void gl_edit_texture(GLenum target, GLuint id) {
    gl_use_texture(MAX_SAMPLERS, target, id);
    activate(MAX_SAMPLERS);
}

void gl_use_frame(GLuint id) {
    if (state.frame == id) return;
    glBindFramebuffer(GL_FRAMEBUFFER, state.frame = id);
}

void gl_use_area(int width, int from, int height) {
    if (state.width == width && state.from == from && state.height == height) return;
    state.width = width;
    state.from = from;
    state.height = height;
    glViewport(0, from, width, height);
}

void gl_forget(GLuint texture, GLuint frame) {
    for (int i = 0; i < UNITS; i++)
        if (state.bound[i] == texture) state.bound[i] = 0;
    if (frame && state.frame == frame) state.frame = 0;
}

/* The page's vertex arrays may be short, its samplers filter and its textures lack levels. */
void gl_share(void) {
    if (shared) return;
    shared = true;
    glGenVertexArrays(1, &arrays);
    glGenSamplers(1, &nearest);
    glSamplerParameteri(nearest, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glSamplerParameteri(nearest, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
}

static void forget_state(void) {
    state = (State){.program = ~0u, .frame = ~0u, .unit = -1, .from = -1};
    for (int i = 0; i < UNITS; i++) state.bound[i] = ~0u;
}

void gl_recall(void) {
    static const GLenum off[] = {GL_BLEND,
                                 GL_CULL_FACE,
                                 GL_DEPTH_TEST,
                                 GL_DITHER,
                                 GL_POLYGON_OFFSET_FILL,
                                 GL_RASTERIZER_DISCARD,
                                 GL_SAMPLE_ALPHA_TO_COVERAGE,
                                 GL_SAMPLE_COVERAGE,
                                 GL_SCISSOR_TEST,
                                 GL_STENCIL_TEST};
    static const GLenum zero[] = {GL_PACK_ROW_LENGTH,   GL_PACK_SKIP_PIXELS,   GL_PACK_SKIP_ROWS,
                                  GL_UNPACK_ROW_LENGTH, GL_UNPACK_SKIP_PIXELS, GL_UNPACK_SKIP_ROWS};
    if (!shared) return;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) glDisable(off[i]);
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) glPixelStorei(zero[i], 0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glColorMask(true, true, true, true);
    glBindVertexArray(arrays);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
    for (int i = 0; i < UNITS; i++) glBindSampler((GLuint)i, nearest);
    context_recall();
    forget_state();
}

void gl_check(const char *what) {
    GLenum error = debugging ? glGetError() : GL_NO_ERROR;
    if (error != GL_NO_ERROR) fail(TN_DEVICE, "webgl: GL error 0x%04x after %s", error, what);
}

/* For development and tests: asks GL for errors after every draw and copy, which is slow. */
EXPORT void tn_gl_debug(bool on) { debugging = on; }

static int log2_of(int n) { return 31 - __builtin_clz((unsigned)n); }

/* Wide enough for 2^22 texels (67 MB) where the device has them, else narrow: of the last row only
** a part is drawn. */
static void read_limits(void) {
    GLint size = 0;
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &size);
    if (size < 1) size = 1 << LEAST_SHIFT; /* one that was just lost says nothing */
    int side = size < MOST_SIDE ? log2_of(size) : log2_of(MOST_SIDE),
        shift = WISHED_TEXELS_LOG - side;
    if (shift < LEAST_SHIFT) shift = LEAST_SHIFT;
    if (shift > side) shift = side;
    gl_limits = (Limits){shift, 1 << (shift + side), 1 << side, false};
}

/* Some devices make float textures but cannot draw to them. */
static bool draws_to(GLenum format) {
    GLuint texture, frame;
    glGenTextures(1, &texture);
    glGenFramebuffers(1, &frame);
    gl_edit_texture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, format, 1, 1);
    gl_use_frame(frame);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    bool complete = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    gl_forget(texture, frame);
    glDeleteFramebuffers(1, &frame);
    glDeleteTextures(1, &texture);
    return complete;
}

static bool begin(void) {
    state = (State){0};
    glDisable(GL_DITHER);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    read_limits();
    const bool again = shared || context_given();
    shared = false;
    if (again) gl_share();
    gl_recall();
    gl_limits.floats = draws_to(GL_RGBA32F);
    alive = gl_limits.floats || (texture_halves() && draws_to(GL_RGBA16F));
    return alive;
}

static const char *why_not(void) {
    if (context_lost()) return "the GPU context is lost";
    if (texture_halves() || !draws_to(GL_RGBA16F)) return "this GPU cannot draw to float textures";
    return "this GPU draws to half floats only, numbers of 11 bits: tf.webgl.forceHalfFloat() before "
           "tf.setBackend('webgl') takes it all the same";
}

/* Chooses the GPU, after making its context the first time; false with the error set if there is
** none that can be used. */
EXPORT bool tn_gl_start(void) {
    static bool made;
    if (failed()) return false;
    if (!made && !context_make()) {
        fail(TN_DEVICE, "webgl: this host gives no WebGL2 context");
        return false;
    }
    made = true;
    if (!alive && (context_lost() || !begin())) {
        fail(TN_DEVICE, "webgl: %s", why_not());
        return false;
    }
    device_choose(&gl_device);
    return true;
}

/* Back to the CPU; tensors on the GPU stay there until they are needed. */
EXPORT void tn_gl_stop(void) { device_choose(NULL); }

/* The context is lost: what only it held is gone, tensors with their data in memory go on. */
EXPORT void tn_gl_lost(void) {
    if (!alive) return;
    alive = false;
    generation++;
    programs_clear();
    memory_lost();
    reads_clear();
    backups_restore();
}

/* The context is back, empty. */
EXPORT void tn_gl_restored(void) {
    if (!alive && !context_lost()) begin();
}
