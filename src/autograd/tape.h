/* The tape's state, for a call that is cut off in the middle. */
#ifndef TN_TAPE_H
#define TN_TAPE_H
#include "tensor/engine.h"

typedef struct TapeState {
    int depth, paused, count;
    uint32_t pass;
} TapeState;
TapeState tape_state(void);
/* As it was then. */
void tape_back(const TapeState *before);
#endif
