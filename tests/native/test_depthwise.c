/* Depthwise convolution and its gradients over random geometries and multipliers. */
#include "conv_check.h"
#include "backend/cpu/depthwise_kernels.h"

static void check_case(Case *c) {
    Sums s = reference(c);
    const int channels = c->g.ic * c->g.oc;
    const Epilogue end = random_int(0, 1) ? EPILOGUE_RELU6(c->bias) : EPILOGUE_NONE;
    float *y = filled_floats(c->y_size, NAN), *dx = filled_floats(c->x_size, NAN);
    float *df = filled_floats(c->f_size, NAN);
    assert_true(depthwise2d(&c->g, c->x, c->f, y, end));
    compare("depthwise2d", c, y, s.y, s.my, c->y_size, end, channels);
    assert_true(depthwise2d_grad_input(&c->g, c->y, c->f, dx));
    compare("grad_input", c, dx, s.dx, s.mx, c->x_size, EPILOGUE_NONE, 1);
    assert_true(depthwise2d_grad_filter(&c->g, c->x, c->y, df));
    compare("grad_filter", c, df, s.df, s.mf, c->f_size, EPILOGUE_NONE, 1);
    free_sums(&s);
    free(y), free(dx), free(df);
}

static void random_geometries(void **state) {
    (void)state;
    for (int i = 0; i < 400; i++) {
        ConvGeom g = random_geometry();
        g.ic = random_int(0, 21);
        g.oc = random_int(0, 1) ? 1 : random_int(0, 4);
        Case c = make_case(g, true);
        check_case(&c);
        free_case(&c);
    }
}

static void known_geometries(void **state) {
    (void)state;
    static const ConvGeom known[] = {
        /* n ih iw ic  kh kw mult  oh ow  sh sw dh dw pt pl */
        {2, 14, 14, 24, 3, 3, 1, 14, 14, 1, 1, 1, 1, 1, 1},
        {1, 15, 33, 20, 3, 3, 1, 7, 16, 2, 2, 1, 1, 0, 0},
        {1, 20, 20, 13, 5, 5, 1, 20, 20, 1, 1, 1, 1, 2, 2},
        {1, 20, 60, 8, 3, 3, 1, 20, 60, 1, 1, 2, 2, 2, 2},
        {1, 9, 70, 3, 5, 5, 2, 5, 35, 2, 2, 1, 1, 2, 2},
        {1, 6, 6, 5, 7, 7, 1, 6, 6, 1, 1, 1, 1, 3, 3},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        Case c = make_case(known[i], true);
        check_case(&c);
        free_case(&c);
    }
}

static void failing_memory(void **state) {
    (void)state;
    const ConvGeom g = {2, 6, 6, 4, 3, 3, 2, 6, 6, 1, 1, 1, 1, 1, 1};
    Case c = make_case(g, true);
    float *dx = random_floats(c.x_size), *df = random_floats(c.f_size);
    bool ok = false;
    for (int i = 0; i < 20 && !ok; i++) {
        fail_after = i;
        ok = depthwise2d(&g, c.x, c.f, c.y, EPILOGUE_NONE) &&
             depthwise2d_grad_input(&g, c.y, c.f, dx) && depthwise2d_grad_filter(&g, c.x, c.y, df);
        assert_int_equal(live, 0);
        if (i == 0) assert_false(ok);
    }
    assert_true(ok);
    fail_after = -1;
    free(dx), free(df);
    free_case(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_geometries),
                                       cmocka_unit_test(random_geometries),
                                       cmocka_unit_test(failing_memory)};
    return cmocka_run_group_tests_name("depthwise", tests, NULL, NULL);
}
