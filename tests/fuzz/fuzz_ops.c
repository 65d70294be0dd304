/* Calls ops with the arguments of their examples, of which some are others, made of the fuzzer's
** bytes; then asks for gradients of first and second order, now and then with an allocation that
** fails. Sanitizers see what is read and written; here it is checked that an error is typed, that
** results are whole, and that nothing but results is left behind. */
#include "tensor/op.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    MOST_TENSORS = 32,
    MOST_RESULTS = 32,
    MOST_INTS = 256,
    MOST_ARGUMENTS = 12,
    LONGEST_LIST = 8
};

/* Arguments as text, which tools/gen/fuzz.mjs writes. */
typedef struct Example {
    const char *arguments[MOST_ARGUMENTS];
} Example;

typedef struct Input {
    const uint8_t *at, *end;
    int sizes[3]; /* dims come from these, so that shapes often fit */
    Tensor *tensors[MOST_TENSORS], *results[MOST_RESULTS];
    int tensor_count, result_count;
    int tensors_before;        /* tensors before the call */
    int ints[MOST_INTS], used; /* memory for lists of numbers */
    struct {
        int n;
        Tensor *v[LONGEST_LIST];
    } list;
    char text[16];
    int example; /* that the call is like, or -1 */
} Input;

typedef struct Case {
    const char *name;
    void (*call)(Input *in);
    int results, errors, gradients[2]; /* how often: it worked, it was refused, differentiated */
} Case;

/* ---- bytes to arguments; where bytes end, zeros follow ---- */

#define ANY static __attribute__((unused)) /* some set of ops may not need one */

static unsigned any_byte(Input *in) { return in->at < in->end ? *in->at++ : 0; }

static int any_int(Input *in) {
    static const int odd[] = {0, -1, 127, 65536, 46341, INT32_MAX, INT32_MIN, 1 << 30, -1000000};
    unsigned b = any_byte(in);
    if (b >= 240) return odd[b % (sizeof odd / sizeof *odd)];
    return (int)(b % 11) - 3;
}

static float any_float(Input *in) {
    static const float odd[] = {0.0f,   -0.0f,  INFINITY,      -INFINITY,      NAN,   3e38f,
                                -3e38f, 1e-42f, 2147483648.0f, -2147483648.0f, 1e-7f, 16777217.0f};
    unsigned b = any_byte(in);
    if (b >= 232) return odd[b % (sizeof odd / sizeof *odd)];
    return ((float)b - 100) / 16;
}

static const Ints *ints_of(Input *in, int n) {
    if (in->used + n + 1 > MOST_INTS) n = 0, in->used = 0;
    int *list = in->ints + in->used;
    in->used += n + 1;
    list[0] = n;
    for (int i = 1; i <= n; i++) {
        unsigned b = any_byte(in);
        list[i] = b % 4 == 0 ? in->sizes[b / 4 % 3] : any_int(in);
    }
    return (const Ints *)list;
}

static const Ints *any_ints(Input *in) {
    unsigned b = any_byte(in);
    return ints_of(in, b >= 250 ? 9 : (int)(b % 7));
}

ANY const Ints *maybe_ints(Input *in) { return any_byte(in) % 3 ? any_ints(in) : NULL; }

ANY const Pad *any_pad(Input *in) {
    static const int lengths[] = {0, 1, 1, 4, 4, 2, 5};
    unsigned b = any_byte(in);
    static const int same[] = {1, -1};
    return b % 3 == 0 ? (const Pad *)same : ints_of(in, lengths[b % 7]);
}

ANY const char *any_text(Input *in) {
    static const char *const words[] = {"", "euclidean", "fro", "inf", "1", "2", "-inf", "seed"};
    unsigned b = any_byte(in);
    if (b < 32) return NULL;
    if (b < 224) return words[b % 8];
    for (int i = 0; i < 15; i++) in->text[i] = (char)any_byte(in);
    return in->text;
}

static void any_shape(Input *in, int *shape) {
    unsigned b = any_byte(in);
    if (b % 4 == 0 && in->tensor_count) { /* that of an earlier tensor */
        const Tensor *x = in->tensors[b / 4 % (unsigned)in->tensor_count];
        shape[0] = x->rank;
        memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
        return;
    }
    shape[0] = b >= 250 ? TN_MAX_RANK : (int)(b / 4 % 6);
    for (int i = 1; i <= shape[0]; i++) {
        unsigned s = any_byte(in);
        shape[i] = s < 160 ? in->sizes[s % 3] : s < 240 ? 1 + (int)(s % 4) : (int)(s % 2);
        if (shape[0] > 5 && shape[i] > 2) shape[i] = 2;
    }
}

static Tensor *taken(Input *in, Tensor *x) {
    if (!failed() && in->tensor_count < MOST_TENSORS) in->tensors[in->tensor_count++] = x;
    return x;
}

/* Short strings of few letters. */
static Tensor *some_strings(Input *in) {
    int shape[TN_MAX_RANK + 1], n = 1;
    unsigned b = any_byte(in);
    shape[0] = (int)(b % 8 < 6 ? b % 2 : b % 4);
    for (int i = 1; i <= shape[0]; i++) n *= shape[i] = in->sizes[i % 3];
    char bytes[128][4];
    const char *strings[128];
    for (int i = 0; i < n; i++) {
        b = any_byte(in);
        for (int k = 0; k < 4; k++) bytes[i][k] = (char)(k < (int)(b % 4) ? "a, b"[b >> k & 3] : 0);
        strings[i] = bytes[i];
    }
    return taken(in, tn_strings((const Ints *)shape, strings));
}

static Tensor *any_tensor(Input *in) {
    static const DType dtypes[] = {TN_FLOAT32, TN_INT32, TN_FLOAT32, TN_BOOL,
                                   TN_FLOAT32, TN_INT32, TN_FLOAT32, TN_COMPLEX64};
    int shape[TN_MAX_RANK + 1];
    unsigned b = any_byte(in);
    if (b >= 248) return some_strings(in);
    any_shape(in, shape);
    DType dtype = dtypes[b % 8];
    Tensor *x = tn_tensor(dtype, (const Ints *)shape, NULL);
    unsigned same = any_byte(in); /* one byte fills many tensors well enough */
    float first = any_float(in);
    const int n = failed() ? 0 : x->size * (dtype == TN_COMPLEX64 ? 2 : 1);
    for (int i = 0; i < n; i++) {
        float v = same & 1 ? first + (float)(i * (int)(same % 5)) : any_float(in);
        if (dtype == TN_FLOAT32 || dtype == TN_COMPLEX64) f32(x)[i] = v;
        else if (dtype == TN_INT32) i32(x)[i] = same & 2 ? any_int(in) : i;
        else u8(x)[i] = v > 0;
    }
    return taken(in, x);
}

/* Strings; now and then a tensor of another dtype. */
ANY Tensor *any_strings(Input *in) {
    return any_byte(in) >= 250 ? any_tensor(in) : some_strings(in);
}

ANY Tensor *maybe_tensor(Input *in) { return any_byte(in) % 3 ? any_tensor(in) : NULL; }

ANY const List *any_list(Input *in) {
    in->list.n = (int)(any_byte(in) % 5);
    for (int i = 0; i < in->list.n; i++) in->list.v[i] = any_tensor(in);
    return (const List *)&in->list;
}

/* ---- arguments of examples ---- */

ANY void choose_example(Input *in, int n) {
    unsigned b = any_byte(in);
    in->example = b >= 208 ? -1 : (int)(b % (unsigned)n);
}

/* The argument of the example; NULL where another shall be made. */
ANY const char *given(Input *in, const Example *examples, int i) {
    return in->example < 0 || any_byte(in) >= 224 ? NULL : examples[in->example].arguments[i];
}

static bool is_none(const char *text) { return !strcmp(text, "-"); }

ANY int int_of(Input *in, const char *text) {
    (void)in;
    return atoi(text);
}
ANY float float_of(Input *in, const char *text) {
    (void)in;
    return strtof(text, NULL);
}
ANY const char *text_as(Input *in, const char *text) {
    (void)in;
    return is_none(text) ? NULL : text;
}

/* Numbers up to the next colon or the end, into list[1...], their count into list[0]. */
static void read_numbers(const char *text, int *list, int most) {
    list[0] = 0;
    while (*text && *text != ':' && list[0] < most) {
        char *after;
        list[++list[0]] = (int)strtol(text, &after, 10);
        text = *after == ',' ? after + 1 : after;
    }
}

ANY const Ints *ints_as(Input *in, const char *text) {
    enum { MOST = 32 };
    if (is_none(text)) return NULL;
    if (in->used + MOST + 1 > MOST_INTS) in->used = 0;
    int *list = in->ints + in->used;
    read_numbers(text, list, MOST);
    in->used += list[0] + 1;
    return (const Ints *)list;
}

static Tensor *strings_of(const int *shape, const char *values) {
    enum { MOST = 32 };
    static char copy[1024];
    const char *strings[MOST] = {""};
    int n = 0;
    snprintf(copy, sizeof copy, "%s", values);
    for (char *at = copy; at && n < MOST; n++) {
        char *end = strchr(at, '\x1f');
        strings[n] = at;
        if (end) *end++ = 0;
        at = end;
    }
    return tn_strings((const Ints *)shape, strings);
}

static void set(Tensor *x, int i, float v) {
    if (x->dtype == TN_FLOAT32 || x->dtype == TN_COMPLEX64) f32(x)[i] = v;
    else if (x->dtype == TN_INT32) i32(x)[i] = v > -2e9f && v < 2e9f ? (int)v : INT32_MIN;
    else u8(x)[i] = v != 0;
}

/* "f:2,3:1,2,3,4,5,6"; now and then one element is another. */
static Tensor *tensor_at(Input *in, const char *text) {
    static const char letters[] = "fibcs";
    DType dtype = (DType)(strchr(letters, text[0]) - letters);
    int shape[TN_MAX_RANK + 1];
    read_numbers(text + 2, shape, TN_MAX_RANK);
    const char *at = strchr(text + 2, ':') + 1;
    Tensor *x =
        dtype == TN_STRING ? strings_of(shape, at) : tn_tensor(dtype, (const Ints *)shape, NULL);
    const int n = failed() || dtype == TN_STRING ? 0 : x->size * (dtype == TN_COMPLEX64 ? 2 : 1);
    for (int i = 0; i < n; i++) {
        char *after;
        set(x, i, strtof(at, &after));
        at = *after == ',' ? after + 1 : after;
    }
    if (n && any_byte(in) >= 216) set(x, (int)(any_byte(in) % (unsigned)n), any_float(in));
    return taken(in, x);
}

ANY Tensor *tensor_of(Input *in, const char *text) {
    return is_none(text) ? NULL : tensor_at(in, text);
}

ANY const List *list_of(Input *in, const char *text) {
    in->list.n = 0;
    while (*text && in->list.n < LONGEST_LIST) {
        in->list.v[in->list.n++] = tensor_at(in, text);
        const char *next = strchr(text, ';');
        text = next ? next + 1 : "";
    }
    return (const List *)&in->list;
}

/* ---- the call, and its results ---- */

/* All arguments are made. */
static void arguments_done(Input *in) {
    unsigned n = any_byte(in);
    in->tensors_before = tn_memory()->tensors;
    tn_fail_allocation(n < 32 ? (int)n : 0);
}

static void give_result(Input *in, Tensor *y) {
    if (y && in->result_count < MOST_RESULTS) in->results[in->result_count++] = y;
}

ANY void give_results(Input *in, const List *list) {
    for (int i = 0; i < list->n; i++) give_result(in, list->v[i]);
}

#include "fuzz_ops.gen.h"

/* ---- one run ---- */

static void die(const Case *c, const char *what) {
    fprintf(stderr, "%s: %s\n", c->name, what);
    abort();
}

static volatile uint8_t sink;

/* Shape, dtype and data of x say the same; its data are all there. */
static Tensor *read_through(const Case *c, Tensor *x) {
    int64_t size = 1;
    if (x->rank < 0 || x->rank > TN_MAX_RANK) die(c, "a rank that is none");
    for (int i = 0; i < x->rank; i++) {
        if (x->shape[i] < 0) die(c, "a negative size");
        size *= x->shape[i];
    }
    if (size != x->size) die(c, "a size that its shape does not have");
    if ((unsigned)x->dtype >= TN_DTYPES) die(c, "a dtype that is none");
    const uint8_t *bytes = tn_data(x);
    for (int i = 0; bytes && i < x->size * dtype_bytes(x->dtype); i++) {
        if (bytes[i]) sink = bytes[i]; /* a branch: MemorySanitizer asks whether it was written */
        if (x->dtype == TN_BOOL && bytes[i] > 1) die(c, "a bool that is neither true nor false");
    }
    for (int i = 0; bytes && x->dtype == TN_STRING && i < x->size; i++) {
        Bytes text = string_of(i32(x)[i]);
        for (int k = 0; k < text.n; k++) sink ^= (uint8_t)text.bytes[k];
    }
    return x;
}

static bool is_among(const Tensor *x, Tensor *const *list, int n) {
    for (int i = 0; i < n; i++)
        if (list[i] == x) return true;
    return false;
}

/* After a call there are as many tensors as before, and its results. */
static void check_alive(const Case *c, const Input *in) {
    int made = 0;
    for (int i = 0; i < in->result_count && !failed(); i++)
        made += !is_among(in->results[i], in->tensors, in->tensor_count) &&
                !is_among(in->results[i], in->results, i);
    if (in->result_count == MOST_RESULTS || in->tensor_count == MOST_TENSORS) return;
    if (tn_memory()->tensors == in->tensors_before + made) return;
    fprintf(stderr, "%d tensors, then %d of which %d are results; %s\n", in->tensors_before,
            tn_memory()->tensors, made, tn_error() ? tn_error() : "no error");
    die(c, "a call leaves tensors behind");
}

static bool is_smooth(const Tensor *x) {
    return x->dtype == TN_FLOAT32 || x->dtype == TN_COMPLEX64;
}

/* Real and imaginary parts, added up. */
static Tensor *to_real(Tensor *x) {
    return x->dtype == TN_COMPLEX64 ? tn_add(tn_real(x), tn_imag(x)) : x;
}

/* The sum of the gradients of y, to be differentiated again; NULL where there is none. */
static Tensor *sum_of_gradients(const Case *c, const Input *in, Tensor *y) {
    struct {
        int n;
        Tensor *v[MOST_TENSORS];
    } xs = {0};
    for (int i = 0; i < in->tensor_count; i++)
        if (is_smooth(in->tensors[i])) xs.v[xs.n++] = in->tensors[i];
    const List *found = tn_gradients(to_real(y), (const List *)&xs, NULL);
    Tensor *grads[MOST_TENSORS], *sum = NULL;
    int n = found->n;
    if (n) memcpy(grads, found->v, sizeof(Tensor *) * (size_t)n);
    for (int i = 0; i < n && !failed(); i++) {
        if (!grads[i]) continue;
        Tensor *part = tn_sum(to_real(read_through(c, grads[i])), NULL, false);
        sum = sum ? tn_add(sum, part) : part;
    }
    return failed() ? NULL : sum;
}

static void call(Case *c, Input *in) {
    int orders = (int)(any_byte(in) % 3), tapes = 0;
    while (tapes < orders) tn_tape_begin(), tapes++;
    c->call(in);
    check_alive(c, in);
    for (int i = 0; i < in->result_count && !failed(); i++) {
        Tensor *y = read_through(c, in->results[i]);
        for (int k = 0; k < orders && y && is_smooth(y) && !failed(); k++)
            if ((y = sum_of_gradients(c, in, y))) c->gradients[k]++;
    }
    tn_fail_allocation(0);
    if (failed()) c->errors++;
    else c->results++;
    while (tapes--) tn_tape_end();
}

static void check_error(const Case *c) {
    if (!tn_error()) return;
    ErrorCode code = tn_error_code();
    if (code <= TN_OK || code >= TN_UNKNOWN) die(c, "an error without a type");
    if (!*tn_error()) die(c, "an error without a message");
    tn_clear_error();
}

enum { CASES = sizeof cases / sizeof *cases };
static Case *chosen[CASES];
static unsigned chosen_count;

/* What came of it all, as JSON, into the file that the environment variable FACTS names. */
static void write_facts(void) {
    FILE *file = fopen(getenv("FACTS"), "w");
    if (!file) return;
    for (unsigned i = 0; i < chosen_count; i++)
        fprintf(file, "%s\"%s\": {\"results\": %d, \"errors\": %d, \"gradients\": [%d, %d]}",
                i ? ",\n" : "{", chosen[i]->name, chosen[i]->results, chosen[i]->errors,
                chosen[i]->gradients[0], chosen[i]->gradients[1]);
    fprintf(file, "}\n");
    fclose(file);
}

/* The environment variable OP leaves only ops whose name holds it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    const char *op = getenv("OP");
    for (int i = 0; i < CASES; i++)
        if (!op || strstr(cases[i].name, op)) chosen[chosen_count++] = &cases[i];
    if (getenv("FACTS")) atexit(write_facts);
    if (chosen_count) return 0;
    fprintf(stderr, "no op's name holds %s\n", op);
    exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static Input in;
    in = (Input){.at = data, .end = data + size};
    unsigned which = any_byte(&in) | any_byte(&in) << 8;
    Case *c = chosen[which % chosen_count];
    for (int i = 0; i < 3; i++) in.sizes[i] = (int)(any_byte(&in) % 6);
    Scope *s = tn_scope_begin();
    call(c, &in);
    check_error(c);
    tn_scope_end(s);
    if (tn_memory()->tensors || tn_memory()->storages) die(c, "tensors are left behind");
    if (recording()) die(c, "a tape is left open");
    return 0;
}

/* Large requests fail instead of taking the machine's memory. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1:max_allocation_size_mb=32:detect_leaks=1";
}
const char *__msan_default_options(void);
const char *__msan_default_options(void) {
    return "allocator_may_return_null=1:max_allocation_size_mb=32";
}
