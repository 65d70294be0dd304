// Where text comes from: bytes of files and URLs, read piece by piece, and text in lines.
import { shown, TensorineError } from '../wasm/errors';
import { FILE_SCHEME, isFileURL, pathIn } from '../wasm/node';
import { fileFromHere, isNode, isPath, nodeModule } from '../wasm/node';
import { ENV } from '../core/env';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { LazyIterator } from './iterator';
import { inTurn, oneToMany } from './reads';

export interface FileChunkIteratorOptions {
  /** The first byte that is read; default 0. */
  offset?: number;
  /** Bytes a piece; default 1 MB. */
  chunkSize?: number;
}

/** What files are in browsers and in Node. */
export type FileElement = File | Blob | Uint8Array;
type Bytes = IteratorResult<Uint8Array>;

const MB = 1 << 20;

/** A stream of bytes in pieces. */
export abstract class ByteChunkIterator extends LazyIterator<Uint8Array> {
  /** The bytes as text, in pieces. */
  decodeUTF8(): StringIterator {
    const decoder = new TextDecoder('utf-8');
    let ended = false;
    return new Strings(
      this,
      'Utf8',
      oneToMany<string>(async () => {
        if (ended) return null;
        const chunk = await this.next();
        ended = chunk.done === true;
        const text = decoder.decode(chunk.done ? undefined : chunk.value, { stream: !ended });
        return ended && !text ? null : [text];
      }),
    );
  }
}

/** A stream of text in pieces. */
export abstract class StringIterator extends LazyIterator<string> {
  /** The text between separators; nothing is between the last of them and the end. */
  split(separator: string): StringIterator {
    want('split', { separator }, 'string');
    let rest = '',
      ended = false;
    return new Strings(
      this,
      `Split('${separator}')`,
      oneToMany<string>(async () => {
        if (ended) return null;
        const chunk = await this.next();
        ended = chunk.done === true;
        if (ended) return rest === '' ? null : [rest];
        const parts = (rest + chunk.value).split(separator);
        rest = parts.pop()!;
        return parts;
      }),
    );
  }
}

class Strings extends StringIterator {
  constructor(
    private readonly from: LazyIterator<any>,
    private readonly name: string,
    private readonly read: () => Promise<IteratorResult<string>>,
  ) {
    super();
  }
  summary(): string {
    return `${this.from.summary()} -> ${this.name}`;
  }
  next(): Promise<IteratorResult<string>> {
    return this.read();
  }
  override close(): Promise<void> {
    return this.from.close();
  }
}

class Chunks extends ByteChunkIterator {
  constructor(
    private readonly description: string,
    private readonly read: () => Promise<Bytes>,
    private readonly end: () => Promise<void> = async () => {},
  ) {
    super();
  }
  summary(): string {
    return this.description;
  }
  next(): Promise<Bytes> {
    return this.read();
  }
  override close(): Promise<void> {
    return this.end();
  }
}

/** Pieces of something whose size is known. */
function sliced(
  description: string,
  size: number,
  slice: (from: number, to: number) => Promise<Uint8Array>,
  { offset = 0, chunkSize = MB }: FileChunkIteratorOptions,
): ByteChunkIterator {
  let at = offset || 0;
  const step = chunkSize || MB;
  return new Chunks(description, async () => {
    if (at >= size) return { value: null, done: true };
    const from = at;
    at += step;
    return { value: await slice(from, Math.min(size, from + step)), done: false };
  });
}

/** Pieces of a stream, of the same size as those of a file; it is opened when it is first read. */
function streamed(
  description: string,
  open: () => Promise<ReadableStream<Uint8Array>>,
  { offset = 0, chunkSize = MB }: FileChunkIteratorOptions,
): ByteChunkIterator {
  const size = chunkSize || MB;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let left = new Uint8Array(0),
    skip = offset || 0,
    ended = false;
  const more = async () => {
    reader ??= (await open()).getReader();
    const { done, value } = await reader.read();
    ended = done;
    if (done) return;
    const bytes = value.subarray(skip),
      all = new Uint8Array(left.length + bytes.length);
    skip -= Math.min(skip, value.length);
    all.set(left);
    all.set(bytes, left.length);
    left = all;
  };
  return new Chunks(
    description,
    inTurn<Uint8Array>(async () => {
      while (left.length < size && !ended) await more();
      if (!left.length) return { value: null, done: true };
      const value = left.slice(0, size);
      left = left.slice(size);
      return { value, done: false };
    }),
    async () => reader?.cancel(),
  );
}

function checkPieces(who: string, options: FileChunkIteratorOptions): void {
  want(who, { options }, 'object');
  want(who, { offset: options.offset, chunkSize: options.chunkSize }, 'size?');
}

/** Where bytes come from. */
export abstract class DataSource {
  abstract iterator(): Promise<ByteChunkIterator>;
}

async function nodeFile(path: string, options: FileChunkIteratorOptions): Promise<ByteChunkIterator> {
  const { open, stat } = await nodeModule('node:fs/promises');
  const tell = (error: Error) => {
    throw new TensorineError('file', `${path} cannot be read: ${error.message}`);
  };
  const { size } = await stat(path).catch(tell);
  return sliced(
    `FileChunks ${path}`,
    size,
    async (from, to) => {
      const file = await open(path).catch(tell);
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(to - from), 0, to - from, from).catch(tell);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    options,
  );
}

/**
 * Bytes of a File, Blob or Uint8Array; in Node also of 'file://PATH'.
 * @example await new tf.data.TextLineDataset(new tf.data.FileDataSource(new Blob(['one\ntwo']))).toArray() // ["one", "two"]
 */
export class FileDataSource extends DataSource {
  protected input: string | FileElement;

  constructor(
    input: string | FileElement,
    protected readonly options: FileChunkIteratorOptions = {},
  ) {
    super();
    this.input = fileFromHere(input);
    checkPieces('FileDataSource', options);
    warnUnknown('FileDataSource', options, '', 'offset chunkSize');
  }

  async iterator(): Promise<ByteChunkIterator> {
    const { input, options } = this;
    if (isNode && isFileURL(input)) return nodeFile(pathIn(input), options);
    if (input instanceof Uint8Array)
      return sliced(
        `FileChunks ${input.length} bytes`,
        input.length,
        async (from, to) => input.slice(from, to),
        options,
      );
    if (typeof Blob === 'function' && input instanceof Blob)
      return sliced(
        `FileChunks ${(input as File).name ?? 'blob'}`,
        input.size,
        async (from, to) => new Uint8Array(await input.slice(from, to).arrayBuffer()),
        options,
      );
    const hint = isNode && typeof input === 'string' ? ` A file is read from ${FILE_SCHEME}${input}` : '';
    throw new TensorineError('value', `FileChunkIterator only supports File, Blob and Uint8Array right now.${hint}`);
  }
}

/** Bytes of a URL, read as they arrive; in Node also of 'file://PATH'. */
export class URLDataSource extends DataSource {
  protected readonly url: string | Request;

  constructor(
    url: string | Request,
    protected readonly fileOptions: FileChunkIteratorOptions = {},
  ) {
    super();
    checkPieces('URLDataSource', fileOptions);
    if (typeof url !== 'string' && typeof url?.clone !== 'function')
      throw new TensorineError('value', `URLDataSource: url must be a string or a Request, but is ${shown(url)}`);
    this.url = fileFromHere(url);
  }

  async iterator(): Promise<ByteChunkIterator> {
    if (isFileURL(this.url)) return new FileDataSource(this.url, this.fileOptions).iterator();
    const where = typeof this.url === 'string' ? this.url : this.url.url;
    return streamed(`FileChunks ${where}`, () => this.open(where), this.fileOptions);
  }

  private async open(where: string): Promise<ReadableStream<Uint8Array>> {
    const request = typeof this.url === 'string' ? undefined : this.url.clone();
    const response = await ENV.platform.fetch(where, request as RequestInit).catch((error) => {
      if (isPath(where))
        throw new TensorineError('file', `${where} is a path, not a URL: files are read from file://${where}`);
      throw new TensorineError('file', `Request to ${where} failed: ${error?.message ?? error}`);
    });
    if (!response.ok)
      throw new TensorineError(
        'file',
        `Request to ${where} failed with status code ${response.status} ${response.statusText}`,
      );
    return response.body?.getReader ? response.body : new Blob([await response.arrayBuffer()]).stream();
  }
}
