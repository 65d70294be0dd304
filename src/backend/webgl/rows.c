/* Rows that are added or put where indices say: embeddings' gradients, segments, scatterND. The
** indices are sorted here, for their values were checked in memory; each row of the result then
** looks up what comes to it. */
#include "backend/webgl/gl.h"
#include "ops/gather.h"
#include "ops/sample.h"

/* For each batch where the places of each row begin, then the places by rows, in order (a counting
** sort); rows below 0 are none. `chosen`, unless NULL: what stands for a place. NULL if there is no
** memory. */
static Texture *places_by_row(const int *at, const int *chosen, int batch, int dim, int count) {
    const int64_t size = (int64_t)batch * (dim + 1 + count);
    const size_t bytes = (size_t)size * sizeof(int);
    int *all = size <= INT32_MAX / 4 && texture_fits((int)size) ? mem_alloc(bytes) : NULL;
    if (!all) return NULL;
    memset(all, 0, bytes);
    for (int b = 0; b < batch; b++) {
        int *begin = all + (int64_t)b * (dim + 1),
            *place = all + (int64_t)batch * (dim + 1) + b * count;
        const int *row = at + (int64_t)b * count;
        for (int i = 0; i < count; i++)
            if (row[i] >= 0) begin[row[i] + 1]++;
        for (int r = 0; r < dim; r++) begin[r + 1] += begin[r];
        const int end = begin[dim];
        for (int i = count - 1; i >= 0; i--)
            if (row[i] >= 0) place[--begin[row[i] + 1]] = chosen ? chosen[i] : i;
        memmove(begin, begin + 1, (size_t)dim * sizeof *begin);
        begin[dim] = end;
    }
    Texture *t = texture_of_ints(all, (int)size);
    mem_free(all, bytes);
    return t;
}

/* x's rows to those of y; `otherwise` NULL: added up, else what y has where no row comes. */
static bool to_rows(Tensor *x, Texture *places, const Gather *g, Tensor *otherwise, Tensor *y) {
    uint32_t flags = (g->inner % 4 ? 0 : SCATTER_ADD_ALIGNED) | (otherwise ? SCATTER_ADD_LAST : 0);
    Draw d = {.nwords = 9,
              .words = {0, 0, 0, 0, g->outer, g->dim, g->count, g->inner, g->batch * (g->dim + 1)}};
    bool there = places && draw_input(&d, x);
    d.in[d.nin++] = places;
    if (there && otherwise) there = draw_input(&d, otherwise);
    d.program = there
                    ? program_of(&gl_shaders[SHADER_SCATTER_ADD], flags | draw_whole(&d, y->dtype))
                    : NULL;
    there = there && draw_tensor(&d, y);
    texture_free(places);
    return there;
}

static const int *ints_of(Tensor *x) {
    return storage_to_memory(x->storage) ? (const int *)x->storage->data : NULL;
}

bool gl_scatterAdd(Call *c, const Shader *shader) {
    (void)shader;
    const Gather *g = c->attrs;
    const int *at = ints_of(c->in[1]);
    return at && to_rows(c->in[0], places_by_row(at, NULL, g->batch, g->dim, g->count), g, NULL,
                         c->out[0]);
}

static Gather rows_of(const Tensor *y, int count) {
    return (Gather){1, 1, y->shape[0], count, y->size / y->shape[0]};
}

/* Bools are joined by or, which a sum of floats is not. */
bool gl_addRows(Call *c, const Shader *shader) {
    (void)shader;
    Tensor *y = c->out[0];
    const int *at = y->dtype == TN_BOOL ? NULL : ints_of(c->in[1]);
    const Gather g = rows_of(y, c->in[1]->size);
    return at && to_rows(c->in[0], places_by_row(at, NULL, 1, g.dim, g.count), &g, NULL, y);
}

/* Row index[i] of x goes to row id[i]. */
bool gl_addChosen(Call *c, const Shader *shader) {
    (void)shader;
    Tensor *y = c->out[0];
    const int *index = ints_of(c->in[1]), *id = ints_of(c->in[2]);
    const Gather g = rows_of(y, c->in[1]->size);
    return index && id &&
           to_rows(c->in[0], places_by_row(id, index, 1, g.dim, g.count), &g, NULL, y);
}

bool gl_setRows(Call *c, const Shader *shader) {
    (void)shader;
    Tensor *y = c->out[0];
    const int *at = ints_of(c->in[1]);
    const Gather g = rows_of(y, c->in[1]->size);
    return at && to_rows(c->in[2], places_by_row(at, NULL, 1, g.dim, g.count), &g, c->in[0], y);
}

/* ---- sample ---- */

static uint32_t sample_flags(const Sample *s, Tensor *weights) {
    return (s->channels % 4 ? 0 : SAMPLE_ALIGNED) | (weights ? SAMPLE_WEIGHTS : 0);
}

static Draw sample_draw(const Sample *s) {
    Draw d = {.nwords = 4 + sizeof *s / 4};
    memcpy(d.words + 4, s, sizeof *s);
    return d;
}

/* Inputs x, weights or NULL, index. */
bool gl_sample(Call *c, const Shader *shader) {
    Draw d = sample_draw(c->attrs);
    if (!draw_input(&d, c->in[0])) return false;
    if (!c->in[1]) d.nin++;
    else if (!draw_input(&d, c->in[1])) return false;
    if (!draw_input(&d, c->in[2])) return false;
    d.program = program_of(shader, sample_flags(c->attrs, c->in[1]));
    return draw_tensor(&d, c->out[0]);
}

/* Inputs dy, weights or NULL, index. */
bool gl_sampleBack(Call *c, const Shader *shader) {
    const Sample *s = c->attrs;
    const int *at = ints_of(c->in[2]);
    Texture *taps = at ? places_by_row(at, NULL, 1, s->sources, c->in[2]->size) : NULL;
    Draw d = sample_draw(s);
    d.words[d.nwords++] = s->sources + 1;
    bool there = taps && draw_input(&d, c->in[0]);
    d.in[d.nin++] = taps;
    if (there && c->in[1]) there = draw_input(&d, c->in[1]);
    if (there) d.program = program_of(shader, sample_flags(s, c->in[1]));
    there = there && draw_tensor(&d, c->out[0]);
    texture_free(taps);
    return there;
}
