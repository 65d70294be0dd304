// What a program does around its ops: scopes, gradients, devices, flags, helpers, pixels.
import * as tf from 'tensorine';

declare const x: tf.Tensor, m: tf.Tensor2D, image: tf.Tensor3D, canvas: HTMLCanvasElement, video: HTMLVideoElement;

export function scopes(): void {
  const y: tf.Tensor2D = tf.tidy(() => m.add(1) as tf.Tensor2D),
    [a, b] = tf.tidy('named', () => [x, m]);
  const { loss, n } = tf.tidy(() => ({ loss: tf.scalar(1), n: 3 })),
    none: void = tf.tidy(() => {
      x.square();
    });
  const typed = tf.tidy<tf.Tensor1D>(() => tf.tensor1d([1])),
    kept: tf.Tensor2D = tf.keep(m),
    container: tf.TensorContainer = { a: [x], b: 1 };
  tf.dispose(x);
  tf.dispose([x, m]);
  tf.dispose({ x, list: [m] });
  tf.dispose(container);
  tf.disposeVariables();
  tf.engine().startScope();
  tf.engine().endScope();
  void [y, a, b, loss.dataSync(), n.toFixed(), none, typed, kept];
}

export function gradients(): void {
  const w = tf.variable(tf.scalar(1)),
    f = (a: tf.Tensor) => a.square(),
    g = tf.grad(f),
    dx: tf.Tensor = g(x);
  const both: tf.Tensor[] = tf.grads((a: tf.Tensor, b: tf.Tensor) => a.mul(b))([x, m]),
    seeded = g(x, tf.onesLike(x));
  const one = tf.valueAndGrad((a: tf.Tensor) => a.sum())(x),
    all = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => a.add(b).sum())([x, m]);
  const { value, grads } = tf.variableGrads(() => w.square().asScalar()),
    some = tf.variableGrads(() => w.mul(2) as tf.Scalar, [w]);
  const cost: tf.Scalar = value,
    named: tf.NamedTensorMap = grads;
  const custom = tf.customGrad((a, save) => {
    (save as tf.GradSaveFunc)([a as tf.Tensor]);
    return {
      value: (a as tf.Tensor).square(),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [dy.mul(saved[0].abs())],
    };
  });
  void [dx, both, seeded, one.value, one.grad, all.value, all.grads[0], cost, named, some, custom(x)];
}

export async function inspection(): Promise<void> {
  const used = tf.memory(),
    bytes: number = used.numBytes + used.numTensors + used.numDataBuffers,
    why: string[] | undefined = used.reasons;
  const unreliable: boolean | undefined = used.unreliable,
    time = await tf.time(() => {
      x.square();
    }),
    wall: number = time.wallMs;
  const profile = await tf.profile(() => x.square()),
    { newBytes, newTensors, peakBytes, kernels, kernelNames, result } = profile;
  const [
    {
      name,
      bytesAdded,
      totalBytesSnapshot,
      tensorsAdded,
      totalTensorsSnapshot,
      inputShapes,
      outputShapes,
      kernelTimeMs,
      extraInfo,
    },
  ] = kernels;
  const ms = kernelTimeMs,
    info: string | Promise<string> = extraInfo;
  tf.enableDebugMode();
  tf.enableProdMode();
  tf.disableDeprecationWarnings();
  await tf.nextFrame();
  void [
    bytes,
    why,
    unreliable,
    wall,
    time.kernelMs,
    newBytes,
    newTensors,
    peakBytes,
    kernelNames[0].length,
    result,
    name,
    bytesAdded,
    totalBytesSnapshot,
    tensorsAdded,
    totalTensorsSnapshot,
    inputShapes,
    outputShapes,
    ms,
    info,
  ];
}

export async function place(): Promise<void> {
  const taken: boolean = await tf.setBackend('wasm'),
    backend: string = tf.getBackend();
  await tf.ready();
  tf.removeBackend('none');
  tf.forceHalfFloat();
  tf.webgl.forceHalfFloat();
  const registered: boolean = tf.registerBackend(
    'none',
    () => {
      throw new Error('none');
    },
    1,
  );
  const env: tf.Environment = tf.env(),
    number: number = env.getNumber('WEBGL_VERSION'),
    on: boolean = env.getBool('DEBUG');
  env.set('WEBGL_PACK', false);
  env.setFlags({ DEBUG: false });
  env.registerFlag(
    'MINE',
    () => 1,
    (value) => void value,
  );
  env.setPlatform('mine', env.platform);
  env.reset();
  tf.ENV.getFlags();
  tf.setPlatform('mine', env.platform);
  const versions: string =
    tf.version.tfjs + tf.version_core + tf.version_converter + tf.version_layers + tf.version_cpu + tf.version_webgl;
  void [
    taken,
    backend,
    registered,
    number,
    on,
    env.get('DEBUG'),
    await env.getAsync('DEBUG'),
    env.getString('X'),
    env.features,
    env.platformName,
    versions,
    tf.backend(),
  ];
}

export async function helpers(): Promise<void> {
  const now: number = tf.util.now(),
    response: Response = await tf.util.fetch('/a', { method: 'GET' }),
    bytes: Uint8Array = tf.util.encodeString('a', 'utf-8');
  const text: string = tf.util.decodeString(bytes),
    flat: number[] = tf.util.flatten<number>([[1], [2, [3]]]),
    list = [1, 2, 3],
    indices: Uint32Array = tf.util.createShuffledIndices(3);
  tf.util.fingerPrint64(bytes).toString();
  tf.util.hexToLong('ff').toString();
  tf.util.shuffle(list);
  tf.util.shuffleCombo(list, ['a', 'b', 'c']);
  tf.util.assert(list.length === 3, () => 'three');
  tf.util.assertShapesMatch([1], [1], 'shapes');
  tf.util.assertNonNull(list);
  const size: number = tf.util.sizeFromShape([2, 3]),
    same: boolean = tf.util.arraysEqual([1], [1]),
    sum: number = tf.util.sum(list);
  const numbers = [
    tf.util.clamp(0, 1, 2),
    tf.util.nearestLargerEven(3),
    tf.util.randUniform(0, 1),
    tf.util.distSquared([1], [2]),
    tf.util.nearestDivisor(4, 2),
    tf.util.tanh(1),
    tf.util.bytesPerElement('int32'),
    tf.util.bytesFromStringArray([bytes]),
    tf.util.locToIndex([0], 1, []),
  ];
  const shapes = [
    tf.util.inferFromImplicitShape([-1], 4),
    tf.util.parseAxisParam(0, [1, 2]),
    tf.util.squeezeShape([1, 2]).newShape,
    tf.util.computeStrides([2, 2]),
    tf.util.sizeToSquarishShape(9),
    tf.util.indexToLoc(1, 2, [1]),
    tf.util.toNestedArray([2], new Float32Array(2)),
  ];
  const facts = [
    tf.util.isInt(1),
    tf.util.isString('a'),
    tf.util.isBoolean(true),
    tf.util.isNumber(1),
    tf.util.isFunction(helpers),
    tf.util.isTypedArray(bytes),
    tf.util.isScalarShape([]),
    tf.util.isValidDtype('int32'),
    tf.util.isPromise(null),
    tf.util.hasEncodingLoss('float32', 'int32'),
    tf.util.arraysEqualWithNull([1], [1]),
  ];
  const typed = [
    tf.util.toTypedArray([1], 'int32'),
    tf.util.getTypedArrayFromDType('float32', 2),
    tf.util.getArrayFromDType('float32', 2),
    tf.util.makeZerosTypedArray(2, 'int32'),
    tf.util.makeOnesTypedArray(2, 'int32'),
    tf.util.makeOnesTypedArray(1, 'bool'),
  ];
  tf.util.swap(list, 0, 1);
  tf.util.rightPad('a', 3);
  tf.util.inferDtype([1]);
  tf.util.checkConversionForErrors(list, 'float32');
  tf.util.makeZerosNestedTypedArray([2], 'float32');
  tf.util.assertNonNegativeIntegerDimensions([1]);
  await tf.util.repeatedTry(
    () => true,
    (n) => n,
    3,
  );
  void [now, response, text, flat, indices, size, same, sum, numbers, shapes, facts, typed];
}

export async function pixels(): Promise<void> {
  const a: tf.Tensor3D = tf.browser.fromPixels(canvas),
    b: tf.Tensor3D = await tf.browser.fromPixelsAsync(video, 1);
  const c = tf.browser.fromPixels({ data: new Uint8Array(4), width: 1, height: 1 }, 4),
    d = tf.browser.fromPixels(new ImageData(1, 1));
  const bytes: Uint8ClampedArray = await tf.browser.toPixels(image),
    shown = await tf.browser.toPixels(m, canvas);
  tf.browser.draw(image, canvas);
  tf.browser.draw(m, canvas, { imageOptions: { alpha: 0.5 }, contextOptions: { contextType: '2d' } });
  void [a, b, c, d, bytes, shown];
}
