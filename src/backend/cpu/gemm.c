/* The blocked product. A panel of B (k by 8) or a tile of A stays in the first-level cache; what it
** is multiplied with, a block of packed A or a small B, in the second. */
#include "backend/cpu/gemm.h"
#include "base/threads.h"
#include "backend/cpu/gemv.h"
#include "backend/cpu/kernels.h"
#include "base/scratch.h"
#include "backend/cpu/simd.h"

enum {
    NR = TILE_NR,
    KC = GEMM_KC,        /* columns of A at a time: a panel and a tile fit 32 KB */
    TILES = 16,          /* tiles of A per block, unless B is small */
    SMALL_B = 1 << 15,   /* floats of B (KC rows at most) that stay in the second-level cache */
    FEW_PANELS = 4,      /* of B: packing A would not pay */
    IN_PLACE = 1 << 13,  /* floats of B that are read where they lie */
    STACK_FLOATS = 1024, /* packed blocks this small need no scratch memory */
    PACK_PANELS = 8,     /* panels packed at a time: whole cache lines are read */
    JOB_FLOPS = 1 << 20, /* work worth another thread: some 30 microseconds */
};

typedef struct Run {
    const TiledGemm *g;
    int mr, kc;
    int block_rows, col_groups, group_panels;
    bool in_place, small_b;
    bool failed;
} Run;

static int ceil_div(int a, int b) { return a / b + (a % b != 0); }
static int min_int(int a, int b) { return a < b ? a : b; }

/* Points t at rows k0.. + k of some panels from the given one on, packed into `buffer` if they
** must be; says how many. The kernel takes several at once where B is small and the block one
** tile of A. */
static int panels_of_b(const Run *r, int panel, int last, int k0, int k, float *buffer,
                       GemmTile *t) {
    const TiledGemm *g = r->g;
    const int whole = min_int(last, g->n / NR) - panel;
    t->bs = NR;
    if (g->packed) {
        t->b = g->b + ((ptrdiff_t)panel * g->k + k0) * NR;
        t->b_stride = (ptrdiff_t)g->k * NR;
        return r->small_b && whole > 1 ? whole : 1;
    }
    t->b = g->b + panel * NR * g->b_cs + k0 * g->b_rs;
    if (r->in_place && whole > 0) {
        t->bs = g->b_rs;
        t->b_stride = NR;
        return r->small_b ? whole : 1;
    }
    const int count = whole > 1 ? min_int(whole, PACK_PANELS) : 1;
    gemm_pack_b(k, min_int(count * NR, g->n - panel * NR), t->b, g->b_rs, g->b_cs, buffer);
    t->b = buffer;
    t->b_stride = (ptrdiff_t)k * NR;
    return count;
}

/* A tile whose last columns do not exist: through a buffer of full width. */
static void narrow_tile(void (*kernel)(const GemmTile *), const GemmTile *tile, int cols) {
    float buffer[TILE_MR_MAX * NR] = {0}, bias[NR] = {0}, *rows[TILE_MR_MAX];
    GemmTile t = *tile;
    t.panels = 1;
    for (int i = 0; i < t.rows; i++) {
        rows[i] = buffer + i * NR;
        for (int j = 0; t.add && j < cols; j++) rows[i][j] = tile->c[i][tile->col + j];
    }
    for (int j = 0; t.bias && j < cols; j++) bias[j] = t.bias[j];
    t.bias = bias;
    t.c = rows;
    t.col = 0;
    kernel(&t);
    for (int i = 0; i < t.rows; i++)
        for (int j = 0; j < cols; j++) tile->c[i][tile->col + j] = rows[i][j];
}

/* Packed tiles of A by `cols` columns of B: whole panels, or a part of one. */
static void tiles_by_panels(GemmTile *t, int mr, int rows, int cols, const float *packed,
                            float *const *c) {
    t->panels = cols / NR;
    for (int row = 0; row < rows; row += mr) {
        t->rows = min_int(mr, rows - row);
        t->as = t->rows;
        t->a = packed + (ptrdiff_t)row * t->k;
        t->c = c + row;
        if (t->panels) kernels.gemm_tile(t);
        else narrow_tile(kernels.gemm_tile, t, cols);
    }
}

static void block(const Run *r, int row_block, int col_group, float *packed, float *buffer) {
    const TiledGemm *g = r->g;
    const int row0 = row_block * r->block_rows, rows = min_int(r->block_rows, g->m - row0);
    const int first = col_group * r->group_panels;
    const int last = min_int(first + r->group_panels, ceil_div(g->n, NR));
    float *c[TILES * TILE_MR_MAX];
    g->place(g->ctx, row0, rows, c);
    int k0 = 0;
    do {
        const int k = min_int(r->kc, g->k - k0);
        const bool ends = k0 + k == g->k;
        GemmTile t = {.k = k, .lo = -INFINITY, .hi = INFINITY, .add = g->add || k0 > 0};
        if (ends) t.lo = g->end.lo, t.hi = g->end.hi;
        for (int i = 0; k > 0 && i < rows; i += r->mr)
            g->pack(g->ctx, row0 + i, min_int(r->mr, rows - i), k0, k, packed + (ptrdiff_t)i * k);
        for (int panel = first, count; panel < last; panel += count) {
            t.col = (ptrdiff_t)panel * NR;
            if (ends && g->end.bias) t.bias = g->end.bias + t.col;
            count = panels_of_b(r, panel, last, k0, k, buffer, &t);
            tiles_by_panels(&t, r->mr, rows, min_int(count * NR, g->n - (int)t.col), packed, c);
        }
        k0 += k;
    } while (k0 < g->k);
}

static void blocks(void *ctx, int begin, int end) {
    Run *r = ctx;
    float small[STACK_FLOATS], *packed = small;
    const size_t a_size = (size_t)r->block_rows * (size_t)r->kc;
    const size_t b_size = r->g->packed ? 0 : (size_t)r->kc * NR * PACK_PANELS;
    if (a_size + b_size > STACK_FLOATS) packed = scratch_floats(a_size + b_size);
    if (!packed) {
        __atomic_store_n(&r->failed, true, __ATOMIC_RELAXED);
        return;
    }
    for (int i = begin; i < end; i++)
        block(r, i / r->col_groups, i % r->col_groups, packed, packed + a_size);
    if (packed != small) tn_scratch_free(packed);
}

/* Rows of B may be used where they lie, but for a last narrow panel, which is packed for every
** block. */
static bool reads_in_place(const TiledGemm *g) {
    if (g->packed || g->b_cs != 1 || (int64_t)g->k * g->n > IN_PLACE) return false;
    return g->n % NR == 0 || g->m <= kernels.gemm_mr();
}

/* Rows are cut into blocks; columns into groups only where the rows alone would leave threads
** idle. */
static bool run_blocks(const TiledGemm *g) {
    const int mr = kernels.gemm_mr(), panels = ceil_div(g->n, NR), tiles = ceil_div(g->m, mr);
    const double flops = 2.0 * g->m * g->n * g->k;
    const int threads = flops < 2.0 * JOB_FLOPS ? 1 : tn_threads();
    Run r = {.g = g, .mr = mr, .col_groups = 1};
    r.kc = ceil_div(g->k, ceil_div(g->k, KC) + (g->k == 0));
    r.in_place = reads_in_place(g);
    r.small_b = (g->packed || r.in_place) && (int64_t)r.kc * g->n <= SMALL_B;
    int row_blocks = r.small_b ? tiles : ceil_div(tiles, TILES);
    if (threads > 1 && row_blocks < 4 * threads) {
        const int wanted = ceil_div(4 * threads, row_blocks);
        r.col_groups = min_int(min_int(wanted, panels), 1 + (int)(flops / row_blocks / JOB_FLOPS));
    }
    r.group_panels = ceil_div(panels, r.col_groups);
    r.col_groups = ceil_div(panels, r.group_panels);
    r.block_rows = ceil_div(tiles, row_blocks) * mr;
    row_blocks = ceil_div(g->m, r.block_rows);
    const int jobs = row_blocks * r.col_groups;
    if (threads == 1) blocks(&r, 0, jobs);
    else parallel_for(jobs, ceil_div(jobs, 8 * threads), blocks, &r);
    return !r.failed;
}

/* Tiles begin.. end - 1 of ROWS_MR rows, with A read where it lies. */
static void row_tiles(void *ctx, int begin, int end) {
    const TiledGemm *g = ctx;
    const int tail = g->n % NR;
    const float *at[GEMM_RUNS * ROWS_MR];
    float *c[ROWS_MR];
    GemmTile t = {.at = at,
                  .bs = g->packed ? NR : g->b_rs,
                  .b_stride = g->packed ? (ptrdiff_t)g->k * NR : NR,
                  .c = c,
                  .lo = g->end.lo,
                  .hi = g->end.hi,
                  .add = g->add};
    for (int row = begin * ROWS_MR, last = min_int(end * ROWS_MR, g->m); row < last;
         row += ROWS_MR) {
        t.rows = min_int(ROWS_MR, g->m - row);
        g->place(g->ctx, row, t.rows, c);
        t.taps = g->point(g->ctx, row, t.rows, at, &t.k);
        for (int run = 0; t.rows < ROWS_MR && run < t.taps; run++)
            for (int j = t.rows; j < ROWS_MR; j++) at[run * ROWS_MR + j] = at[run * ROWS_MR];
        t.panels = g->n / NR;
        t.col = 0;
        t.b = g->b;
        t.bias = g->end.bias;
        kernels.gemm_rows(&t);
        if (!tail) continue;
        t.col = (ptrdiff_t)t.panels * NR;
        t.b += t.panels * t.b_stride;
        if (t.bias) t.bias += t.col;
        narrow_tile(kernels.gemm_rows, &t, tail);
    }
}

static bool few_panels(const TiledGemm *g) {
    return g->point && g->k > 0 && g->n <= FEW_PANELS * NR && (int64_t)g->k * g->n <= SMALL_B;
}

/* B is packed, or read in place and without a narrow panel. */
static bool run_rows(const TiledGemm *g) {
    const int tiles = ceil_div(g->m, ROWS_MR);
    const double grain = JOB_FLOPS / (2.0 * ROWS_MR * g->k * g->n);
    TiledGemm t = *g;
    if (tiles < 2 * grain) row_tiles(&t, 0, tiles);
    else parallel_for(tiles, 1 + (int)grain, row_tiles, &t);
    return true;
}

typedef struct PackB {
    const TiledGemm *g;
    float *packed;
} PackB;

static void pack_panels(void *ctx, int begin, int end) {
    const PackB *p = ctx;
    const TiledGemm *g = p->g;
    const int col = begin * NR, cols = min_int(end * NR, g->n) - col;
    gemm_pack_b(g->k, cols, g->b + col * g->b_cs, g->b_rs, g->b_cs,
                p->packed + (ptrdiff_t)col * g->k);
}

/* B is packed ahead if several blocks of rows will use it. */
bool gemm_tiled(const TiledGemm *g) {
    if (g->m == 0 || g->n == 0) return true;
    const bool in_place = reads_in_place(g), few = few_panels(g);
    if (few && (g->packed || (in_place && g->n % NR == 0))) return run_rows(g);
    if (g->packed || in_place || g->m <= TILES * kernels.gemm_mr()) return run_blocks(g);
    float *packed = scratch_floats(gemm_packed_size(g->k, g->n));
    if (!packed) return false;
    PackB p = {g, packed};
    parallel_for(ceil_div(g->n, NR), 1 + (1 << 13) / (g->k + 1), pack_panels, &p);
    TiledGemm t = *g;
    t.b = packed;
    t.packed = true;
    const bool ok = few ? run_rows(&t) : run_blocks(&t);
    tn_scratch_free(packed);
    return ok;
}

static void pack_a(const void *ctx, int row, int rows, int k0, int k, float *out) {
    const Gemm *g = ctx;
    const float *a = g->a + row * g->a_rs + k0 * g->a_cs, *p[TILE_MR_MAX];
    if (g->a_rs == 1) {
        gemm_gather(a, g->a_cs, rows, k, out, rows);
    } else if (g->a_cs == 1) {
        for (int i = 0; i < rows; i++) p[i] = a + i * g->a_rs;
        gemm_interleave(p, rows, k, out, rows);
    } else {
        for (int j = 0; j < k; j++, a += g->a_cs, out += rows)
            for (int i = 0; i < rows; i++) out[i] = a[i * g->a_rs];
    }
}

static int point_a(const void *ctx, int row, int rows, const float **at, int *k) {
    const Gemm *g = ctx;
    for (int i = 0; i < rows; i++) at[i] = g->a + (row + i) * g->a_rs;
    *k = g->k;
    return 1;
}

static void place_c(const void *ctx, int row, int rows, float **c) {
    const Gemm *g = ctx;
    for (int i = 0; i < rows; i++) c[i] = g->c + (row + i) * g->c_rs;
}

bool gemm(const Gemm *g) {
    if (gemv(g)) return true;
    const TiledGemm t = {.m = g->m,
                         .n = g->n,
                         .k = g->k,
                         .pack = pack_a,
                         .point = g->a_cs == 1 ? point_a : NULL,
                         .place = place_c,
                         .ctx = g,
                         .b = g->packed ? g->packed : g->b,
                         .packed = g->packed != NULL,
                         .b_rs = g->b_rs,
                         .b_cs = g->b_cs,
                         .end = g->end,
                         .add = g->add};
    return gemm_tiled(&t);
}
