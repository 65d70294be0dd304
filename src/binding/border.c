/* The border to the caller's language. Calls go back and forth across it: a layer's call() applies
** layers, whose call() does. How deep is counted here, and what is left open where an exception
** (a stack that is full) cuts off calls of the library in the middle is put back. */
#include "autograd/tape.h"
#include "base/stack.h"
#include "jit/plan.h"
#include "nn/core/layers_state.h"

enum {
    MOST_CROSSINGS = 100, /* a third of the stack that JavaScript has, a megabyte */
};

/* The engine as it was when a function of the caller's was called. */
typedef struct Mark {
    Scope *scope;
    TapeState tape;
    Place place;
    uint32_t trace;
    LayersState layers;
} Mark;

static Mark marks[MOST_CROSSINGS];
static int crossings;

static void back_to(const Mark *m) {
    while (scope_now() && scope_now() != m->scope) tn_scope_end(scope_now());
    trace_back(m->trace);
    trace_break("an exception");
    tape_back(&m->tape);
    place_back(m->place);
    layers_back(&m->layers);
}

/* Goes so many calls deep and back. Where the stack of JavaScript is too full for them it throws
** here, and not in the middle of a long call, which would leave things half done. */
EXPORT int tn_use_stack(int calls) __attribute__((noinline));
int tn_use_stack(int calls) {
    volatile int here = calls; /* else it is made a loop */
    return calls > 0 ? here + tn_use_stack(calls - 1) : 0;
}

/* A function of the caller's is about to run. How deep it is, for tn_leave; 0 with the error set if
** that is too deep. */
EXPORT int tn_enter(void) {
    if (crossings == MOST_CROSSINGS)
        fail(TN_VALUE,
             "functions of the program and calls of the library are nested more than %d "
             "deep: does a layer, a model, a loss or a gradient call itself?",
             MOST_CROSSINGS);
    if (too_deep("call")) return 0;
    marks[crossings] = (Mark){scope_now(), tape_state(), place_now(), trace_base, layers_now};
    return ++crossings;
}

/* It has run. cut: it threw, and calls that it made may have been cut off. */
EXPORT void tn_leave(int depth, bool cut) {
    crossings = depth - 1;
    if (!cut) return;
    tn_clear_error();
    back_to(marks + crossings);
}

/* No call is under way, though the last one did not come back: it may have been cut off. recording:
** the caller has a tape open. */
EXPORT void tn_settle(bool recording) {
    const Mark m = {.scope = scope_of_js(),
                    .tape = recording ? tape_state() : (TapeState){0},
                    .layers = {.file_numbers = -1}};
    crossings = 0;
    tn_clear_error();
    back_to(&m);
}
