/** What layers of several kinds share. */

import { scales } from "./facts.js";
import { rowAddress } from "./rings.js";

/** @typedef {import("./rings.js").Ring} Ring */
/** @typedef {import("../kernels/machine.js").Machine} Machine */

/**
 * A layer that makes each row from the same one of its source.
 * @param {(kernels: import("../kernels/machine.js").Kernels, from: number, to: number, ring: Ring,
 *   source: Ring) => void} kernel
 */
export function rowByRow(kernel) {
  return {
    make: (
      /** @type {import("./engine.js").Run} */ run,
      /** @type {Ring} */ ring,
      /** @type {number} */ y,
    ) => {
      const [source] = ring.sources;
      kernel(run.machine.kernels, rowAddress(source, y), rowAddress(ring, y), ring, source);
    },
  };
}

/**
 * `2**-shift` of all channels.
 * @param {Machine} machine @param {import("./facts.js").Tensor} shift
 * @param {import("./facts.js").Facts} out
 */
export function keepScale(machine, shift, out) {
  return machine.keep(Float32Array.from(scales(shift, out.low.length), (factor) => 1 / factor));
}

/**
 * `2**shift` of all channels; 1 without a shift.
 * @param {Machine} machine
 * @param {import("./facts.js").Tensor | undefined} shift
 * @param {number} channels
 */
export function keepFactors(machine, shift, channels) {
  return machine.keep(
    Int32Array.from(shift ? scales(shift, channels) : new Int32Array(channels).fill(1)),
  );
}
