// Rows of graphs of several nodes: loops and conditions of both kinds, one in another, with arrays and lists
// in them, as TensorFlow writes recurrent networks; tables.
import {
  array,
  attr,
  bools,
  f,
  func,
  ints,
  list,
  matrix,
  model,
  node,
  number,
  result,
  strings,
  whole,
  whole_graph,
} from './graphs.mjs';

const frame = (name, constant) => ({ frame_name: attr.text(name), is_constant: attr.bool(constant) });
const enter = (at, names, constants) => [
  ...names.map((name) => node(`${at}/${name}`, 'Enter', [name], frame(at, false))),
  ...constants.map((name) => node(`${at}/${name}`, 'Enter', [name], frame(at, true))),
];

/** A loop over the rows of x: an array is filled with 2 * row * i. */
const arrays = (attrs) =>
  whole_graph(
    `an array in a loop ${JSON.stringify(attrs)}`,
    [
      node('x', 'Placeholder'),
      ...['zero', 'one', 'n', 'two'].map((name) => node(name, 'Const')),
      node('rows', 'Const'),
      node('in', 'TensorArrayV3', ['n'], { ...array, ...attrs }),
      node('fill', 'TensorArrayScatterV3', ['in', 'rows', 'x', 'in:1']),
      node('to', 'TensorArrayV3', ['n'], { ...array, ...attrs }),
      ...enter('w', ['zero'], ['one', 'n', 'two', 'in', 'to', 'fill']),
      node('w/flow', 'Enter', ['to:1'], frame('w', false)),
      node('i', 'Merge', ['w/zero', 'i+']),
      node('flow', 'Merge', ['w/flow', 'flow+']),
      node('less', 'Less', ['i', 'w/n']),
      node('go', 'LoopCond', ['less']),
      node('si', 'Switch', ['i', 'go']),
      node('sf', 'Switch', ['flow', 'go']),
      node('bi', 'Identity', ['si:1']),
      node('row', 'TensorArrayReadV3', ['w/in', 'bi', 'w/fill']),
      node('k', 'Cast', ['bi'], { DstT: attr.type('DT_FLOAT') }),
      node('m', 'Mul', ['row', 'w/two']),
      node('mk', 'Mul', ['m', 'k']),
      node('put', 'TensorArrayWriteV3', ['w/to', 'bi', 'mk', 'sf:1']),
      node('next', 'AddV2', ['bi', 'w/one']),
      node('i+', 'NextIteration', ['next']),
      node('flow+', 'NextIteration', ['put']),
      node('end', 'Exit', ['sf']),
      node('last', 'Exit', ['si']),
      node('size', 'TensorArraySizeV3', ['to', 'end']),
      node('y', 'TensorArrayGatherV3', ['to', 'rows', 'end'], {
        dtype: attr.type('DT_FLOAT'),
        element_shape: attr.shape([4]),
      }),
    ],
    { zero: whole(0), one: whole(1), n: whole(3), two: number(2), rows: ints([0, 1, 2]) },
    { x: matrix },
    ['y', 'last', 'size'],
  );

const unknown = attr.shape([]);
/** The same as Keras 2 with TensorFlow 2 writes it: a list goes through a While of functions. */
const lists = (op) =>
  whole_graph(
    `a list through ${op}`,
    [
      node('x', 'Placeholder'),
      ...['zero', 'n', 'shape', 'state'].map((name) => node(name, 'Const')),
      node('in', 'TensorListFromTensor', ['x', 'shape'], list),
      node('to', 'TensorListReserve', ['shape', 'n'], list),
      node('w', op, ['zero', 'to', 'state', 'n', 'in'], {
        cond: attr.func('more'),
        body: attr.func('step'),
        T: unknown,
      }),
      node('y', 'TensorListStack', ['w:1', 'shape'], { ...list, num_elements: attr.int(3) }),
      node('h', 'Identity', ['w:2']),
      node('i', 'Identity', ['w']),
    ],
    {
      zero: whole(0),
      n: whole(3),
      shape: ints([4]),
      state: f(0, 0, 0, 0),
      one_: whole(1),
      decay: number(0.5),
      shape_: ints([4]),
    },
    { x: matrix },
    ['y', 'h', 'i'],
    [
      func('more', ['i', 'to', 'h', 'n', 'in'], { go: 'less:z:0' }, [node('less', 'Less', ['i', 'n'])]),
      func(
        'step',
        ['i', 'to', 'h', 'n', 'in'],
        { i2: 'next:z:0', to2: 'put:output_handle:0', h2: 'act:y:0', n2: 'n', in2: 'in' },
        [
          node('shape_', 'Const'),
          node('one_', 'Const'),
          node('decay', 'Const'),
          node('row', 'TensorListGetItem', ['in', 'i', 'shape_:output:0'], list),
          node('old', 'Mul', ['h', 'decay:output:0']),
          node('sum', 'AddV2', ['old:z:0', 'row:item:0']),
          node('act', 'Tanh', ['sum:z:0']),
          node('put', 'TensorListSetItem', ['to', 'i', 'act:y:0'], list),
          node('next', 'AddV2', ['i', 'one_:output:0']),
        ],
      ),
    ],
  );

const nested = [
  func('deep', ['c', 'v'], { r: 'if:output:0' }, [
    node('if', 'StatelessIf', ['c', 'v'], { then_branch: attr.func('twice'), else_branch: attr.func('loop') }),
  ]),
  func('twice', ['v'], { r: 'a:z:0' }, [node('a', 'AddV2', ['v', 'v'])]),
  func('loop', ['v'], { r: 'w:output:1' }, [
    node('nought', 'Const'),
    node('w', 'StatelessWhile', ['nought:output:0', 'v'], { cond: attr.func('below'), body: attr.func('grow') }),
  ]),
  func('below', ['i', 'v'], { r: 'l:z:0' }, [node('three', 'Const'), node('l', 'Less', ['i', 'three:output:0'])]),
  func('grow', ['i', 'v'], { i2: 'p:z:0', v2: 's:y:0' }, [
    node('unit', 'Const'),
    node('p', 'AddV2', ['i', 'unit:output:0']),
    node('q', 'Mul', ['v', 'v']),
    node('s', 'Neg', ['q:z:0']),
  ]),
  func('both', ['v'], { first: 'n:y:0', second: 'v' }, [node('n', 'Neg', ['v'])]),
  func('swap', ['v'], { first: 'v', second: 'e:y:0' }, [node('e', 'Exp', ['v'])]),
];
const constants = { nought: whole(0), three: whole(3), unit: whole(1) };

/** A loop in a loop: sum over i < 3 of sum over j < i of x. */
const inner = [
  node('x', 'Placeholder'),
  ...['zero', 'one', 'n', 'sum'].map((name) => node(name, 'Const')),
  ...enter('o', ['zero', 'sum'], ['one', 'n', 'x']),
  node('i', 'Merge', ['o/zero', 'i+']),
  node('s', 'Merge', ['o/sum', 's+']),
  node('oless', 'Less', ['i', 'o/n']),
  node('ogo', 'LoopCond', ['oless']),
  node('si', 'Switch', ['i', 'ogo']),
  node('ss', 'Switch', ['s', 'ogo']),
  node('start', 'Sub', ['si:1', 'si:1']),
  node('p/zero', 'Enter', ['start'], frame('p', false)),
  node('p/sum', 'Enter', ['ss:1'], frame('p', false)),
  node('p/one', 'Enter', ['o/one'], frame('p', true)),
  node('p/i', 'Enter', ['si:1'], frame('p', true)),
  node('p/x', 'Enter', ['o/x'], frame('p', true)),
  node('j', 'Merge', ['p/zero', 'j+']),
  node('t', 'Merge', ['p/sum', 't+']),
  node('pless', 'Less', ['j', 'p/i']),
  node('pgo', 'LoopCond', ['pless']),
  node('sj', 'Switch', ['j', 'pgo']),
  node('st', 'Switch', ['t', 'pgo']),
  node('jn', 'AddV2', ['sj:1', 'p/one']),
  node('tn', 'AddV2', ['st:1', 'p/x']),
  node('j+', 'NextIteration', ['jn']),
  node('t+', 'NextIteration', ['tn']),
  node('done', 'Exit', ['st']),
  node('in', 'AddV2', ['si:1', 'o/one']),
  node('i+', 'NextIteration', ['in']),
  node('s+', 'NextIteration', ['done']),
  node('y', 'Exit', ['ss']),
];

export const rows = [
  ...[
    {},
    { dynamic_size: attr.bool(true) },
    { clear_after_read: attr.bool(true), element_shape: attr.shape([4]) },
    { identical_element_shapes: attr.bool(true), element_shape: attr.shape([-1]), tensor_array_name: attr.text('ta') },
  ].map(arrays),
  ...['While', 'StatelessWhile'].map(lists),
  ...[0, 1, 4].map((n) => ({
    ...whole_graph(
      `a loop in a loop: ${n}`,
      inner,
      { zero: whole(0), one: whole(1), n: whole(n), sum: f(0, 0) },
      { x: f(1, 0.5) },
      ['y'],
    ),
    ...(n > 1 && { ours: [result([2], [6, 3])] }),
  })), // the peer loses the inner frame
  ...[0, 1].flatMap((p) =>
    [bools([p], []), whole(p * 3), number(p * 0.5)].map((condition) =>
      whole_graph(
        `StatelessIf with a While in it: ${p} ${condition.dtype}`,
        [
          node('x', 'Placeholder'),
          node('p', 'Placeholder'),
          node('y', 'StatelessIf', ['p', 'x'], { then_branch: attr.func('twice'), else_branch: attr.func('loop') }),
        ],
        constants,
        { x: f(1.5, -0.5), p: condition },
        ['y'],
        nested,
      ),
    ),
  ),
  ...[0, 1].map((p) =>
    whole_graph(
      `functions that call functions: ${p}`,
      [
        node('x', 'Placeholder'),
        node('p', 'Placeholder'),
        node('y', 'If', ['p', 'p', 'x'], { then_branch: attr.func('deep'), else_branch: attr.func('deep') }),
      ],
      constants,
      { x: f(0.5, 2), p: bools([p], []) },
      ['y'],
      nested,
    ),
  ),
  ...[0, 1].map((p) =>
    whole_graph(
      `branches with two results: ${p}`,
      [
        node('x', 'Placeholder'),
        node('p', 'Placeholder'),
        node('z', 'If', ['p', 'x'], { then_branch: attr.func('both'), else_branch: attr.func('swap') }),
        node('y', 'Sub', ['z', 'z:1']),
      ],
      constants,
      { x: f(0.5, 2), p: bools([p], []) },
      ['y', 'z:1', 'z'],
      nested,
    ),
  ),
  whole_graph(
    'an array split and joined',
    [
      node('x', 'Placeholder'),
      node('n', 'Const'),
      node('sizes', 'Const'),
      node('v', 'TensorArrayV3', ['n'], { ...array, element_shape: attr.shape([-1, 4]) }),
      node('split', 'TensorArraySplitV3', ['v', 'x', 'sizes', 'v:1']),
      node('size', 'TensorArraySizeV3', ['v', 'split']),
      node('y', 'TensorArrayConcatV3', ['v', 'split'], { dtype: attr.type('DT_FLOAT') }),
    ],
    { n: whole(3), sizes: ints([1, 1, 1]) },
    { x: matrix },
    ['y', 'size'],
  ),
  ...[2, 5].map((n) =>
    whole_graph(
      `a list of 3 of another size: ${n}`,
      [
        node('x', 'Placeholder'),
        node('n', 'Const'),
        node('shape', 'Const'),
        node('l', 'TensorListFromTensor', ['x', 'shape'], list),
        node('r', 'TensorListResize', ['l', 'n']),
        node('y', 'TensorListLength', ['r']),
        node('zero', 'Const'),
        node('z', 'TensorListGetItem', ['r', 'zero', 'shape'], list),
      ],
      { n: whole(n), shape: ints([4]), zero: whole(0) },
      { x: matrix },
      ['y', 'z'],
    ),
  ),
  // what is dead stays dead, to the Merge; what does not depend on it is there
  ...[0, 1].map((p) =>
    whole_graph(
      `two switches on one condition: ${p}`,
      [
        node('x', 'Placeholder'),
        node('p', 'Placeholder'),
        node('c', 'Const'),
        node('s', 'Switch', ['x', 'p']),
        node('sc', 'Switch', ['c', 'p']),
        node('a', 'Mul', ['s:1', 'sc:1']),
        node('b', 'Sub', ['s', 'sc']),
        node('b2', 'Neg', ['b']),
        node('m', 'Merge', ['b2', 'a']),
        node('y', 'AddV2', ['m', 'c']),
        node('free', 'Square', ['x']),
      ],
      { c: number(3) },
      { x: f(1, 2), p: bools([p], []) },
      ['y', 'free'],
    ),
  ),
  ...['HashTable', 'HashTableV2'].map((op) => {
    const suffix = op.slice(9),
      handle = node('t', op, [], {
        key_dtype: attr.type('DT_STRING'),
        value_dtype: attr.type('DT_INT32'),
        shared_name: attr.text('shared'),
        use_node_name_sharing: attr.bool(true),
      });
    return {
      name: `${op}: texts to whole numbers, any shape`,
      /* the peer's answer is flat */ inputs: { x: strings(['b', 'a', 'no', 'b'], [2, 2]) },
      outputs: ['y', 'size'],
      ours: [result([2, 2], [6, 5, -1, 6], 'int32'), result([], [2], 'int32')],
      given: () => ({
        ...model(
          [
            node('x', 'Placeholder'),
            handle,
            node('no', 'Const'),
            node('y', `LookupTableFind${suffix}`, ['t', 'x', 'no']),
            node('size', `LookupTableSize${suffix}`, ['t']),
          ],
          { keys: strings(['a', 'b']), values: ints([5, 6]), no: whole(-1) },
        ),
        modelInitializer: {
          node: [
            handle,
            node('keys', 'Const'),
            node('values', 'Const'),
            node('fill', `LookupTableImport${suffix}`, ['t', 'keys', 'values']),
          ],
        },
      }),
    };
  }),
];
