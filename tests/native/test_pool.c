/* Pooling and its gradients over random geometries, written out window by window. */
#include "conv_check.h"
#include "backend/cpu/pool_kernels.h"

typedef struct Results {
    size_t x_size, y_size;
    float *x, *dy, *max, *avg, *dmax, *davg;
    double *want_max, *want_avg, *want_dmax, *want_davg;
} Results;

static Results make_results(const ConvGeom *g) {
    Results r = {.x_size = (size_t)g->n * g->ih * g->iw * g->ic,
                 .y_size = (size_t)g->n * g->oh * g->ow * g->ic};
    r.x = random_floats(r.x_size);
    for (size_t i = 0; i < r.x_size; i++) /* ties are common */
        if (random_int(0, 1)) r.x[i] = (float)random_int(-2, 2);
    r.dy = random_floats(r.y_size);
    r.max = filled_floats(r.y_size, NAN), r.avg = filled_floats(r.y_size, NAN);
    r.dmax = filled_floats(r.x_size, NAN), r.davg = filled_floats(r.x_size, NAN);
    r.want_max = calloc(r.y_size + 1, sizeof(double));
    r.want_avg = calloc(r.y_size + 1, sizeof(double));
    r.want_dmax = calloc(r.x_size + 1, sizeof(double));
    r.want_davg = calloc(r.x_size + 1, sizeof(double));
    return r;
}

static void free_results(Results *r) {
    free(r->x), free(r->dy), free(r->max), free(r->avg), free(r->dmax), free(r->davg);
    free(r->want_max), free(r->want_avg), free(r->want_dmax), free(r->want_davg);
}

/* Output i: gathers where its window reads, then reduces and spreads. */
static void reference_window(const ConvGeom *g, Results *r, size_t i) {
    const int c = (int)(i % g->ic), ox = (int)(i / g->ic % g->ow);
    const int oy = (int)(i / g->ic / g->ow % g->oh), b = (int)(i / g->ic / g->ow / g->oh);
    size_t places[64], best = 0;
    int count = 0;
    double sum = 0, max = -INFINITY;
    for (int t = 0; t < g->kh * g->kw; t++) {
        const int y = oy * g->sh - g->pt + t / g->kw * g->dh;
        const int x = ox * g->sw - g->pl + t % g->kw * g->dw;
        if (y < 0 || y >= g->ih || x < 0 || x >= g->iw) continue;
        places[count] = (((size_t)b * g->ih + y) * g->iw + x) * g->ic + c;
        sum += r->x[places[count]];
        if (r->x[places[count]] > max) max = r->x[best = places[count]];
        count++;
    }
    r->want_max[i] = max;
    r->want_avg[i] = sum / count;
    if (count) r->want_dmax[best] += r->dy[i];
    for (int t = 0; t < count; t++) r->want_davg[places[t]] += r->dy[i] / count;
}

static void check_all(const ConvGeom *g, const char *what, const float *got, const double *want,
                      size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (!isfinite(want[i])) { /* the window is outside */
            assert_true(isnan(want[i]) ? isnan(got[i]) : got[i] == (float)want[i]);
            continue;
        }
        if (!(fabs(got[i] - want[i]) <= 1e-5)) say(what, g);
        CHECK_SUM(got[i], want[i], 20, "%s at %zu", what, i);
    }
}

static void random_geometries(void **state) {
    (void)state;
    for (int i = 0; i < 400; i++) {
        ConvGeom g = random_geometry();
        g.ic = random_int(0, 2) ? random_int(0, 9) : random_int(60, 70);
        Results r = make_results(&g);
        for (size_t j = 0; j < r.y_size; j++) reference_window(&g, &r, j);
        max_pool(&g, r.x, r.max);
        avg_pool(&g, r.x, r.avg);
        max_pool_grad(&g, r.x, r.dy, r.dmax);
        avg_pool_grad(&g, r.dy, r.davg);
        check_all(&g, "max", r.max, r.want_max, r.y_size);
        check_all(&g, "avg", r.avg, r.want_avg, r.y_size);
        check_all(&g, "max grad", r.dmax, r.want_dmax, r.x_size);
        check_all(&g, "avg grad", r.davg, r.want_davg, r.x_size);
        free_results(&r);
    }
}

static void nan_is_passed_over(void **state) {
    (void)state;
    const ConvGeom g = {1, 1, 8, 1, 1, 4, 0, 1, 2, 1, 4, 1, 1, 0, 0};
    const float x[8] = {1, NAN, 3, NAN, NAN, NAN, NAN, NAN};
    float y[2];
    max_pool(&g, x, y);
    assert_true(y[0] == 3 && y[1] == -INFINITY);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_geometries),
                                       cmocka_unit_test(nan_is_passed_over)};
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
