/* The private ops of the crossentropies: values, and gradients of first and second order. */
#include "training/crossentropy.h"
#include "layer_check.h"

typedef Tensor *(*Loss)(Tensor *y, Tensor *p);

static double exact(Loss loss, double y, double p) {
    p = fmin(fmax(p, 1e-7), 1 - 1.1920929e-7);
    return loss == class_crossentropy ? -y * log(p) : -y * log(p) - (1 - y) * log(1 - p);
}

/* First derivative by i (0: y, 1: p), summed over all places, as a tensor that can be derived
** on. */
static Tensor *derived(Loss loss, Tensor *y, Tensor *p, int i) {
    tn_tape_begin();
    Tensor *g = tn_gradients(loss(y, p), LIST(i ? p : y), NULL)->v[0];
    tn_tape_end();
    return g;
}

static void check(Loss loss) {
    enum { N = 8 };
    static const float ys[N] = {0, 1, 0.25f, 0.75f, 1, 0, 1, 0};
    static const float ps[N] = {0.3f, 0.6f, 0.5f, 0.9f, 0, 0, 1, 1};
    Scope *s = tn_scope_begin();
    Tensor *y = floats(INTS(N), ys), *p = floats(INTS(N), ps), *l = loss(y, p);
    for (int i = 0; i < N; i++) near_to(at(l, i), exact(loss, ys[i], ps[i]), 2e-6 * (1 + at(l, i)));
    Tensor *by_y = derived(loss, y, p, 0), *by_p = derived(loss, y, p, 1);
    tn_tape_begin();
    Tensor *first = derived(loss, y, p, 1);
    const List *second = tn_gradients(first, LIST(y, p), NULL);
    Tensor *yp = second->v[0], *pp = second->v[1];
    tn_tape_end();
    no_error();
    for (int i = 0; i < N; i++) {
        double h = 1e-4, a = ys[i], b = ps[i];
        bool moved = b == 0 || b == 1;
        near_to(at(by_y, i), (exact(loss, a + h, b) - exact(loss, a - h, b)) / (2 * h), 1e-3);
        near_to(at(by_p, i), moved ? 0 : (exact(loss, a, b + h) - exact(loss, a, b - h)) / (2 * h),
                1e-3);
        double up = exact(loss, a, b + h), mid = exact(loss, a, b), down = exact(loss, a, b - h);
        near_to(at(pp, i), moved ? 0 : (up - 2 * mid + down) / (h * h), 2e-2);
        double mixed = (exact(loss, a + h, b + h) - exact(loss, a + h, b - h) -
                        exact(loss, a - h, b + h) + exact(loss, a - h, b - h)) /
                       (4 * h * h);
        near_to(at(yp, i), moved ? 0 : mixed, 1e-2);
    }
    tn_scope_end(s);
}

static void test_class(void **state) { (void)state, check(class_crossentropy); }
static void test_binary(void **state) { (void)state, check(binary_crossentropy); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_class, nothing_left),
        cmocka_unit_test_teardown(test_binary, nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
