/* Looks how much of the C stack is left. */
#include "base/stack.h"
#include "base/error.h"
#ifdef __EMSCRIPTEN__
#include <emscripten/stack.h>
extern char __stack_low; /* where the linker has the stack end */
#endif

enum {
    STACK_LEFT = 192 << 10
}; /* bytes: more than any op takes, and models within models around it */

#ifdef __EMSCRIPTEN__
static bool stack_is_low(void) {
    return (char *)emscripten_stack_get_current() - &__stack_low < STACK_LEFT;
}
#else
static bool stack_is_low(void) { return false; }
#endif

bool too_deep(const char *who) {
    if (failed() || !stack_is_low()) return failed();
    fail(TN_VALUE,
         "%.80s: layers are nested too deep: does one apply itself, or a model that "
         "holds it?",
         who);
    return true;
}
