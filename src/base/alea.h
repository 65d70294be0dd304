/* Seeded random numbers: Alea, the generator behind the peer's seeded ops, so that a seed gives
** the same tensors. Source of the algorithm: Johannes Baagoee, "Better random numbers for
** javascript" (2010): a multiply-with-carry generator on fractions of 2^32, seeded by a hash. */
#ifndef RANDOM_H
#define RANDOM_H
#include <stdbool.h>

typedef struct Random {
    double s0, s1, s2, carry;
    double mean, deviation; /* of normal numbers */
    double spare;           /* the second number of a pair, NaN if used */
    bool truncated;         /* normal numbers within two deviations only */
} Random;

/* seed: text, a number as JavaScript prints it; NULL: unpredictable. */
void random_start(Random *r, const char *seed);
/* The same from a number in [0, 1), which is spelled as JavaScript does; 0 is unpredictable. */
void random_start_from(Random *r, double seed);
/* Until it is NULL, seeded ops go on with this generator in place of starting one from their seed,
** each time that they are computed: what is replayed goes on too, so it must live as long. */
void random_follow(Random *source);
Random *random_followed(void);
/* Uniform in [0, 1). */
double random_next(Random *r);
/* Normal by the polar method (Marsaglia and Bray, 1964); set mean, deviation, truncated first. */
double random_normal(Random *r);
#endif
