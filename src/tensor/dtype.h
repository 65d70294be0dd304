/* What there is to know of each dtype, in one table. */
#ifndef TN_DTYPE_H
#define TN_DTYPE_H
#include "tensorine.h"

typedef struct DTypeInfo {
    const char *name;
    int bytes; /* of an element; of a string, of its id */
    bool real; /* elements are real numbers: one number each, that can be compared */
} DTypeInfo;
extern const DTypeInfo dtype_infos[TN_DTYPES];

static inline int dtype_bytes(DType d) { return dtype_infos[d].bytes; }
static inline bool is_real(DType d) { return dtype_infos[d].real; }
const char *dtype_name(DType d);
/* The dtype of a name, or -1. */
int dtype_of_name(const char *name);
/* Whether d, a number that a caller gave, is a dtype; false with the error set. */
bool want_known_dtype(const char *op, DType d);

#endif
