// Imports of web_context.c: a canvas nobody sees, its context, and word of its loss and return.
addToLibrary({
    // Some hosts have an OffscreenCanvas that gives no WebGL2: then a canvas of the document.
    $makeContext__deps: ['$GL'],
    $makeContext: () => {
        const attributes = {
            majorVersion: 2, minorVersion: 0, alpha: true, depth: false, stencil: false, antialias: false,
            premultipliedAlpha: false, preserveDrawingBuffer: false, enableExtensionsByDefault: false,
            powerPreference: 'high-performance', failIfMajorPerformanceCaveat: false,
        };
        const offscreen = typeof OffscreenCanvas !== 'undefined' && new OffscreenCanvas(1, 1);
        const handle = offscreen && GL.createContext(offscreen, attributes);
        if (handle || typeof document === 'undefined') return handle;
        return GL.createContext(document.createElement('canvas'), attributes);
    },
    // A context may be lost between any two calls, and gives null from then on, where Emscripten's GL looks into what it gets.
    $guardContext: (gl) => {
        const create = gl.createProgram.bind(gl), ask = gl.getActiveUniform.bind(gl), spare = create();
        gl.createProgram = () => create() ?? spare;
        gl.getActiveUniform = (program, i) => ask(program, i) ?? { name: '', size: 0, type: 0 };
    },
    tn_canvas_make__deps: ['$GL', '$makeContext', '$guardContext'],
    tn_canvas_make: () => {
        const given = Module['givenContext']();
        const handle = given
            ? GL.registerContext(given, { majorVersion: 2, enableExtensionsByDefault: false })
            : makeContext();
        if (!handle) return false;
        GL.makeContextCurrent(handle);
        Module['onContext'](GLctx, GL.textures);
        const ready = () => {
            GLctx.getExtension('EXT_color_buffer_float'); // float render targets
            GLctx.getExtension('EXT_color_buffer_half_float');
        };
        ready();
        guardContext(GLctx);
        GLctx.canvas.addEventListener('webglcontextlost', (event) => {
            event.preventDefault(); // else it never comes back
            wasmExports['tn_gl_lost']();
        });
        GLctx.canvas.addEventListener('webglcontextrestored', () => {
            ready();
            wasmExports['tn_gl_restored']();
        });
        return true;
    },
    tn_canvas_given: () => GLctx === Module['givenContext'](),
    tn_canvas_lost: () => GLctx.isContextLost(),
    tn_canvas_compiles_beside: () => GLctx.getExtension('KHR_parallel_shader_compile') !== null,
    tn_canvas_log__deps: ['$UTF8ToString'],
    tn_canvas_log: (text) => console.error(UTF8ToString(text)),
});
