// What a command of the terminal is: its words, its options as node:util's parseArgs has them, and its help.
import { parseArgs } from 'node:util';

/** Options by name; `value` stands for the argument in the help, a switch has none. */
export interface Option {
  short?: string;
  value?: string;
  many?: boolean;
  help: string;
}
export type Options = { [name: string]: Option };

/** Options as they were given: texts, lists of them, and switches. */
export class Given {
  constructor(private readonly values: { [name: string]: unknown }) {}

  text(name: string): string | undefined {
    return this.values[name] as string | undefined;
  }
  texts(name: string): string[] {
    return (this.values[name] as string[] | undefined) ?? [];
  }
  has(name: string): boolean {
    return this.values[name] === true;
  }
  /** A number from `least` to `most`, whole unless `fraction`. */
  number(name: string, otherwise: number, least: number, most = Infinity, fraction = false): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (text.trim() && value >= least && value <= most && (fraction || Number.isInteger(value))) return value;
    const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new UsageError(`--${name} takes a ${fraction ? '' : 'whole '}number ${range}, but is '${text}'`);
  }
}

export interface Command {
  name: string;
  /** Its arguments, as 'FILE' or 'PICTURE...'. */
  takes: string;
  /** How many there must be, and may be. */
  least: number;
  most: number;
  summary: string;
  /** Further lines of the help. */
  remarks?: string;
  options: Options;
  examples: string[];
  /** Resolves to the exit code. */
  run(given: Given, args: string[]): Promise<number>;
}

/** A wrong call: exit code 2. */
export class UsageError extends Error {}
/** What is wrong with files and models, in a line that says what to do: exit code 1. */
export class Failure extends Error {}

const HELP: Option = { short: 'h', help: 'this text' };

export function helpOf({ name, takes, summary, remarks, options, examples }: Command): string {
  const rows = Object.entries({ ...options, help: HELP }).map(([long, { short, value, help }]) => [
    `${short ? `-${short}, ` : ''}--${long}${value ? ` ${value}` : ''}`,
    help,
  ]);
  const wide = Math.max(...rows.map(([left]) => left.length));
  return [
    `${summary}`,
    '',
    `  tensorine ${name} ${takes ? `${takes} ` : ''}[options]`,
    ...(remarks ? ['', remarks.replaceAll('\n', ' ')] : []),
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(wide)}  ${right}`),
    '',
    ...examples.map((line) => `  $ npx tensorine ${line}`),
  ].join('\n');
}

/** parseArgs's message without its advice on arguments that begin with a dash. */
const said = (error: unknown) => (error as Error).message.split(/\. (?=To )/)[0].replace(/\n/g, ' ');

/** Reads what stands behind the command's name; null if the help is asked for. */
export function read({ options, takes, least, most }: Command, words: string[]): [Given, string[]] | null {
  const config = Object.fromEntries(
    Object.entries({ ...options, help: HELP }).map(([long, { short, value, many }]) => [
      long,
      { type: value ? 'string' : 'boolean', ...(short && { short }), ...(many && { multiple: true }) } as const,
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args: words, options: config, allowPositionals: true });
  } catch (error) {
    throw new UsageError(said(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return null;
  if (positionals.length < least) throw new UsageError(`${takes} is missing`);
  if (positionals.length > most)
    throw new UsageError(
      most ? `'${positionals[most]}' is one too many` : `takes no arguments, but got '${positionals[0]}'`,
    );
  return [new Given(values), positionals];
}
