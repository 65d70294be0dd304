/* The entry of the plug-in: points the table of kernels at the plug-in's own, faster ones.
** Linked with kernels.c, both compiled with relaxed SIMD; it has no data. */
#include "backend/cpu/kernels.h"

#define X(type, name, params) type tn_kernel_##name params;
KERNELS(X)
#undef X

__attribute__((export_name("install"))) void install(Kernels *table);

void install(Kernels *table) {
#define X(type, name, params) table->name = tn_kernel_##name;
    KERNELS(X)
#undef X
}
