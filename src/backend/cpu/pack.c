/* Packing for gemm: tiles of A by columns, B as panels of eight columns. */
#include "backend/cpu/gemm.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/simd.h"

enum { NR = TILE_NR, WIDE = 8 };

TN_INLINE void store_lanes(float *p, f4 v, const int lanes) {
    if (lanes == 4) f4_store(p, v);
    if (lanes == 2 || lanes == 3) f4_store_lo(p, v);
    if (lanes == 3) p[2] = v[2];
    if (lanes == 1) p[0] = v[0];
}

/* lanes (1..4, a constant) rows into the first lanes of every `stride` floats. */
TN_INLINE void interleave(const float *const *rows, const int lanes, int k, float *out,
                          int stride) {
    const float *r0 = rows[0], *r1 = rows[lanes > 1 ? 1 : 0];
    const float *r2 = rows[lanes > 2 ? 2 : 0], *r3 = rows[lanes > 3 ? 3 : 0];
    int j = 0;
    for (; j + 4 <= k; j += 4, out += 4 * (ptrdiff_t)stride) {
        f4 v0 = f4_load(r0 + j), v1 = f4_load(r1 + j), v2 = f4_load(r2 + j), v3 = f4_load(r3 + j);
        f4_transpose(&v0, &v1, &v2, &v3);
        store_lanes(out, v0, lanes);
        store_lanes(out + stride, v1, lanes);
        store_lanes(out + 2 * (ptrdiff_t)stride, v2, lanes);
        store_lanes(out + 3 * (ptrdiff_t)stride, v3, lanes);
    }
    for (; j < k; j++, out += stride) {
        out[0] = r0[j];
        if (lanes > 1) out[1] = r1[j];
        if (lanes > 2) out[2] = r2[j];
        if (lanes > 3) out[3] = r3[j];
    }
}

void gemm_interleave(const float *const *rows, int n, int k, float *out, int stride) {
    for (; n >= 4; n -= 4, rows += 4, out += 4) interleave(rows, 4, k, out, stride);
    switch (n) {
    case 1: interleave(rows, 1, k, out, stride); break;
    case 2: interleave(rows, 2, k, out, stride); break;
    case 3: interleave(rows, 3, k, out, stride); break;
    default: break;
    }
}

TN_INLINE void gather(const float *a, ptrdiff_t cs, const int n, int k, float *out, int stride) {
    for (; k > 0; k--, a += cs, out += stride) {
        if (n >= 4) f4_store(out, f4_load(a));
        if (n == 6) out[4] = a[4], out[5] = a[5];
        if (n == 8) f4_store(out + 4, f4_load(a + 4));
        for (int i = n & ~3; n != 6 && n != 8 && i < n; i++) out[i] = a[i];
    }
}

void gemm_gather(const float *a, ptrdiff_t cs, int n, int k, float *out, int stride) {
    switch (n) {
    case 1: gather(a, cs, 1, k, out, stride); break;
    case 2: gather(a, cs, 2, k, out, stride); break;
    case 3: gather(a, cs, 3, k, out, stride); break;
    case 4: gather(a, cs, 4, k, out, stride); break;
    case 6: gather(a, cs, 6, k, out, stride); break;
    default: gather(a, cs, n, k, out, stride); break;
    }
}

uint64_t gemm_packed_size(int k, int n) {
    const uint64_t columns = ((uint64_t)n + NR - 1) / NR * NR;
    return columns * (uint64_t)k;
}

static void pack_any(int k, int cols, const float *b, ptrdiff_t rs, ptrdiff_t cs, float *out) {
    for (int i = 0; i < k; i++, b += rs, out += NR)
        for (int j = 0; j < NR; j++) out[j] = j < cols ? b[j * cs] : 0;
}

/* Whole panels, `stride` apart, of rows that are contiguous: some panels at a time, to read along
** the rows. */
static void pack_wide(int k, int panels, const float *b, ptrdiff_t rs, ptrdiff_t stride,
                      float *packed) {
    for (int i = 0; i < k; i++, b += rs, packed += NR) {
        const float *from = b;
        float *out = packed;
        for (int p = 0; p < panels; p++, from += NR, out += stride) {
            f4_store(out, f4_load(from));
            f4_store(out + 4, f4_load(from + 4));
        }
    }
}

void gemm_pack_b_rows(int k, int k0, int rows, int n, const float *b, ptrdiff_t rs, ptrdiff_t cs,
                      float *packed) {
    const ptrdiff_t stride = (ptrdiff_t)k * NR;
    const float *columns[NR];
    packed += (ptrdiff_t)k0 * NR;
    for (int col = 0, panels; col < n; col += panels * NR, packed += panels * stride) {
        const float *from = b + col * cs;
        const int cols = n - col;
        panels = 1;
        if (cols < NR) {
            pack_any(rows, cols, from, rs, cs, packed);
        } else if (cs == 1) {
            panels = cols / NR < WIDE ? cols / NR : WIDE;
            pack_wide(rows, panels, from, rs, stride, packed);
        } else if (rs == 1) {
            for (int j = 0; j < NR; j++) columns[j] = from + j * cs;
            gemm_interleave(columns, NR, rows, packed, NR);
        } else {
            pack_any(rows, NR, from, rs, cs, packed);
        }
    }
}

void gemm_pack_b(int k, int n, const float *b, ptrdiff_t rs, ptrdiff_t cs, float *packed) {
    gemm_pack_b_rows(k, 0, k, n, b, rs, cs, packed);
}
