import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';

/** What a {@link fileBody} says of itself. */
export interface FileBodyOptions {
  /** The content type. @defaultValue none: `application/octet-stream` as a part of a form */
  readonly type?: string | undefined;
  /** The name in a form. @defaultValue the last segment of the path */
  readonly name?: string | undefined;
}

/**
 * A file as a request body, or as a part of `multipart`: its length is known, it can be sent any number of times, and it is read piece by
 * piece as the server takes it.
 *
 * It is a `File`, and the file's state of now: sending it fails when the file has changed since.
 *
 * @throws what Node throws when there is no such file, and TypeError when it is no file
 */
export function fileBody(path: string | URL, options: FileBodyOptions = {}): File {
  const { size, mtimeMs, isFile } = stateOf(path);
  if (!isFile) throw new TypeError(`fileBody: path must be a file, got ${String(path)}`);
  const name = options.name ?? basename(path instanceof URL ? decodeURIComponent(path.pathname) : path);
  return new FileOnDisk({ path, mtimeMs, start: 0, end: size, whole: size }, name, options.type ?? '');
}

const stateOf = (path: string | URL): { size: number; mtimeMs: number; isFile: boolean } => {
  const stats = statSync(path);
  return { size: stats.size, mtimeMs: stats.mtimeMs, isFile: stats.isFile() };
};

/** A part of a file as it was. */
interface Extent {
  readonly path: string | URL;
  readonly mtimeMs: number;
  readonly start: number;
  readonly end: number;
  /** Bytes of the whole file. */
  readonly whole: number;
}

// Node's own `openAsBlob` has no name, is experimental, and reads ahead of slow servers.
class FileOnDisk extends File {
  readonly #extent: Extent;

  constructor(extent: Extent, name: string, type: string) {
    super([], name, { type, lastModified: extent.mtimeMs });
    this.#extent = extent;
    Object.defineProperty(this, 'size', { value: extent.end - extent.start });
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const extent = this.#extent;
    let handle: FileHandle | null = null;
    let at = extent.start;
    const close = async (): Promise<void> => {
      const open = handle;
      handle = null;
      await open?.close();
    };
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          try {
            handle ??= await openUnchanged(extent);
            const chunk = new Uint8Array(Math.min(pieceSize, extent.end - at));
            const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, at);
            at += bytesRead;
            if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead));
            else if (at < extent.end) throw changed(extent);
            if (at < extent.end) return;
            await close();
            controller.close();
          } catch (error) {
            await close();
            throw error;
          }
        },
        cancel: close,
      },
      // Nothing is read before somebody asks.
      { highWaterMark: 0 },
    );
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(this.size);
    let at = 0;
    for await (const chunk of this.stream()) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes.buffer;
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(await this.arrayBuffer());
  }

  override slice(start = 0, end: number = this.size, type = ''): Blob {
    const { size } = this;
    const from = clamp(start, size);
    const to = Math.max(from, clamp(end, size));
    const extent = { ...this.#extent, start: this.#extent.start + from, end: this.#extent.start + to };
    return new FileOnDisk(extent, this.name, type);
  }
}

// As large as a pipe to a fast server needs, and small beside what a process has.
const pieceSize = 128 * 1024;

const openUnchanged = async (extent: Extent): Promise<FileHandle> => {
  const handle = await open(extent.path, 'r');
  const { size, mtimeMs } = await handle.stat();
  if (size === extent.whole && mtimeMs === extent.mtimeMs) return handle;
  await handle.close();
  throw changed(extent);
};

// The File API's name for it (W3C FileAPI 6.4); what is sent would not have the length that was announced.
const changed = ({ path }: Extent): DOMException =>
  new DOMException(`${String(path)} has changed since it was made a body`, 'NotReadableError');

const clamp = (index: number, size: number): number =>
  index < 0 ? Math.max(0, size + index) : Math.min(index, size);
