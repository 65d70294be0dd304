/* A hash of bytes that is the same everywhere and for ever. */
#ifndef HASH_H
#define HASH_H
#include <stdint.h>

/* FarmHash Fingerprint64 (Geoff Pike, github.com/google/farmhash). */
uint64_t fingerprint64(const char *bytes, int n);

#endif
