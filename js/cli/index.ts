// `npx tensorine`: finds the command and tells errors in a line. Exit codes: 0 done, 1 files or models are wrong,
// 2 the call is.
import * as tf from '../index';
import { bench } from './bench';
import { check } from './check';
import { classify } from './classify';
import { Failure, helpOf, read, UsageError, type Command } from './command';
import { info } from './info';
import { run } from './run';
import { serve } from './serve';
import { summary } from './summary';
import { note, print, printHelp } from './terminal';
import { train } from './train';

const COMMANDS: { [name: string]: Command } = { info, summary, check, run, classify, train, bench, serve };

const HELP = [
  'Machine learning in the terminal.',
  '',
  '  tensorine COMMAND [options]',
  '',
  ...Object.values(COMMANDS).map(({ name, takes, summary: text }) => `  ${`${name} ${takes}`.padEnd(20)}  ${text}`),
  '',
  '  tensorine COMMAND --help tells more; --version the version.',
].join('\n');

/** Letters that differ, at most, in a name that is meant: one that is changed, left out or added. */
function near(name: string, given: string): boolean {
  if (name.startsWith(given) || given.startsWith(name)) return true;
  let i = 0;
  while (i < name.length && name[i] === given[i]) i++;
  return [name.slice(i + 1), name.slice(i)].some((rest) => rest === given.slice(i + 1) || rest === given.slice(i));
}

function fail(who: string, error: unknown): number {
  const { message } = error as Error;
  if (error instanceof UsageError) {
    note(`tensorine${who}: ${message} (tensorine${who} --help)`);
    return 2;
  }
  if (!(error instanceof Failure || error instanceof tf.TensorineError) && !(error as NodeJS.ErrnoException).code)
    throw error;
  note(`tensorine${who}: ${message.replace(/\s*\n\s*/g, ' ')}`);
  return 1;
}

async function main([first, ...words]: string[]): Promise<number> {
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const named = first === 'help' && Object.hasOwn(COMMANDS, words[0] ?? '') && COMMANDS[words[0]];
    printHelp(named ? helpOf(named) : HELP);
    return 0;
  }
  if (first === '--version' || first === '-v') {
    print(tf.version.tensorine);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, first)) {
    const meant = first.length > 1 && Object.keys(COMMANDS).find((name) => near(name, first));
    return fail('', new UsageError(`there is no command '${first}'${meant ? `, but ${meant}` : ''}`));
  }
  try {
    const given = read(COMMANDS[first], words);
    if (given) return await COMMANDS[first].run(...given);
    printHelp(helpOf(COMMANDS[first]));
    return 0;
  } catch (error) {
    return fail(` ${first}`, error);
  }
}

// A reader that has seen enough, as head, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await main(process.argv.slice(2));
