/* Programs that packages bring: shaders whose source JavaScript has written around their code,
** drawn as those of ops are. A source is compiled once; shapes are constants in it, other numbers
** are words. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

typedef struct Source {
    struct Source *next;
    char text[];
} Source;

/* The one copy of a source, whose address is the program's key. */
static const char *kept_source(const char *text) {
    static Source *first;
    for (Source *s = first; s; s = s->next)
        if (!strcmp(s->text, text)) return s->text;
    const size_t bytes = strlen(text) + 1;
    Source *s = mem_alloc(sizeof *s + bytes);
    if (!s) {
        fail(TN_MEMORY, "out of memory: a shader of %d bytes does not fit", (int)bytes);
        return NULL;
    }
    memcpy(s->text, text, bytes);
    s->next = first;
    first = s;
    return s->text;
}

static Program *compiled(const char *text) {
    const char *key = kept_source(text);
    Program *p = key ? program_find(key, 0) : NULL;
    if (key && !p) p = program_build(key, 0, "", "", key);
    if (p && p->id) return p;
    if (!failed())
        fail(TN_DEVICE, "compileAndRun: the shader does not compile; the console says why");
    return NULL;
}

static bool can_draw(const List *inputs, const Ints *words) {
    if (failed()) return false;
    if (device() != &gl_device || !gl_live())
        fail(TN_DEVICE, "compileAndRun: programs need tf.setBackend('webgl')");
    else if (inputs->n >= MAX_INPUTS)
        fail(TN_VALUE, "compileAndRun: a program has at most %d inputs, but got %d", MAX_INPUTS - 1,
             inputs->n);
    else if (words->n > MAX_WORDS)
        fail(TN_VALUE, "compileAndRun: customUniforms have at most %d numbers, but got %d",
             MAX_WORDS, words->n);
    for (int i = 0; i < inputs->n && !failed(); i++)
        if (!is_real(inputs->v[i]->dtype) || !inputs->v[i]->size)
            fail(TN_DTYPE, "compileAndRun: input %d is %s %s, which no texture holds", i,
                 dtype_name(inputs->v[i]->dtype), shape_text(inputs->v[i]));
    return !failed();
}

/* A float32 tensor of this shape, drawn by a program from inputs x0, x1... After them comes a
** texture of the page, unless it is 0: the program reads it as it lies. */
EXPORT Tensor *tn_gl_program(const char *source, const List *inputs, const Ints *shape,
                             const Ints *words, unsigned texture) {
    if (!can_draw(inputs, words)) return nothing();
    trace_break("a program of the page");
    Texture page = {.id = texture};
    Draw d = {.program = compiled(source), .nwords = words->n};
    if (!d.program) return nothing();
    memcpy(d.words, words->v, (size_t)words->n * sizeof *d.words);
    Tensor *floats[MAX_INPUTS]; /* all made before the first is drawn from */
    for (int i = 0; i < inputs->n; i++) floats[i] = to_float(inputs->v[i]);
    memory_next_call();
    for (int i = 0; i < inputs->n; i++)
        if (!draw_input(&d, floats[i]))
            return fail(TN_DEVICE, "compileAndRun: input %d of shape %s fits into no texture", i,
                        shape_text(inputs->v[i]));
    if (texture) {
        gl_share();
        d.in[d.nin++] = &page;
    }
    Tensor *y = make(TN_FLOAT32, shape->n, shape->v);
    bool drawn = !failed() && draw_tensor(&d, y);
    if (texture) gl_forget(texture, 0);
    if (drawn) return y;
    tn_dispose(y);
    return fail(TN_DEVICE, "compileAndRun: the result fits into no texture");
}
