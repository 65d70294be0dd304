/* The GPU as the engine sees it: which calls it takes, and the recipe of each op. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

enum { SMALL = 4096 }; /* elements in and out up to which the CPU is quicker than the way there */
static bool forward = true;

/* Whether small work on data in memory is left to the CPU (the default); off for tests. */
EXPORT void tn_gl_forward(bool on) { forward = on; }

/* Names that an op's .gl may have beside "=expression" and those of shader files. */
static const struct {
    const char *name;
    Recipe *recipe;
} recipes[] = {
    {"cast", gl_cast},
    {"batchNorm", gl_batchNorm},
    {"strided", gl_strided},
    {"pad", gl_pad},
    {"concat", gl_concat},
    {"split", gl_split},
    {"matMul", gl_matMul},
    {"conv2d", gl_conv2d},
    {"sum", gl_sum},
    {"max", gl_max},
    {"min", gl_min},
    {"softmax", gl_softmax},
    {"logSoftmax", gl_logSoftmax},
    {"depthwiseConv2d", gl_depthwiseConv2d},
};

static Recipe *recipe_of(const char *name) {
    if (*name == '=') return gl_expression;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        if (!strcmp(recipes[i].name, name)) return recipes[i].recipe;
    return NULL;
}

static const Shader *shader_of(const char *name) {
    for (int i = 0; i < SHADERS; i++)
        if (!strcmp(gl_shaders[i].name, name)) return &gl_shaders[i];
    return NULL;
}

/* ---- routes: what was found out about an op, so that names are compared once ---- */

enum { ROUTES = 512 };
typedef struct Route {
    const Op *op;
    Recipe *recipe;
    const Shader *shader;
} Route;

static const Route *route_of(const Op *op) {
    static Route routes[ROUTES];
    uint32_t i = (uint32_t)((uintptr_t)op >> 4) * 2654435761u >> 23;
    for (int tries = 0; tries < ROUTES; tries++, i++) {
        Route *r = &routes[i % ROUTES];
        if (r->op == op) return r;
        if (r->op) continue;
        *r = (Route){op, recipe_of(op->gl), shader_of(op->gl)};
        if (!r->recipe && r->shader) r->recipe = gl_shader;
        return r;
    }
    return NULL;
}

/* ---- what is taken ---- */

static bool holds(const Tensor *x) {
    return (x->dtype == TN_FLOAT32 || x->dtype == TN_BOOL) && texture_fits(x->size) && x->size;
}

/* Whole numbers are exact in a texture up to 2^24: enough for indices into what fits into one. */
static bool is_index(const Call *c, int i) {
    return i == 1 && !strcmp(c->op->gl, "gather") && c->in[1]->size &&
           texture_fits(c->in[1]->size) && c->in[0]->size <= 1 << 24;
}

/* Small work on data in memory stays there; what is on the GPU is not fetched for it. */
static bool pays(const Call *c) {
    int64_t elements = 0;
    for (int i = 0; i < c->nin; i++) {
        if (!c->in[i]) continue;
        const Storage *s = c->in[i]->storage;
        if (!s->data || s->stale_data) return true;
        elements += c->in[i]->size;
    }
    for (int j = 0; j < c->nout; j++) elements += c->out[j]->size;
    return elements > SMALL || !forward;
}

static bool fits(const Call *c) {
    for (int i = 0; i < c->nin; i++)
        if (c->in[i] && !holds(c->in[i]) && !is_index(c, i)) return false;
    for (int j = 0; j < c->nout; j++)
        if (!holds(c->out[j])) return false;
    return true;
}

static bool device_run(Call *c) {
    if (!gl_live() || !c->op->gl || !fits(c) || !pays(c)) return false;
    if (c->op->gl_takes && !c->op->gl_takes(c)) return false;
    const Route *r = route_of(c->op);
    return r && r->recipe && r->recipe(c, r->shader);
}

const Device gl_device = {"webgl", device_run, texture_download, texture_drop, texture_pool_clear};

/* ---- a shader file by itself ---- */

/* Words: elements of y and of the first three inputs, then the attributes. */
bool gl_shader(Call *c, const Shader *shader) {
    int attrs = c->attr_bytes / 4;
    if (c->nin > MAX_INPUTS || c->nout != 1 || 4 + attrs > MAX_WORDS) return false;
    Draw d = {.nwords = 4 + attrs, .words = {c->out[0]->size}};
    uint32_t flags = shader->aligned != 0;
    for (int i = 0; i < attrs; i++) {
        d.words[4 + i] = ((const int *)c->attrs)[i];
        if (shader->aligned >> i & 1 && d.words[4 + i] % 4) flags = 0;
    }
    for (int i = 0; i < c->nin; i++) {
        if (!c->in[i]) d.nin++;
        else if (!draw_input(&d, c->in[i])) return false;
        if (i < 3 && c->in[i]) d.words[1 + i] = c->in[i]->size;
    }
    d.program = program_of(shader, flags);
    return draw_tensor(&d, c->out[0]);
}
