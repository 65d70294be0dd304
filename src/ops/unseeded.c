/* See unseeded.h. */
#include "ops/unseeded.h"
#include "base/threefry.h"

static void uniform_cpu(Call *c) {
    const Bounds *b = c->attrs;
    const float range = b->high - b->low;
    float *y = f32(c->out[0]);
    uint32_t key[2], bits[2];
    random_key(key);
    for (int i = 0; i < c->out[0]->size; i++) {
        if (i % 2 == 0) threefry(key, (uint32_t)i / 2, bits);
        const float v = b->low + range * fraction_of(bits[i % 2]);
        y[i] = v >= b->high ? b->low : v; /* rounded up to it, or there is no range */
    }
}
const Op uniform_op = {.name = "randomUniform",
                       .cpu = uniform_cpu,
                       .gl = "randomUniform",
                       .constant = true,
                       .random = true};

/* Box and Muller, "A Note on the Generation of Random Normal Deviates", Annals of Mathematical
** Statistics 29(2), 1958. */
static void normal_cpu(Call *c) {
    const Bell *b = c->attrs;
    float *y = f32(c->out[0]), other = 0;
    uint32_t key[2], bits[2];
    random_key(key);
    for (int i = 0; i < c->out[0]->size; i++) {
        if (i % 2) {
            y[i] = other;
            continue;
        }
        threefry(key, (uint32_t)i / 2, bits);
        const double turn = 2 * M_PI * fraction_of(bits[1]),
                     far = sqrt(-2 * log(1 - (double)fraction_of(bits[0])));
        y[i] = (float)(b->mean + b->deviation * far * cos(turn));
        other = (float)(b->mean + b->deviation * far * sin(turn));
    }
}
const Op normal_op = {.name = "randomNormal",
                      .cpu = normal_cpu,
                      .gl = "randomNormal",
                      .constant = true,
                      .random = true};
