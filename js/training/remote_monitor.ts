// Numbers of each epoch to a server that shows them.
import { options } from '../core/calls';
import { want } from '../core/want';
import { Callback, type Logs } from './callbacks';

export interface RemoteMonitorArgs {
  /** Default 'http://localhost:9000'. */
  root?: string;
  /** Behind the root; default '/publish/epoch/end/'. */
  path?: string;
  /** The form field that holds the numbers as JSON; default 'data'. */
  field?: string;
  headers?: { [name: string]: string } | null;
  /** The numbers are the body, as JSON, and no field of a form; default false. */
  sendAsJson?: boolean;
  /** In place of fetch. */
  fetchFunc?: typeof fetch;
}

/**
 * Posts {epoch, loss, ...} after each epoch. A server that cannot be reached does not end training.
 * @example new tf.RemoteMonitor({ root: 'https://example.com' }).url // "https://example.com/publish/epoch/end/"
 */
export class RemoteMonitor extends Callback {
  readonly url: string;
  private readonly args: RemoteMonitorArgs;

  constructor(args: RemoteMonitorArgs | null = {}) {
    super();
    this.args = options('RemoteMonitor', args, 'root path field headers sendAsJson fetchFunc');
    const { root, path, field, fetchFunc } = this.args;
    want('RemoteMonitor', { root, path, field }, 'string?');
    want('RemoteMonitor', { fetchFunc }, 'function?');
    this.url = (root ?? 'http://localhost:9000') + (path ?? '/publish/epoch/end/');
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const { field = 'data', sendAsJson = false, fetchFunc = fetch } = this.args,
      numbers = JSON.stringify({ epoch, ...logs });
    const headers = { ...(sendAsJson ? { 'Content-Type': 'application/json' } : {}), ...this.args.headers };
    try {
      await fetchFunc(this.url, {
        method: 'POST',
        headers,
        body: sendAsJson ? numbers : new URLSearchParams({ [field]: numbers }),
      });
    } catch (error) {
      console.warn(`RemoteMonitor: ${this.url} cannot be reached: ${error instanceof Error ? error.message : error}`);
    }
  }
}
