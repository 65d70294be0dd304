/* Real layers models against the outputs of the peer on the same input. Needs the optional data
** folder; without it each test says what is missing and is skipped. */
#include "models.h"
#include "io.h"
#include "base/json.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *folder(void) {
    const char *given = getenv("TENSORINE_DATA");
    return given ? given : "../shared/data";
}

/* A whole file with a zero byte after it, or NULL. */
static char *read_file(const char *dir, const char *name, size_t *n) {
    char path[1000];
    snprintf(path, sizeof path, "%s/%s%s%s", folder(), dir, *dir ? "/" : "", name);
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*n + 1);
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    bytes[*n] = 0;
    fclose(f);
    return bytes;
}

static char *shards(const char *dir, const cJSON *paths, size_t *n) {
    char *all = NULL;
    const cJSON *path;
    *n = 0;
    cJSON_ArrayForEach(path, paths) {
        size_t bytes;
        char *part = read_file(dir, path->valuestring, &bytes);
        assert_non_null(part);
        all = realloc(all, *n + bytes);
        memcpy(all + *n, part, bytes);
        *n += bytes;
        free(part);
    }
    return all;
}

static void load_weights(Layer *model, const char *dir, const cJSON *manifest) {
    const cJSON *group, *entry;
    cJSON *names = json_array();
    List *values = malloc(sizeof(List) + 10000 * sizeof(Tensor *));
    values->n = 0;
    cJSON_ArrayForEach(group, manifest) {
        size_t n;
        const cJSON *weights = cJSON_GetObjectItem(group, "weights");
        char *bytes = shards(dir, cJSON_GetObjectItem(group, "paths"), &n);
        char *entries = cJSON_PrintUnformatted(weights);
        const List *list = tn_weights_decode(entries, bytes, n);
        for (int i = 0; i < list->n; i++) values->v[values->n++] = list->v[i];
        cJSON_ArrayForEach(entry, weights)
            json_append(names, json_string(cJSON_GetObjectItem(entry, "name")->valuestring));
        cJSON_free(entries);
        free(bytes);
    }
    char *text = cJSON_PrintUnformatted(names);
    tn_layer_load_weights(model, text, values, true);
    cJSON_free(text);
    json_free(names);
    free(values);
}

static Tensor *reference_input(const cJSON *shape) {
    int v[TN_MAX_RANK + 1] = {0};
    const cJSON *size;
    cJSON_ArrayForEach(size, shape) v[++v[0]] = size->valueint;
    Tensor *x = tn_tensor(TN_FLOAT32, (const Ints *)v, NULL);
    for (long i = 0; i < tn_size(x); i++)
        ((float *)tn_data(x))[i] = (float)((double)((i * 7919) % 1000) / 1000);
    return x;
}

static void compare(Tensor *y, const cJSON *expected, double tolerance) {
    const float *v = tn_floats(y);
    const cJSON *item;
    int stride = cJSON_GetObjectItem(expected, "stride")->valueint, at = 0;
    double worst = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(expected, "values")) {
        assert_true(at < tn_size(y));
        double off = fabs(v[at] - item->valuedouble);
        if (!(off <= worst)) worst = off;
        at += stride;
    }
    if (!(worst <= tolerance)) fail_msg("off by %g", worst);
}

static void check_model(const char *name, const char *file, double tolerance) {
    char reference_name[200];
    size_t n;
    char *text = read_file(name, file, &n);
    snprintf(reference_name, sizeof reference_name, "%s.json", name);
    char *expected = text ? read_file("reference", reference_name, &n) : NULL;
    if (!expected) {
        print_message("%s/%s/%s is not there: not checked\n", folder(), name, file);
        skip();
    }
    Scope *s = tn_scope_begin();
    cJSON *json = json_parse(name, text), *reference = json_parse(name, expected);
    char *topology = cJSON_PrintUnformatted(cJSON_GetObjectItem(json, "modelTopology"));
    Layer *model = tn_model_load(topology);
    if (!model) fail_msg("%s", tn_error());
    char dir[300];
    const char *slash = strrchr(file, '/');
    snprintf(dir, sizeof dir, "%s%s%.*s", name, slash ? "/" : "", slash ? (int)(slash - file) : 0,
             file);
    load_weights(model, dir, cJSON_GetObjectItem(json, "weightsManifest"));
    const cJSON *input = cJSON_GetObjectItem(reference, "inputs")->child;
    Tensor *x = reference_input(cJSON_GetObjectItem(input, "shape"));
    const List *y = tn_predict(model, LIST(x), 32);
    if (tn_error()) fail_msg("%s", tn_error());
    compare(y->v[0], cJSON_GetObjectItem(reference, "outputs")->child, tolerance);
    tn_layer_release(model);
    cJSON_free(topology);
    json_free(json);
    json_free(reference);
    free(text);
    free(expected);
    tn_scope_end(s);
    assert_int_equal(tn_memory()->tensors, 0);
}

#define MODEL_TEST(name, folder, file)                                                             \
    static void test_##name(void **state) {                                                        \
        (void)state;                                                                               \
        check_model(folder, file, 1e-4);                                                           \
    }

MODEL_TEST(abalone, "tfjs_examples_abalone", "trainedModel/model.json")
MODEL_TEST(mnist, "mnist_layers_potolok", "model.json")
MODEL_TEST(mobilenet, "mobilenet_v1_025_224_layers", "model.json")
MODEL_TEST(teachable, "teachable_machine_image", "model.json")
MODEL_TEST(lstm, "lstm_text_generation", "model.json")

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abalone),   cmocka_unit_test(test_mnist),
        cmocka_unit_test(test_mobilenet), cmocka_unit_test(test_teachable),
        cmocka_unit_test(test_lstm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
