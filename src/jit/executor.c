/* Doing a plan: its calls one after another, on the CPU in one block of memory, on a device with
** textures from its pool. */
#include "jit/plan.h"

bool plan_holds(const Plan *p) {
    for (int i = 0; i < p->nouters; i++)
        if (p->outers[i].x->id != p->outers[i].id) return false;
    return true;
}

static void free_value(PlanValue *s) {
    storage_release(s->x.storage);
    s->x.storage = NULL;
}

static void put_in_block(PlanValue *s, char *block) {
    if (!s->placed || !block) return;
    s->own = (Storage){.refs = 1 << 30, .bytes = s->own.bytes, .data = block + s->offset};
    s->x.storage = &s->own;
}

static bool do_call(Plan *p, PlanCall *s, char *block) {
    const int *made = s->values + s->call.nin;
    for (int j = 0; j < s->call.nout; j++) put_in_block(p->values[made[j]], block);
    if (s->call.op && !call_compute(&s->call)) return false;
    if (!s->call.op) tn_assign(s->variable, s->call.in[0]);
    for (int i = s->gone; i >= 0; i = p->values[i]->next_gone) free_value(p->values[i]);
    return !failed();
}

/* The block counts as memory in use while it is. */
static void count_block(double bytes) {
    Accounts *a = accounts();
    a->bytes += bytes;
    if (a->bytes > a->peak) a->peak = a->bytes;
}

static void do_calls(Plan *p) {
    char *block = p->block && !device() ? scratch(p->block) : NULL;
    if (failed()) return;
    if (block) count_block(p->block);
    for (int k = 0; k < p->ncalls; k++)
        if (!do_call(p, p->calls[k], block)) break;
    if (!block) return;
    for (int i = 0; i < p->nvalues; i++)
        if (p->values[i]->x.storage == &p->values[i]->own) p->values[i]->x.storage = NULL;
    scratch_free(block, p->block);
    count_block(-(double)p->block);
}

static Tensor *result_of(const PlanValue *s) {
    Tensor *y = make_like(&s->x);
    if (!failed()) y->storage = storage_retain(s->x.storage);
    return y;
}

void plan_replay(Plan *p, Tensor **in, Tensor **out) {
    for (int i = 0, k = 0; i < p->nin; i++)
        if (in[i]) p->values[k++]->x.storage = storage_retain(in[i]->storage);
    do_calls(p);
    for (int j = 0; j < p->nresults; j++)
        out[j] = failed()             ? nothing()
                 : p->results[j] >= 0 ? result_of(p->values[p->results[j]])
                                      : NULL;
    for (int i = 0; i < p->nvalues; i++)
        if (p->values[i]->kind != VALUE_CONSTANT) free_value(p->values[i]);
}
