/* The error path: the first failure since the last clear is kept, everything after it does
** nothing, and the border (JavaScript or the C caller) looks once. */
#include "base/error.h"
#include <stdarg.h>
#include <stdio.h>

static char message[512];
static ErrorCode code;

Tensor *fail(ErrorCode c, const char *format, ...) {
    if (code) return nothing();
    code = c;
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return nothing();
}

bool failed(void) { return code != TN_OK; }
const char *tn_error(void) { return code ? message : NULL; }
ErrorCode tn_error_code(void) { return code; }
void tn_clear_error(void) { code = TN_OK; }

/* JavaScript reads this variable after each call instead of making another. */
EXPORT const ErrorCode *tn_error_address(void) { return &code; }

/* A buffer of the size of a message, for the text of tn_fail. */
EXPORT char *tn_message(void) {
    static char buffer[sizeof message];
    return buffer;
}

/* A failure seen by JavaScript itself, a disposed argument say, takes the same path. */
EXPORT void tn_fail(ErrorCode c, const char *text) { fail(c, "%s", text); }

const char *ints_text(int n, const int *v) {
    static char buffers[4][160];
    static int next;
    char *text = buffers[next++ & 3];
    int at = snprintf(text, sizeof buffers[0], "[");
    for (int i = 0; i < n && at < 130; i++)
        at += snprintf(text + at, sizeof buffers[0] - at, i ? ", %d" : "%d", v[i]);
    snprintf(text + at, sizeof buffers[0] - at, "]");
    return text;
}

const char *ints_list(int n, const int *v, const char *between) {
    static char buffers[4][160];
    static int next;
    char *text = buffers[next++ & 3];
    int at = 0;
    text[0] = 0;
    for (int i = 0; i < n && at < 130; i++)
        at += snprintf(text + at, sizeof buffers[0] - at, "%s%d", i ? between : "", v[i]);
    return text;
}
