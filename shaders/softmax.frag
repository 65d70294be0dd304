// x over n in [outer, n, inner], with what peaks.frag has found for each row in x1. ALIGNED: inner is
// 1 and n whole texels. LOG: the logarithm.
#pragma flags ALIGNED LOG
#pragma words n inner
uniform sampler2D x0, x1;

#ifdef LOG
#define RESULT(v, p) ((v) - p.x - p.z)
#else
#define RESULT(v, p) (exp((v) - p.x) / p.y)
#endif

VALUE element(int e) {
#ifdef ALIGNED
    vec4 peak = quad(x1, quotient(e, TEXELS(n)));
#else
    int o = quotient(e, n * inner);
    vec4 peak = quad(x1, o * inner + e - (quotient(e, inner)) * inner);
#endif
    return RESULT(FETCH(x0, e), peak);
}

MAIN
