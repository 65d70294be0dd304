// Reads what js/ exports by hand, beside the generated ops and layers: the comment above each function, constant
// and class, its parameters, its examples.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const HELPERS = ['util/arrays.ts', 'util/long.ts', 'util/shapes.ts', 'util/values.ts'];

/** Files by the name that programs have for what they export; '' is tf itself. */
const SPACES = [
  [
    'Tensors',
    '',
    [
      'api/create.ts',
      'core/tensor.ts',
      'core/variable.ts',
      'api/functions.ts',
      'api/shapes.ts',
      'api/aliases.ts',
      'api/async.ts',
      'core/types.ts',
    ],
  ],
  ['Scopes and memory', '', ['core/scopes.ts']],
  ['Gradients', '', ['api/grad.ts']],
  ['Devices and flags', '', ['core/backend.ts', 'core/env.ts', 'wasm/errors.ts', 'api/version.ts']],
  ['Inspection', '', ['api/profile.ts']],
  ['Fused ops', 'fused', ['api/fused.ts']],
  ['Images, with promises', 'image', ['api/image.ts']],
  ['Linear algebra, as TensorFlow.js takes it', 'linalg', ['api/linalg.ts']],
  ['Signals, as TensorFlow.js takes them', 'signal', ['api/signal.ts']],
  ['Texts', 'string', ['api/string.ts']],
  ['Pixels', 'browser', ['api/browser.ts']],
  ['Datasets', 'data', 'data'],
  [
    'Models',
    '',
    [
      'models/model.ts',
      'models/sequential.ts',
      'nn/symbol.ts',
      'nn/input_spec.ts',
      'models/loading.ts',
      'models/index.ts',
    ],
  ],
  ['Layers of your own', 'layers', ['nn/layer.ts', 'nn/recurrent.ts', 'nn/weight.ts']],
  ['Metrics', 'metrics', ['training/metric.ts']],
  ['Classes in files', 'serialization', ['nn/registered.ts']],
  [
    'Callbacks',
    '',
    [
      'training/callbacks.ts',
      'training/monitors.ts',
      'models/backup_and_restore.ts',
      'training/csv_logger.ts',
      'training/remote_monitor.ts',
    ],
  ],
  ['Optimizers', '', ['training/optimizer.ts', 'training/schedule.ts', 'training/multi_optimizer.ts']],
  ['TensorBoard', 'node', ['training/tensorboard.ts']],
  ['Pictures in files', 'node', ['api/node_images.ts']],
  ['Graph models', '', 'graph'],
  ['Files of models', 'io', 'io'],
  ['Helpers', 'util', HELPERS],
];
const BLOCK = /^\/\*\*((?:[^*]|\*(?!\/))*)\*\/\nexport (?:abstract )?(?:async )?(function|const|class|enum) (\w+)/gm;
const ELSEWHERE = { layers: ['SymbolicTensor', 'LayerVariable'] }; // tf's own, though in a file of a namespace
const AGAIN = [
  ['input', 'layers.input'],
  ['layers.RNN', 'RNN'],
];
const OTHERWISE = { LayerWeight: 'LayerVariable' };
const MEMBERS = { earlyStopping: 'callbacks', modelFromJSON: 'models' }; // of objects
const WHOLE = ['nn/registered.ts', 'core/types.ts', ...HELPERS]; // all that they export is public

/** Where the bracket at `open` ends. */
function closing(text, open) {
  const pairs = { '(': ')', '[': ']', '{': '}', '<': '>' },
    stack = [];
  for (let i = open; i < text.length; i++) {
    if (pairs[text[i]]) stack.push(pairs[text[i]]);
    else if (text[i] === stack.at(-1) && !(text[i] === '>' && text[i - 1] === '=')) stack.pop();
    if (!stack.length) return i;
  }
  return text.length;
}

/** Parts between commas that are in no bracket. */
function parts(text) {
  const found = [];
  let depth = 0,
    from = 0;
  for (let i = 0; i <= text.length; i++) {
    if ('([{<'.includes(text[i] ?? ' ')) depth++;
    else if (')]}'.includes(text[i] ?? ' ') || (text[i] === '>' && text[i - 1] !== '=')) depth--;
    if ((text[i] === ',' && !depth) || i === text.length) {
      found.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  return found.filter(Boolean);
}

/** A parameter as a row of the manual: name, type, default. */
function row(param, docs) {
  const m = /^(?:readonly |private )*(\.\.\.)?(\w+|\{[^}]*\})(\?)?(?::\s*([^=]*?(?:=>[^=]*?)*))?(?:\s=\s(.*))?$/s.exec(
    param,
  );
  if (!m) return null;
  const [, rest = '', name, asked, type = '', initial] = m;
  return [
    rest + name,
    type.replace(/\s+/g, ' ').replace(/T \| TensorLike/g, 'TensorLike'),
    initial ?? (asked ? '' : undefined),
    docs.get(name) ?? '',
  ];
}

function parameters(text, kind, from) {
  const head = kind === 'class' ? /^ {2}constructor\(/m.exec(text.slice(from, from + 3000)) : null;
  if (kind === 'class' && (!head || /@internal[^\n]*\*\/\n *$/.test(text.slice(from, from + head.index)))) return null;
  const open = head ? from + head.index + head[0].length - 1 : text.indexOf('(', from),
    line = text.slice(from, open);
  if (kind === 'const' && !/=\s*(?:async )?(?:<.*>)?$/s.test(line)) return null;
  return kind === 'enum' ? null : parts(text.slice(open + 1, closing(text, open)));
}

function readComment(text) {
  const lines = text.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());
  const [body, ...tags] = lines.join('\n').trim().split(/\n?^@/m),
    examples = [],
    docs = new Map();
  for (const tag of tags) {
    const example = /^example (.*?) \/\/ (.*)$/s.exec(tag),
      param = /^param (\w+) (.*)$/s.exec(tag),
      result = /^returns (.*)$/s.exec(tag);
    if (example) examples.push({ code: example[1], result: example[2].trim() });
    if (param) docs.set(param[1], param[2].trim());
    if (result) docs.set('→', result[1].trim());
  }
  return {
    summary: body.replace(/\s+/g, ' '),
    examples,
    docs,
    internal: tags.some((tag) => tag.startsWith('internal')) || body.startsWith('@internal'),
  };
}

const INDEXES = [
  'index',
  'data/members',
  'io/index',
  'graph/index',
  'models/index',
  'nn/layers',
  'training/metrics',
  'node',
];

/** Whether programs see what a file in a folder exports; what files beside index.ts export, they do. */
function isPublic(root, file, name) {
  const indexes = () => INDEXES.map((index) => readFileSync(join(root, `js/${index}.ts`), 'utf8')).join('');
  return (
    /^(api|core)\/(?!create|async|chain|grad|scopes|tensor|types)\w+\.ts$/.test(file) ||
    WHOLE.includes(file) ||
    new RegExp(`(?<!['./])\\b${name}\\b(?!:)`).test(indexes().replace(/\/\/.*/g, ''))
  );
}

function entries(root, space, file) {
  const text = readFileSync(join(root, 'js', file), 'utf8');
  return [...text.matchAll(BLOCK)].flatMap((m) => {
    const [whole, comment, kind, exported] = m,
      { summary, examples, docs, internal } = readComment(comment);
    if (internal || /@internal/.test(comment) || !isPublic(root, file, exported)) return [];
    const name = OTHERWISE[exported] ?? exported,
      params = parameters(text, kind, m.index + whole.length) ?? [];
    const rows = params.map((p) => row(p, docs)).filter(Boolean),
      plain = ['const', 'enum'].includes(kind) && !params.length;
    const call = plain ? '' : `(${rows.map(([n, , initial]) => n + (initial === undefined ? '' : '?')).join(', ')})`;
    if (docs.has('→')) rows.push(['→ result', '', undefined, docs.get('→')]);
    const inside = MEMBERS[name] ?? (ELSEWHERE[space]?.includes(name) ? '' : space);
    return [{ path: inside ? `${inside}.${name}` : name, name, call, summary, remarks: [], rows, examples }];
  });
}

/** Families of entries: [[title, entries]]. */
export function readJavaScript(root) {
  return SPACES.map(([title, space, given]) => {
    const files = Array.isArray(given)
      ? given
      : readdirSync(join(root, 'js', given))
          .filter((f) => f.endsWith('.ts'))
          .sort()
          .map((f) => `${given}/${f}`);
    const found = files.flatMap((file) => entries(root, space, file));
    const again = AGAIN.flatMap(([name, path]) => found.filter((e) => e.path === name).map((e) => ({ ...e, path })));
    return [title, [...found, ...again]];
  });
}
