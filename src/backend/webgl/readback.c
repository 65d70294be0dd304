/* Reading without waiting: pixels go to a buffer behind a fence; when it has passed, to memory. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

enum { READS = 64 };
typedef struct Read {
    Storage *storage; /* NULL: free */
    GLuint buffer;    /* the name is kept for the next read */
    GLsync fence;
    uint32_t generation;
} Read;

static Read reads[READS];

static void release(Read *r) {
    if (r->generation == gl_generation()) {
        glDeleteSync(r->fence);
        glBindBuffer(GL_PIXEL_PACK_BUFFER, r->buffer);
        glBufferData(GL_PIXEL_PACK_BUFFER, 0, NULL, GL_STREAM_READ); /* its memory goes back */
        glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    }
    Storage *s = r->storage;
    r->fence = NULL;
    r->storage = NULL;
    storage_release(s);
}

void reads_clear(void) {
    for (int i = 0; i < READS; i++) reads[i].buffer = 0;
}

static size_t bytes_of(const Texture *t) { return texture_row_bytes(t) * (size_t)texture_rows(t); }

/* Begins to bring x to memory. Its number, from 1, for the two calls below; 0 if nothing has to be
** waited for: the data is there, or all reads are in use, and reading it will wait. */
EXPORT int tn_gl_read_begin(Tensor *x) {
    Storage *s = x->storage;
    Texture *t = s->texture;
    if (!t || (s->data && !s->stale_data) || t->generation != gl_generation() || !gl_live() ||
        !texture_settle(t))
        return 0;
    Read *r = reads;
    while (r < reads + READS && r->storage) r++;
    if (r == reads + READS) return 0;
    gl_recall();
    if (!r->buffer) glGenBuffers(1, &r->buffer);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, r->buffer);
    glBufferData(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)bytes_of(t), NULL, GL_STREAM_READ);
    texture_read(t, 0);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    r->fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    glFlush();
    r->storage = storage_retain(s);
    r->generation = t->generation;
    gl_check("beginning to read");
    return (int)(r - reads) + 1;
}

/* True when tn_gl_read_end will not wait. */
EXPORT bool tn_gl_read_done(int number) {
    const Read *r = &reads[number - 1];
    if (!r->storage || !r->fence || r->generation != gl_generation()) return true;
    GLenum state = glClientWaitSync(r->fence, 0, 0);
    return state == GL_ALREADY_SIGNALED || state == GL_CONDITION_SATISFIED;
}

/* Rows lie one after another in the buffer, so that elements of four bytes come as they are. */
static void fetch(Read *r) {
    Storage *s = r->storage;
    Texture *t = s->texture;
    if (s->data && !s->stale_data) return;
    const bool direct = t->dtype != TN_BOOL;
    const size_t bytes = direct ? s->bytes : bytes_of(t);
    if (!s->data) s->data = mem_alloc(s->bytes);
    s->stale_data = true;
    if (!s->data) fail(TN_MEMORY, "out of memory: a tensor of %u bytes does not fit", s->bytes);
    void *to = failed() ? NULL : direct ? s->data : scratch(bytes);
    if (!to) return;
    gl_recall();
    glBindBuffer(GL_PIXEL_PACK_BUFFER, r->buffer);
    context_read_buffer(GL_PIXEL_PACK_BUFFER, bytes, to);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    if (!direct) {
        texture_unpack(t, to, s->data);
        scratch_free(to, bytes);
    }
    s->stale_data = context_lost();
    if (!s->stale_data) memory_arrived(s);
}

/* Ends a read, waiting if it is not done: the data is in memory, unless the context was lost. */
EXPORT void tn_gl_read_end(int number) {
    Read *r = &reads[number - 1];
    if (!r->storage) return;
    if (r->generation == gl_generation()) fetch(r);
    release(r);
}
