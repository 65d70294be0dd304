/* Results that are not drawn yet. An elementwise op leaves its result pending, and so does the last
** pass of a product; what reads such a result element by element joins it, and when a texture is
** asked for one draw makes them all. pending.c holds them, chain.c draws them, chain_text.c writes
** their shader. */
#ifndef PENDING_H
#define PENDING_H
#include "backend/webgl/gl.h"

/* How an input lies:
**   VALUE  one number, a word of the draw        SAME   as the result: the texel at the same place
**   QUAD   whole texels, found by their index    SPLAT  one element for the whole texel
**   EACH   four elements anywhere
**   BANDED, BANDED_MANY, BANDED_EACH   rows of one matrix, or of several, in the layers of an
**                                      array, as whole texels; or any of them element by element
**   QUARTERED   pixels of images in the layers of an array, of whole texels */
typedef enum Way {
    VALUE,
    SAME,
    QUAD,
    SPLAT,
    EACH,
    BANDED,
    BANDED_MANY,
    BANDED_EACH,
    QUARTERED
} Way;
static inline bool way_walks(Way way) { return way == QUAD || way == SPLAT || way == EACH; }

/* Where the elements of QUARTERED lie: see quartered() in shaders/common.glsl. */
typedef struct Quartered {
    int rows, texels, width, windows, windows_wide;
} Quartered;

/* Where a product's rows lie in bands: rows of a matrix, columns of it (texels, with BANDED_EACH
** elements), texels of a row, blocks of a matrix, and how many lie side by side. */
typedef struct Banded {
    int rows, columns, width, blocks, beside;
} Banded;

/* y = expression of in[k][base + sum of index * step]; axes are innermost first. */
struct Pending {
    const char *expression;
    bool whole, whole_in[MAP_INPUTS]; /* int32: the result, an input */
    bool keeps_nan; /* of NaN comes NaN, though compilers drop a comparison that minds it */
    int nin, rank, size[MAP_RANK], step[MAP_INPUTS][MAP_RANK], base[MAP_INPUTS];
    int value[MAP_INPUTS]; /* of VALUE, as a word */
    Way way[MAP_INPUTS];
    bool along[MAP_INPUTS]; /* with the steps of the input before */
    Texture *in[MAP_INPUTS];
    int np, p[MAP_WORDS]; /* attribute words */
    union {
        Banded banded;
        Quartered quartered;
    };
    int nodes; /* that are drawn with it, at most */
};

/* Words of a draw that belong to one pending result: attributes, then sizes if an input is walked
** over, then those of each input. */
bool pending_walks(const Pending *p);
int pending_words(const Pending *p);
int input_words(const Pending *p, int k);

/* Makes y pending, a copy of p whose textures it holds. False if there is no memory. */
bool pend(const Pending *p, Tensor *y);
/* The texture of x as texture_of, but it may be pending. */
Texture *texture_or_pending(Tensor *x);

/* ---- chain.c, chain_text.c ---- */

enum { MOST_NODES = 32, MOST_LEAVES = 8, MOST_OUTPUTS = 4, MOST_INLINE = 8, INLINE_WORDS = 12 };

/* What one draw makes: nodes in the order of their computation, the last is what was asked for. A
** group is computed at one place, its root is its last node. */
typedef struct Chain {
    int nodes, leaves, outputs, words;
    bool is_inline; /* computed inside another shader, whose words come first */
    Texture *node[MOST_NODES], *leaf[MOST_LEAVES];
    Texture *group[MOST_NODES]; /* the root */
    int uses[MOST_NODES];       /* by nodes of the chain */
    int output[MOST_OUTPUTS];   /* numbers of nodes; the last node is the first */
} Chain;

/* Adds t, in the group of a root, after all that it is made of. What is read at other places than
** its reader's is the root of a group of its own. Returns NULL, or a node to be drawn first: it
** would be in two groups, or there is no room for all. */
Texture *chain_gather(Chain *c, Texture *t, Texture *group);
int chain_node(const Chain *c, const Texture *t); /* -1: none */
int chain_leaf(const Chain *c, const Texture *t);
/* What x is made of, to be computed inside of what reads each texel of it once, and is the last to
** read it; false: x has a texture or should have one, or that failed. */
bool chain_inline(Chain *c, Tensor *x);
/* Draws with it: words up to INLINE_WORDS are the caller's. */
void chain_fill(const Chain *c, Draw *d);
/* The program of a shader that calls value(t) for texel t of the chain. */
Program *chain_program_in(const Chain *c, const Shader *shader, uint32_t flags);
/* The program of a chain; NULL if it does not compile, or is one too many. */
Program *chain_program(const Chain *c);
#endif
