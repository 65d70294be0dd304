/* The elementary functions against libm's in double, over samples of all floats; the bounds are the
** ones vmath.h states. */
#include "kernel_check.h"
#include "backend/cpu/vmath.h"

static double sigmoid_double(double x) { return 1 / (1 + exp(-x)); }
static double elu_double(double x) { return x < 0 ? expm1(x) : x; }
static double softplus_double(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }
static float one(void (*f)(size_t, const float *, float *), float x) {
    f(1, &x, &x);
    return x;
}
static float sin_any(float x) { return one(vsin_n, x); }
static float cos_any(float x) { return one(vcos_n, x); }
static float tan_any(float x) { return one(vtan_n, x); }

static float map_one(Map what, float x) {
    vmap(what, 1, &x, &x);
    return x;
}
static float map_exp(float x) { return map_one(MAP_EXP, x); }
static float map_log(float x) { return map_one(MAP_LOG, x); }
static float map_tanh(float x) { return map_one(MAP_TANH, x); }
static float map_elu(float x) { return map_one(MAP_ELU, x); }
static float map_sigmoid(float x) { return map_one(MAP_SIGMOID, x); }

static const struct Function {
    const char *name;
    float (*f)(float);
    double (*exact)(double);
    double bound;
} functions[] = {
    {"exp", vexp, exp, 1.1},
    {"expm1", vexpm1, expm1, 2},
    {"log", vlog, log, 1},
    {"log1p", vlog1p, log1p, 2},
    {"tanh", vtanh, tanh, 2.5},
    {"sigmoid", vsigmoid, sigmoid_double, 2.5},
    {"softplus", vsoftplus, softplus_double, 2},
    {"erf", verf, erf, 2.25},
    {"sin", sin_any, sin, 2},
    {"cos", cos_any, cos, 2},
    {"tan", tan_any, tan, 4},
    {"atan", vatan, atan, 0.6},
    {"asin", vasin, asin, 0.7},
    {"acos", vacos, acos, 0.7},
    {"sinh", vsinh, sinh, 2.25},
    {"cosh", vcosh, cosh, 2},
    {"asinh", vasinh, asinh, 2.25},
    {"acosh", vacosh, acosh, 2},
    {"atanh", vatanh, atanh, 2.25},
    {"exp 4", map_exp, exp, 1.1},
    {"log 4", map_log, log, 1},
    {"tanh 4", map_tanh, tanh, 2.5},
    {"elu 4", map_elu, elu_double, 2},
    {"sigmoid 4", map_sigmoid, sigmoid_double, 2.5},
};

/* The distance from the exact value in units of the last place of a float near it. */
static double ulps(float got, double want) {
    int exponent;
    const float rounded = (float)want;
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got) ? 0 : INFINITY;
    if (isinf(rounded) || isinf(got)) return rounded == got ? 0 : INFINITY;
    if (want == 0) return got == 0 && !signbit(got) == !signbit(want) ? 0 : INFINITY;
    frexp(want, &exponent);
    return fabs(got - want) / ldexp(1, exponent - 24 > -149 ? exponent - 24 : -149);
}

static void check_bits(const struct Function *f, uint32_t bits, double *worst, float *where) {
    const float x = vfloat(bits);
    const double error = ulps(f->f(x), f->exact(x));
    if (error > *worst) *worst = error, *where = x;
}

static void bounds(void **state) {
    (void)state;
    static const float specials[] = {0,      -0.0f,   INFINITY, -INFINITY, NAN,      1,      -1,
                                     1e-45f, -1e-45f, 1e-38f,   -1e-38f,   3.4e38f,  88.72f, 88.73f,
                                     -87.3f, -87.4f,  -103.9f,  -104,      16777216, 1e8f,   -1e8f};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct Function *f = &functions[i];
        double worst = 0;
        float where = 0;
        for (uint64_t bits = random_bits() % 9000; bits < 1ull << 32; bits += 9001)
            check_bits(f, (uint32_t)bits, &worst, &where);
        for (size_t j = 0; j < sizeof specials / sizeof *specials; j++)
            check_bits(f, vbits(specials[j]), &worst, &where);
        for (int j = 0; j < 200000; j++) /* where the functions bend */
            check_bits(f, vbits(random_float() * (j & 1 ? 2 : 20)), &worst, &where);
        print_message("%-9s %.3f ulp at %a\n", f->name, worst, where);
        if (!(worst <= f->bound)) fail_msg("%s: %g ulp at %a", f->name, worst, where);
    }
}

/* atan2 and mod of two numbers each: usual ones, and all pairs of special ones. */
static void of_two(void **state) {
    (void)state;
    static const float specials[] = {0,         -0.0f, 1,     -1,      INFINITY,
                                     -INFINITY, NAN,   3e38f, -1e-40f, 1e-30f};
    double worst = 0;
    for (int i = 0; i < 400000; i++) {
        const bool special = i < 100;
        const float a = special ? specials[i / 10] : random_float() * (i & 1 ? 1 : 1e9f);
        const float b = special ? specials[i % 10] : random_float() * (i & 2 ? 1 : 1e9f);
        const double error = ulps(vatan2(a, b), atan2(a, b));
        float rest;
        vmod_n(1, &a, 0, &b, 0, &rest);
        assert_true(isnan(rest) ? isnan(vmod(a, b)) : rest == vmod(a, b));
        if (error > worst) worst = error;
        if (!(error <= 0.6)) fail_msg("atan2(%a, %a) is %a", a, b, vatan2(a, b));
    }
    print_message("atan2     %.3f ulp\n", worst);
}

/* Vectors in which usual and rare arguments meet: each result is as when alone. */
static void mixed_vectors(void **state) {
    (void)state;
    static const float rare[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 1e-40f, -3, 200, -95, -200};
    float x[23], y[23];
    for (int round = 0; round < 2000; round++) {
        const int n = random_int(0, 23);
        for (int i = 0; i < n; i++)
            x[i] = random_int(0, 3) ? random_float() * 5 + 5 : rare[random_int(0, 9)];
        for (Map what = MAP_EXP; what <= MAP_ELU; what++) {
            vmap(what, (size_t)n, x, y);
            for (int i = 0; i < n; i++) {
                const float alone = map_one(what, x[i]);
                assert_true(isnan(alone) ? isnan(y[i]) : ulps(y[i], alone) <= 1);
            }
        }
    }
}

static void arrays(void **state) {
    (void)state;
    float *x = random_floats(1000), *y = random_floats(1000);
    for (int i = 0; i < 1000; i++) x[i] *= i % 300 == 7 ? 1e30f : 100;
    for (int n = 0; n <= 1000; n += 111) {
        vcos_n(n, x, y);
        for (int i = 0; i < n; i++) assert_true(ulps(y[i], cos(x[i])) <= 2);
    }
    free(x), free(y);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds), cmocka_unit_test(arrays),
                                       cmocka_unit_test(of_two), cmocka_unit_test(mixed_vectors)};
    return cmocka_run_group_tests_name("vmath", tests, NULL, NULL);
}
