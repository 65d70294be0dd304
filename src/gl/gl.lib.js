// Imports of host.c: a canvas nobody sees, its context, and word of its loss and return.
addToLibrary({
    tn_canvas_make__deps: ['$GL'],
    tn_canvas_make: () => {
        const offscreen = typeof OffscreenCanvas !== 'undefined';
        if (!offscreen && typeof document === 'undefined') return false;
        const canvas = offscreen ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
        const handle = GL.createContext(canvas, {
            majorVersion: 2, minorVersion: 0, alpha: false, depth: false, stencil: false, antialias: false,
            premultipliedAlpha: false, preserveDrawingBuffer: false, enableExtensionsByDefault: false,
            powerPreference: 'high-performance', failIfMajorPerformanceCaveat: false,
        });
        if (!handle) return false;
        GL.makeContextCurrent(handle);
        GLctx.getExtension('EXT_color_buffer_float');
        canvas.addEventListener('webglcontextlost', (event) => {
            event.preventDefault(); // else it never comes back
            wasmExports['tn_gl_lost']();
        });
        canvas.addEventListener('webglcontextrestored', () => {
            GLctx.getExtension('EXT_color_buffer_float');
            wasmExports['tn_gl_restored']();
        });
        return true;
    },
    tn_canvas_lost: () => GLctx.isContextLost(),
    tn_canvas_log__deps: ['$UTF8ToString'],
    tn_canvas_log: (text) => console.error(UTF8ToString(text)),
});
