// tensorine run FILE: one prediction from pictures, tables or arrays of NumPy, printed or written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as tf from '../index';
import { Failure, UsageError, type Command, type Given } from './command';
import { load, open, portsOf, predict, type Model, type Opened, type Port } from './models';
import { readCsv, readNpy, writeNpy, type Numbers } from './numbers';
import { frameOf, isPicture, prepare, RANGE, RANGE_REMARK, readPicture } from './pictures';
import { note, print, shapeText } from './terminal';

/** Files of inputs by name; one without a name is of the first input. */
function filesOf(given: Given, ports: Port[]): Map<Port, string> {
  const files = new Map<Port, string>();
  for (const text of given.texts('input')) {
    const named = ports.find(({ name }) => text.startsWith(`${name}=`)),
      free = ports.find((port) => !files.has(port));
    const port = named ?? free;
    if (!port || files.has(port))
      throw new UsageError(
        `--input ${text} is one too many: the model takes ${ports.map(({ name }) => name).join(', ')}`,
      );
    files.set(port, named ? text.slice(named.name.length + 1) : text);
  }
  const open = ports.filter((port) => !files.has(port)).map(({ name, shape }) => `${name} ${shapeText(shape)}`);
  if (open.length)
    throw new UsageError(`nothing is given for ${open.join(', ')}: add --input FILE or --input NAME=FILE`);
  return files;
}

/** Numbers in the shape of an input; a batch of one may be left out. */
function fit({ shape: own, values, dtype }: Numbers, { name, shape, dtype: wanted }: Port, path: string): tf.Tensor {
  const each = shape.slice(1).reduce<number>((n, size) => n * (size ?? 1), 1);
  const open = shape.slice(1).includes(null);
  const same = own.length === shape.length && own.every((n, i) => shape[i] === null || shape[i] === n);
  if (
    !same &&
    (open || !shape.length || values.length % each || (shape[0] ?? values.length / each) !== values.length / each)
  )
    throw new Failure(
      `${path} has the shape ${shapeText(own)}, but ${name} takes ${shapeText(shape)}: give as many numbers`,
    );
  const whole = same ? own : [values.length / each, ...(shape.slice(1) as number[])];
  return tf.tidy(() => tf.tensor(values, whole, dtype === 'bool' ? 'int32' : dtype).cast(wanted as 'float32'));
}

function read(given: Given, opened: Opened, model: Model, port: Port, path: string): tf.Tensor {
  if (!existsSync(path)) throw new Failure(`${path} does not exist: --input takes a picture, a .csv or a .npy file`);
  if (/\.npy$/i.test(path)) return fit(readNpy(readFileSync(path), path), port, path);
  if (/\.csv$/i.test(path)) return fit(readCsv(readFileSync(path, 'utf8'), path), port, path);
  if (!isPicture(path))
    throw new Failure(`${path} is of no kind that is read here: give a picture, a .csv or a .npy file`);
  const frame = frameOf(given, opened, model),
    picture = readPicture(path, frame.channels),
    input = prepare(picture, frame);
  picture.dispose();
  return input;
}

/** Writes the results: as an array of NumPy, as rows, or as JSON. */
async function write(path: string, results: tf.Tensor[]): Promise<void> {
  const [first] = results;
  if (/\.json$/i.test(path)) writeFileSync(path, JSON.stringify(await Promise.all(results.map(described))));
  else if (results.length > 1)
    throw new Failure(`the model has ${results.length} results, ${path} holds one: name a .json file`);
  else if (/\.npy$/i.test(path))
    writeFileSync(
      path,
      writeNpy({ shape: first.shape, values: first.dataSync() as Float32Array, dtype: first.dtype as 'float32' }),
    );
  else {
    const values = Array.from(first.dataSync()),
      columns = first.shape.at(-1) || 1;
    const rows = Array.from({ length: values.length / columns }, (_, i) =>
      values.slice(i * columns, (i + 1) * columns),
    );
    writeFileSync(path, `${rows.map((row) => row.join(',')).join('\n')}\n`);
  }
  note(`written: ${path}`);
}

const described = async (x: tf.Tensor) => ({ shape: x.shape, dtype: x.dtype, values: await x.array() });

export const run: Command = {
  name: 'run',
  takes: 'FILE',
  least: 1,
  most: 1,
  summary: 'Makes one prediction from files and prints it, or writes it.',
  remarks: `A table has a row an example; what has no names in its first line is a row too. ${RANGE_REMARK}`,
  options: {
    input: { short: 'i', value: '[NAME=]FILE', many: true, help: 'a picture, .csv or .npy file; once for each input' },
    output: { short: 'o', value: 'FILE', help: 'where the result goes: .npy, .csv or .json' },
    range: RANGE,
    json: { help: 'print the result as JSON' },
  },
  examples: [
    'run model -i dog.jpg',
    'run model -i table.csv -o result.csv',
    'run model -i a=left.npy -i b=right.npy --json',
  ],
  async run(given, [file]) {
    const output = given.text('output');
    if (output !== undefined && !/\.(npy|csv|json)$/i.test(output))
      throw new UsageError(`--output takes a .npy, .csv or .json file, but is '${output}'`);
    const opened = await open(file),
      model = await load(opened);
    const inputs = Object.fromEntries(
      [...filesOf(given, portsOf(model))].map(([port, path]) => [port.name, read(given, opened, model, port, path)]),
    );
    const results = predict(model, inputs);
    if (output) await write(output, results);
    else if (given.has('json')) print(JSON.stringify(await Promise.all(results.map(described))));
    else for (const x of results) (print(`${x.dtype} ${shapeText(x.shape)}`), print(x.toString()));
    tf.dispose([inputs, results]);
    model.dispose();
    return 0;
  },
};
