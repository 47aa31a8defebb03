/** The proof of an operation: no sum can reach 2^24; exact/SPEC.md, section 3. */

import { modelError } from "../errors.js";
import { CELL } from "../format/beginning.js";
import { pricesOf } from "./budget.js";
import {
  MOST_CHANNELS,
  QUALITIES,
  RANGES,
  expect,
  expectArray,
  expectSize,
  magnitudes,
  narrowed,
  prove,
  scales,
  wide,
} from "./facts.js";

const MOST_PIXELS = 256;
const MOST_GROUPS = 16;
const MOST_POINTWISE = 63; // magnitudes of weights, of narrow sources
const MOST_DEPTHWISE = 127;
const LARGEST_KERNEL = 15;

/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./program.js").Operation} Operation */
/** @typedef {import("./program.js").Input} Input */

/** @param {Input} given @returns {Facts} */
export function factsOfInput(given) {
  const kind = given.narrow ? (given.low < 0 ? "signed" : "unsigned") : "wide";
  const [low, high] = RANGES[kind];
  expect(low <= given.low && given.low <= given.high && given.high <= high, "a range too large");
  expectSize("channels", given.channels, MOST_CHANNELS);
  expectSize("pixels a position", given.pixels, MOST_PIXELS);
  expect(Number.isInteger(Math.log2(given.pixels)), "pixels a position are no power of two");
  const { pixels, budget } = given;
  return { kind, pixels, ...limitsOf(given), prices: pricesOf(given), budget };
}

/** The range of what a program is given, channel by channel. @param {Input} given */
export function limitsOf({ channels, low, high, most }) {
  const limits = most && expectArray("most", most, "I16", [channels]);
  const within = (/** @type {number} */ c) => (limits ? Math.max(0, limits[c]) : Infinity);
  return {
    low: Float64Array.from({ length: channels }, (_, c) => Math.max(low, -within(c))),
    high: Float64Array.from({ length: channels }, (_, c) => Math.min(high, within(c))),
  };
}

/**
 * What is known of the result of an operation, from what is of its sources.
 * @param {Operation} operation
 * @param {Facts[]} sources
 * @returns {Facts}
 * @throws {VaecodecError} it does not fit them, or is not exact
 */
export function factsOf(operation, sources) {
  return PROOFS[operation.op](operation, sources[0], sources[1]);
}

/** @type {Record<string, (operation: Operation, source: Facts, other: Facts) => Facts>} */
const PROOFS = {
  narrow(operation, source) {
    expect(source.kind === "wide", "a narrow source, expected a wide one");
    return narrowed(source, operation.arrays.shift, operation.signed === true);
  },

  widen(operation, source) {
    expect(source.kind !== "wide", "a wide source, expected a narrow one");
    const factors = scales(operation.arrays.shift, source.low.length);
    return multiplied(source, factors);
  },

  pointwise(operation, source) {
    const { weight, shift, lift } = operation.arrays;
    const { groups = 1, signed } = operation;
    const outputs = weight?.shape[0] ?? 0;
    const inputs = source.low.length / groups;
    expectSize("groups", groups, MOST_GROUPS);
    expectSize("channels", outputs, MOST_CHANNELS);
    expect(outputs % groups === 0 && Number.isInteger(inputs), "channels that are no groups");
    const isNarrow = source.kind !== "wide";
    const numbers = expectArray("weight", weight, isNarrow ? "I8" : "I16", [outputs, inputs]);
    if (isNarrow) expectWeights(numbers, MOST_POINTWISE);
    const first = (/** @type {number} */ o) => Math.floor(o / (outputs / groups)) * inputs;
    const affordable = groups === 1 ? affordableOf(numbers, source) : () => Infinity;
    const sums = layer(operation, numbers, inputs, source, first, affordable);
    if (shift && signed !== undefined && !lift) return narrowed(sums, shift, signed);
    expect(!shift && signed === undefined, "a layer with only one of shift and signed, or a lift");
    return lift ? multiplied(sums, scales(lift, outputs)) : sums;
  },

  depthwise(operation, source) {
    expect(source.kind !== "wide", "a wide source, expected a narrow one");
    const { weight, shift } = operation.arrays;
    const [channels, size] = [source.low.length, weight?.shape[2] ?? 0];
    expect(size % 2 === 1 && size <= LARGEST_KERNEL, "a kernel of a size that is not allowed");
    const numbers = expectArray("weight", weight, "I8", [channels, size, size]);
    expectWeights(numbers, MOST_DEPTHWISE);
    const taps = size * size;
    // Any value may be a zero from outside of the tensor.
    const [low, high] = [
      source.low.map((v) => Math.min(0, v)),
      source.high.map((v) => Math.max(0, v)),
    ];
    const spread = (/** @type {Float64Array} */ limits) =>
      Float64Array.from({ length: channels * taps }, (_, i) => limits[Math.floor(i / taps)]);
    const around = { ...source, low: spread(low), high: spread(high) };
    const sums = layer(operation, numbers, taps, around, (c) => c * taps);
    return narrowed(sums, shift, operation.signed === true);
  },

  add(operation, left, right) {
    expect(
      left.low.length === right.low.length && left.pixels === right.pixels,
      "tensors of different sizes cannot be added",
    );
    const { left_shift, right_shift } = operation.arrays;
    const one = multiplied(left, scales(left_shift, left.low.length));
    const two = multiplied(right, scales(right_shift, left.low.length));
    prove(added(magnitudes(one), magnitudes(two)));
    return wide(left.pixels, added(one.low, two.low), added(one.high, two.high));
  },

  gain(operation, source) {
    expect(source.pixels <= CELL, "a gain of positions larger than a cell");
    const channels = source.low.length;
    const table = expectArray("table", operation.arrays.table, "I16", [QUALITIES, channels]);
    const low = new Float64Array(channels).fill(Infinity);
    const high = new Float64Array(channels).fill(-Infinity);
    table.forEach((factor, i) => {
      const c = i % channels;
      const one = factor * source.low[c];
      const other = factor * source.high[c];
      low[c] = Math.min(low[c], one, other);
      high[c] = Math.max(high[c], one, other);
    });
    return wide(source.pixels, low, high);
  },

  shuffle({ by = 0 }, source) {
    const fits = [2, 4, 8].includes(by) && source.low.length % (by * by) === 0;
    expect(fits && source.pixels >= by, "channels that cannot be shuffled");
    return regrouped(source, source.pixels / by, source.low.length / (by * by), (i) =>
      Math.floor(i / (by * by)),
    );
  },

  quarters(_, source) {
    const channels = source.low.length;
    expectSize("channels", 4 * channels, MOST_CHANNELS);
    expectSize("pixels a position", 2 * source.pixels, MOST_PIXELS);
    const [low, high] = [source.low, source.high].map((limits) =>
      Float64Array.from({ length: 4 * channels }, (_, i) => limits[i % channels]),
    );
    return { kind: source.kind, pixels: 2 * source.pixels, low, high };
  },

  unquarters(_, source) {
    const channels = source.low.length / 4;
    expect(Number.isInteger(channels) && source.pixels >= 2, "channels that are no quarters");
    return regrouped(source, source.pixels / 2, channels, (i) => i % channels);
  },
};

export const OPERATIONS = Object.keys(PROOFS);

/**
 * @param {Facts} source
 * @param {Float64Array} factors not negative
 */
function multiplied(source, factors) {
  const [low, high] = [source.low, source.high].map((limits) =>
    limits.map((value, c) => value * factors[c]),
  );
  return wide(source.pixels, low, high);
}

/** @param {Float64Array} one @param {Float64Array} other */
function added(one, other) {
  return one.map((value, c) => value + other[c]);
}

/**
 * Several channels become one.
 * @param {Facts} source
 * @param {number} pixels
 * @param {number} channels
 * @param {(channel: number) => number} to
 * @returns {Facts}
 */
function regrouped(source, pixels, channels, to) {
  const low = new Float64Array(channels).fill(Infinity);
  const high = new Float64Array(channels).fill(-Infinity);
  source.low.forEach((value, i) => (low[to(i)] = Math.min(low[to(i)], value)));
  source.high.forEach((value, i) => (high[to(i)] = Math.max(high[to(i)], value)));
  return { kind: source.kind, pixels, low, high };
}

/**
 * Of a layer whose output o sums `count` products, from input `first(o)` on.
 * @param {Operation} operation
 * @param {import("../models/tensor_file.js").Numbers} weight
 * @param {number} count
 * @param {Facts} source
 * @param {(output: number) => number} first
 * @param {(output: number) => number} [affordable] what the sum of its magnitudes cannot exceed
 */
function layer(operation, weight, count, source, first, affordable = () => Infinity) {
  const outputs = weight.length / count;
  const bias = expectArray("bias", operation.arrays.bias, "I32", [outputs]);
  const [low, high, terms] = [bias, bias, bias].map((values) => new Float64Array(values));
  const largest = magnitudes(source);
  for (let o = 0; o < outputs; o++) {
    const [least, most, magnitude] = sumsOf(weight, o * count, count, source, largest, first(o));
    const limit = affordable(o);
    low[o] += Math.max(least, -limit);
    high[o] += Math.min(most, limit);
    terms[o] = Math.abs(terms[o]) + Math.min(magnitude, limit);
  }
  prove(terms);
  return wide(source.pixels, low, high);
}

/**
 * The smallest and the largest sum of products, and the largest of their magnitudes.
 * @param {import("../models/tensor_file.js").Numbers} weight
 * @param {number} start
 * @param {number} count
 * @param {Facts} source
 * @param {Float64Array} largest magnitudes of the source
 * @param {number} begin
 */
function sumsOf(weight, start, count, { low, high }, largest, begin) {
  let [least, most, magnitude] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const factor = weight[start + i];
    const one = factor * low[begin + i];
    const other = factor * high[begin + i];
    least += factor > 0 ? one : other;
    most += factor > 0 ? other : one;
    magnitude += Math.abs(factor) * largest[begin + i];
  }
  return [least, most, magnitude];
}

/**
 * What sums of products of an input cannot exceed within its budget.
 * @param {import("../models/tensor_file.js").Numbers} weight
 * @param {Facts} source
 * @returns {(output: number) => number}
 */
function affordableOf(weight, { prices, budget = 0 }) {
  if (!prices) return () => Infinity;
  return (o) => {
    let dearest = 0;
    for (let i = 0; i < prices.length; i++) {
      dearest = Math.max(dearest, Math.abs(weight[o * prices.length + i]) / prices[i]);
    }
    return Math.ceil(dearest * budget);
  };
}

/** @param {import("../models/tensor_file.js").Numbers} weights @param {number} most */
function expectWeights(weights, most) {
  for (let i = 0; i < weights.length; i++) {
    if (Math.abs(weights[i]) > most) throw modelError(`a weight of a magnitude above ${most}`);
  }
}
