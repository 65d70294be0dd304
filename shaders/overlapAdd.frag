// Frames x0 [rows, frames, size] added up where they lie in signals of `length` elements, each `step` after the one
// before.
#pragma words rank base rows frames size size3 size4 size5 size6 size7 length step
uniform sampler2D x0;

float element(int e) {
    int row = e / length, i = e - row * length, last = min(i / step, frames - 1);
    float sum = 0.0;
    for (int f = i < size ? 0 : (i - size) / step + 1; f <= last; f++)
        sum += at(x0, (row * frames + f) * size + i - f * step);
    return sum;
}

MAIN
