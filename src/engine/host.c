/* What the face needs to put the plug-in's kernels in place of the plain ones. */
#include "../cpu/kernels.h"
#include "../tensorine.h"

/* The table of kernels, and how many there are. */
EXPORT Kernels *tn_kernels(void) { return &kernels; }
EXPORT int tn_kernel_count(void) { return (int)(sizeof(Kernels) / sizeof(void (*)(void))); }
