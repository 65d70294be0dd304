// What a weak GPU cannot do, told in one line each time the page begins to use one.
import { canvas } from '../wasm/host';

const COMMON = { side: 4096, targets: 8 }; // what nearly every device has
const LARGEST = 4; // elements to a texel
let told: WebGL2RenderingContext | null = null;

export function tellLimit(text: string): void {
  console.info(`tensorine: webgl on this GPU: ${text}.`);
}

/** What is below the common, in words. */
function limits(gl: WebGL2RenderingContext): string[] {
  const side = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number,
    targets = gl.getParameter(gl.MAX_DRAW_BUFFERS) as number,
    texts: string[] = [];
  if (gl.getExtension('EXT_color_buffer_float') === null)
    texts.push(`half floats only, numbers of 11 bits up to 65504`);
  if (side < COMMON.side)
    texts.push(
      `textures of ${side} texels a side, tensors of more than ${side * side * LARGEST} elements are computed on the CPU`,
    );
  if (targets < COMMON.targets) texts.push(`${targets} render targets, no more than ${targets} results to a draw`);
  return texts;
}

/** Once for each context. */
export function tellLimits(): void {
  if (!canvas || told === canvas.gl || canvas.gl.isContextLost()) return;
  told = canvas.gl;
  const texts = limits(canvas.gl);
  if (texts.length) tellLimit(texts.join('; '));
}
