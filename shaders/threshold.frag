// White where a pixel is brighter than the level, black elsewhere; inverted the other way.
#pragma words channels otsu inverted float:level
#pragma whole y
uniform sampler2D x0;

// Rounded by itself, as on the CPU: word 3 is 0, which the compiler does not know.
float rounded(float v) { return intBitsToFloat(floatBitsToInt(v) ^ word(3)); }

float brightness(int pixel) {
    if (channels == 1) return at(x0, pixel);
    float red = rounded(at(x0, 3 * pixel) * 0.2989), green = rounded(at(x0, 3 * pixel + 1) * 0.587);
    return rounded(red + green) + rounded(at(x0, 3 * pixel + 2) * 0.114);
}

int element(int e) {
    float v = brightness(e);
    return (inverted != 0 ? v <= level : v > level) ? 255 : 0;
}

MAIN
