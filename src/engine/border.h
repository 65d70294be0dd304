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
typedef struct LayersState {
    int writing;         /* topologies (shared.c) */
    struct Shared *read; /* layers of the topology that is read (shared.c) */
    double file_numbers; /* that a file still has for the model it is read into (layer.c) */
    bool handles;        /* {"handle": address} stands for a layer (config.c) */
    bool penalties;      /* are collected (apply.c) */
    int cuts;            /* how often calls were cut off */
} LayersState;
extern LayersState layers_now;
void layers_back(const LayersState *before);
TapeState tape_state(void);
void tape_back(const TapeState *before);
Scope *scope_now(void);
Scope *scope_of_face(void); /* the innermost that JavaScript has opened, NULL if none */
Place place_now(void);
void trace_back(uint32_t base);
#endif
