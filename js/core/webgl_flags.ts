// The flags of TensorFlow.js about the GPU: found by a context when one is first read.
import { canvas } from '../wasm/host';
import { ENV, type FlagValue } from './env';

interface Found {
  size: number;
  units: number;
  floats: boolean;
  timer: boolean;
  software: boolean;
}

let found: Found | null | undefined;

function ask(gl: WebGL2RenderingContext): Found {
  const { UNMASKED_RENDERER_WEBGL: name } = gl.getExtension('WEBGL_debug_renderer_info') ?? {
    UNMASKED_RENDERER_WEBGL: gl.RENDERER,
  };
  return {
    software: /swiftshader|llvmpipe|softpipe|basic render/i.test(gl.getParameter(name)),
    size: gl.getParameter(gl.MAX_TEXTURE_SIZE),
    units: gl.getParameter(gl.MAX_TEXTURE_IMAGE_UNITS),
    floats: gl.getExtension('EXT_color_buffer_float') !== null,
    timer: gl.getExtension('EXT_disjoint_timer_query_webgl2') !== null,
  };
}

/** null where there is no WebGL2. */
function probe(): Found | null {
  if (found !== undefined) return found;
  if (canvas) return (found = ask(canvas.gl));
  if (typeof WebGL2RenderingContext === 'undefined') return (found = null);
  const scratch = typeof OffscreenCanvas !== 'undefined' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
  const gl = scratch.getContext('webgl2') as WebGL2RenderingContext | null;
  found = gl && ask(gl);
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return found;
}

const has = (): boolean => probe() !== null;
const floats = (): boolean => probe()?.floats ?? false;
const packed =
  'PACK PACK_NORMALIZATION PACK_CLIP PACK_DEPTHWISECONV PACK_BINARY_OPERATIONS PACK_UNARY_OPERATIONS ' +
  'PACK_ARRAY_OPERATIONS PACK_IMAGE_OPERATIONS PACK_REDUCE PACK_CONV2DTRANSPOSE'; // four elements to a texel, always

const FLAGS: Record<string, () => FlagValue> = {
  ...Object.fromEntries(packed.split(' ').map((name) => [`WEBGL_${name}`, has])),
  HAS_WEBGL: has,
  WEBGL_VERSION: () => (has() ? 2 : 0),
  WEBGL_BUFFER_SUPPORTED: has,
  WEBGL_FENCE_API_ENABLED: has,
  WEBGL_MAX_TEXTURE_SIZE: () => probe()?.size ?? 0,
  WEBGL_MAX_TEXTURES_IN_SHADER: () => Math.min(16, probe()?.units ?? 0),
  WEBGL_DISJOINT_QUERY_TIMER_EXTENSION_VERSION: () => (probe()?.timer ? 2 : 0),
  WEBGL_DISJOINT_QUERY_TIMER_EXTENSION_RELIABLE: () => probe()?.timer ?? false,
  WEBGL_RENDER_FLOAT32_CAPABLE: floats,
  WEBGL_RENDER_FLOAT32_ENABLED: () => floats() && !ENV.getBool('WEBGL_FORCE_F16_TEXTURES'),
  WEBGL_DOWNLOAD_FLOAT_ENABLED: floats,
  WEBGL_SIZE_UPLOAD_UNIFORM: () => 1, // scalars in memory are uniforms
  WEBGL_DELETE_TEXTURE_THRESHOLD: () => -1,
  WEBGL_FLUSH_THRESHOLD: () => -1,
  CPU_HANDOFF_SIZE_THRESHOLD: () => 4096,
  WEBGL_MAX_SIZE_FOR_NARROW_TEXTURE: () => Infinity,
  SOFTWARE_WEBGL_ENABLED: () => true,
  // Whether pictures are drawn on a canvas of the CPU before the GPU gets them: quicker where the GPU is the CPU too.
  CANVAS2D_WILL_READ_FREQUENTLY_FOR_GPU: () => probe()?.software ?? false,
};

export function offerGLFlags(): void {
  for (const [name, evaluate] of Object.entries(FLAGS)) ENV.registerFlag(name, evaluate);
}
