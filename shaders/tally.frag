// Of truths x0, predictions x1 and weights x2, n of each, in pieces of `span`, with thresholds x3: [pieces, 4,
// thresholds], weights added up of those rightly and wrongly above the threshold, then rightly and wrongly not.
#pragma words n thresholds span
uniform sampler2D x0, x1, x2, x3;

float element(int e) {
    int line = e / thresholds, piece = line / 4, which = line - 4 * piece;
    int end = min(n, (piece + 1) * span);
    bool above = which < 2, truth = which == 0 || which == 3;
    float threshold = at(x3, e - line * thresholds), sum = 0.0;
    for (int i = piece * span; i < end; i++)
        if ((at(x0, i) != 0.0) == truth && (at(x1, i) > threshold) == above) sum += at(x2, i);
    return sum;
}

MAIN
