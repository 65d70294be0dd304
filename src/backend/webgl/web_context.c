/* The context of a page or a worker: WebGL2 by gl.lib.js and Emscripten's OpenGL ES. */
#include "backend/webgl/context.h"
#include <webgl/webgl2.h>

extern bool tn_canvas_make(void);
extern bool tn_canvas_lost(void);
extern bool tn_canvas_given(void);
extern bool tn_canvas_compiles_beside(void);
extern void tn_canvas_log(const char *text);

bool context_make(void) { return tn_canvas_make(); }
bool context_lost(void) { return tn_canvas_lost(); }
bool context_given(void) { return tn_canvas_given(); }
bool context_compiles_beside(void) { return tn_canvas_compiles_beside(); }
void context_log(const char *text) { tn_canvas_log(text); }

void context_recall(void) {
    enum { UNPACK_FLIP_Y = 0x9240, UNPACK_PREMULTIPLY_ALPHA, UNPACK_COLORSPACE = 0x9243, BROWSER };
    glPixelStorei(UNPACK_FLIP_Y, 0);
    glPixelStorei(UNPACK_PREMULTIPLY_ALPHA, 0);
    glPixelStorei(UNPACK_COLORSPACE, BROWSER);
}

void context_read_buffer(unsigned target, size_t bytes, void *data) {
    glGetBufferSubData(target, 0, (GLsizeiptr)bytes, data);
}
