/* What the face needs of the core: where the plug-in puts its kernels, when memory grew. */
#include "../cpu/kernels.h"
#include "../tensorine.h"

/* The table of kernels, and how many there are. */
EXPORT Kernels *tn_kernels(void) { return &kernels; }
EXPORT int tn_kernel_count(void) { return (int)(sizeof(Kernels) / sizeof(void (*)(void))); }

/* Counts how often memory grew, on whatever thread: the face then renews its views. */
static int grown;
EXPORT int *tn_grown(void) { return &grown; }
