/* Drawing what is pending: the results that a texture is made of, back to textures that are there,
** become one program and one draw. Those of them that others hold too are drawn to further render
** targets, so that nothing is computed twice. */
#include "backend/webgl/pending.h"
#include "backend/webgl/context.h"

static int find(Texture *const *list, int n, const Texture *t) {
    for (int i = 0; i < n; i++)
        if (list[i] == t) return i;
    return -1;
}

int chain_node(const Chain *c, const Texture *t) { return find(c->node, c->nodes, t); }
int chain_leaf(const Chain *c, const Texture *t) { return find(c->leaf, c->leaves, t); }

/* Room for t and its leaves. */
static bool has_room(const Chain *c, const Pending *p) {
    int leaves = c->leaves;
    for (int k = 0; k < p->nin; k++)
        leaves += p->in[k] && !p->in[k]->pending && chain_leaf(c, p->in[k]) < 0;
    return c->nodes < MOST_NODES && leaves <= MOST_LEAVES &&
           c->words + pending_words(p) <= MAX_WORDS - INLINE_WORDS;
}

static Texture *pending_input(const Pending *p) {
    for (int k = 0; k < p->nin; k++)
        if (p->in[k] && p->in[k]->pending) return p->in[k];
    return NULL;
}

Texture *chain_gather(Chain *c, Texture *t, Texture *group) {
    const Pending *p = t->pending;
    for (int k = 0; k < p->nin; k++) {
        Texture *in = p->in[k], *its = p->way[k] == SAME ? group : in, *first = NULL;
        if (!in || !in->pending) continue;
        if (chain_node(c, in) < 0) first = chain_gather(c, in, its);
        if (first) return first;
        const int at = chain_node(c, in);
        if (c->group[at] != its) return in;
        c->uses[at]++;
    }
    if (!has_room(c, p)) return pending_input(p) ? pending_input(p) : t;
    for (int k = 0; k < p->nin; k++)
        if (p->in[k] && !p->in[k]->pending && chain_leaf(c, p->in[k]) < 0)
            c->leaf[c->leaves++] = p->in[k];
    c->words += pending_words(p);
    c->group[c->nodes] = group;
    c->node[c->nodes++] = t;
    return NULL;
}

/* What is held outside of the chain. Returns the first node that has no place among the outputs. */
static Texture *choose_outputs(Chain *c) {
    const Texture *root = c->node[c->nodes - 1];
    c->outputs = 0;
    c->output[c->outputs++] = c->nodes - 1;
    for (int i = 0; i < c->nodes - 1; i++) {
        if (c->node[i]->refs == c->uses[i]) continue;
        if (c->outputs == MOST_OUTPUTS || c->group[i] != root) return c->node[i];
        c->output[c->outputs++] = i;
    }
    return NULL;
}

/* ---- words ---- */

static int write_words(const Pending *p, int *to) {
    int n = p->np;
    memcpy(to, p->p, (size_t)n * sizeof *to);
    for (int i = 0; i < p->rank && pending_walks(p); i++) to[n++] = p->size[i];
    for (int k = 0; k < p->nin; k++) {
        const int words = input_words(p, k);
        if (!words) continue;
        if (p->way[k] == VALUE) to[n] = p->value[k];
        else if (!way_walks(p->way[k])) memcpy(to + n, &p->banded, sizeof p->banded);
        else {
            to[n] = p->base[k];
            memcpy(to + n + 1, p->step[k], (size_t)p->rank * sizeof *to);
        }
        n += words;
    }
    return n;
}

/* ---- the draw ---- */

static bool obtain(Texture **t, int n) {
    int made = 0;
    while (made < n && texture_obtain(t[made])) made++;
    if (made == n) return true;
    while (made--) texture_return(t[made]);
    return false;
}

void chain_fill(const Chain *c, Draw *d) {
    d->nin = c->leaves;
    memcpy(d->in, c->leaf, (size_t)c->leaves * sizeof *d->in);
    for (int i = 0; i < c->nodes; i++)
        d->nwords += write_words(c->node[i]->pending, d->words + d->nwords);
}

static bool draw_chain(const Chain *c) {
    Draw d = {.program = chain_program(c)};
    Texture *to[MOST_OUTPUTS];
    if (!d.program) return false;
    for (int i = 0; i < c->outputs; i++) to[i] = c->node[c->output[i]];
    chain_fill(c, &d);
    if (!obtain(to, c->outputs)) return false;
    draw_several(&d, to, c->outputs, texels_of(to[0]->size));
    for (int i = 0; i < c->outputs; i++) {
        Pending *p = to[i]->pending;
        to[i]->pending = NULL;
        pending_free(p);
    }
    return true;
}

/* Each input by itself: where the chain has no program. */
static bool settle_inputs(const Texture *t) {
    for (int k = 0; k < t->pending->nin; k++) {
        Texture *in = t->pending->in[k];
        if (in && in->pending && !texture_settle(in)) return false;
    }
    return true;
}

/* What was pending before programs are compiled ahead is drawn all the same: it is kept. */
static Texture *settle_for_good(Texture *t) {
    tn_gl_ahead(false);
    Texture *drawn = texture_settle(t);
    tn_gl_ahead(true);
    return drawn;
}

Texture *texture_settle(Texture *t) {
    if (t && t->pending && !t->ahead && programs_ahead()) return settle_for_good(t);
    while (t && t->pending) {
        Chain c = {0};
        Texture *first = chain_gather(&c, t, t);
        if (!first) first = choose_outputs(&c);
        if (first && !texture_settle(first)) return NULL;
        if (first || draw_chain(&c)) continue;
        if (c.nodes == 1 || !settle_inputs(t)) return NULL;
    }
    return t;
}

/* ---- inside of what reads it ---- */

/* What others hold is drawn, with all where something is put together from layers: that is slow
** to do twice. */
static Texture *to_be_drawn(const Chain *c) {
    Texture *root = c->node[c->nodes - 1];
    if (c->nodes > MOST_INLINE) return root;
    for (int i = 0; i < c->nodes; i++)
        if (c->node[i]->pending->way[0] >= BANDED) return root;
    return c->outputs > 1 ? c->node[c->output[1]] : NULL;
}

bool chain_inline(Chain *c, Tensor *x) {
    Texture *t = texture_or_pending(x);
    while (t && t->pending) {
        if (t->refs > 1 || t->pending->whole) return false;
        *c = (Chain){.is_inline = true};
        Texture *first = chain_gather(c, t, t);
        if (!first) first = choose_outputs(c);
        if (!first) first = to_be_drawn(c);
        if (!first) return true;
        if (first == t || !texture_settle(first)) return false;
    }
    return false;
}
