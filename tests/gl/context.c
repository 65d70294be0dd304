/* A headless OpenGL ES 3 context by EGL, so that src/backend/webgl runs natively (Mesa,
** surfaceless). It can be lost and brought back on request, as a browser's can. */
#include "backend/webgl/context.h"
#include "context.h"
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <stdio.h>
#include <string.h>

static EGLDisplay display;
static EGLContext context;
static bool lost;

/* What Mesa keeps for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:_dri.so\nleak:libEGL\nleak:libLLVM\nleak:libgallium\nleak:eglInitialize\n";
}

static bool new_context(void) {
    static const EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE};
    context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    return context && eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
}

bool context_make(void) {
    display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (!display || !eglInitialize(display, NULL, NULL)) return false;
    eglBindAPI(EGL_OPENGL_ES_API);
    return new_context();
}

bool context_lost(void) { return lost; }
bool context_given(void) { return false; }

bool context_compiles_beside(void) { return false; }

void test_lose_context(void) {
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display, context);
    lost = true;
}

bool test_restore_context(void) {
    lost = false;
    return new_context();
}

void test_end_context(void) {
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display, context);
    eglTerminate(display);
}

void context_recall(void) {} /* pixels have no settings beside those of GL here */

void context_read_buffer(unsigned target, size_t bytes, void *data) {
    const void *from = glMapBufferRange(target, 0, (GLsizeiptr)bytes, GL_MAP_READ_BIT);
    if (from) memcpy(data, from, bytes);
    glUnmapBuffer(target);
}

int test_complaints;

void context_log(const char *text) {
    test_complaints++;
    fprintf(stderr, "%s\n", text);
}
