// The area under the curve that a tally x0 [4, m] of falling numbers describes: curve 0: ROC, 1: precision by recall;
// summation 0: interpolation, 1: the lower side, 2: the upper side. x: rightly chosen, y: wrongly, z: rightly not,
// w: wrongly not.
#pragma words curve summation
uniform sampler2D x0;

vec4 counts(int m, int k) { return vec4(at(x0, k), at(x0, m + k), at(x0, 2 * m + k), at(x0, 3 * m + k)); }

float ratio(float a, float b) { return b > 0.0 ? a / b : 0.0; }

// Between two points of a curve of precision by recall: Davis and Goadrich, 2006.
float piece(vec4 a, vec4 b) {
    float yes = a.x + a.y, next = b.x + b.y, more = a.x - b.x, slope = ratio(more, yes - next);
    float growth = yes > 0.0 && next > 0.0 ? yes / next : 1.0;
    return ratio(slope * (more + (b.x - slope * next) * log(growth)), b.x + b.w);
}

vec2 point(vec4 a) {
    float found = ratio(a.x, a.x + a.w);
    return curve == 0 ? vec2(ratio(a.y, a.y + a.z), found) : vec2(found, ratio(a.x, a.x + a.y));
}

void main() {
    int m = word(1) / 4;
    float area = 0.0;
    for (int k = 0; k + 1 < m; k++) {
        vec4 a = counts(m, k), b = counts(m, k + 1);
        vec2 p = point(a), q = point(b);
        float height = summation == 0 ? (p.y + q.y) / 2.0 : summation == 1 ? min(p.y, q.y) : max(p.y, q.y);
        area += curve == 1 && summation == 0 ? piece(a, b) : (p.x - q.x) * height;
    }
    y = vec4(area);
}
