/* Alea and the polar method, see alea.h. */
#include "base/alea.h"
#include "base/threefry.h"
#include "tensorine.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double TWO_32 = 4294967296.0;
static double entropy = 0.5;

/* JavaScript gives a random fraction at load; unseeded generators start from it. */
EXPORT void tn_entropy(double fraction) { entropy = fraction; }

void random_key(uint32_t key[2]) {
    static uint32_t uses;
    key[0] = (uint32_t)(entropy * TWO_32);
    key[1] = uses++;
}

/* Hash of text to a fraction; *n carries on from text to text. */
static double mash(double *n, const char *text) {
    for (; *text; text++) {
        *n += (unsigned char)*text;
        double h = 0.02519603282416938 * *n;
        *n = (double)(uint32_t)(uint64_t)h;
        h = (h - *n) * *n;
        *n = (double)(uint32_t)(uint64_t)h;
        *n += (h - *n) * TWO_32;
    }
    return (double)(uint32_t)(uint64_t)*n * 2.3283064365386963e-10;
}

static double mix(double *n, double s, const char *seed) {
    s -= mash(n, seed);
    return s < 0 ? s + 1 : s;
}

void random_start(Random *r, const char *seed) {
    static double uses;
    char text[40];
    if (!seed) {
        snprintf(text, sizeof text, "%.17g", entropy + uses++);
        seed = text;
    }
    double n = 0xefc8249d;
    *r = (Random){.carry = 1, .deviation = 1, .spare = NAN};
    r->s0 = mash(&n, " ");
    r->s1 = mash(&n, " ");
    r->s2 = mash(&n, " ");
    r->s0 = mix(&n, r->s0, seed);
    r->s1 = mix(&n, r->s1, seed);
    r->s2 = mix(&n, r->s2, seed);
}

/* The fewest digits that are read as the same number, without trailing zeros (ECMA-262,
** Number::toString); text is of 40 bytes. */
static void spell_fraction(double v, char *text) {
    char digits[32];
    int n = 0;
    do snprintf(digits, sizeof digits, "%.*e", n, v);
    while (strtod(digits, NULL) != v && ++n < 17);
    const int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent < -6) { /* 1.5e-7 */
        snprintf(text, 40, "%.*se%d", n ? n + 2 : 1, digits, exponent);
        return;
    }
    snprintf(text, 40, "0.%.*s%c%.*s", -exponent - 1, "000000", digits[0], n, digits + 2);
}

void random_start_from(Random *r, double seed) {
    char text[40];
    if (seed > 0) spell_fraction(seed, text);
    random_start(r, seed > 0 ? text : NULL);
}

static Random *followed;

void random_follow(Random *source) { followed = source; }
Random *random_followed(void) { return followed; }

double random_next(Random *r) {
    double t = 2091639 * r->s0 + r->carry * 2.3283064365386963e-10;
    r->s0 = r->s1;
    r->s1 = r->s2;
    r->carry = (double)(int)t;
    return r->s2 = t - r->carry;
}

static bool allowed(const Random *r, double x) {
    return !r->truncated || fabs(x - r->mean) <= 2 * r->deviation;
}

double random_normal(Random *r) {
    if (!isnan(r->spare)) {
        double x = r->spare;
        r->spare = NAN;
        return x;
    }
    for (;;) {
        double u, v, s;
        do {
            u = 2 * random_next(r) - 1;
            v = 2 * random_next(r) - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        double scale = sqrt(-2 * log(s) / s);
        double x = r->mean + r->deviation * u * scale, y = r->mean + r->deviation * v * scale;
        if (!allowed(r, x)) continue;
        if (allowed(r, y)) r->spare = y;
        return x;
    }
}
