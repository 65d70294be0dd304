/* Models' weights and pictures, from bytes and back. */
#ifndef TENSORINE_IO_H
#define TENSORINE_IO_H

/* ---- weights as TensorFlow.js stores them ---- A manifest lists entries {name, shape, dtype,
** quantization?}, as JSON; their values follow one another without gaps, little-endian. dtype:
** float32, int32, bool (a byte each), complex64 (pairs of floats) or string (for each string four
** bytes of length, then its bytes). A quantization {dtype: uint8 | uint16, scale, min} stores a
** value as (value - min) / scale, {dtype: float16} as a half. All errors name the entry; missing
** bytes and broken JSON have the code TN_FILE. Bytes after the last value are left alone, as
** TensorFlow.js leaves them. */
typedef struct Weights Weights;

/* Bytes that the entries (a JSON array) take in a file, with strings at least so many; -1 with the
** error set. */
EXPORT double tn_weights_bytes(const char *entries);
/* Reads the entries. `bytes` is how many will be fed; -1: not known, so that missing
** ones are noticed only at the end. NULL with the error set; then there is nothing to end. */
EXPORT Weights *tn_weights_begin(const char *entries, double bytes);
/* Takes the next n bytes, in pieces of any size; false: it wants no more, as it has all or failed.
** */
EXPORT bool tn_weights_feed(Weights *w, const void *bytes, size_t n);
/* Frees w; gives the tensors in the order of the entries, in the open scope. The list is empty,
** with the error set, if bytes are missing or anything failed before. */
EXPORT const List *tn_weights_end(Weights *w);
/* The three above in one call. */
EXPORT const List *tn_weights_decode(const char *entries, const void *bytes, size_t n);

/* ---- pictures: rows from the top, four bytes a pixel, red green blue alpha ---- */

/* int32 [height, width, channels], the first 1..4 channels of each pixel. */
EXPORT Tensor *tn_from_pixels(const uint8_t *rgba, int width, int height, int channels);
/* Whether x is a picture, [height, width] or [height, width, 1 (grey) | 3 | 4], float32 or int32,
** and alpha in 0..1; false with the error set. */
EXPORT bool tn_drawable(const Tensor *x, float alpha);
/* Fills height * width * 4 bytes from such a picture; float32 in 0..1 or int32 in 0..255. alpha is
** used where x has none. */
EXPORT bool tn_to_pixels(Tensor *x, float alpha, uint8_t *rgba);

/* A block of at least `bytes` in which JavaScript passes bytes in and out; the next call with a
** larger count moves it, tn_scratch(0) gives it back. NULL with the error set. */
EXPORT void *tn_scratch(size_t bytes);
#endif
