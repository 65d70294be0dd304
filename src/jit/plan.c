/* A plan from a trace: dead calls go, lives of tensors are found, and places for them in one block,
** the largest first, each into the smallest gap that is free while it lives. */
#include "jit/plan.h"
#include <stdlib.h>

bool plan_room(void **items, int *room, int n, size_t item) {
    if (n < *room) return true;
    const int more = *room ? *room * 2 : 16;
    void *larger = mem_alloc((size_t)more * item);
    if (!larger) return false;
    if (n) memcpy(larger, *items, (size_t)n * item);
    mem_free(*items, (size_t)*room * item);
    *items = larger;
    *room = more;
    return true;
}

void plan_free(Plan *p) {
    if (!p) return;
    for (int i = 0; i < p->nslots; i++) {
        if (p->slots[i]->kind == SLOT_CONSTANT) storage_release(p->slots[i]->x.storage);
        mem_free(p->slots[i], sizeof(Slot));
    }
    for (int k = 0; k < p->nsteps; k++) mem_free(p->steps[k], p->steps[k]->bytes);
    for (int i = 0; i < p->nouters; i++)
        if (!p->outers[i].id) tensor_release(p->outers[i].x);
    mem_free(p->slots, (size_t)p->slot_room * sizeof(Slot *));
    mem_free(p->steps, (size_t)p->step_room * sizeof(PlanCall *));
    mem_free(p->outers, (size_t)p->outer_room * sizeof(Outer));
    mem_free(p->results, (size_t)p->nresults * sizeof(int));
    mem_free(p, sizeof *p);
}

/* ---- what is needed ---- */

static bool is_wanted(const Plan *p, const PlanCall *s) {
    if (!s->call.op) return true;
    for (int j = 0; j < s->call.nout; j++)
        if (p->slots[s->slots[s->call.nin + j]]->wanted) return true;
    return false;
}

static void drop_dead(Plan *p) {
    int kept = 0;
    for (int j = 0; j < p->nresults; j++)
        if (p->results[j] >= 0) p->slots[p->results[j]]->wanted = true;
    for (int k = p->nsteps - 1; k >= 0; k--) {
        PlanCall *s = p->steps[k];
        const bool wanted = is_wanted(p, s);
        for (int i = 0; wanted && i < s->call.nin; i++)
            if (s->slots[i] >= 0) p->slots[s->slots[i]]->wanted = true;
        if (wanted) continue;
        mem_free(s, s->bytes);
        p->steps[k] = NULL;
    }
    for (int k = 0; k < p->nsteps; k++)
        if (p->steps[k]) p->steps[kept++] = p->steps[k];
    p->nsteps = kept;
}

/* ---- lifetimes ---- */

static void leave_with(Plan *p, int slot) {
    if (slot >= 0 && p->slots[slot]->root >= 0) p->slots[p->slots[slot]->root]->leaves = true;
}

static void find_lifetimes(Plan *p) {
    for (int k = 0; k < p->nsteps; k++) {
        const PlanCall *s = p->steps[k];
        for (int i = 0; i < s->call.nin + s->call.nout; i++) {
            Slot *x = s->slots[i] >= 0 ? p->slots[s->slots[i]] : NULL;
            if (!x) continue;
            x->last = x->until = k;
            if (i >= s->call.nin) x->first = k;
            if (x->root >= 0) p->slots[x->root]->until = k;
        }
        if (!s->call.op) leave_with(p, s->slots[0]);
    }
    for (int j = 0; j < p->nresults; j++) {
        leave_with(p, p->results[j]);
        if (p->results[j] >= 0) p->slots[p->results[j]]->last = p->nsteps;
    }
}

/* What a step lets go of after it. */
static void list_gone(Plan *p) {
    for (int i = 0; i < p->nslots; i++) {
        Slot *s = p->slots[i];
        if (s->kind == SLOT_CONSTANT || s->last < 0 || s->last == p->nsteps) continue;
        s->next_gone = p->steps[s->last]->gone;
        p->steps[s->last]->gone = i;
    }
}

/* ---- places ---- */

enum { ALIGNMENT = 16, MOST_PLACED = 4000 };

static bool may_place(const Slot *s, int i) {
    return s->kind == SLOT_MADE && s->root == i && !s->leaves && s->first >= 0 && s->own.bytes;
}

static uint64_t end_of(const Slot *s) {
    return ((uint64_t)s->offset + s->own.bytes + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

/* The start of the smallest gap that is free while s lives; placed[] go by offset. */
static uint64_t best_gap(const Slot *s, Slot **placed, int n) {
    uint64_t at = 0, best = UINT64_MAX, smallest = UINT64_MAX;
    for (int i = 0; i < n; i++) {
        const Slot *other = placed[i];
        if (other->until < s->first || s->until < other->first) continue;
        const uint64_t gap = other->offset > at ? other->offset - at : 0;
        if (gap >= s->own.bytes && gap < smallest) {
            best = at;
            smallest = gap;
        }
        if (end_of(other) > at) at = end_of(other);
    }
    return best < UINT64_MAX ? best : at;
}

static int by_size(const void *a, const void *b) {
    const Slot *x = *(Slot *const *)a, *y = *(Slot *const *)b;
    if (x->own.bytes != y->own.bytes) return x->own.bytes < y->own.bytes ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Gives slots their places in turn; false if the block would be too large. */
static bool give_places(Plan *p, Slot **order, Slot **placed, int n) {
    uint64_t bytes = 0;
    for (int i = 0; i < n; i++) {
        Slot *s = order[i];
        const uint64_t at = best_gap(s, placed, i);
        int k = i;
        if (at + s->own.bytes > INT32_MAX) return false;
        s->offset = (uint32_t)at;
        for (; k && placed[k - 1]->offset > s->offset; k--) placed[k] = placed[k - 1];
        placed[k] = s;
        if (end_of(s) > bytes) bytes = end_of(s);
    }
    p->block = (uint32_t)bytes;
    return true;
}

static bool find_places(Plan *p) {
    int n = 0;
    for (int i = 0; i < p->nslots; i++) n += may_place(p->slots[i], i);
    if (n > MOST_PLACED) return true;
    const size_t bytes = 2 * (size_t)n * sizeof(Slot *);
    Slot **order = mem_alloc(bytes);
    if (!order) return false;
    n = 0;
    for (int i = 0; i < p->nslots; i++)
        if (may_place(p->slots[i], i)) order[n++] = p->slots[i];
    qsort(order, (size_t)n, sizeof *order, by_size);
    const bool fits = give_places(p, order, order + n, n);
    for (int i = 0; i < n; i++) order[i]->placed = fits;
    mem_free(order, bytes);
    return true;
}

bool plan_finish(Plan *p) {
    drop_dead(p);
    find_lifetimes(p);
    list_gone(p);
    return find_places(p);
}
