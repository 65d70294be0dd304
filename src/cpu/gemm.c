/* The blocked product: tiles of A are packed to stay in the second-level cache, a panel of B (k by 8)
** stays in the first, and the tile kernel runs over both. */
#include "gemm.h"
#include "../engine/threads.h"
#include "gemv.h"
#include "kernels.h"
#include "scratch.h"
#include "simd.h"

enum {
    NR = TILE_NR,
    KC = 384,            /* columns of A at a time: panel and tile fit 32 KB */
    TILES = 16,          /* tiles of A per block */
    STACK_FLOATS = 1024, /* blocks this small need no scratch memory */
    DIRECT_B = 8192,     /* floats of B that are read in place rather than packed */
    JOB_FLOPS = 1 << 20, /* work worth another thread: about 50 microseconds */
};

typedef struct Run {
    const TiledGemm *g;
    int mr, kc;
    int block_rows, col_groups, group_panels;
    bool failed;
} Run;

static int ceil_div(int a, int b) { return a / b + (a % b != 0); }
static int min_int(int a, int b) { return a < b ? a : b; }

static const float *panel_of_b(const TiledGemm *g, int panel, int k0) {
    if (g->b_rs == 0) return g->b + ((ptrdiff_t)panel * g->k + k0) * NR;
    if (g->n - panel * NR >= NR) return g->b + (ptrdiff_t)panel * NR + k0 * g->b_rs;
    return g->b_tail + (ptrdiff_t)k0 * NR;
}

/* A tile whose last columns do not exist: through a buffer of full width. */
static void narrow_tile(const GemmTile *tile, int cols) {
    float buffer[TILE_MR_MAX * NR] = {0}, *rows[TILE_MR_MAX];
    GemmTile t = *tile;
    for (int i = 0; i < t.rows; i++) {
        rows[i] = buffer + i * NR;
        for (int j = 0; t.add && j < cols; j++) rows[i][j] = tile->c[i][tile->col + j];
    }
    t.c = rows;
    t.col = 0;
    kernels.gemm_tile(&t);
    for (int i = 0; i < t.rows; i++)
        for (int j = 0; j < cols; j++) tile->c[i][tile->col + j] = rows[i][j];
}

/* One panel of B by a block of packed tiles of A. t holds what all of them share. */
static void panel_by_tiles(GemmTile t, int mr, int rows, int cols, const float *packed,
                           float *const *c) {
    float bias[NR] = {0};
    if (t.bias && cols < NR) {
        for (int j = 0; j < cols; j++) bias[j] = t.bias[j];
        t.bias = bias;
    }
    for (int row = 0; row < rows; row += mr) {
        t.rows = t.as = min_int(mr, rows - row);
        t.a = packed + (ptrdiff_t)row * t.k;
        t.c = c + row;
        if (cols == NR)
            kernels.gemm_tile(&t);
        else
            narrow_tile(&t, cols);
    }
}

static void block(const Run *r, int row_block, int col_group, float *packed) {
    const TiledGemm *g = r->g;
    const int row0 = row_block * r->block_rows, rows = min_int(r->block_rows, g->m - row0);
    const int first = col_group * r->group_panels;
    const int last = min_int(first + r->group_panels, ceil_div(g->n, NR));
    float *c[TILES * TILE_MR_MAX];
    for (int i = 0; i < rows; i++) c[i] = g->row(g->ctx, row0 + i);
    int k0 = 0;
    do {
        const int k = min_int(r->kc, g->k - k0);
        const bool ends = k0 + k == g->k;
        for (int i = 0; i < rows; i += r->mr)
            g->pack(g->ctx, row0 + i, min_int(r->mr, rows - i), k0, k, packed + (ptrdiff_t)i * k);
        for (int panel = first; panel < last; panel++) {
            const int col = panel * NR, cols = min_int(NR, g->n - col);
            const GemmTile t = {.k = k,
                                .b = panel_of_b(g, panel, k0),
                                .bs = g->b_rs && cols == NR ? g->b_rs : NR,
                                .col = col,
                                .bias = ends && g->end.bias ? g->end.bias + col : NULL,
                                .lo = ends ? g->end.lo : -INFINITY,
                                .hi = ends ? g->end.hi : INFINITY,
                                .add = g->add || k0 > 0};
            panel_by_tiles(t, r->mr, rows, cols, packed, c);
        }
        k0 += k;
    } while (k0 < g->k);
}

static void blocks(void *ctx, int begin, int end) {
    Run *r = ctx;
    float small[STACK_FLOATS], *packed = small;
    const size_t size = (size_t)r->block_rows * (size_t)r->kc;
    if (size > STACK_FLOATS) packed = scratch_floats(size);
    if (!packed) {
        __atomic_store_n(&r->failed, true, __ATOMIC_RELAXED);
        return;
    }
    for (int i = begin; i < end; i++) block(r, i / r->col_groups, i % r->col_groups, packed);
    if (packed != small) tn_scratch_free(packed);
}

/* Columns are divided among threads only where the rows alone would leave some idle. */
bool gemm_tiled(const TiledGemm *g) {
    if (g->m == 0 || g->n == 0) return true;
    const int mr = kernels.gemm_mr(), panels = ceil_div(g->n, NR), tiles = ceil_div(g->m, mr);
    const double flops = 2.0 * g->m * g->n * g->k;
    const int threads = flops < 2.0 * JOB_FLOPS ? 1 : tn_threads();
    int row_blocks = ceil_div(tiles, TILES);
    Run r = {.g = g, .mr = mr, .col_groups = 1};
    r.kc = ceil_div(g->k, ceil_div(g->k, KC) + (g->k == 0));
    if (threads > 1 && row_blocks < 4 * threads) {
        const int wanted = ceil_div(4 * threads, row_blocks);
        r.col_groups = min_int(min_int(wanted, panels), 1 + (int)(flops / row_blocks / JOB_FLOPS));
    }
    r.group_panels = ceil_div(panels, r.col_groups);
    r.col_groups = ceil_div(panels, r.group_panels);
    r.block_rows = ceil_div(tiles, row_blocks) * mr;
    row_blocks = ceil_div(g->m, r.block_rows);
    const int jobs = row_blocks * r.col_groups;
    if (threads == 1 || jobs == 1)
        blocks(&r, 0, jobs);
    else
        parallel_for(jobs, ceil_div(jobs, 8 * threads), blocks, &r);
    return !r.failed;
}

static void pack_a(const void *ctx, int row, int rows, int k0, int k, float *out) {
    const Gemm *g = ctx;
    const float *a = g->a + row * g->a_rs + k0 * g->a_cs;
    if (g->a_cs == 1) {
        const float *p[TILE_MR_MAX];
        for (int i = 0; i < rows; i++) p[i] = a + i * g->a_rs;
        gemm_interleave(p, rows, k, out, rows);
        return;
    }
    for (int j = 0; j < k; j++, a += g->a_cs, out += rows)
        for (int i = 0; i < rows; i++) out[i] = a[i * g->a_rs];
}

static float *row_of_c(const void *ctx, int row) {
    const Gemm *g = ctx;
    return g->c + row * g->c_rs;
}

typedef struct PackB {
    const Gemm *g;
    float *packed;
} PackB;

static void pack_panels(void *ctx, int begin, int end) {
    const PackB *p = ctx;
    const Gemm *g = p->g;
    const int col = begin * NR, cols = min_int(end * NR, g->n) - col;
    gemm_pack_b(g->k, cols, g->b + col * g->b_cs, g->b_rs, g->b_cs,
                p->packed + (ptrdiff_t)col * g->k);
}

/* B is read where it lies if it is small, or used too rarely to be worth packing. */
static bool multiply_direct(const Gemm *g, TiledGemm *t) {
    const int tail = g->n % NR;
    float small[STACK_FLOATS], *packed = small;
    if (tail && (size_t)g->k * NR > STACK_FLOATS) packed = scratch_floats((uint64_t)g->k * NR);
    if (!packed) return false;
    t->b = g->b;
    t->b_rs = g->b_rs;
    t->b_tail = packed;
    if (tail) gemm_pack_b(g->k, tail, g->b + (g->n - tail), g->b_rs, 1, packed);
    const bool ok = gemm_tiled(t);
    if (packed != small) tn_scratch_free(packed);
    return ok;
}

static bool multiply_packed(const Gemm *g, TiledGemm *t) {
    float *packed = scratch_floats(gemm_packed_size(g->k, g->n));
    if (!packed) return false;
    PackB p = {g, packed};
    const int panels = ceil_div(g->n, NR);
    const int grain = 1 + (int)((1 << 16) / ((int64_t)g->k * NR + 1));
    if (panels <= grain)
        pack_panels(&p, 0, panels);
    else
        parallel_for(panels, grain, pack_panels, &p);
    t->b = packed;
    const bool ok = gemm_tiled(t);
    tn_scratch_free(packed);
    return ok;
}

bool gemm(const Gemm *g) {
    if (g->m == 0 || g->n == 0) return true;
    if (gemv(g)) return true;
    TiledGemm t = {g->m, g->n, g->k, pack_a, row_of_c, g, g->packed, 0, NULL, g->end, g->add};
    if (g->packed) return gemm_tiled(&t);
    const bool direct = g->b_cs == 1 && g->b_rs != 0 && (int64_t)g->k * g->n <= DIRECT_B;
    return direct ? multiply_direct(g, &t) : multiply_packed(g, &t);
}
