// The sum of the channels that are no further away than radius.
#pragma words channels radius
uniform sampler2D x0;

float element(int e) {
    int k = e % channels;
    float sum = at(x0, e);
    for (int d = 1; d <= radius; d++) {
        if (k >= d) sum += at(x0, e - d);
        if (k + d < channels) sum += at(x0, e + d);
    }
    return sum;
}

MAIN
