/* What dispatch tells those that follow the calls: the tape (autograd/tape.c) and an open trace
** (jit/trace.c). They stand above this folder; here is only what they are told. */
#ifndef TN_HOOKS_H
#define TN_HOOKS_H
#include "tensor/op.h"

/* ---- trace.c: notes for a plan, while a trace is open ---- */

extern uint32_t trace_base;
extern bool trace_paused; /* no trace is begun, no plan replayed */
extern int trace_live_tensors;
/* A call that was computed. */
void trace_call(const Call *c);
/* y shows x's data, without a call. */
void trace_alias(Tensor *x, Tensor *y);
/* A variable is about to get a value. */
void trace_assign(Tensor *variable, Tensor *value);
/* Values of x are read outside of a call. */
void trace_read(Tensor *x);
/* x must be there for what is traced. */
void trace_needs(Tensor *x);
/* What happens is not a matter of calls alone. */
void trace_break(const char *why);

/* ---- tape.c ---- */

void tape_record(const Call *c);
/* The value of a variable is about to be replaced: recorded calls keep the old one. */
void tape_snapshot(Tensor *variable);

#endif
