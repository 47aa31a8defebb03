/** Decodes pictures in workers, so that the page goes on. */

import { VaecodecError } from "../errors.js";

const MOST_WORKERS = 4;

/** @typedef {import("../codec/decode.js").Picture} Picture */

/**
 * @typedef {object} Task
 * @property {(picture: Picture) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((picture: Picture, progress: { step: number, steps: number }) => void) | undefined} onStep
 */

export class Workers {
  /**
   * @param {string | URL} models address of the folder that holds models, each as
   *   `STREAM_ID-PAINTER_ID.safetensors`; ends in a slash
   * @param {number} [count] how many pictures are decoded side by side
   */
  constructor(models, count = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1)) {
    this.models = new URL(models, document.baseURI).href;
    this.count = count;
    /** @type {{ worker: Worker, tasks: Map<number, Task> }[]} */
    this.all = [];
    this.asked = 0;
  }

  /**
   * Decode a picture.
   *
   * @param {string | URL | Uint8Array} source address of a file, or its bytes
   * @param {{ signal?: AbortSignal, onStep?: Task["onStep"] }} [options] as of `decode`
   * @returns {Promise<Picture>}
   */
  decode(source, { signal, onStep } = {}) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const { worker, tasks } = this.idlest();
      const id = this.asked++;
      tasks.set(id, { resolve, reject, onStep });
      signal?.addEventListener("abort", () => {
        if (tasks.delete(id)) worker.postMessage({ id, stop: true });
        reject(signal.reason);
      });
      const given = source instanceof Uint8Array ? source : new URL(source, document.baseURI).href;
      worker.postMessage({ id, source: given, models: this.models, steps: Boolean(onStep) });
    });
  }

  /** A worker with the fewest tasks. */
  idlest() {
    const free = this.all.find(({ tasks }) => !tasks.size);
    if (free) return free;
    if (this.all.length < this.count) this.all.push(start());
    return this.all.reduce((one, other) => (other.tasks.size < one.tasks.size ? other : one));
  }

  /** End all workers; what they are asked for is never answered. */
  close() {
    for (const { worker } of this.all) worker.terminate();
    this.all = [];
  }
}

function start() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  /** @type {Map<number, Task>} */
  const tasks = new Map();
  worker.onmessage = ({ data }) => settle(tasks, data);
  worker.onerror = ({ message }) => {
    for (const task of tasks.values()) task.reject(new Error(`a worker failed: ${message}`));
    tasks.clear();
  };
  return { worker, tasks };
}

/**
 * @param {Map<number, Task>} tasks
 * @param {{ id: number, picture?: Picture, isLast?: boolean, step: number, steps: number, error?: any }} answer
 */
function settle(tasks, { id, picture, isLast, step, steps, error }) {
  const task = tasks.get(id);
  if (!task) return; // called off
  if (picture && !isLast) {
    task.onStep?.(picture, { step, steps });
    return;
  }
  tasks.delete(id);
  if (picture) task.resolve(picture);
  else if (error.name === "VaecodecError")
    task.reject(new VaecodecError(error.message, error.kind));
  else task.reject(new Error(error.message));
}
