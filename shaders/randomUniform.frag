// Uniform random numbers between low and high by Threefry 2x32, as src/base/threefry.h has it: two elements for
// each value of the counter. NORMAL: normal ones of mean `low` and deviation `high` by Box and Muller, as
// src/ops/unseeded.c has it; devices' own functions are too coarse near their ends, so there are series here.
#pragma flags NORMAL
#pragma words float:low float:high keyLow keyHigh

const int ROTATIONS[8] = int[8](13, 15, 26, 6, 17, 29, 16, 24);

uvec2 threefry(uint counter) {
    uint k0 = uint(keyLow), k1 = uint(keyHigh);
    uint keys[3] = uint[3](k0, k1, 0x1BD11BDAu ^ k0 ^ k1);
    uint a = counter + keys[0], b = keys[1];
    for (int round = 0; round < 13; round++) {
        int by = ROTATIONS[round & 7];
        a += b;
        b = (b << by | b >> (32 - by)) ^ a;
        if ((round & 3) == 3) {
            int turn = round / 4 + 1;
            a += keys[turn % 3];
            b += keys[(turn + 1) % 3] + uint(turn);
        }
    }
    return uvec2(a, b);
}

#ifdef NORMAL
// -log(1 - v)
float log_of(float v) {
    if (v > 0.1) return -log(1.0 - v);
    return v * (1.0 + v * (1.0 / 2.0 + v * (1.0 / 3.0 + v * (0.25 + v * (0.2 + v * (1.0 / 6.0 + v / 7.0))))));
}

// Cosine and sine of v turns.
vec2 turned(float v) {
    float quarters = floor(4.0 * v + 0.5), a = (4.0 * v - quarters) * 1.5707963267948966, s = a * a;
    float cosine = 1.0 - s * (0.5 - s * (1.0 / 24.0 - s * (1.0 / 720.0 - s / 40320.0)));
    float sine = a * (1.0 - s * (1.0 / 6.0 - s * (1.0 / 120.0 - s * (1.0 / 5040.0 - s / 362880.0))));
    int q = int(quarters) & 3;
    vec2 p = (q & 1) == 0 ? vec2(cosine, sine) : vec2(-sine, cosine);
    return q < 2 ? p : -p;
}

vec2 pair(uint counter) {
    vec2 v = vec2(threefry(counter) >> 8) * (1.0 / 16777216.0);
    return low + high * sqrt(2.0 * log_of(v.x)) * turned(v.y);
}

void main() {
    uint counter = 2u * uint(texel());
    y = vec4(pair(counter), pair(counter + 1u));
}
#else
void main() {
    uint pair = 2u * uint(texel());
    uvec4 bits = uvec4(threefry(pair), threefry(pair + 1u));
    vec4 v = low + (high - low) * (vec4(bits >> 8) * (1.0 / 16777216.0));
    y = mix(v, vec4(low), greaterThanEqual(v, vec4(high)));
}
#endif
