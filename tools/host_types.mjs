// What the types name of a page, and Symbol.dispose, declared for programs whose `lib` has neither: empty
// interfaces, which merge with those of lib.dom where it is there.
const NAMES = `AbortSignal Blob CanvasRenderingContext2DSettings File HTMLCanvasElement HTMLImageElement HTMLSourceElement
  HTMLVideoElement ImageBitmap ImageData MediaTrackConstraints Navigator OffscreenCanvas Request RequestInit Response
  WebGL2RenderingContext WebGLRenderingContext WebGLTexture`;

export const HOST_TYPES = `declare global {
  ${NAMES.split(/\s+/)
    .map((name) => `interface ${name} {}`)
    .join(' ')}
  interface ReadableStream<R = any> {}
  interface SymbolConstructor { readonly dispose: unique symbol }
}
`;
