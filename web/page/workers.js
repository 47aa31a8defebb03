/** Decodes pictures in workers, so that the page goes on. */

import { Decoding } from "./decoding.js";

const MOST_WORKERS = 4;

/** @typedef {import("../codec/decode.js").Picture} Picture */
/** @typedef {(answer: import("./decoding.js").Answer) => void} Take */

export class Workers {
  /**
   * @param {string | URL} models address of the folder that holds models, each as
   *   `STREAM_ID-PAINTER_ID.safetensors`; ends in a slash
   * @param {number} [count] how many workers there are, for several pictures or a large one
   */
  constructor(models, count = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1)) {
    this.models = new URL(models, document.baseURI).href;
    this.count = count;
    /** @type {{ worker: Worker, asked: Map<number, Take> }[]} */
    this.all = [];
    this.number = 0; // of the next question
  }

  /**
   * Decode a picture.
   *
   * @param {string | URL | Uint8Array} source address of a file, or its bytes
   * @param {{ signal?: AbortSignal, onStep?: import("./decoding.js").OnStep, preview?: 8 }}
   *   [options] as of `decode`
   * @returns {Promise<Picture>}
   */
  async decode(source, { signal, onStep, preview } = {}) {
    signal?.throwIfAborted();
    const given = source instanceof Uint8Array ? source : new URL(source, document.baseURI).href;
    const asked = { source: given, models: this.models, steps: Boolean(onStep), preview };
    const ask = (/** @type {object} */ question, /** @type {Take} */ take) =>
      this.ask({ ...asked, ...question }, take);
    const decoding = new Decoding(ask, onStep);
    const abort = () => decoding.reject?.(signal?.reason);
    signal?.addEventListener("abort", abort);
    decoding.askFor(0, 1, preview ? 1 : this.count);
    try {
      return await decoding.picture;
    } finally {
      decoding.stop();
      signal?.removeEventListener("abort", abort);
    }
  }

  /** @param {object} question @param {Take} take @returns {() => void} that calls it off */
  ask(question, take) {
    const { worker, asked } = this.idlest();
    const id = this.number++;
    asked.set(id, take);
    worker.postMessage({ ...question, id });
    return () => {
      if (asked.delete(id)) worker.postMessage({ id, stop: true });
    };
  }

  /** A worker that is asked for as little as any. */
  idlest() {
    const free = this.all.find(({ asked }) => !asked.size);
    if (free) return free;
    if (this.all.length < this.count) this.all.push(start());
    return this.all.reduce((one, other) => (other.asked.size < one.asked.size ? other : one));
  }

  /** End all workers; what they are asked for is never answered. */
  close() {
    for (const { worker } of this.all) worker.terminate();
    this.all = [];
  }
}

function start() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  /** @type {Map<number, Take>} */
  const asked = new Map();
  worker.onmessage = ({ data }) => {
    const take = asked.get(data.id);
    if (data.error || data.step === Infinity) asked.delete(data.id);
    take?.(data);
  };
  worker.onerror = ({ message }) => {
    const error = { name: "Error", message: `a worker failed: ${message}`, kind: "format" };
    for (const [id, take] of asked) take(/** @type {any} */ ({ id, error }));
    asked.clear();
  };
  return { worker, asked };
}
