/* Copies in memory of what training changes on the GPU, so that a lost context takes only the steps
** since the last copy. A copy has no texture: how many textures there are does not depend on it. */
#include "backend/webgl/gl.h"
#include "backend/webgl/context.h"

typedef struct Backup {
    Tensor *variable;
    uint32_t id; /* of the variable */
    const void *owner;
    Storage *copy, *next; /* next: on its way to memory; either may be NULL */
} Backup;

static Backup *backups;
static int count, capacity;

static void forget(int i) {
    storage_release(backups[i].copy);
    storage_release(backups[i].next);
    backups[i] = backups[--count];
}

static bool make_room(int n) {
    if (n <= capacity) return true;
    Backup *larger = mem_alloc((size_t)n * sizeof *larger);
    if (!larger) {
        fail(TN_MEMORY, "out of memory: no room for copies of %d variables", n);
        return false;
    }
    if (count) memcpy(larger, backups, (size_t)count * sizeof *larger);
    mem_free(backups, (size_t)capacity * sizeof *backups);
    backups = larger;
    capacity = n;
    return true;
}

static Backup *backup_of(const void *owner, Tensor *variable) {
    for (int i = 0; i < count; i++)
        if (backups[i].owner == owner && backups[i].variable == variable) return backups + i;
    backups[count] = (Backup){.variable = variable, .id = variable->id, .owner = owner};
    return backups + count++;
}

EXPORT void tn_gl_backup(const void *owner, const List *variables) {
    for (int i = count - 1; i >= 0; i--)
        if (backups[i].variable->id != backups[i].id) forget(i);
    if (failed() || !make_room(count + variables->n)) return;
    for (int i = 0; i < variables->n; i++) {
        Backup *b = backup_of(owner, variables->v[i]);
        storage_release(b->next);
        b->next = storage_retain(variables->v[i]->storage);
    }
}

/* s itself if it has no texture. NULL with the error set if it cannot be read, or memory is out. */
static Storage *copy_in_memory(Storage *s) {
    if (!storage_to_memory(s)) return NULL;
    if (!s->texture) return storage_retain(s);
    Storage *copy = storage_new(s->bytes);
    if (copy) memcpy(copy->data, s->data, s->bytes);
    return copy;
}

EXPORT void tn_gl_backup_end(const void *owner) {
    for (int i = 0; i < count && !failed(); i++) {
        Backup *b = backups + i;
        Storage *copy = b->owner == owner && b->next ? copy_in_memory(b->next) : NULL;
        if (!copy) continue;
        storage_release(b->copy);
        storage_release(b->next);
        b->copy = copy;
        b->next = NULL;
    }
}

static bool is_lost(const Storage *s) {
    const Texture *t = s->texture;
    return t && (!s->data || s->stale_data) && (t->generation != gl_generation() || context_lost());
}

void backups_restore(void) {
    for (int i = 0; i < count; i++) {
        const Backup *b = backups + i;
        Tensor *v = b->variable;
        if (v->id != b->id || !b->copy || !is_lost(v->storage)) continue;
        storage_release(v->storage);
        v->storage = storage_retain(b->copy);
    }
}

EXPORT void tn_gl_backup_release(const void *owner) {
    backups_restore();
    for (int i = count - 1; i >= 0; i--)
        if (backups[i].owner == owner) forget(i);
}
