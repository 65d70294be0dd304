/* What calls that go back and forth between the library and its caller's language share. */
#ifndef TN_BORDER_H
#define TN_BORDER_H
#include "engine.h"

/* True with the error set where the C stack has no room for another layer. */
bool too_deep(const char *who);

/* What a call that is cut off in the middle may leave open, by file; put back by border.c. */
typedef struct TapeState {
    int depth, paused, count;
    uint32_t pass;
} TapeState;
TapeState tape_state(void);
void tape_back(const TapeState *before);
Scope *scope_now(void);
Scope *scope_of_face(void); /* the innermost that JavaScript has opened, NULL if none */
Place place_now(void);
void trace_back(uint32_t base);
#endif
