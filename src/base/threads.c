/* The pool behind parallel_for. A job is a row of pieces handed out by one atomic counter.
**
** Helpers sleep on `round`. To open a job the caller fills in its fields, sets `open` and raises
** `round`; a helper first counts itself into `inside`, then looks at `open`. To close it the caller
** clears `open`, then waits for `inside` to become 0: both orders are sequentially consistent, so a
** helper either sees the job closed or is waited for, and no field changes under it. */
#include "base/threads.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { SPINS = 4000 }; /* some ten microseconds of looking before a thread sleeps */

static struct {
    void (*body)(void *ctx, int begin, int end);
    void *ctx;
    int n, grain, pieces, helpers;
    atomic_int next, open, round, inside, asleep; /* of the job; helpers at work; helpers asleep */
    atomic_int busy, trapped;
    atomic_int limit; /* helpers that may take part */
    atomic_int ready; /* helpers that have come in */
    int started;      /* helpers asked for */
} pool;

#ifdef __EMSCRIPTEN__
/* The main thread of a page may not sleep: there a wait traps. JavaScript knows where it runs. */
static bool may_sleep;

static void sleep_while(atomic_int *at, int value) {
    __builtin_wasm_memory_atomic_wait32((int *)at, value, -1);
}

static void wake_all(atomic_int *at) { __builtin_wasm_memory_atomic_notify((int *)at, ~0u); }

/* Asks JavaScript for helpers; they come in whenever they are ready (threads.lib.js). */
extern void tn_host_start(int helpers);

static void start_helpers(int n) {
    pool.started = n;
    tn_host_start(n);
}
#else
#include <pthread.h>
static const bool may_sleep = true;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void sleep_while(atomic_int *at, int value) {
    pthread_mutex_lock(&lock);
    while (atomic_load(at) == value) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void wake_all(atomic_int *at) {
    (void)at;
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void help(int index);

static void *helper_main(void *index) {
    help((int)(intptr_t)index);
    return NULL;
}

static void start_helpers(int n) {
    for (; pool.started < n; pool.started++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, helper_main, (void *)(intptr_t)pool.started)) return;
        pthread_detach(thread);
    }
}
#endif

static void wait_while(atomic_int *at, int value) {
    for (int i = 0; i < SPINS; i++)
        if (atomic_load(at) != value) return;
    while (atomic_load(at) == value)
        if (may_sleep) sleep_while(at, value);
}

static void do_pieces(void) {
    const int n = pool.n, grain = pool.grain, pieces = pool.pieces;
    for (int i; (i = atomic_fetch_add(&pool.next, 1)) < pieces;) {
        const int begin = i * grain;
        pool.body(pool.ctx, begin, grain < n - begin ? begin + grain : n);
    }
}

static void leave(void) {
    if (atomic_fetch_sub(&pool.inside, 1) == 1 && !atomic_load(&pool.open)) wake_all(&pool.inside);
}

/* What a helper does until the program ends. */
static void help(int index) {
    int seen = 0;
    atomic_fetch_add(&pool.ready, 1);
    for (;;) {
        for (int i = 0; i < SPINS && atomic_load(&pool.round) == seen; i++) {
        }
        atomic_fetch_add(&pool.asleep, 1);
        while (atomic_load(&pool.round) == seen) sleep_while(&pool.round, seen);
        atomic_fetch_sub(&pool.asleep, 1);
        seen = atomic_load(&pool.round);
        atomic_fetch_add(&pool.inside, 1);
        if (atomic_load(&pool.open) && index < pool.helpers) do_pieces();
        leave();
    }
}

static void run_inline(int n, int grain, void (*body)(void *, int, int), void *ctx) {
    for (int begin = 0; begin < n; begin += grain < n - begin ? grain : n - begin)
        body(ctx, begin, grain < n - begin ? begin + grain : n);
}

void parallel_for(int n, int grain, void (*body)(void *ctx, int begin, int end), void *ctx) {
    const int limit = atomic_load(&pool.limit);
    if (n <= 0) return;
    if (grain < 1) grain = 1;
    if (n <= grain || !limit || atomic_exchange(&pool.busy, 1)) {
        run_inline(n, grain, body, ctx);
        return;
    }
    if (pool.started < limit) start_helpers(limit);
    pool.body = body, pool.ctx = ctx, pool.n = n, pool.grain = grain;
    pool.pieces = n / grain + (n % grain != 0), pool.helpers = limit;
    atomic_store(&pool.next, 0);
    atomic_store(&pool.open, 1);
    atomic_fetch_add(&pool.round, 1);
    if (atomic_load(&pool.asleep)) wake_all(&pool.round);
    do_pieces();
    atomic_store(&pool.open, 0);
    for (int inside; (inside = atomic_load(&pool.inside));) wait_while(&pool.inside, inside);
    if (atomic_load(&pool.trapped)) __builtin_trap();
    atomic_store(&pool.busy, 0);
}

void tn_set_threads(int n) {
    if (n > TN_MAX_THREADS) n = TN_MAX_THREADS;
    atomic_store(&pool.limit, n > 1 ? n - 1 : 0);
}

int tn_threads(void) {
    const int limit = atomic_load(&pool.limit), ready = atomic_load(&pool.ready);
    return 1 + (ready < limit ? ready : limit);
}

#ifdef __EMSCRIPTEN__
/* For JavaScript: whether the calling thread may sleep while it waits for helpers. */
EXPORT void tn_may_sleep(bool may) { may_sleep = may; }

/* For JavaScript: memory for a helper's stack, kept for good; NULL where there is none. */
EXPORT void *tn_helper_stack(size_t bytes) { return aligned_alloc(16, bytes); }

/* For a Worker: takes part in jobs, never returns. */
EXPORT void tn_help(int index) { help(index); }

/* For a Worker whose body trapped: the caller of the job shall trap too instead of waiting. */
EXPORT void tn_helper_trapped(void) {
    atomic_store(&pool.trapped, 1);
    leave();
}
#endif
