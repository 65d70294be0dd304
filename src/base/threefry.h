/* Random numbers without a seed: Threefry 2x32, of a key and a counter, so that any device draws
** any of them by itself. Source of the algorithm: Salmon, Moraes, Dror and Shaw, "Parallel random
** numbers: as easy as 1, 2, 3" (2011); 13 rounds are the fewest that passed BigCrush. */
#ifndef TN_THREEFRY_H
#define TN_THREEFRY_H
#include <stdint.h>

enum { THREEFRY_ROUNDS = 13 };

static inline uint32_t rotate_left(uint32_t v, int by) { return v << by | v >> (32 - by); }

/* Two numbers of 32 bits for a counter. */
static inline void threefry(const uint32_t key[2], uint32_t counter, uint32_t out[2]) {
    static const int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
    const uint32_t keys[3] = {key[0], key[1], 0x1BD11BDAu ^ key[0] ^ key[1]};
    uint32_t a = counter + keys[0], b = keys[1];
#pragma GCC unroll 13 /* so that shifts are constants and a loop around is vectorised */
    for (int round = 0; round < THREEFRY_ROUNDS; round++) {
        a += b;
        b = rotate_left(b, rotations[round % 8]) ^ a;
        if (round % 4 != 3) continue;
        const uint32_t turn = (uint32_t)round / 4 + 1;
        a += keys[turn % 3];
        b += keys[(turn + 1) % 3] + turn;
    }
    out[0] = a;
    out[1] = b;
}

/* A fraction in [0, 1) of 24 bits. */
static inline float fraction_of(uint32_t bits) { return (float)(bits >> 8) * 0x1p-24f; }

/* A key that no call got before. */
void random_key(uint32_t key[2]);

#endif
