/* FarmHash Fingerprint64 as its author published it: mixes of multiplications and rotations, by the
** length of the text; longer ones 64 bytes at a time, with a state of seven numbers. */
#include "ops/hash.h"
#include <string.h>

static const uint64_t K0 = 0xc3a5c85c97cb3127, K1 = 0xb492b66fbe98f273, K2 = 0x9ae16a3b2f90404f;

static uint64_t word8(const char *p) {
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static uint64_t word4(const char *p) {
    uint32_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static uint64_t turned(uint64_t v, int by) { return v >> by | v << (64 - by); }
static uint64_t shift_mix(uint64_t v) { return v ^ v >> 47; }

static uint64_t mix2(uint64_t u, uint64_t v, uint64_t mul) {
    const uint64_t a = shift_mix((u ^ v) * mul);
    return shift_mix((v ^ a) * mul) * mul;
}

static uint64_t hash_to_16(const char *s, uint64_t n) {
    const uint64_t mul = K2 + n * 2;
    if (n >= 8) {
        const uint64_t a = word8(s) + K2, b = word8(s + n - 8);
        return mix2(turned(b, 37) * mul + a, (turned(a, 25) + b) * mul, mul);
    }
    if (n >= 4) return mix2(n + (word4(s) << 3), word4(s + n - 4), mul);
    if (!n) return K2;
    const uint32_t a = (uint8_t)s[0], b = (uint8_t)s[n >> 1], c = (uint8_t)s[n - 1];
    const uint32_t y = a + (b << 8), z = (uint32_t)n + (c << 2);
    return shift_mix(y * K2 ^ z * K0) * K2;
}

static uint64_t hash_to_32(const char *s, uint64_t n) {
    const uint64_t mul = K2 + n * 2;
    const uint64_t a = word8(s) * K1, b = word8(s + 8), c = word8(s + n - 8) * mul;
    const uint64_t d = word8(s + n - 16) * K2;
    return mix2(turned(a + b, 43) + turned(c, 30) + d, a + turned(b + K2, 18) + c, mul);
}

static uint64_t hash_to_64(const char *s, uint64_t n) {
    const uint64_t mul = K2 + n * 2;
    const uint64_t a = word8(s) * K2, b = word8(s + 8), c = word8(s + n - 8) * mul;
    const uint64_t d = word8(s + n - 16) * K2;
    const uint64_t y = turned(a + b, 43) + turned(c, 30) + d;
    const uint64_t z = mix2(y, a + turned(b + K2, 18) + c, mul);
    const uint64_t e = word8(s + 16) * mul, f = word8(s + 24);
    const uint64_t g = (y + word8(s + n - 32)) * mul, h = (z + word8(s + n - 24)) * mul;
    return mix2(turned(e + f, 43) + turned(g, 30) + h, e + turned(f + a, 18) + g, mul);
}

typedef struct State {
    uint64_t x, y, z, v[2], w[2];
} State;

/* 32 bytes into a pair of numbers. */
static void take_32(const char *s, uint64_t a, uint64_t b, uint64_t *pair) {
    a += word8(s);
    b = turned(b + a + word8(s + 24), 21);
    const uint64_t c = a;
    a += word8(s + 8) + word8(s + 16);
    pair[0] = a + word8(s + 24);
    pair[1] = b + turned(a, 44) + c;
}

/* 64 bytes into the state; the last ones with a multiplier of their own, and two numbers by 9. */
static void take_64(State *t, const char *s, uint64_t mul, uint64_t by) {
    t->x = turned(t->x + t->y + t->v[0] + word8(s + 8), 37) * mul;
    t->y = turned(t->y + t->v[1] + word8(s + 48), 42) * mul;
    t->x ^= t->w[1] * by;
    t->y += t->v[0] * by + word8(s + 40);
    t->z = turned(t->z + t->w[0], 33) * mul;
    take_32(s, t->v[1] * mul, t->x + t->w[0], t->v);
    take_32(s + 32, t->z + t->w[1], t->y + word8(s + 16), t->w);
    const uint64_t x = t->x;
    t->x = t->z;
    t->z = x;
}

uint64_t fingerprint64(const char *s, int bytes) {
    const uint64_t n = (uint64_t)bytes, seed = 81;
    if (n <= 16) return hash_to_16(s, n);
    if (n <= 32) return hash_to_32(s, n);
    if (n <= 64) return hash_to_64(s, n);
    State t = {.x = seed * K2 + word8(s), .y = seed * K1 + 113};
    t.z = shift_mix(t.y * K2 + 113) * K2;
    const char *end = s + (n - 1) / 64 * 64; /* 1 to 64 bytes are left after it */
    for (; s != end; s += 64) take_64(&t, s, K1, 1);
    const uint64_t mul = K1 + ((t.z & 0xff) << 1), left = (n - 1) & 63;
    t.w[0] += left;
    t.v[0] += t.w[0];
    t.w[0] += t.v[0];
    take_64(&t, end + left - 63, mul, 9);
    return mix2(mix2(t.v[0], t.w[0], mul) + shift_mix(t.y) * K0 + t.z,
                mix2(t.v[1], t.w[1], mul) + t.x, mul);
}
