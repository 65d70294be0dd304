// The program `tensorine`: each command as it is called in a terminal, with what is wrong about calls and files too.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '../../dist/node.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const cli = join(root, 'dist/cli.mjs');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const layers = join(data, 'mobilenet_v1_025_224_layers'),
  graph = join(data, 'mobilenet_v1_025_224_graph'),
  photos = join(data, 'photos');
const COMMANDS = ['info', 'summary', 'check', 'run', 'classify', 'train', 'bench', 'serve'];

/** What to tell where a path of the data folder is not, or false. */
const without = (...paths) => {
  const gone = paths.find((path) => !existsSync(path));
  return gone ? `no ${gone} (set TENSORINE_DATA)` : false;
};

let folder;
const at = (...names) => join(folder, ...names);

/** Runs the program, with a cache folder of its own. */
function tensorine(args, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, COLUMNS: '', XDG_CACHE_HOME: at('cache'), ...env },
  });
  return { status, stdout, stderr };
}

function works(args, env) {
  const { status, stdout, stderr } = tensorine(args, env);
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Refused in one line that begins with the command and says what `pattern` does. */
function refused(args, code, pattern, env) {
  const { status, stdout, stderr } = tensorine(args, env);
  assert.equal(status, code, `${args.join(' ')}: ${stdout}${stderr}`);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.match(stderr, /^tensorine/);
  assert.match(stderr, pattern);
}

const fits = (text, columns) =>
  assert.deepEqual(
    text.split('\n').filter((line) => [...line].length > columns),
    [],
  );

/** A graph model of these nodes. */
function writeGraph(name, node) {
  mkdirSync(at(name));
  writeFileSync(at(name, 'model.json'), JSON.stringify({ modelTopology: { node }, weightsManifest: [] }));
  return at(name);
}

/** A picture of one colour, with a little noise. */
async function writePicture(path, [r, g, b]) {
  const image = tf.tidy(() =>
    tf
      .add(tf.tensor([r, g, b]), tf.randomUniform([32, 32, 3], -20, 20))
      .clipByValue(0, 255)
      .cast('int32'),
  );
  writeFileSync(path, await tf.node.encodePng(image));
  image.dispose();
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tensorine-cli-'));
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer: 'ones', name: 'first' }),
      tf.sequential({ name: 'inner', layers: [tf.layers.activation({ activation: 'relu', inputShape: [2] })] }),
    ],
  });
  await model.save(pathToFileURL(at('dense')).href);
  const trunk = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [16, 16, 3], strides: 2, name: 'seen' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  await trunk.save(pathToFileURL(at('trunk')).href);
  writeFileSync(at('names.txt'), 'red\ngreen\nblue\n');
  writeFileSync(at('broken.json'), '{"modelTopology": ');
  writeFileSync(at('broken.png'), '\x89PNG and no more');
  for (const [name, colour] of Object.entries({ red: [200, 30, 30], blue: [30, 30, 200] })) {
    mkdirSync(at('colours', name), { recursive: true });
    for (let i = 0; i < 5; i++) await writePicture(at('colours', name, `${i}.png`), colour);
  }
  await writePicture(at('red.png'), [210, 20, 25]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

// ---- the call ----

test('help: of all, of each, in a narrow window; the version', () => {
  const all = works([]);
  assert.equal(works(['--help']), all);
  for (const name of COMMANDS) {
    assert.match(all, new RegExp(`^  ${name} `, 'm'));
    const text = works([name, '--help']);
    assert.match(text, new RegExp(`^  tensorine ${name} `, 'm'));
    assert.match(text, /--help {2,}this text/);
    assert.match(text, /\$ npx tensorine /);
    assert.equal(works(['help', name]), text);
    fits(works([name, '-h'], { COLUMNS: '48' }), 48);
  }
  fits(works([], { COLUMNS: '40' }), 40);
  assert.equal(works(['--version']).trim(), JSON.parse(readFileSync(join(root, 'package.json'))).version);
});

test('a wrong call is code 2, in a line that names the fix', () => {
  refused(['sumary', 'x'], 2, /no command 'sumary', but summary/);
  refused(['nothing-like-it'], 2, /no command 'nothing-like-it' \(tensorine --help\)/);
  for (const name of COMMANDS) refused([name, '--wrong'], 2, new RegExp(`^tensorine ${name}: .*--wrong.*--help`));
  for (const name of ['summary', 'check', 'run']) refused([name], 2, /FILE is missing/);
  refused(['classify'], 2, /PICTURE\.\.\. is missing/);
  refused(['train'], 2, /FOLDER is missing/);
  refused(['info', 'x'], 2, /takes no arguments, but got 'x'/);
  refused(['summary', 'a', 'b'], 2, /'b' is one too many/);
  refused(['classify', 'a.png', '--top', '0'], 2, /--top takes a whole number of 1 or more, but is '0'/);
  refused(['train', folder, '--held', '2'], 2, /--held takes a number from 0 to 0\.9, but is '2'/);
  refused(['serve', '--port', '99999'], 2, /--port takes a whole number from 0 to 65535/);
});

test('a missing file and a broken one are code 1, in a line that names the fix', () => {
  for (const name of ['summary', 'check', 'run', 'bench']) {
    refused([name, at('none')], 1, /none does not exist: give the path of a model\.json/);
    refused([name, at('broken.json')], 1, /broken\.json is no JSON: give the model\.json that/);
    refused([name, at('colours')], 1, /colours has no model\.json/);
  }
  writeFileSync(at('empty.json'), '{}');
  refused(['summary', at('empty.json')], 1, /no modelTopology/);
  cpSync(at('dense'), at('lost'), { recursive: true });
  rmSync(at('lost', 'weights.bin'));
  refused(['check', at('lost')], 1, /weights\.bin does not exist/);
});

// ---- the commands ----

test('info', () => {
  const text = works(['info']);
  for (const word of ['tensorine', 'node', 'device', 'JPEG files']) assert.match(text, new RegExp(`^  ${word} `, 'm'));
  const facts = JSON.parse(works(['info', '--json']));
  assert.equal(facts.device, 'wasm');
  assert.deepEqual(Object.keys(facts.pictures), ['JPEG', 'PNG', 'BMP', 'GIF']);
  fits(works(['info'], { COLUMNS: '44' }), 44);
});

test('summary of layers: the tree, and the parameters', () => {
  const text = works(['summary', at('dense')]);
  assert.match(text, /^├ first \(Dense\) +\[\?, 2\] +8$/m);
  assert.match(text, /^└ inner \(Sequential\) +\[\?, 2\] +0$/m);
  assert.match(text, /^ {2}└ \S+ \(Activation\)/m);
  assert.match(text, /^8 parameters \(32 B\), 8 of them trainable$/m);
  const narrow = works(['summary', at('dense', 'model.json')], { COLUMNS: '30' });
  fits(narrow, 30);
  assert.match(narrow, /parameters/);
});

test('summary and check of a graph: ops by count, scopes, ops that are not known', () => {
  const x = {
    name: 'x',
    op: 'Placeholder',
    attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '2' }] } } },
  };
  const known = writeGraph('known', [
    x,
    { name: 'a/b/y', op: 'Relu', input: ['x'] },
    { name: 'a/z', op: 'Relu', input: ['a/b/y'] },
  ]);
  const text = works(['summary', known]);
  assert.match(text, /^graph model, 3 nodes of 2 kinds$/m);
  assert.match(text, /^└ a +2 +0$/m);
  assert.match(text, /^ {2}└ b +1 +0$/m);
  assert.match(text, /^Relu +2$/m);
  assert.doesNotMatch(works(['summary', known, '--depth', '1']), /└ b/);
  const checked = works(['check', known]);
  assert.match(checked, /all ops are known/);
  assert.match(checked, /^relu +2 .* shader$/m);
  assert.match(checked, /webgl: 1 of 1 kinds of ops have shaders/);
  const strange = writeGraph('strange', [x, { name: 'y', op: 'Strange', input: ['x'] }]);
  refused(['check', strange], 1, /not known: Strange \(y\)/);
  assert.match(works(['summary', strange]), /^Strange +1$/m);
});

test('check of layers: those that are not known are named', () => {
  assert.match(works(['check', at('dense')]), /all layers are known[^]*matMul/);
  fits(works(['check', at('dense')], { COLUMNS: '32' }), 32);
  mkdirSync(at('odd'));
  const json = JSON.parse(readFileSync(at('dense', 'model.json')));
  json.modelTopology.config.layers[0].class_name = 'Odd';
  writeFileSync(at('odd', 'model.json'), JSON.stringify(json));
  copyFileSync(at('dense', 'weights.bin'), at('odd', 'weights.bin'));
  refused(['check', at('odd')], 1, /layer class 'Odd' is not known \(first\)/);
});

test('run: tables, arrays of NumPy and pictures', () => {
  writeFileSync(at('table.csv'), 'a,b,c\n1,2,3\n4,5,6\n');
  const [rows] = JSON.parse(works(['run', at('dense'), '-i', at('table.csv'), '--json']));
  assert.deepEqual(rows, { shape: [2, 2], dtype: 'float32', values: [[6, 6], [15, 15]] }); // prettier-ignore
  assert.match(works(['run', at('dense'), '--input', at('table.csv')]), /^float32 \[2, 2\]\nTensor/);
  for (const name of ['out.npy', 'out.csv', 'out.json'])
    works(['run', at('dense'), '-i', at('table.csv'), '-o', at(name)]);
  assert.equal(readFileSync(at('out.csv'), 'utf8'), '6,6\n15,15\n');
  assert.deepEqual(JSON.parse(readFileSync(at('out.json'))), [rows]);
  const npy = readFileSync(at('out.npy'));
  assert.equal(npy.length % 16, 0);
  assert.equal((10 + npy.readUInt16LE(8)) % 64, 0);
  assert.match(npy.toString('latin1', 10, 74), /'descr': '<f4', 'fortran_order': False, 'shape': \(2, 2,\)/);
  assert.deepEqual([...new Float32Array(npy.buffer.slice(npy.byteOffset + npy.length - 16, npy.byteOffset + npy.length))], [6, 6, 15, 15]); // prettier-ignore
  const [picture] = JSON.parse(works(['run', at('trunk'), '-i', at('red.png'), '--json']));
  assert.deepEqual(picture.shape, [1, 3]);
});

test('run reads what NumPy writes', () => {
  const write = (name, descr, bytes, shape = '(1, 3)', order = 'False') => {
    const head = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117) + '\n';
    writeFileSync(
      at(name),
      Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(head), bytes]),
    );
    return ['run', at('dense'), '--json', '-i', at(name)];
  };
  const of = (array) => Buffer.from(array.buffer);
  for (const [descr, bytes] of Object.entries({
    '<f4': of(Float32Array.of(1, 2, 3)),
    '<f8': of(Float64Array.of(1, 2, 3)),
    '<i8': of(BigInt64Array.of(1n, 2n, 3n)),
    '|u1': of(Uint8Array.of(1, 2, 3)),
  }))
    assert.deepEqual(JSON.parse(works(write('x.npy', descr, bytes)))[0].values, [[6, 6]], descr);
  assert.deepEqual(JSON.parse(works(write('x.npy', '<f4', of(Float32Array.of(1, 2, 3)), '(3,)')))[0].values, [[6, 6]]);
  refused(write('x.npy', '<f4', of(Float32Array.of(1, 2))), 1, /ends early: 12 bytes should follow/);
  refused(write('x.npy', '>f4', of(Float32Array.of(1, 2, 3))), 1, /type that is not read/);
  refused(write('x.npy', '<f4', of(Float32Array.of(1, 2, 3)), '(1, 3)', 'True'), 1, /order of Fortran/);
  refused(
    write('x.npy', '<f4', of(Float32Array.of(1, 2, 3, 4)), '(4,)'),
    1,
    /shape \[4\], but first_input takes \[\?, 3\]/,
  );
  writeFileSync(at('junk.npy'), 'no array');
  refused(['run', at('dense'), '-i', at('junk.npy')], 1, /is no \.npy file: write it with numpy\.save/);
});

test('run refuses what does not fit', () => {
  refused(['run', at('dense')], 2, /nothing is given for first_input \[\?, 3\]: add --input/);
  refused(
    ['run', at('dense'), '-i', at('table.csv'), '-i', at('table.csv')],
    2,
    /one too many: the model takes first_input/,
  );
  refused(['run', at('dense'), '-i', at('none.csv')], 1, /none\.csv does not exist/);
  refused(['run', at('dense'), '-i', at('names.txt')], 1, /give a picture, a \.csv or a \.npy file/);
  refused(['run', at('dense'), '-i', at('red.png')], 1, /which no picture fits/);
  refused(['run', at('trunk'), '-i', at('broken.png')], 1, /broken\.png cannot be read as a picture/);
  refused(['run', at('dense'), '-i', at('table.csv'), '-o', 'x.txt'], 2, /--output takes a \.npy, \.csv or \.json/);
  refused(['run', at('trunk'), '-i', at('red.png'), '--range=1'], 2, /--range takes two numbers/);
  writeFileSync(at('words.csv'), '1,2,3\n4,five,6\n');
  refused(['run', at('dense'), '-i', at('words.csv')], 1, /words\.csv:2 column 2 is 'five'/);
  writeFileSync(at('ragged.csv'), '1,2,3\n4,5\n');
  refused(['run', at('dense'), '-i', at('ragged.csv')], 1, /ragged\.csv:2 has 2 columns, the rows before it have 3/);
});

test('train, then classify by what was trained', () => {
  const out = works([
    'train',
    at('colours'),
    '-m',
    at('trunk'),
    '--cut',
    'seen',
    '-o',
    at('own'),
    '-e',
    '15',
    '--rate',
    '0.01',
  ]);
  assert.equal(out.match(/^Epoch \d+\/15 - [\d.]+ s - [\d.]+ ms\/batch - loss: \S+ - acc: \S+$/gm).length, 15);
  assert.match(out, /^right on 2 of 2 pictures held out$/m);
  assert.match(out, /^saved in .*own: npx tensorine classify PICTURE --model /m);
  assert.deepEqual(JSON.parse(readFileSync(at('own', 'metadata.json'))), { labels: ['blue', 'red'], range: [-1, 1] });
  const text = works(['classify', at('red.png'), '--model', at('own'), '--top', '1']);
  assert.match(text, /^red\.png\n {2}red +[\d.]+% +█+\n$/);
  const [[best]] = Object.values(JSON.parse(works(['classify', at('red.png'), '-m', at('own'), '--json'])));
  assert.deepEqual([best.label, best.index], ['red', 1]);
  fits(works(['classify', at('colours', 'red'), '-m', at('own')], { COLUMNS: '24' }), 24);
  const quiet = works([
    'train',
    at('colours'),
    '-m',
    at('trunk'),
    '--cut',
    'seen',
    '-o',
    at('own'),
    '-e',
    '1',
    '--quiet',
  ]);
  assert.doesNotMatch(quiet, /^Epoch/m);
});

test('train refuses folders that no classifier comes of, and goes on without a broken picture', () => {
  const from = ['-m', at('trunk'), '--cut', 'seen', '-o', at('other'), '-e', '1'];
  refused(
    ['train', at('none'), ...from],
    1,
    /none is no folder: give one that has a folder of pictures for each class/,
  );
  refused(['train', at('colours', 'red'), ...from], 1, /has 0 folders: it takes one for each class, two at least/);
  refused(['train', at('colours'), ...from, '--cut', 'nowhere'], 1, /no layer 'nowhere': tensorine summary shows them/);
  refused(['train', at('colours'), '-m', at('known')], 1, /a graph model cannot be cut/);
  refused(['train', at('colours'), ...from, '-o', at('names.txt')], 2, /names\.txt is a file: name a folder/);
  cpSync(at('colours'), at('mended'), { recursive: true });
  copyFileSync(at('broken.png'), at('mended', 'red', 'broken.png'));
  const { status, stderr } = tensorine(['train', at('mended'), ...from]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^left out: .*broken\.png cannot be read/m);
  mkdirSync(at('mended', 'green'));
  refused(['train', at('mended'), ...from], 1, /green: no pictures there/);
});

test('classify: labels from a file, folders, and pictures that cannot be read', () => {
  const text = works(['classify', at('red.png'), '-m', at('trunk'), '-l', at('names.txt')]);
  assert.equal(text.match(/^ {2}(red|green|blue) /gm).length, 3);
  refused(['classify', at('none.png'), '-m', at('trunk')], 1, /none\.png does not exist: give pictures/);
  refused(['classify', at('dense'), '-m', at('trunk')], 1, /no pictures there/);
  refused(['classify', at('broken.png'), '-m', at('trunk')], 1, /broken\.png cannot be read as a picture/);
  refused(['classify', at('red.png'), '-m', at('dense')], 1, /which no picture fits/);
  refused(['classify', at('red.png'), '-m', at('trunk'), '-l', at('none.txt')], 1, /--labels takes a file/);
  const { status, stdout } = tensorine(['classify', at('broken.png'), at('red.png'), '-m', at('trunk')]);
  assert.equal(status, 1);
  assert.match(stdout, /^red\.png$/m);
});

test('MobileNet is taken from the cache folder', { skip: without(layers, photos) }, () => {
  cpSync(layers, at('filled/tensorine/mobilenet_v1_0.25_224'), { recursive: true });
  const dog = join(photos, 'dog.jpg');
  const text = works(['classify', dog, '--top', '1'], { XDG_CACHE_HOME: at('filled') });
  assert.match(text, /^dog\.jpg\n {2}Walker hound +4\d\.\d% /);
});

/** Runs with fetch being `body`, so that nothing is asked of the network. */
function fetching(name, body) {
  writeFileSync(at(name), `globalThis.fetch = async (url) => { ${body} };`);
  return { NODE_OPTIONS: `--require ${at(name)}`, XDG_CACHE_HOME: at(`${name}.cache`) };
}

test('MobileNet that cannot be fetched, and a model at an address', () => {
  const failing = fetching('failing.cjs', "throw new TypeError('fetch failed', { cause: new Error('no network') });");
  const red = at('red.png');
  refused(
    ['classify', red],
    1,
    /MobileNet cannot be fetched \(.*no network.*\): give a model of your own by --model/,
    failing,
  );
  assert.ok(!existsSync(join(failing.XDG_CACHE_HOME, 'tensorine')));
  refused(['summary', 'https://example.com/model.json'], 1, /cannot be reached \(no network\): give a file/, failing);
  const gone = fetching('gone.cjs', "return new Response('', { status: 404 });");
  refused(['summary', 'https://example.com/model.json'], 1, /answers 404: is the address that of a model\.json/, gone);
  const files = fetching(
    'files.cjs',
    `return new Response(require('fs').readFileSync(${JSON.stringify(at('dense'))} + new URL(url).pathname));`,
  );
  assert.match(works(['check', 'https://example.com/model.json'], files), /all layers are known/);
});

test('MobileNet is fetched once, with the names of its classes', { skip: without(layers, photos) }, () => {
  const there = fetching(
    'there.cjs',
    `if (String(url).endsWith('imagenet_class_index.json'))
       return Response.json(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, ['n', 'class_of_' + i]])));
     return new Response(require('fs').readFileSync(${JSON.stringify(layers)} + '/' + String(url).split('/').pop()));`,
  );
  const dog = join(photos, 'dog.jpg');
  const first = tensorine(['classify', dog, '--top', '1'], there);
  assert.match(first.stdout, /^dog\.jpg\n {2}class of 166 +4\d\.\d% /, first.stderr);
  assert.match(first.stderr, /^fetching MobileNet: in /);
  const broken = fetching('broken.cjs', "throw new Error('asked again');");
  const again = tensorine(['classify', dog, '--top', '1'], { ...broken, XDG_CACHE_HOME: there.XDG_CACHE_HOME });
  assert.deepEqual([again.stdout, again.stderr], [first.stdout, '']);
});

test('MobileNet on photographs, as layers and as a graph', { skip: without(layers, graph, photos) }, () => {
  const all = JSON.parse(works(['classify', photos, '-m', layers, '--top', '3', '--json']));
  const best = (name) => all[join(photos, name)].map(({ index }) => index);
  for (const [name, index] of Object.entries({ 'pizza.jpg': 963, 'parrot.jpg': 88, 'dog.jpg': 166, 'coffee.jpg': 968 }))
    assert.ok(best(name).includes(index), name);
  const [answers] = Object.values(JSON.parse(works(['classify', join(photos, 'pizza.jpg'), '-m', graph, '--json'])));
  assert.ok(answers.some(({ index }) => index === 964)); // the background comes first
  const text = works(['summary', layers]);
  assert.match(text, /^├ conv1 \(Conv2D\) +\[\?, 112, 112, 8\] +216$/m);
  assert.match(text, /^475,544 parameters \(1\.8 MB\), 470,072 of them trainable$/m);
  assert.match(works(['summary', graph]), /^DepthwiseConv2dNative +13$/m);
  assert.match(works(['check', graph]), /^input images: float32 \[\?, 224, 224, 3\]$/m);
});

test('own classes from photographs', { skip: without(layers, photos) }, () => {
  const classes = { birds: ['bird_ml5.jpg', 'parrot.jpg'], food: ['pizza.jpg', 'hot_dog.jpg'] };
  for (const [name, files] of Object.entries(classes)) {
    mkdirSync(at('few', name), { recursive: true });
    for (const file of files) copyFileSync(join(photos, file), at('few', name, file));
  }
  const { status, stdout, stderr } = tensorine([
    'train',
    at('few'),
    '-m',
    layers,
    '-o',
    at('few-model'),
    '-e',
    '5',
    '-q',
  ]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^learned from 8 pictures/m);
  assert.match(stderr, /^no picture is held out/m);
  const all = JSON.parse(
    works(['classify', at('few'), at('few/birds'), at('few/food'), '-m', at('few-model'), '--json']),
  );
  for (const [name, files] of Object.entries(classes))
    for (const file of files) assert.equal(all[at('few', name, file)][0].label, name, file);
});

test('bench: ops, and a model', () => {
  const text = works(['bench', '--seconds', '0']);
  for (const name of ['add of 4', 'matMul 256', 'softmax 64x1000'])
    assert.match(text, new RegExp(`^${name}( +[\\d.]+ ms){3} +\\d+$`, 'm'));
  const [row] = JSON.parse(
    works(['bench', at('trunk'), '--batch', '2', '--seconds', '0.01', '--threads', '2', '--json']),
  );
  assert.equal(row.name, 'predict, batch 2');
  assert.ok(row.least > 0 && row.least <= row.median && row.times >= 5);
  fits(works(['bench', at('trunk'), '-s', '0'], { COLUMNS: '40' }), 40);
});

test('serve: a folder, the library, and a port that is in use', async () => {
  refused(['serve', at('none')], 1, /none is no folder/);
  const other = createServer();
  await new Promise((done) => other.listen(0, 'localhost', done));
  const { port } = other.address();
  refused(
    ['serve', folder, '-p', `${port}`],
    1,
    new RegExp(`port ${port} is in use: take another by --port ${port + 1}`),
  );
  other.close();
  const child = spawn(process.execPath, [cli, 'serve', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const text = await new Promise((done) => child.stdout.once('data', (piece) => done(String(piece))));
    const [url] = /http:\/\/localhost:\d+/.exec(text);
    const answer = await fetch(`${url}/names.txt`);
    assert.equal(await answer.text(), 'red\ngreen\nblue\n');
    assert.equal(answer.headers.get('cross-origin-embedder-policy'), 'require-corp');
    const library = await fetch(`${url}/tensorine/tensorine.js`, { method: 'HEAD' });
    assert.equal(library.status, 200);
  } finally {
    child.kill('SIGINT');
  }
  assert.equal(await new Promise((done) => child.once('exit', done)), 0);
});

// ---- a real terminal, by util-linux's script ----

const noTerminal = spawnSync('script', ['--version']).status === 0 ? false : 'no program `script` (util-linux) here';

test('in a terminal of 40 columns: bars that are drawn over, no line that wraps', { skip: noTerminal }, () => {
  const quoted = [cli, 'train', at('colours'), '-m', at('trunk'), '--cut', 'seen', '-o', at('shown'), '-e', '2']
    .map((word) => `'${word}'`)
    .join(' ');
  const { status, stdout } = spawnSync(
    'script',
    ['-qec', `stty cols 40; '${process.execPath}' ${quoted}`, '/dev/null'],
    {
      encoding: 'utf8',
      cwd: root,
      input: '',
    },
  );
  assert.equal(status, 0, stdout);
  const drawn = stdout.split('\r\x1b[2K').map((part) => part.split(/\r?\n/)[0]);
  const bars = drawn.filter((line) => /^(pictures|Epoch)/.test(line) && !line.startsWith('pictures:'));
  assert.ok(
    bars.some((line) => /^pictures \[=* *\] \d+\/10/.test(line)),
    stdout,
  );
  assert.ok(
    bars.some((line) => /^Epoch 2\/2 /.test(line)),
    stdout,
  );
  for (const line of bars) assert.ok(line.length < 40, line);
});
