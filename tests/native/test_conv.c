/* Convolution and its gradients over random geometries, against sums written out in double. */
#include "conv_check.h"

static void check_case(Case *c) {
    Sums s = reference(c);
    const Epilogue end = random_int(0, 1) ? EPILOGUE_RELU(c->bias) : EPILOGUE_NONE;
    float *y = filled_floats(c->y_size, NAN), *dx = filled_floats(c->x_size, NAN);
    float *df = filled_floats(c->f_size, NAN), *packed = NULL;
    if (random_int(0, 1)) {
        packed = malloc(conv2d_packed_size(&c->g) * sizeof(float));
        conv2d_pack(&c->g, c->f, packed);
    }
    assert_true(conv2d(&c->g, c->x, packed ? NULL : c->f, packed, y, end));
    compare("conv2d", c, y, s.y, s.my, c->y_size, end, c->g.oc);
    assert_true(conv2d_grad_input(&c->g, c->y, c->f, dx, end));
    compare("grad_input", c, dx, s.dx, s.mx, c->x_size, end, c->g.ic);
    assert_true(conv2d_grad_filter(&c->g, c->x, c->y, df));
    compare("grad_filter", c, df, s.df, s.mf, c->f_size, EPILOGUE_NONE, 1);
    free_sums(&s);
    free(y), free(dx), free(df), free(packed);
}

static void random_geometries(void **state) {
    (void)state;
    for (int i = 0; i < 300; i++) {
        Case c = make_case(random_geometry(), false);
        check_case(&c);
        free_case(&c);
    }
}

static void known_geometries(void **state) {
    (void)state;
    static const ConvGeom known[] = {
        /* n ih iw ic  kh kw oc  oh ow  sh sw dh dw pt pl */
        {1, 32, 32, 3, 3, 3, 32, 16, 16, 2, 2, 1, 1, 0, 0}, /* MobileNet's first */
        {2, 7, 7, 40, 1, 1, 24, 7, 7, 1, 1, 1, 1, 0, 0},    /* pointwise */
        {2, 8, 8, 12, 1, 1, 9, 4, 4, 2, 2, 1, 1, 0, 0},     /* strided pointwise: gaps */
        {3, 28, 28, 1, 5, 5, 8, 24, 24, 1, 1, 1, 1, 0, 0},  /* MNIST */
        {1, 9, 9, 130, 3, 3, 20, 9, 9, 1, 1, 1, 1, 1, 1},   /* several blocks of k */
        {1, 1, 300, 5, 1, 7, 6, 1, 300, 1, 1, 1, 1, 0, 3},  /* one dimension */
        {1, 5, 5, 2, 3, 3, 4, 0, 0, 1, 1, 4, 4, 0, 0},      /* nothing comes out */
        {1, 4, 4, 3, 9, 9, 5, 4, 4, 1, 1, 1, 1, 4, 4},      /* filter beyond the image */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        Case c = make_case(known[i], false);
        check_case(&c);
        free_case(&c);
    }
}

static void failing_memory(void **state) {
    (void)state;
    const ConvGeom g = {2, 20, 20, 24, 3, 3, 40, 20, 20, 1, 1, 1, 1, 1, 1};
    Case c = make_case(g, false);
    float *dx = random_floats(c.x_size), *df = random_floats(c.f_size);
    bool ok = false;
    for (int i = 0; i < 20 && !ok; i++) {
        fail_after = i;
        ok = conv2d(&g, c.x, c.f, NULL, c.y, EPILOGUE_NONE) &&
             conv2d_grad_input(&g, c.y, c.f, dx, EPILOGUE_NONE) &&
             conv2d_grad_filter(&g, c.x, c.y, df);
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
    return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}
