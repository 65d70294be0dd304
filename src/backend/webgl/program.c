/* Programs: the one place that compiles. A program is known by a shader, or an expression, and the
** flags it is compiled with; shapes are uniforms. One that does not compile is kept as such, so
** that its op stays on the CPU and the developer is told once. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"
#include <stdio.h>

enum { LOG = 2048, LINE = 200, SOURCE = 65536, COMPLETION_STATUS = 0x91B1 };
static bool ahead;
static Program **programs; /* open addressing, a power of two of slots; NULL: free */
static int slots, used;

static uint32_t hash(const void *key, uint32_t flags) {
    uint64_t h = ((uint64_t)(uintptr_t)key ^ ((uint64_t)flags << 32)) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 33);
}

static Program **slot_of(Program **table, int size, const void *key, uint32_t flags) {
    for (uint32_t i = hash(key, flags);; i++) {
        Program **p = &table[i & (uint32_t)(size - 1)];
        if (!*p || ((*p)->key == key && (*p)->flags == flags)) return p;
    }
}

Program *program_find(const void *key, uint32_t flags) {
    return slots ? *slot_of(programs, slots, key, flags) : NULL;
}

static bool make_room(void) {
    if (2 * used < slots) return true;
    int more = slots ? 2 * slots : 64;
    Program **table = mem_alloc((size_t)more * sizeof *table);
    if (!table) return false;
    memset(table, 0, (size_t)more * sizeof *table);
    for (int i = 0; i < slots; i++)
        if (programs[i]) *slot_of(table, more, programs[i]->key, programs[i]->flags) = programs[i];
    mem_free(programs, (size_t)slots * sizeof *programs);
    programs = table;
    slots = more;
    return true;
}

static Program *program_add(const void *key, uint32_t flags) {
    Program *p = make_room() ? mem_alloc(sizeof *p) : NULL;
    if (!p) return NULL;
    used++;
    *p = (Program){.key = key, .flags = flags};
    return *slot_of(programs, slots, key, flags) = p;
}

void programs_clear(void) {
    for (int i = 0; i < slots; i++) {
        if (programs[i] && programs[i]->id && gl_live()) glDeleteProgram(programs[i]->id);
        mem_free(programs[i], sizeof **programs);
    }
    mem_free(programs, (size_t)slots * sizeof *programs);
    programs = NULL;
    slots = used = 0;
}

/* ---- compiling ---- */

static GLuint vertex_shader(void) {
    static const char *const source =
        "#version 300 es\nvoid main() { gl_Position = vec4(gl_VertexID "
        "== 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0., 1.); }";
    GLuint id = glCreateShader(GL_VERTEX_SHADER);
    glShaderSource(id, 1, &source, NULL);
    glCompileShader(id);
    return id;
}

/* What the compiler says, and the source with line numbers. */
static void complain(const Program *p) {
    GLsizei length = 0;
    static char source[SOURCE];
    char text[LOG];
    glGetShaderInfoLog(p->fragment, LOG, &length, text);
    if (!length) glGetProgramInfoLog(p->id, LOG, &length, text);
    context_log(length ? text : "webgl: a shader does not link");
    glGetShaderSource(p->fragment, SOURCE, NULL, source);
    int line = 1;
    for (const char *at = source; *at; line++) {
        size_t n = strcspn(at, "\n");
        char numbered[LINE];
        snprintf(numbered, LINE, "%4d  %.*s", line, (int)(n < LINE ? n : LINE), at);
        context_log(numbered);
        at += n + (at[n] == '\n');
    }
}

/* Sent to the compiler, which may work beside us until it is asked for what came of it. */
static void send(Program *p, int count, const char *const *pieces) {
    GLuint vertex = vertex_shader();
    p->id = glCreateProgram();
    p->fragment = glCreateShader(GL_FRAGMENT_SHADER);
    glShaderSource(p->fragment, count, pieces, NULL);
    glCompileShader(p->fragment);
    glAttachShader(p->id, vertex);
    glAttachShader(p->id, p->fragment);
    glLinkProgram(p->id);
    glDeleteShader(vertex);
}

static void name_units(GLuint id) {
    gl_use_program(id);
    for (int i = 0; i < MAX_SAMPLERS; i++) {
        const char name[] = {'x', (char)('0' + i), 0};
        GLint at = glGetUniformLocation(id, name);
        if (at >= 0) glUniform1i(at, i);
    }
}

/* What came of compiling. */
static bool links(Program *p) {
    GLint linked = 0;
    glGetProgramiv(p->id, GL_LINK_STATUS, &linked);
    if (!linked && gl_live() && !context_lost()) complain(p);
    glDeleteShader(p->fragment);
    p->fragment = 0;
    return linked;
}

bool program_ready(Program *p) {
    if (!p->fragment) return p->id;
    if (links(p)) {
        name_units(p->id);
        p->words = glGetUniformLocation(p->id, "words");
        return true;
    }
    glDeleteProgram(p->id);
    p->id = 0;
    return false;
}

Program *program_build(const void *key, uint32_t flags, const char *defines, const char *library,
                       const char *source) {
    char head[100];
    snprintf(head, sizeof head, "#version 300 es\n#define SHIFT %d\n", gl_limits.shift);
    const char *const pieces[] = {head, defines, gl_common, library, source};
    Program *p = program_add(key, flags);
    if (!p) return NULL;
    send(p, sizeof pieces / sizeof *pieces, pieces);
    return ahead || program_ready(p) ? p : NULL;
}

/* ---- ahead of their use ---- */

bool programs_ahead(void) { return ahead; }

/* While it is on, programs are only sent to the compiler, and nothing is drawn: results hold
** nothing, so no plan is made of them. */
EXPORT void tn_gl_ahead(bool on) { ahead = trace_paused = on; }

/* How many programs are still being compiled; 0 where the driver does not say. */
EXPORT int tn_gl_compiling(void) {
    int n = 0;
    if (!gl_live() || !context_compiles_beside()) return 0;
    for (int i = 0; i < slots; i++) {
        GLint done = GL_TRUE;
        if (programs[i] && programs[i]->fragment)
            glGetProgramiv(programs[i]->id, COMPLETION_STATUS, &done);
        n += !done;
    }
    return n;
}

/* X0 to X5: the kinds of samplers of the inputs; FIRST: what the elements of x0 are; WHOLE: the
** result is of whole numbers. */
static size_t write_kinds(char *text, size_t capacity, uint32_t flags) {
    size_t n = 0;
    for (int i = 0; i < MAX_INPUTS; i++)
        n += (size_t)snprintf(text + n, capacity - n, "#define X%d %ssampler2D\n", i,
                              flags & WHOLE_INPUT << i ? "i" : "");
    n += (size_t)snprintf(text + n, capacity - n, "#define FIRST %s\n#define FIRST4 %s\n",
                          flags & WHOLE_INPUT ? "int" : "float",
                          flags & WHOLE_INPUT ? "ivec4" : "vec4");
    if (flags & WHOLE_RESULT) n += (size_t)snprintf(text + n, capacity - n, "#define WHOLE\n");
    return n;
}

Program *program_with(const void *key, const Shader *shader, uint32_t flags, const char *library) {
    Program *known = program_find(key, flags);
    if (known) return known->id ? known : NULL;
    char defines[400];
    size_t n = write_kinds(defines, sizeof defines, flags);
    const char *name = shader->flags;
    for (uint32_t rest = flags & (WHOLE_INPUT - 1); rest; rest >>= 1) {
        int length = (int)strcspn(name, " ");
        if (rest & 1)
            n += (size_t)snprintf(defines + n, sizeof defines - n, "#define %.*s\n", length, name);
        name += length + (name[length] == ' ');
    }
    return program_build(key, flags, defines, library, shader->source);
}

Program *program_of(const Shader *shader, uint32_t flags) {
    return program_with(shader, shader, flags, "");
}
