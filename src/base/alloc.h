/* Memory of the library: a pool of size classes, with accounts. */
#ifndef TN_ALLOC_H
#define TN_ALLOC_H
#include "tensorine.h"

/* size bytes, or NULL (the n-th call fails if tn_fail_allocation asked). No error is set. */
void *mem_alloc(size_t size);
/* The size must be the one asked for. */
void mem_free(void *p, size_t size);
/* Gives back what is kept for reuse. */
void alloc_trim(void);
Accounts *accounts(void);

#endif
