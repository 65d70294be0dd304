/* Work shared between threads: one job at a time, its caller takes part.
** Natively the helpers are pthreads; in wasm they are Workers that JavaScript starts, each
** with an instance of the same module on the same memory. Everything works without any. */
#ifndef TN_THREADS_H
#define TN_THREADS_H
#include "tensorine.h"

enum { TN_MAX_THREADS = 16 };

/* Calls body(ctx, begin, end) over pieces of at most `grain` (>= 1) that cover [0, n) once each, on
** all threads there are, and returns when all are done. The pieces are the same whatever the number
** of threads. A call inside a body, or while another job runs, does its work on its own thread.
** A body may allocate, but must not make tensors, run ops or raise errors. */
void parallel_for(int n, int grain, void (*body)(void *ctx, int begin, int end), void *ctx);

/* How many threads may take part, the caller included (clipped to 1..TN_MAX_THREADS; at first 1).
** Helpers are started by the first job that can use them. */
EXPORT void tn_set_threads(int n);

/* How many threads take part in a job now: those asked for that have come in, and the caller. */
EXPORT int tn_threads(void);

#endif
