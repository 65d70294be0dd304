/* State of work in progress on layers and files, put back where an exception of JavaScript ends
** it. */
#ifndef TN_LAYERS_STATE_H
#define TN_LAYERS_STATE_H
#include <stdbool.h>

typedef struct LayersState {
    int writing;          /* topologies (shared.c) */
    struct Shared *read;  /* layers of the topology that is read (shared.c) */
    double file_numbers;  /* that a file still has for the model it is read into (layer.c) */
    bool handles;         /* {"handle": address} stands for a layer (config.c) */
    bool penalties;       /* are collected (apply.c) */
    const char *subclass; /* class name of the layer that is made next (subclass.c) */
    int cuts;             /* how often calls were cut off */
} LayersState;
extern LayersState layers_now;
void layers_back(const LayersState *before);
#endif
