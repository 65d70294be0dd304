/* Weights of a manifest whose text is made of the fuzzer's bytes, word by word, and of bytes that
** may be too few, too many or right; now and then with an allocation that fails. Sanitizers see
** what is read and written; here it is checked that an error is typed and that nothing is left
** behind. */
#include "tensor/op.h"
#include <stdio.h>
#include <stdlib.h>

static const char *const words[] = {
    "[",
    "]",
    "{",
    "}",
    ",",
    "[{\"name\":",
    "{\"name\":",
    "\"w\"",
    "\"é\\u0000\"",
    "null",
    "true",
    ",\"shape\":[",
    "],\"dtype\":",
    "\"float32\"",
    "\"int32\"",
    "\"bool\"",
    "\"string\"",
    "\"complex64\"",
    ",\"quantization\":{\"dtype\":",
    "\"uint8\"",
    "\"uint16\"",
    "\"float16\"",
    ",\"scale\":",
    ",\"min\":",
    "0",
    "1",
    "2",
    "3",
    "7",
    "-1",
    "1.5",
    "65536",
    "46341",
    "2147483647",
    "2147483648",
    "1e-3",
    "-0.5",
    "1e39",
    "1e999",
    "1e",
    "[[[[[[[[[[[[[[[[",
    "\"name\":\"x\"",
    "\"shape\":[]",
    "\"shape\":[0]",
    "\"dtype\":\"float32\"",
    "}]",
    "},",
    " ",
};
enum { WORDS = sizeof words / sizeof *words, LONGEST = 30, MOST_BYTES = 4096 };

/* Text of n bytes: words, or the byte itself. */
static void write_text(char *to, const uint8_t *from, size_t n) {
    *to = 0;
    for (size_t i = 0; i < n; i++) {
        if (from[i] < WORDS) to += sprintf(to, "%s", words[from[i]]);
        else *to++ = (char)from[i], *to = 0;
    }
}

static void decode(const char *entries, const uint8_t *bytes, size_t n, size_t piece, bool told) {
    Weights *w = tn_weights_begin(entries, told ? (double)n : -1);
    if (!w) return;
    for (size_t at = 0; at < n; at += piece) {
        const size_t left = n - at, take = left < piece ? left : piece;
        uint8_t *exact = memcpy(malloc(take), bytes + at, take);
        const bool taken = tn_weights_feed(w, exact, take);
        free(exact);
        if (!taken) break;
    }
    const List *list = tn_weights_end(w);
    const int count = list->n;
    for (int i = 0; i < count; i++) {
        if (tn_size(list->v[i])) tn_data(list->v[i]);
        tn_dispose(list->v[i]);
    }
}

static void must(bool fine, const char *what) {
    if (fine) return;
    fprintf(stderr, "%s: %s\n", what, tn_error() ? tn_error() : "no error");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) return 0;
    const unsigned kind = data[0], length = data[1] % (unsigned)(size - 2), fails = data[2];
    static char text[256 * LONGEST + 1];
    static uint8_t bytes[MOST_BYTES];
    write_text(text, data + 3, length);
    const size_t rest = size - 3 - length;
    for (size_t i = 0; i < MOST_BYTES; i++) bytes[i] = rest ? data[3 + length + i % rest] : 0;
    double n = tn_weights_bytes(text);
    must((n < 0) == (tn_error() != NULL), "bytes");
    must(!tn_error() || tn_error_code() != TN_UNKNOWN, "code");
    tn_clear_error();
    if (n < 0 || n > MOST_BYTES || kind & 1) n = rest;
    tn_fail_allocation(fails < 40 ? (int)fails : 0);
    decode(text, bytes, (size_t)n, 1 + kind % 13, kind & 2);
    tn_fail_allocation(0);
    must(!tn_error() || tn_error_code() != TN_UNKNOWN, "code");
    tn_clear_error();
    must(tn_memory()->tensors == 0 && tn_memory()->storages == 0, "left behind");
    return 0;
}

/* Large requests fail instead of taking the machine's memory. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1:max_allocation_size_mb=32:detect_leaks=1";
}
