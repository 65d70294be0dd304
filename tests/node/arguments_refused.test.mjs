// Functions written in JavaScript name the argument that is wrong, what it is and what it must
// be; sizes that no array has are refused at once; a call that fails leaves no tensor.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const { backend_util: kernels, broadcast_util, gather_util, io, scatter_util, slice_util, tensor_util, util } = tf;
const gone = (view) => {
  structuredClone(view, { transfer: [view.buffer] });
  return view;
};
const detached = () => gone(new Float32Array(4));
const fake = Object.create(tf.Tensor.prototype),
  shaped = { shape: [2, 3] },
  odd = Object.create(null);
const items = () => tf.data.array([1, 2, 3]).iterator();

/** By group: [call, message]. */
const CALLS = {
  'tf.util': [
    [() => util.sizeFromShape(5), /util\.sizeFromShape: shape must be an array of numbers, but is 5/],
    [() => util.sizeFromShape([null]), /must be an array of numbers/],
    [() => util.sizeFromShape(new Array(2)), /must be an array of numbers/],
    [() => util.sizeFromShape(detached()), /must be an array of numbers, but is Float32Array/],
    [() => util.assertShapesMatch([1], [Symbol('s')]), /assertShapesMatch: b must be/],
    [() => util.assert(false, () => Symbol('s')), /symbol/],
    [() => util.checkConversionForErrors([1, NaN], 'float32'), /contains NaN/],
    [() => util.bytesPerElement('toString'), /Unknown dtype toString/],
    [() => util.clamp(1n, 2, 3), /clamp: min must be a number, but is bigint/],
    [() => util.rightPad('a', 1e9), /1000000000 characters is too long/],
    [() => util.decodeString(new Uint8Array(1), 'no-such'), /knows no encoding 'no-such'/],
    [() => util.decodeString('text'), /bytes must be a Uint8Array, but is 'text'/],
    [() => util.swap({}, 0, 1), /swap: list must be an array or a typed array, but is Object/],
    [() => util.shuffleCombo([1], null), /b must be an array/],
    [() => util.createShuffledIndices(1e12), /n must be a whole number from 0 to 2\^31 - 1, but is 1000000000000/],
    [() => util.getTypedArrayFromDType('float32', -1), /size must be a whole number from 0/],
    [() => util.getTypedArrayFromDType('toString', 1), /Unknown data type toString/],
    [() => util.toTypedArray([odd], 'float32'), /a must hold numbers or booleans/],
    [() => util.toNestedArray([2], undefined), /a must be an array or a typed array, but is undefined/],
    [() => util.makeZerosNestedTypedArray([-1], 'int32'), /must be a shape/],
    [() => util.indexToLoc(1, 1e9, []), /rank must be a whole number from 0 to 255, but is 1000000000/],
    [() => util.parseAxisParam('x', [1]), /axis must be a number or an array of numbers, but is 'x'/],
    [() => util.nearestDivisor(Infinity, 1), /size must be a whole number/],
    [() => util.convertBackendValuesAndArrayBuffer(new ArrayBuffer(3), 'float32'), /data: .*multiple of 4/],
    [() => util.repeatedTry(5), /check must be a function, but is 5/],
    [
      () =>
        util.repeatedTry(
          () => false,
          () => 0,
          3,
          () => {
            throw new tf.TensorineError('value', 'late');
          },
        ),
      /late/,
    ],
  ],
  'helpers of kernels': [
    [() => slice_util.startIndicesWithElidedDims(0, 0, 1e9, [0], [2]), /count must be a whole number from 0 to 255/],
    [() => slice_util.parseSliceParams({}, 0), /x must be a tensor, or an object with a shape, but is Object/],
    [() => slice_util.sliceInfo([2], [0], [1], null, 0.5, 0, 0, 0, 0), /beginMask must be a whole number, but is 0.5/],
    [() => broadcast_util.assertAndGetBroadcastShape([2], 3), /shapeB must be an array of numbers, but is 3/],
    [
      () => gather_util.prepareAndValidate(shaped, null),
      /indices must be a tensor, or an object with a shape, but is null/,
    ],
    [() => scatter_util.calculateShapes(null, shaped, 'x'), /shape must be an array of whole numbers, but is 'x'/],
    [() => tensor_util.makeTypesMatch(1, 2), /a must be a tensor, but is 1/],
    [() => tensor_util.upcastType('float64', 'int32'), /a must be one of float32.*, but is 'float64'/],
    [() => kernels.prepareSplitSize({ shape: [0] }, 1e9), /must evenly divide/],
    [() => kernels.prepareSplitSize({ shape: [4] }, -1), /must evenly divide/],
    [() => kernels.computeConv2DInfo([1, 4, 4, 1], [2, 2, 1, 1], 1, 1, [[0, 0]]), /4 pairs of numbers, but is of 1/],
    [() => kernels.computeConv2DInfo([1, 4, 4, 1], [2, 2, 1, 1], 1, 1, 1, 'toString'), /Unknown roundingMode toString/],
    [
      () => kernels.computeConv2DInfo([1, 4, 4, 1], [2, 2, 1, 1], 1, 1, odd),
      /Unknown padding parameter: an object|Object/,
    ],
    [
      () => kernels.checkEinsumDimSizes(2, [[0]], [5]),
      /tensors must be an array of tensors, or of objects with a shape/,
    ],
    [() => kernels.getSliceBeginCoords([], 2), /crops must be 2 pairs of numbers, but is of 0/],
    [() => kernels.getInnerMostAxes(1e9, 2), /count must be a whole number from 0 to 255/],
    [() => kernels.fromUint8ToStringArray([5]), /must be an array of Uint8Array/],
  ],
  'tensors and ops': [
    [() => tf.pad1d(fake, [1, 1]), /pad1d: Tensor is disposed/],
    [() => tf.slice2d(fake), /slice2d: Tensor is disposed/],
    [() => tf.reverse3d(fake), /reverse3d: Tensor is disposed/],
    [() => tf.fused.conv2d(fake), /given by name, in one object/],
    [() => tf.fill({}, 'text'), /shape/],
    [() => tf.setThreadsCount(Symbol('s')), /count must be a whole number above 0, but is symbol/],
    [() => tf.string.staticRegexReplace(['a'], Symbol('s'), 'b'), /pattern must be a string, but is symbol/],
    [() => tf.string.staticRegexReplace(['a'], 'a', odd), /rewrite must be a string/],
    [() => tf.op(), /op: named must be an object, but is undefined/],
    [() => tf.op({ f: 1 }), /op: f must be a function, but is 1/],
    [() => tf.cosineWindow(1n, 1, 1), /windowLength must be a number, but is bigint/],
    [() => tf.enclosingPowerOfTwo('x'), /value must be a number, but is 'x'/],
    [() => tf.kernel_impls.nonMaxSuppressionV3Impl(null, null, 1, 1, 1), /boxes must be an array/],
    [() => tf.variableGrads(() => tf.scalar(1), 5), /varList must be an array of variables, but is 5/],
  ],
  registries: [
    [() => tf.getKernel(Symbol('s'), 'cpu'), /kernelName must be a string, but is symbol/],
    [() => tf.registerKernel(), /registerKernel: config must be an object, but is undefined/],
    [
      () => tf.registerKernel({ kernelName: 'K', backendName: 'cpu' }),
      /kernelFunc must be a function, but is undefined/,
    ],
    [() => tf.registerGradient({ kernelName: 5 }), /kernelName must be a string, but is 5/],
    [() => tf.registerOp(odd, () => {}), /registerOp: name must be a string/],
    [() => tf.findBackend(odd), /findBackend: name must be a string/],
    [() => tf.env().get(Symbol('s')), /name must be a string, but is symbol/],
    [() => tf.env().get('toString'), /Cannot evaluate flag 'toString'/],
    [() => tf.env().registerFlag('MINE_WRONG', 5), /evaluate must be a function, but is 5/],
    [() => new tf.Environment(null), /global must be an object, but is null/],
  ],
  'tf.io': [
    [() => io.copyModel(undefined, 'b'), /io\.copyModel: sourceURL must be a string, but is undefined/],
    [() => io.moveModel('a', 5), /io\.moveModel: destURL must be a string, but is 5/],
    [() => io.removeModel(), /io\.removeModel: url must be a string/],
    [() => io.getWeightSpecs([null]), /manifest must be an array of objects/],
    [() => io.loadWeights(5), /weightsManifest is not an array/],
    [() => io.loadWeights([{ paths: ['a'], weights: [null] }]), /weightsManifest\[0\] must have arrays/],
    [
      () =>
        io.weightsLoaderFactory(async () => [5])([
          { paths: ['a'], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] },
        ]),
      /what fetchWeights gives must be/,
    ],
    [() => io.encodeWeights(), /tensors must be an object, but is undefined/],
    [() => io.encodeWeights({ w: 5 }), /io\.encodeWeights: w must be a tensor, but is 5/],
    [() => io.encodeWeights([null]), /tensors must be an array of objects/],
    [
      () => io.decodeWeights(Symbol('s'), []),
      /data must be an ArrayBuffer, a typed array, or an array of them, but is symbol/,
    ],
    [() => io.decodeWeights(-1, []), /data must be an ArrayBuffer.*but is -1/],
    [() => io.decodeWeightsStream(5, []), /stream\.getReader must be a function/],
    [() => io.fromMemory(), /artifacts must be an object, but is undefined/],
    [() => io.withSaveHandler(5), /save must be a function, but is 5/],
    [() => io.getModelArtifactsForJSON(), /json must be an object/],
    [() => io.getModelArtifactsForJSON({ weightsManifest: [] }), /loadWeights must be a function, but is undefined/],
    [
      () => io.getModelArtifactsForJSON({ weightsManifest: [] }, () => 5),
      /must give \[weightSpecs, weightData\], but gave 5/,
    ],
    [() => io.getModelArtifactsInfoForJSON({ modelTopology: { n: 5n } }), /cannot be written as JSON: .*BigInt/],
    [() => io.getModelJSONForModelArtifacts(null, []), /artifacts must be an object, but is null/],
    [() => new io.CompositeArrayBuffer(5n), /buffers must be an ArrayBuffer/],
    [() => new io.CompositeArrayBuffer(gone(new DataView(new ArrayBuffer(8)))), /buffers must be an ArrayBuffer/],
    [() => new io.CompositeArrayBuffer(-1), /buffers must be an ArrayBuffer/],
    [() => io.concatenateArrayBuffers(detached()), /buffers must be an ArrayBuffer/],
    [() => new io.CompositeArrayBuffer([]).slice(Symbol('s')), /start must be a number, but is symbol/],
    [() => io.browserFiles([5]), /files must be an array of File or a FileList/],
    [() => io.browserFiles(Symbol('s')), /but received symbol/],
    [() => io.http({ length: 1 }), /path must be a string, but is Object/],
    [() => io.http('a', { signal: {} }), /signal must be an AbortSignal, but is Object/],
    [() => io.fileSystem('a').save(), /artifacts must be an object, but is undefined/],
    [() => tf.loadGraphModelSync('a'), /modelSource must be an object, but is 'a'/],
    [() => tf.loadGraphModel('a', {}, { getLoadHandlers: 5 }), /tfio\.getLoadHandlers must be a function, but is 5/],
  ],
  'tf.browser and tf.node': [
    [
      () => tf.browser.fromPixels({ width: 1, height: 1, data: new Uint8Array(4) }, Symbol('s')),
      /numChannels must be a number, but is symbol/,
    ],
    [() => tf.browser.toPixels([[1]], 5), /canvas\.getContext must be a function/],
    [() => tf.browser.draw([[1]], null), /canvas\.getContext must be a function/],
    [() => tf.node.encodeJpeg({}), /encodeJpeg: image must be a tensor, but is Object/],
    [() => tf.node.encodePng(undefined), /encodePng: image must be a tensor, but is undefined/],
    [() => tf.node.tensorBoard(5), /logdir must be a string, but is 5/],
    [() => tf.node.tensorBoard('a', 5), /tensorBoard: .* must be an object/],
    [() => tf.node.summaryFileWriter(), /logdir must be a string, but is undefined/],
  ],
  'tf.data': [
    [async () => (await items()).map(5), /map: transform must be a function, but is 5/],
    [async () => (await items()).forEachAsync(), /forEachAsync: f must be a function/],
    [async () => (await items()).resolveWhile(), /predicate must be a function/],
    [async () => (await items()).take(Symbol('s')), /take: count must be a number, but is symbol/],
    [async () => (await items()).rowMajorBatch(NaN), /batchSize must be a number from 1 on, but is NaN/],
    [async () => (await items()).prefetch(Symbol('s')), /bufferSize must be a number from 1 on, but is symbol/],
    [async () => (await items()).concatenate([4]), /iterator\.next must be a function, but is undefined/],
    [() => tf.data.csv(5), /url must be a string or a Request, but is 5/],
    [() => new tf.data.CSVDataset(5), /input\.iterator must be a function/],
    [() => tf.data.csv('a', { columnNames: 'x' }), /columnNames must be an array of strings, but is 'x'/],
    [() => new tf.data.FileDataSource(new Uint8Array(2), { chunkSize: -1 }), /chunkSize must be a whole number from 0/],
  ],
};

for (const [group, rows] of Object.entries(CALLS))
  test(`wrong arguments are named: ${group}`, async () => {
    const before = tf.memory().numTensors;
    for (const [call, message] of rows)
      await assert.rejects(async () => call(), { name: 'TensorineError', message }, String(call));
    assert.equal(tf.memory().numTensors, before);
  });

test('gradients of fused ops leave one tensor, or none where they fail', () => {
  const [dy, bias, wide, text] = [tf.ones([2, 3]), tf.ones([3]), tf.ones([2, 4]), tf.tensor(['a'])],
    before = tf.memory().numTensors;
  kernels.getFusedDyActivation(dy, dy, 'relu').dispose();
  kernels.getFusedBiasGradient(bias, dy).dispose();
  assert.throws(() => kernels.getFusedDyActivation(text, dy, 'relu'), { name: 'TensorineError' });
  assert.throws(() => kernels.getFusedBiasGradient(bias, wide), { name: 'TensorineError' });
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([dy, bias, wide, text]);
});

test('a call that failed leaves nothing for the next one to trip over', async () => {
  assert.throws(() => tf.fill({}, 'text'), { name: 'TensorineError' });
  assert.deepEqual(Array.from(await tf.browser.toPixels([[255]])), [255, 255, 255, 255]);
});

test('an error may be given any message', () => {
  for (const [message, right] of [
    ['text', 'text'],
    [undefined, ''],
    [5, '5'],
    [Symbol('s'), 'symbol'],
    [odd, 'an object'],
  ])
    assert.equal(new tf.TensorineError('value', message).message, right);
});

test('helpers still give what is right', () => {
  assert.deepEqual(
    [
      [7, 2],
      [2147483647, 2],
      [12, 5],
      [100, 11],
      [12, 13],
      [0, 1],
      [9, 0],
    ].map((args) => util.nearestDivisor(...args)),
    [7, 2147483647, 6, 20, 12, 0, 1],
  );
  assert.deepEqual(
    ['complex64', 'string', 'bool', 'toString', 5].map((dtype) => util.isValidDtype(dtype)),
    [true, true, true, false, false],
  );
  assert.equal(util.bytesPerElement('complex64'), 8);
  assert.deepEqual(
    [util.arraysEqualWithNull(null, null), util.arraysEqualWithNull([1], null), util.isInt('3')],
    [true, false, false],
  );
  assert.deepEqual(
    [io.isHTTPScheme(Symbol('s')), io.getLoadHandlers(odd), io.getSaveHandlers(undefined)],
    [false, [], []],
  );
  assert.deepEqual(util.parseAxisParam(new Int32Array([-1, 0]), [2, 3]), [1, 0]);
});

test('a graph model that cannot be loaded again keeps no weights of the attempt', () => {
  const before = tf.memory().numTensors,
    artifacts = {
      modelTopology: {
        node: [
          { name: 'x', op: 'Placeholder' },
          { name: 'w', op: 'Const' },
          { name: 'y', op: 'Add', input: ['x', 'w'] },
        ],
      },
      weightSpecs: [{ name: 'w', shape: [2], dtype: 'float32' }],
      weightData: new Float32Array([1, 2]).buffer,
    };
  const model = tf.loadGraphModelSync(artifacts),
    loaded = tf.memory().numTensors;
  assert.throws(() => model.loadSync({ ...artifacts, modelTopology: undefined }), { code: 'file' });
  assert.throws(() => model.loadSync(), { code: 'value', message: /artifacts must be an object/ });
  assert.equal(tf.memory().numTensors, loaded);
  model.loadSync({
    ...artifacts,
    modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)),
    weightData: new Float32Array([5, 6]).buffer,
  });
  assert.deepEqual(
    tf.tidy(() => Array.from(model.predict(tf.tensor([1, 1])).dataSync())),
    [6, 7],
  );
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('what cannot be written to event files is told by flush(), and nothing is written for wrong arguments', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wanted-'));
  try {
    assert.throws(() => tf.node.tensorBoard(join(folder, 'a'), { updateFreq: Symbol('s') }), {
      message: /Expected updateFreq to be 'batch' or 'epoch', but got symbol/,
    });
    const writer = tf.node.summaryFileWriter('\0'),
      good = tf.node.summaryFileWriter(join(folder, 'b'));
    await assert.rejects(writer.flush(), {
      name: 'TensorineError',
      code: 'file',
      message: /summaryFileWriter: .*null bytes/,
    });
    for (const [call, message] of [
      [() => good.scalar('x', 'y', 1), /value must be a tensor, but is 'y'/],
      [() => good.scalar('x', 1, NaN), /step must be a whole number/],
      [() => good.histogram('x', null, 1), /data must be a tensor, but is null/],
      [() => good.histogram('x', fake, 1, 1e9), /bucketCount must be from 1 to/],
    ])
      assert.throws(call, { name: 'TensorineError', message });
    await good.flush();
    assert.equal(existsSync(join(folder, 'a')), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
