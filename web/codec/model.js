/** Models as callers hold them. */

import { makeMachine } from "../kernels/load.js";
import { loadModel as load } from "../quadrants/model.js";

/** A model in a memory of its own, in which one picture is decoded at a time. */
export class LoadedModel {
  /** @param {import("../quadrants/model.js").Model} model @param {string} kernels */
  constructor(model, kernels) {
    this.model = model;
    this.kernels = kernels;
    this.streamId = model.streamId;
    this.painterId = model.painterId;
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve();
  }

  /**
   * Do some work when what was asked for before is done.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  inTurn(work) {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }
}

/**
 * Read a model file.
 *
 * @param {Uint8Array | ArrayBuffer} data of the file
 * @param {{ kernels?: "auto" | "wasm" | "plain" }} [options]
 * @returns {Promise<LoadedModel>}
 * @throws {VaecodecError} it is damaged, or of an architecture that this program does not read
 */
export async function loadModel(data, { kernels = "auto" } = {}) {
  const machine = await makeMachine(kernels);
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  return new LoadedModel(await load(machine, bytes), machine.name);
}
