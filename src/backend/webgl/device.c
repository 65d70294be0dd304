/* The GPU as the engine sees it: which calls it takes, and the recipe of each op. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"
#include "base/threefry.h"
#include "ops/attrs.h"

enum { SMALL = 4096 }; /* elements in and out up to which the CPU is quicker than the way there */
static bool forward = true;

/* Whether small work on data in memory is left to the CPU (the default); off for tests. */
EXPORT void tn_gl_forward(bool on) { forward = on; }

/* Names that an op's .gl may have beside "=expression" and those of shader files. */
enum { ALL_WHOLE = -1, WHOLE_RESULTS = 1 << 8 }; /* what may be int32: everything; results */
static const struct {
    const char *name;
    Recipe *recipe;
    uint32_t whole; /* as in Shader */
} recipes[] = {
    {"cast", gl_cast, ALL_WHOLE},
    {"batchNorm", gl_batchNorm, 0},
    {"strided", gl_strided, ALL_WHOLE},
    {"pad", gl_pad, ALL_WHOLE},
    {"concat", gl_concat, ALL_WHOLE},
    {"split", gl_split, ALL_WHOLE},
    {"matMul", gl_matMul, 0},
    {"conv2d", gl_conv2d, 0},
    {"sum", gl_sum, ALL_WHOLE},
    {"max", gl_max, ALL_WHOLE},
    {"min", gl_min, ALL_WHOLE},
    {"prod", gl_prod, ALL_WHOLE},
    {"argMax", gl_argMax, 1 << 0 | WHOLE_RESULTS},
    {"cumsum", gl_cumsum, ALL_WHOLE},
    {"cumprod", gl_cumprod, ALL_WHOLE},
    {"scatterAdd", gl_scatterAdd, ALL_WHOLE},
    {"addRows", gl_addRows, ALL_WHOLE},
    {"addChosen", gl_addChosen, ALL_WHOLE},
    {"setRows", gl_setRows, ALL_WHOLE},
    {"sample", gl_sample, 1 << 2},
    {"sampleBack", gl_sampleBack, 1 << 2},
    {"dilationOrigins", gl_dilationOrigins, WHOLE_RESULTS},
    {"warp", gl_warp, WHOLE_RESULTS},
    {"crop", gl_crop, 1 << 1 | WHOLE_RESULTS},
    {"tally", gl_tally, 0},
    {"randomUniform", gl_randomUniform, 0},
    {"randomNormal", gl_randomNormal, 0},
    {"topk", gl_topk, ALL_WHOLE},
    {"place", gl_place, ALL_WHOLE},
    {"logSumExp", gl_logSumExp, 0},
    {"maxPoolGrad", gl_maxPoolGrad, 0},
    {"resizeNearestNeighbor", gl_resizeNearestNeighbor, ALL_WHOLE},
    {"resizeNearestNeighborGrad", gl_resizeNearestNeighborGrad, 0},
    {"resizeBilinearGrad", gl_resizeBilinearGrad, 0},
    {"softmax", gl_softmax, 0},
    {"logSoftmax", gl_logSoftmax, 0},
    {"depthwiseConv2d", gl_depthwiseConv2d, 0},
    {"conv2dTranspose", gl_conv2dTranspose, 0},
    {"conv2d_filter", gl_conv2d_filter, 0},
    {"depthwise_input", gl_depthwise_input, 0},
    {"depthwise_filter", gl_depthwise_filter, 0},
};

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
    uint32_t whole;
    bool proven; /* it was drawn once: its shader compiles */
} Route;

static Route find_route(const Op *op) {
    const Shader *shader = shader_of(op->gl);
    if (*op->gl == '=') return (Route){op, gl_expression, NULL, op->gl_int ? ALL_WHOLE : 0, false};
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        if (!strcmp(recipes[i].name, op->gl))
            return (Route){op, recipes[i].recipe, shader, recipes[i].whole, true};
    return (Route){op, shader ? gl_shader : NULL, shader, shader ? shader->whole : 0, true};
}

static Route *route_of(const Op *op) {
    static Route routes[ROUTES];
    uint32_t i = (uint32_t)((uintptr_t)op >> 4) * 2654435761u >> 23;
    for (int tries = 0; tries < ROUTES; tries++, i++) {
        Route *r = &routes[i % ROUTES];
        if (r->op == op) return r;
        if (r->op) continue;
        *r = find_route(op);
        return r;
    }
    return NULL;
}

/* ---- what is taken ---- */

static bool holds(const Tensor *x, bool whole) {
    const bool known =
        x->dtype == TN_FLOAT32 || x->dtype == TN_BOOL || (whole && x->dtype == TN_INT32);
    return known && texture_fits(x->size) && x->size;
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

static bool fits(const Call *c, uint32_t whole) {
    for (int i = 0; i < c->nin; i++)
        if (c->in[i] && !holds(c->in[i], whole >> (i < 8 ? i : 7) & 1)) return false;
    for (int j = 0; j < c->nout; j++)
        if (!holds(c->out[j], whole >> 8 & 1)) return false;
    return true;
}

/* The first result of an expression is drawn at once: one that does not compile is left to the CPU
** from then on. */
static bool prove(Route *r, Call *c) {
    r->proven = texture_settle(c->out[0]->storage->texture) != NULL;
    if (r->proven) return true;
    if (!failed() && gl_live() && !context_lost()) r->recipe = NULL;
    undo_results(c, 1);
    return false;
}

static bool device_run(Call *c) {
    Route *r = gl_live() && c->op->gl ? route_of(c->op) : NULL;
    if (!r || !r->recipe || !fits(c, r->whole) || !pays(c)) return false;
    memory_next_call();
    if (c->op->gl_takes && !c->op->gl_takes(c)) return false;
    return r->recipe(c, r->shader) && (r->proven || prove(r, c));
}

/* What is asked for later says so if it cannot be drawn. */
static void settle(Storage *s) {
    Texture *t = s->texture;
    if (t && t->generation == gl_generation()) texture_settle(t);
}

const Device gl_device = {"webgl", device_run, texture_download, texture_drop, settle, memory_trim};

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
    d.program = program_of(shader, flags | draw_whole(&d, c->out[0]->dtype));
    return draw_tensor(&d, c->out[0]);
}

/* ---- random numbers: each time with another key ---- */

/* Attributes are two floats. */
static bool draw_random(Call *c, uint32_t flags) {
    const float *v = c->attrs;
    uint32_t key[2];
    random_key(key);
    Draw d = {.program = program_of(&gl_shaders[SHADER_RANDOM_UNIFORM], flags),
              .nwords = 8,
              .words = {[4] = float_bits(v[0]), float_bits(v[1]), (int)key[0], (int)key[1]}};
    return draw_tensor(&d, c->out[0]);
}

bool gl_randomUniform(Call *c, const Shader *shader) { return (void)shader, draw_random(c, 0); }
bool gl_randomNormal(Call *c, const Shader *shader) {
    return (void)shader, draw_random(c, RANDOM_UNIFORM_NORMAL);
}
