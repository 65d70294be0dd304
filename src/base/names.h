/* Names in the two spellings of configs: camelCase (useBias) and Keras's snake_case (use_bias). */
#ifndef TN_NAMES_H
#define TN_NAMES_H
#include <stdbool.h>

/* True if the two are one name, spelled with or without underscores and capitals. */
bool same_name(const char *given, const char *name);
/* conv2d of Conv2D, use_bias of useBias, up to `size` bytes with the zero: Keras's way. */
void snake_case(const char *name, char *to, int size);

/* For messages: the name most like one that is not known. */
typedef struct Likely {
    char name[40]; /* "" while none is like it */
    int changes;   /* of letters, from the one to the other */
} Likely;
/* Takes the name if it is more like the given one than that before. */
void likely_try(Likely *best, const char *given, const char *name);
/* ", did you mean 'adam'?", or "". In a buffer of its own. */
const char *did_you_mean(const Likely *best);

#endif
