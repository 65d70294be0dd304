/* How much of the GPU's memory textures take: the limit that the page sets, and what gives way to
** it, first textures kept for reuse, then those of tensors that have their data in memory too. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

static double limit = INFINITY;
/* Storages that have a texture and, as far as is known, their data in memory, by their last use. */
static Storage *oldest, *newest;
static uint32_t call;

static double total(void) { return accounts()->texture_bytes + accounts()->texture_pooled; }

void memory_peak(void) {
    if (total() > accounts()->texture_peak) accounts()->texture_peak = total();
}

/* ---- storages that could do without their textures ---- */

static bool listed(const Storage *s) { return s->older || s->newer || s == newest; }

void memory_forget(Storage *s) {
    if (!listed(s)) return;
    if (s->older) s->older->newer = s->newer;
    else oldest = s->newer;
    if (s->newer) s->newer->older = s->older;
    else newest = s->older;
    s->older = s->newer = NULL;
}

static void append(Storage *s) {
    s->older = newest;
    if (newest) newest->newer = s;
    else oldest = s;
    newest = s;
}

void memory_arrived(Storage *s) {
    if (((Texture *)s->texture)->exported || s == newest) return;
    memory_forget(s);
    append(s);
}

void memory_used(Storage *s) {
    ((Texture *)s->texture)->call = call;
    if (s->data && !s->stale_data) memory_arrived(s);
}

void memory_next_call(void) { call++; }

/* A call's textures are the newest: with the first of them nothing is left to give way. Those that
** pending results are made of stay. */
static bool give_way(void) {
    for (Storage *s = oldest; s; s = s->newer) {
        const Texture *t = s->texture;
        if (t->call == call) return false;
        if (t->refs > 1 || !s->data || s->stale_data) continue;
        texture_drop(s);
        return true;
    }
    return false;
}

/* ---- the limit ---- */

/* The first attempt keeps the pool as large as it may be. */
static bool make_room(double bytes) {
    if (total() + bytes <= limit) return true;
    const double keep = limit - bytes - accounts()->texture_bytes;
    picture_drop();
    texture_pool_trim(keep > 0 ? keep : 0);
    while (total() + bytes > limit && give_way()) texture_pool_trim(0);
    return total() + bytes <= limit;
}

bool memory_room(double bytes) {
    if (make_room(bytes)) return true;
    fail(TN_MEMORY,
         "webgl: a texture of %.0f bytes is beyond the limit of %.0f that tf.webgl.setMemoryLimit "
         "set: %.0f bytes in %d textures are in use; dispose what is not needed, by tf.tidy() in "
         "loops, or work in smaller batches",
         bytes, limit, accounts()->texture_bytes, accounts()->textures);
    return false;
}

/* Most bytes that textures may take from now on. What can give way does so at once. */
EXPORT void tn_gl_limit(double bytes) {
    limit = bytes;
    memory_next_call();
    make_room(0);
}

void memory_lost(void) {
    accounts()->textures = 0;
    accounts()->texture_bytes = 0;
    memory_trim();
}

void memory_trim(void) {
    picture_drop();
    texture_pool_clear();
}

/* The page is out of sight: gives back what is kept for reuse. */
EXPORT void tn_gl_trim(void) {
    memory_trim();
    if (gl_live()) glFlush();
}
