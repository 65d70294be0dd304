/* What a host gives: a WebGL2 (OpenGL ES 3) context. In a page this is gl.lib.js. */
#ifndef GL_CONTEXT_H
#define GL_CONTEXT_H
#include <stdbool.h>
#include "tensor/engine.h"

/* Makes a context with float render targets and makes it current; false if there is none. */
bool context_make(void);
bool context_lost(void);
/* Whether it is the page's, which draws with it too. */
bool context_given(void);
/* Whether it says, without waiting, if a program is compiled. */
bool context_compiles_beside(void);
/* Sets back what the page may have changed of the host's own settings. */
void context_recall(void);
/* Part of a buffer to memory. */
void context_read_buffer(unsigned target, size_t bytes, void *data);
/* A line for the developer. */
void context_log(const char *text);

/* What JavaScript calls. */
EXPORT bool tn_gl_start(void);
EXPORT void tn_gl_stop(void);
EXPORT void tn_gl_lost(void);
EXPORT void tn_gl_restored(void);
EXPORT void tn_gl_debug(bool on);
EXPORT void tn_gl_forward(bool on);
EXPORT void tn_gl_half(bool on);
EXPORT void tn_gl_limit(double bytes);
EXPORT void tn_gl_trim(void);
EXPORT void tn_gl_ahead(bool on);
EXPORT int tn_gl_compiling(void);
EXPORT Tensor *tn_gl_export(Tensor *x, int height, int width);
EXPORT unsigned tn_gl_exported(const Tensor *y, int what);
EXPORT void tn_gl_take(void);
EXPORT bool tn_gl_picture(int width, int height);
EXPORT Tensor *tn_gl_from_picture(int channels);
EXPORT bool tn_gl_paintable(const Tensor *x);
EXPORT void tn_gl_paint(Tensor *x, float alpha, bool premultiplied);
EXPORT Tensor *tn_gl_program(const char *source, const List *inputs, const Ints *shape,
                             const Ints *words, unsigned texture);
EXPORT int tn_gl_read_begin(Tensor *x);
EXPORT bool tn_gl_read_done(int number);
EXPORT void tn_gl_read_end(int number);
/* What the variables are now is from tn_gl_backup_end on, which the caller makes when their reads
** are done, what they go back to if the context is lost; until the owner, any address, releases it.
** */
EXPORT void tn_gl_backup(const void *owner, const List *variables);
EXPORT void tn_gl_backup_end(const void *owner);
EXPORT void tn_gl_backup_release(const void *owner);

extern const Device gl_device;
void reads_clear(void);
void backups_restore(void);

#endif
