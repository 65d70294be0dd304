/* A plan from a trace: dead calls go, lifetimes of tensors are found, and places for them in one
** block, the largest first, each into the smallest gap that is free while it is needed. */
#include "jit/plan.h"
#include <stdlib.h>

void plan_free(Plan *p) {
    if (!p) return;
    for (int i = 0; i < p->nvalues; i++) {
        if (p->values[i]->kind == VALUE_CONSTANT) storage_release(p->values[i]->x.storage);
        mem_free(p->values[i], sizeof(PlanValue));
    }
    for (int k = 0; k < p->ncalls; k++) mem_free(p->calls[k], p->calls[k]->bytes);
    for (int i = 0; i < p->nouters; i++)
        if (!p->outers[i].id) tensor_release(p->outers[i].x);
    mem_free(p->values, (size_t)p->value_capacity * sizeof(PlanValue *));
    mem_free(p->calls, (size_t)p->call_capacity * sizeof(PlanCall *));
    mem_free(p->outers, (size_t)p->outer_capacity * sizeof(Outer));
    mem_free(p->results, (size_t)p->nresults * sizeof(int));
    mem_free(p, sizeof *p);
}

/* ---- what is needed ---- */

static bool is_wanted(const Plan *p, const PlanCall *s) {
    if (!s->call.op) return true;
    for (int j = 0; j < s->call.nout; j++)
        if (p->values[s->values[s->call.nin + j]]->wanted) return true;
    return false;
}

static void drop_dead(Plan *p) {
    int kept = 0;
    for (int j = 0; j < p->nresults; j++)
        if (p->results[j] >= 0) p->values[p->results[j]]->wanted = true;
    for (int k = p->ncalls - 1; k >= 0; k--) {
        PlanCall *s = p->calls[k];
        const bool wanted = is_wanted(p, s);
        for (int i = 0; wanted && i < s->call.nin; i++)
            if (s->values[i] >= 0) p->values[s->values[i]]->wanted = true;
        if (wanted) continue;
        mem_free(s, s->bytes);
        p->calls[k] = NULL;
    }
    for (int k = 0; k < p->ncalls; k++)
        if (p->calls[k]) p->calls[kept++] = p->calls[k];
    p->ncalls = kept;
}

/* ---- lifetimes ---- */

static void escape_with(Plan *p, int value) {
    if (value >= 0 && p->values[value]->root >= 0)
        p->values[p->values[value]->root]->escapes = true;
}

static void find_lifetimes(Plan *p) {
    for (int k = 0; k < p->ncalls; k++) {
        const PlanCall *s = p->calls[k];
        for (int i = 0; i < s->call.nin + s->call.nout; i++) {
            PlanValue *x = s->values[i] >= 0 ? p->values[s->values[i]] : NULL;
            if (!x) continue;
            x->last = x->until = k;
            if (i >= s->call.nin) x->first = k;
            if (x->root >= 0) p->values[x->root]->until = k;
        }
        if (!s->call.op) escape_with(p, s->values[0]);
    }
    for (int j = 0; j < p->nresults; j++) {
        escape_with(p, p->results[j]);
        if (p->results[j] >= 0) p->values[p->results[j]]->last = p->ncalls;
    }
}

/* What is freed after each call. */
static void list_gone(Plan *p) {
    for (int i = 0; i < p->nvalues; i++) {
        PlanValue *s = p->values[i];
        if (s->kind == VALUE_CONSTANT || s->last < 0 || s->last == p->ncalls) continue;
        s->next_gone = p->calls[s->last]->gone;
        p->calls[s->last]->gone = i;
    }
}

/* Which inputs of a call are read there for the last time. */
static uint32_t last_inputs(const Plan *p, const PlanCall *s, int k) {
    uint32_t last = 0;
    for (int i = 0; i < s->call.nin && i < 32; i++) {
        const PlanValue *x = s->values[i] >= 0 ? p->values[s->values[i]] : NULL;
        const PlanValue *root = x && x->root >= 0 ? p->values[x->root] : NULL;
        if (root && root->kind == VALUE_COMPUTED && !root->escapes && root->until == k)
            last |= 1u << i;
    }
    return last;
}

/* ---- places ---- */

enum { ALIGNMENT = 16, MOST_PLACED = 4000 };

static bool may_place(const PlanValue *s, int i) {
    return s->kind == VALUE_COMPUTED && s->root == i && !s->escapes && s->first >= 0 &&
           s->own.bytes;
}

static uint64_t end_of(const PlanValue *s) {
    return ((uint64_t)s->offset + s->own.bytes + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

/* The start of the smallest gap that is free while s is needed; placed[] go by offset. */
static uint64_t best_gap(const PlanValue *s, PlanValue **placed, int n) {
    uint64_t at = 0, best = UINT64_MAX, smallest = UINT64_MAX;
    for (int i = 0; i < n; i++) {
        const PlanValue *other = placed[i];
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
    const PlanValue *x = *(PlanValue *const *)a, *y = *(PlanValue *const *)b;
    if (x->own.bytes != y->own.bytes) return x->own.bytes < y->own.bytes ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Gives values their places in turn; false if the block would be too large. */
static bool give_places(Plan *p, PlanValue **order, PlanValue **placed, int n) {
    uint64_t bytes = 0;
    for (int i = 0; i < n; i++) {
        PlanValue *s = order[i];
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
    for (int i = 0; i < p->nvalues; i++) n += may_place(p->values[i], i);
    if (n > MOST_PLACED) return true;
    const size_t bytes = 2 * (size_t)n * sizeof(PlanValue *);
    PlanValue **order = mem_alloc(bytes);
    if (!order) return false;
    n = 0;
    for (int i = 0; i < p->nvalues; i++)
        if (may_place(p->values[i], i)) order[n++] = p->values[i];
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
    for (int k = 0; k < p->ncalls; k++) p->calls[k]->call.last = last_inputs(p, p->calls[k], k);
    return find_places(p);
}
