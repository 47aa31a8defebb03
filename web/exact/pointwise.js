/** 1x1 layers, ready to make one row after another. */

import { RANGES } from "./facts.js";
import { packPointwise } from "./packing.js";
import { rowAddress, isShort } from "./rings.js";
import { keepFactors, keepScale, rowByRow } from "./rows.js";

/** @typedef {import("./rings.js").Ring} Ring */
/** @typedef {import("./layers.js").Place} Place */

/**
 * Those of usual sizes take the fast kernels.
 * @param {Place} place
 */
export function pointwise(place) {
  const { operation, out, sources } = place;
  const { groups = 1 } = operation;
  const [outputs, inputs] = [out.low.length / groups, sources[0].low.length / groups];
  const isInput = place.program.inputs.some(({ name }) => name === operation.sources[0]);
  const isFast = outputs % 8 === 0 && inputs % 2 === 0 && isShort(sources[0], isInput);
  return (isFast ? fastPointwise : anyPointwise)(place, groups, inputs, outputs);
}

/**
 * @param {Place} place
 * @param {number} groups
 * @param {number} inputs of a group
 * @param {number} outputs
 */
function fastPointwise({ machine, operation, out }, groups, inputs, outputs) {
  const { weight, bias, shift, lift } = operation.arrays;
  const weights = machine.keep(packPointwise(weight));
  const biases = machine.keep(bias.data);
  const [low, high] = RANGES[out.kind];
  const scale = shift && keepScale(machine, shift, out);
  const factor = shift ? 0 : keepFactors(machine, lift, out.low.length);
  return rowByRow(({ pointwise_narrow, pointwise_wide }, from, to, ring, source) => {
    for (let g = 0; g < groups; g++) {
      const x = from + g * inputs * source.bytes;
      const w = weights + g * outputs * inputs * 2;
      const [b, result] = [biases + 4 * g * outputs, to + g * outputs * ring.bytes];
      const { channels, width } = ring;
      if (scale !== undefined) {
        const s = scale + 4 * g * outputs;
        pointwise_narrow(
          x,
          source.channels,
          w,
          b,
          s,
          low,
          high,
          result,
          channels,
          width,
          inputs,
          outputs,
        );
      } else {
        const f = factor + 4 * g * outputs;
        pointwise_wide(x, source.channels, w, b, f, result, channels, width, inputs, outputs);
      }
    }
  });
}

/**
 * @param {Place} place
 * @param {number} groups
 * @param {number} inputs of a group
 * @param {number} outputs
 */
function anyPointwise({ machine, operation, out }, groups, inputs, outputs) {
  const { weight, bias, shift, lift } = operation.arrays;
  const weights = machine.keep(Int16Array.from(weight.data));
  const biases = machine.keep(bias.data);
  const [low, high] = RANGES[out.kind];
  const scale = shift && keepScale(machine, shift, out);
  const factor = shift ? 0 : keepFactors(machine, lift, out.low.length);
  return {
    make(
      /** @type {import("./engine.js").Run} */ run,
      /** @type {Ring} */ ring,
      /** @type {number} */ y,
    ) {
      const { kernels } = machine;
      const [source] = ring.sources;
      const { width, channels } = ring;
      const sums = run.sumsOf(width * channels);
      for (let g = 0; g < groups; g++) {
        const x = rowAddress(source, y) + g * inputs * source.bytes;
        const w = weights + g * outputs * inputs * 2;
        const [b, result] = [biases + 4 * g * outputs, sums + 4 * g * outputs];
        kernels.pointwise_any(
          x,
          source.bytes,
          source.channels,
          w,
          b,
          result,
          channels,
          width,
          inputs,
          outputs,
        );
      }
      const to = rowAddress(ring, y);
      if (scale !== undefined) kernels.narrow(sums, 4, scale, low, high, to, width, channels);
      else kernels.scaled(sums, 4, factor, to, width, channels);
    },
  };
}
