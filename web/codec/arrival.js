/** Bytes of a file as they arrive. */

/**
 * @typedef {Uint8Array | ArrayBuffer | Blob | Response | ReadableStream<Uint8Array>
 *   | AsyncIterable<Uint8Array>} Source
 */

export class Arrival {
  /**
   * @param {Source} source
   * @param {import("../format/container.js").Container} container that takes the bytes apart
   * @param {AbortSignal} [signal]
   */
  constructor(source, container, signal) {
    this.container = container;
    this.signal = signal;
    /** @type {unknown} */
    this.error = null;
    this.wake = () => {};
    this.pieces = piecesOf(source);
    this.read();
  }

  async read() {
    try {
      for await (const piece of this.pieces) {
        this.container.push(piece);
        this.container.parse();
        this.wake();
      }
      this.container.end();
      this.container.parse();
    } catch (error) {
      this.error = error ?? new Error("the bytes cannot be read");
    }
    this.wake();
  }

  /**
   * Wait for something to be there.
   * @param {() => unknown} isThere
   * @throws {VaecodecError} what arrived is damaged
   */
  async until(isThere) {
    const stop = () => this.wake();
    this.signal?.addEventListener("abort", stop);
    try {
      for (;;) {
        this.signal?.throwIfAborted();
        if (this.error) throw this.error;
        if (isThere()) return;
        await new Promise((resolve) => (this.wake = () => resolve(undefined)));
      }
    } finally {
      this.signal?.removeEventListener("abort", stop);
    }
  }

  /** Ask for no more bytes. */
  cancel() {
    this.pieces.return?.(undefined).catch(() => {});
  }
}

/** @param {Source} source @returns {AsyncGenerator<Uint8Array>} */
async function* piecesOf(source) {
  if (source instanceof Uint8Array) yield source;
  else if (source instanceof ArrayBuffer) yield new Uint8Array(source);
  else if (isClass(source, "Blob"))
    yield new Uint8Array(await /** @type {Blob} */ (source).arrayBuffer());
  else if (isClass(source, "Response")) yield* streamed(/** @type {Response} */ (source).body);
  else if (isClass(source, "ReadableStream"))
    yield* streamed(/** @type {ReadableStream<Uint8Array>} */ (source));
  else if (typeof source === "object" && Symbol.asyncIterator in source) yield* source;
  else throw new TypeError("the source is neither bytes nor a stream of them");
}

/** @param {any} value @param {string} name of a class that may not exist here */
function isClass(value, name) {
  const found = /** @type {any} */ (globalThis)[name];
  return found && value instanceof found;
}

/** Not every browser can iterate over streams. @param {ReadableStream<Uint8Array> | null} stream */
async function* streamed(stream) {
  const reader = stream?.getReader();
  try {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      yield part.value;
    }
  } finally {
    await reader?.cancel();
  }
}
