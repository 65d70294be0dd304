// Uniform random numbers between low and high by Threefry 2x32, as src/base/threefry.h has it: two elements for
// each value of the counter.
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

void main() {
    uint pair = 2u * uint(texel());
    uvec4 bits = uvec4(threefry(pair), threefry(pair + 1u));
    vec4 v = low + (high - low) * (vec4(bits >> 8) * (1.0 / 16777216.0));
    y = mix(v, vec4(low), greaterThanEqual(v, vec4(high)));
}
