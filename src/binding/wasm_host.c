/* What JavaScript needs of the core: where the plug-in puts its kernels, when memory grew, where
** the C stack is. */
#include "backend/cpu/kernels.h"
#include "tensorine.h"
#ifdef __EMSCRIPTEN__
#include <emscripten/stack.h>
void _emscripten_stack_restore(void *to);
#endif

/* The table of kernels, and how many there are. */
EXPORT Kernels *tn_kernels(void) { return &kernels; }
EXPORT int tn_kernel_count(void) { return (int)(sizeof(Kernels) / sizeof(void (*)(void))); }

/* Counts how often memory grew, on whatever thread: JavaScript then renews its views. */
static int grown;
EXPORT int *tn_grown(void) { return &grown; }

#ifdef __EMSCRIPTEN__
/* Where the C stack is, and back to there: the caller does so around each function of his that
** runs, since an exception that passes through leaves the stack as it was. Neither has a frame. */
EXPORT uintptr_t tn_c_stack(void) { return emscripten_stack_get_current(); }
EXPORT void tn_c_stack_back(uintptr_t to) { _emscripten_stack_restore((void *)to); }
#endif
