/* The bytes of a fuzzer read as choices, and the text that is made of them. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Input {
    const uint8_t *at, *end;
} Input;

typedef struct Text {
    char v[20000];
    size_t n;
} Text;

static inline unsigned any_byte(Input *in) { return in->at < in->end ? *in->at++ : 0; }

static inline void put(Text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->v + t->n, sizeof t->v - t->n, format, args);
    va_end(args);
    if (n > 0 && t->n + (size_t)n < sizeof t->v) t->n += (size_t)n;
}

#endif
