// How many of the n sorted elements of its row of x0 come before each of the m of x1; those that are equal too if
// `right`.
#pragma words rows n m right
#pragma whole x0 x1 y
uniform X0 x0;
uniform X1 x1;

bool before(FIRST sorted, FIRST value) { return right != 0 ? sorted <= value : sorted < value; }

int element(int e) {
    int first = e / m * n, from = first, left = n;
    FIRST value = at(x1, e);
    while (left > 1) {
        int lower = left / 2;
        if (before(at(x0, from + lower - 1), value)) from += lower;
        left -= lower;
    }
    return from - first + (before(at(x0, from), value) ? 1 : 0);
}

MAIN
