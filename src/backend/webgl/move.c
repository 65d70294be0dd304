/* Ops that only move elements: walks with steps are maps of the expression "x"; borders and joins
** have shaders of their own. */
#include "backend/webgl/gl.h"
#include "ops/attrs.h"

static bool walk(Tensor *x, Tensor *y, const Strided *s) {
    Map m = {.expression = "x", .nin = 1, .rank = s->rank, .in = {x}, .base = {s->base}};
    memcpy(m.size, s->size, sizeof m.size);
    memcpy(m.step[0], s->stride, sizeof m.step[0]);
    return map_run(&m, y);
}

/* slice, stridedSlice, reverse, transpose: attributes are a Strided. */
bool gl_strided(Call *c, const Shader *shader) {
    (void)shader;
    return walk(c->in[0], c->out[0], c->attrs);
}

/* ---- place ---- */

typedef struct Step {
    int step, count, from; /* in y; how many; in x */
} Step;

/* The axes of the walk that have more than one place, long steps first and none backwards; where
** the first place then is in y and in x. */
static int steps_of(const Strided *s, Step *steps, int *base, int *first) {
    int rank = 0;
    *base = s->base, *first = 0;
    for (int i = s->rank - 1, from = 1; i >= 0; from *= s->size[i--]) {
        if (s->size[i] == 1) continue;
        const bool back = s->stride[i] < 0;
        Step new = {back ? -s->stride[i] : s->stride[i], s->size[i], back ? -from : from};
        if (back) *base += (s->size[i] - 1) * s->stride[i], *first += (s->size[i] - 1) * from;
        int at = rank++;
        for (; at > 0 && steps[at - 1].step < new.step; at--) steps[at] = steps[at - 1];
        steps[at] = new;
    }
    return rank;
}

/* Whether each step is longer than all that lies within it, so that dividing finds the place. */
static bool are_nested(const Step *steps, int rank) {
    int64_t within = 0;
    for (int k = rank - 1; k >= 0; k--) {
        if (steps[k].step <= within) return false;
        within += (int64_t)(steps[k].count - 1) * steps[k].step;
    }
    return true;
}

/* Attributes are the Strided of a walk over y; it meets no element twice. */
bool gl_place(Call *c, const Shader *shader) {
    Step steps[TN_MAX_RANK];
    Draw d = {.nwords = 8 + 4 * TN_MAX_RANK};
    const int rank = steps_of(c->attrs, steps, &d.words[4], &d.words[6]);
    if (!are_nested(steps, rank) || !draw_input(&d, c->in[0])) return false;
    d.words[5] = rank;
    for (int k = 0; k < rank; k++) memcpy(d.words + 8 + 4 * k, &steps[k], sizeof *steps);
    d.program = program_of(shader, draw_whole(&d, c->out[0]->dtype));
    return draw_tensor(&d, c->out[0]);
}

/* ---- pad ---- */

enum { AXES = 4 };

/* Axes joined where the inner one has no border; innermost first. */
typedef struct Border {
    int rank, size[AXES], before[AXES], inside[AXES];
} Border;

static bool add_axis(Border *b, int size, int before, int inside) {
    int top = b->rank - 1;
    if (b->rank && b->inside[top] == b->size[top]) {
        b->before[top] = before * b->size[top];
        b->inside[top] = inside * b->size[top];
        b->size[top] *= size;
        return true;
    }
    if (b->rank == AXES) return false;
    b->size[b->rank] = size;
    b->before[b->rank] = before;
    b->inside[b->rank++] = inside;
    return true;
}

static Draw border_draw(const Border *b, Texture *x, float value) {
    Draw d = {.nin = 1,
              .in = {x},
              .nwords = 24,
              .words = {[4] = x->whole ? (int)value : float_bits(value)}};
    bool aligned = b->size[0] % 4 == 0 && b->before[0] % 4 == 0 && b->inside[0] % 4 == 0;
    for (int i = 0, step = 1; i < AXES; i++) {
        bool there = i < b->rank;
        d.words[8 + i] = there ? b->size[i] : 1;
        d.words[12 + i] = there ? b->before[i] : 0;
        d.words[16 + i] = there ? b->inside[i] : 1;
        d.words[20 + i] = step;
        step *= there ? b->inside[i] : 1;
    }
    const uint32_t flags = (aligned ? PAD_ALIGNED : 0) | (b->rank <= 2 ? PAD_FLAT : 0);
    d.program = program_of(&gl_shaders[SHADER_PAD], flags | draw_whole(&d, x->dtype));
    return d;
}

bool gl_pad(Call *c, const Shader *shader) {
    (void)shader;
    const Padding *p = c->attrs;
    Border b = {0};
    for (int i = c->out[0]->rank - 1; i >= 0; i--)
        if (!add_axis(&b, c->out[0]->shape[i], p->before[i], c->in[0]->shape[i])) return false;
    Texture *x = texture_of(c->in[0]);
    if (!x) return false;
    Draw d = border_draw(&b, x, p->value.real);
    return draw_tensor(&d, c->out[0]);
}

static Texture *pixels_padded(Texture *x, int pixels, int channels) {
    Draw d = {.program = program_of(&gl_shaders[SHADER_CHANNELS], 0),
              .nin = 1,
              .in = {x},
              .nwords = 5,
              .words = {[4] = channels}};
    return draw_new(&d, TN_FLOAT32, 4 * pixels);
}

Texture *texture_padded(Texture *x, const int from[3], const int to[3]) {
    if (to[2] == 4 && from[1] == to[1]) return pixels_padded(x, to[0] * to[1], from[2]);
    Border b = {0};
    for (int i = 2; i >= 0; i--) add_axis(&b, to[i], 0, from[i]);
    Draw d = border_draw(&b, x, 0);
    return draw_new(&d, x->dtype, to[0] * to[1] * to[2]);
}

/* ---- concat, stack, split, unstack: attributes are a Join ---- */

enum { PARTS = 4 };

/* Rows of `runs`, whose sum is *row. */
static Draw join_draw(Texture *const *parts, const int *runs, int count, int *row) {
    Draw d = {.nin = PARTS, .nwords = 8};
    bool aligned = true;
    *row = 0;
    for (int i = 0; i < PARTS; i++) {
        d.in[i] = parts[i < count ? i : 0];
        if (i < count) *row += runs[i];
        aligned = aligned && (i >= count || runs[i] % 4 == 0);
    }
    int unit = aligned ? 4 : 1;
    d.words[4] = *row / unit;
    for (int i = 0; i < PARTS - 1 && i < count; i++) d.words[5 + i] = runs[i] / unit;
    const uint32_t few = count == 2 ? CONCAT_TWO : count == 3 ? CONCAT_THREE : 0;
    const uint32_t flags = few | (aligned ? CONCAT_ALIGNED : 0);
    d.program = program_of(&gl_shaders[SHADER_CONCAT], flags | draw_whole(&d, parts[0]->dtype));
    return d;
}

/* Four inputs at a time, the first of which is what has been joined before. */
bool gl_concat(Call *c, const Shader *shader) {
    (void)shader;
    for (int i = 0; i < c->nin; i++)
        if (!texture_of(c->in[i])) return false;
    int rows = ((const Join *)c->attrs)->outer, row = 0, used = 0;
    bool drawn = false;
    Texture *joined = NULL;
    do {
        Texture *parts[PARTS] = {joined};
        int runs[PARTS] = {row}, n = joined != NULL;
        while (n < PARTS && used < c->nin) {
            runs[n] = c->in[used]->size / rows;
            parts[n++] = c->in[used++]->storage->texture;
        }
        Draw d = join_draw(parts, runs, n, &row);
        Texture *next = used < c->nin ? draw_new(&d, c->out[0]->dtype, rows * row) : NULL;
        if (used == c->nin) drawn = draw_tensor(&d, c->out[0]);
        texture_free(joined);
        joined = next;
    } while (joined);
    return drawn;
}

void undo_results(Call *c, int count) {
    for (int j = 0; j < count; j++) {
        storage_release(c->out[j]->storage);
        c->out[j]->storage = NULL;
    }
}

bool gl_split(Call *c, const Shader *shader) {
    (void)shader;
    int rows = ((const Join *)c->attrs)->outer;
    Strided s = {.rank = 2, .size = {rows, 0}, .stride = {c->in[0]->size / rows, 1}};
    for (int j = 0; j < c->nout; j++, s.base += s.size[1]) {
        s.size[1] = c->out[j]->size / rows;
        if (walk(c->in[0], c->out[j], &s)) continue;
        undo_results(c, j);
        return false;
    }
    return true;
}
