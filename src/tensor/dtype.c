#include "tensor/dtype.h"
#include "base/error.h"
#include <string.h>

const DTypeInfo dtype_infos[TN_DTYPES] = {
    [TN_FLOAT32] = {"float32", 4, true}, [TN_INT32] = {"int32", 4, true},
    [TN_BOOL] = {"bool", 1, true},       [TN_COMPLEX64] = {"complex64", 8, false},
    [TN_STRING] = {"string", 4, false},
};

const char *dtype_name(DType d) { return d < TN_DTYPES ? dtype_infos[d].name : "unknown"; }

int dtype_of_name(const char *name) {
    for (int d = 0; d < TN_DTYPES; d++)
        if (!strcmp(name, dtype_infos[d].name)) return d;
    return -1;
}

bool want_known_dtype(const char *op, DType d) {
    if (failed()) return false;
    if (d < TN_DTYPES) return true;
    fail(TN_DTYPE, "%s: dtype %d is not known", op, (int)d);
    return false;
}
