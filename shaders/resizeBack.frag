// The gradient of resizing for images [batch, in_h, in_w, channels], of that of the results x0. x1 has for rows, then
// for columns: where the results of each place begin (one more than places), and the weights of results: how near
// they are to the place after theirs. NEAREST: a result is of one place alone.
#pragma flags ALIGNED NEAREST
#pragma words batch in_h in_w out_h out_w channels align half
uniform sampler2D x0;
uniform isampler2D x1;

// Results of place i of an axis whose table begins at `table`: from x to y, those before z being of the place before.
ivec3 results(int table, int i) {
    int begin = at(x1, table + i), end = at(x1, table + i + 1);
#ifdef NEAREST
    return ivec3(begin, end, begin);
#else
    return ivec3(i > 0 ? at(x1, table + i - 1) : 0, end, begin);
#endif
}

float share(int weights, int i, int begin) {
#ifdef NEAREST
    return 1.0;
#else
    float weight = intBitsToFloat(at(x1, weights + i));
    return i < begin ? weight : 1.0 - weight;
#endif
}

VALUE element(int e) {
    int depth = COUNT(channels), p = quotient(e, depth), c = e - p * depth;
    int row = quotient(p, in_w), image = quotient(row, in_h);
    int columns = in_h + 1 + out_h;
    ivec3 v = results(0, row - image * in_h), u = results(columns, p - row * in_w);
    VALUE sum = VALUE(0);
    for (int i = v.x; i < v.y; i++) {
        VALUE line = VALUE(0);
        for (int j = u.x; j < u.y; j++)
            line += FETCH(x0, ((image * out_h + i) * out_w + j) * depth + c) * share(columns + in_w + 1, j, u.z);
        sum += line * share(in_h + 1, i, v.z);
    }
    return sum;
}

MAIN
