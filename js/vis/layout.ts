// Places for the nodes of a directed graph: ranks from top to bottom by the longest way, in each rank the order that
// keeps lines short; a line over several ranks goes through a place of its own in each.

export interface GraphNode {
  name: string;
  inputs: string[];
  width: number;
}

export interface Placed {
  /** The middle of each node. */
  at: Map<string, { x: number; y: number }>;
  /** Lines from a node to one that takes its result, as the points they go through. */
  lines: { x: number; y: number }[][];
  width: number;
  height: number;
}

interface Slot {
  name: string;
  width: number;
  rank: number;
  up: Slot[];
  down: Slot[];
  x: number;
}

const GAP = 22,
  SWEEPS = 4;

/** The rank of each node: one below the lowest of its inputs. A circle counts as if its last line were not there. */
function ranksOf(nodes: Map<string, GraphNode>): Map<string, number> {
  const ranks = new Map<string, number>();
  const open = new Set<string>();
  for (const name of nodes.keys()) {
    const stack = [name];
    while (stack.length) {
      const top = stack[stack.length - 1];
      const inputs = nodes.get(top)!.inputs.filter((input) => nodes.has(input));
      const next = inputs.find((input) => !ranks.has(input) && !open.has(input));
      open.add(top);
      if (next !== undefined && !ranks.has(top)) {
        stack.push(next);
        continue;
      }
      ranks.set(
        top,
        inputs.reduce((most, input) => Math.max(most, (ranks.get(input) ?? -1) + 1), 0),
      );
      open.delete(top);
      stack.pop();
    }
  }
  return ranks;
}

/** The slots of a line, from the node that gives to the one that takes. */
function thread(from: Slot, to: Slot, rows: Slot[][]): Slot[] {
  const path = [from];
  for (let rank = from.rank + 1; rank < to.rank; rank++) {
    const between: Slot = { name: '', width: 4, rank, up: [], down: [], x: 0 };
    rows[rank].push(between);
    path.push(between);
  }
  path.push(to);
  for (let i = 1; i < path.length; i++) (path[i].up.push(path[i - 1]), path[i - 1].down.push(path[i]));
  return path;
}

const mean = (slots: Slot[]): number => slots.reduce((sum, { x }) => sum + x, 0) / slots.length;

/** Sets the slots of a rank side by side, as near as may be to where they would like to be. */
function spread(row: Slot[], wish: (slot: Slot) => number): void {
  const wishes = new Map(row.map((slot) => [slot, wish(slot)]));
  row.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
  let edge = -Infinity,
    off = 0;
  for (const slot of row) {
    slot.x = Math.max(wishes.get(slot)!, edge + slot.width / 2);
    edge = slot.x + slot.width / 2 + GAP;
    off += slot.x - wishes.get(slot)!;
  }
  for (const slot of row) slot.x -= off / row.length;
}

/** Places for nodes; `rowHeight` is from one rank to the next. */
export function layOut(list: GraphNode[], rowHeight: number): Placed {
  const nodes = new Map(list.map((node) => [node.name, node])),
    ranks = ranksOf(nodes);
  const rows: Slot[][] = Array.from({ length: Math.max(-1, ...ranks.values()) + 1 }, () => []);
  const slots = new Map<string, Slot>();
  for (const { name, width } of list) {
    const slot: Slot = { name, width, rank: ranks.get(name)!, up: [], down: [], x: 0 };
    slots.set(name, slot);
    rows[slot.rank].push(slot);
  }
  const threads = list.flatMap(({ name, inputs }) =>
    inputs
      .filter((input) => slots.has(input) && ranks.get(input)! < ranks.get(name)!)
      .map((input) => thread(slots.get(input)!, slots.get(name)!, rows)),
  );
  for (const row of rows) spread(row, (slot) => (slot.up.length ? mean(slot.up) : 0));
  for (let i = 0; i < SWEEPS; i++) {
    for (const row of [...rows].reverse()) spread(row, (slot) => (slot.down.length ? mean(slot.down) : slot.x));
    for (const row of rows) spread(row, (slot) => (slot.up.length ? mean(slot.up) : slot.x));
  }
  const all = rows.flat();
  const left = all.reduce((least, { x, width }) => Math.min(least, x - width / 2), 0),
    right = all.reduce((most, { x, width }) => Math.max(most, x + width / 2), 0);
  const place = ({ x, rank }: Slot) => ({ x: x - left, y: (rank + 0.5) * rowHeight });
  return {
    at: new Map([...slots].map(([name, slot]) => [name, place(slot)])),
    lines: threads.map((path) => path.map(place)),
    width: right - left,
    height: rows.length * rowHeight,
  };
}
