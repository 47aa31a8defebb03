/** The operations of a program, ready to make one row after another. */

import { CELL } from "../format/beginning.js";
import { QUALITIES, RANGES } from "./facts.js";
import { packDepthwise } from "./packing.js";
import { pointwise } from "./pointwise.js";
import { isShort, rowAddress } from "./rings.js";
import { keepFactors, keepScale, rowByRow } from "./rows.js";

/** @typedef {import("./rings.js").Ring} Ring */
/** @typedef {import("../kernels/machine.js").Machine} Machine */
/** @typedef {import("./program.js").Operation} Operation */

/**
 * @typedef {object} Layer
 * @property {string[]} sources
 * @property {number} radius how far beside itself a position looks
 * @property {(y: number) => [number, number]} reads first and last row of the sources that row y
 *   of the result depends on; they may lie outside
 * @property {(run: import("./engine.js").Run, ring: Ring, y: number) => void} make
 */

/**
 * @typedef {object} Place where an operation is in a program
 * @property {Machine} machine takes memory that it keeps
 * @property {Operation} operation
 * @property {import("./program.js").Program} program
 * @property {import("./facts.js").Facts} out
 * @property {import("./facts.js").Facts[]} sources
 */

/** @param {Machine} machine @param {import("./program.js").Program} program */
export function layersOf(machine, program) {
  /** @type {Map<string, Layer>} */
  const layers = new Map();
  for (const operation of program.operations) {
    const [out, ...sources] = [operation.out, ...operation.sources].map(
      (name) => /** @type {import("./facts.js").Facts} */ (program.facts.get(name)),
    );
    const layer = PREPARE[operation.op]({ machine, operation, program, out, sources });
    const one = { sources: operation.sources, radius: 0, reads: sameRow };
    layers.set(operation.out, { ...one, ...layer });
  }
  return layers;
}

/** @param {number} y @returns {[number, number]} */
function sameRow(y) {
  return [y, y];
}

/** @type {Record<string, (place: Place) => Pick<Layer, "make"> & Partial<Layer>>} */
const PREPARE = {
  narrow({ machine, operation, out }) {
    const scale = keepScale(machine, operation.arrays.shift, out);
    const [low, high] = RANGES[out.kind];
    return rowByRow((kernels, from, to, ring, source) => {
      kernels.narrow(from, source.bytes, scale, low, high, to, ring.width, ring.channels);
    });
  },

  widen({ machine, operation, out }) {
    const factor = keepFactors(machine, operation.arrays.shift, out.low.length);
    return rowByRow((kernels, from, to, ring, source) => {
      kernels.scaled(from, source.bytes, factor, to, ring.width, ring.channels);
    });
  },

  pointwise,

  depthwise({ machine, operation, out }) {
    const { weight, bias, shift } = operation.arrays;
    const size = weight.shape[2];
    const radius = size >> 1;
    const scale = keepScale(machine, shift, out);
    const [low, high] = RANGES[out.kind];
    const [taps, biases] = [machine.keep(packDepthwise(weight)), machine.keep(bias.data)];
    const rows = machine.take(4 * size);
    return {
      radius,
      reads: (y) => [y - radius, y + radius],
      make(run, ring, y) {
        const [source] = ring.sources;
        const left = radius * source.channels * source.bytes;
        for (let i = 0; i < size; i++) {
          machine.u32[(rows >> 2) + i] = run.rowOrZeros(source, y + i - radius) - left;
        }
        const to = rowAddress(ring, y);
        const { width, channels } = ring;
        machine.kernels.depthwise(rows, taps, biases, scale, low, high, to, width, channels, size);
      },
    };
  },

  add({ machine, operation, out, sources }) {
    const { left_shift, right_shift } = operation.arrays;
    const isPlain = [left_shift, right_shift].every(({ data }) => data.every((shift) => !shift));
    if (isPlain && !sources.some((facts) => isShort(facts, true))) {
      return {
        make({ machine: { kernels } }, ring, y) {
          const [left, right] = ring.sources.map((source) => rowAddress(source, y));
          kernels.add(left, right, rowAddress(ring, y), ring.width * ring.channels);
        },
      };
    }
    const channels = out.low.length;
    const [one, two] = [left_shift, right_shift].map((s) => keepFactors(machine, s, channels));
    return {
      make({ machine: { kernels } }, ring, y) {
        const [left, right] = ring.sources;
        const [to, { width }] = [rowAddress(ring, y), ring];
        kernels.scaled(rowAddress(left, y), left.bytes, one, to, width, channels);
        kernels.add_scaled(to, rowAddress(right, y), right.bytes, two, to, width, channels);
      },
    };
  },

  gain({ machine, operation, out }) {
    const factors = machine.keep(Int32Array.from(operation.arrays.table.data));
    const channels = out.low.length;
    const perCell = CELL / out.pixels;
    return {
      make(run, ring, y) {
        const [source] = ring.sources;
        const [from, to] = [rowAddress(source, y), rowAddress(ring, y)];
        run.quality.runs(Math.floor(y / perCell), ring.width / perCell, (quality, cell, cells) => {
          const [start, count] = [cell * perCell * channels, cells * perCell];
          const factor = factors + 4 * channels * Math.min(QUALITIES - 1, quality);
          const [x, out] = [from + start * source.bytes, to + start * ring.bytes];
          machine.kernels.scaled(x, source.bytes, factor, out, count, channels);
        });
      },
    };
  },

  shuffle({ operation }) {
    const by = /** @type {number} */ (operation.by);
    return {
      reads: (y) => [Math.floor(y / by), Math.floor(y / by)],
      make({ machine: { kernels } }, ring, y) {
        const [source] = ring.sources;
        const [from, to] = [rowAddress(source, Math.floor(y / by)), rowAddress(ring, y)];
        kernels.shuffle(from, ring.bytes, to, source.width, ring.channels, by, y % by);
      },
    };
  },

  quarters() {
    return {
      reads: (y) => [2 * y, 2 * y + 1],
      make(run, ring, y) {
        const [source] = ring.sources;
        const one = source.channels * source.bytes;
        const to = rowAddress(ring, y);
        for (const half of [0, 1]) {
          run.spread(
            rowAddress(source, 2 * y + half),
            2 * one,
            to + 2 * half * one,
            4 * one,
            2 * one,
            ring.width,
          );
        }
      },
    };
  },

  unquarters() {
    return {
      reads: (y) => [y >> 1, y >> 1],
      make(run, ring, y) {
        const [source] = ring.sources;
        const one = ring.channels * ring.bytes;
        const from = rowAddress(source, y >> 1) + 2 * (y & 1) * one;
        run.spread(from, 4 * one, rowAddress(ring, y), 2 * one, 2 * one, source.width);
      },
    };
  },
};
