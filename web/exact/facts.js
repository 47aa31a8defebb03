/** What is known of a tensor before a program runs, and what is checked of its parts. */

import { modelError } from "../errors.js";
import { CELL } from "../format/beginning.js";

export const EXACT_LIMIT = 2 ** 24;
export const QUALITIES = 101;
export const MOST_CHANNELS = 4096;
const MOST_SHIFT = 23;

/** @typedef {"wide" | "signed" | "unsigned"} Kind */

/** @type {Record<Kind, [number, number]>} */
export const RANGES = {
  wide: [1 - EXACT_LIMIT, EXACT_LIMIT - 1],
  signed: [-128, 127],
  unsigned: [0, 255],
};

/**
 * @typedef {object} Facts
 * @property {Kind} kind
 * @property {number} pixels side of the square of image pixels that a position stands for
 * @property {Float64Array} low smallest values that are possible [C]
 * @property {Float64Array} high largest ones
 * @property {import("../models/tensor_file.js").Numbers} [prices] of the channels of an input
 * @property {number} [budget] that magnitudes times prices do not exceed at any position
 */

/** @typedef {import("../models/tensor_file.js").Tensor} Tensor */

/** Number of values for each cell of 64 x 64 pixels. @param {Facts} facts */
export function valuesPerCell(facts) {
  return facts.low.length * (CELL / facts.pixels) ** 2;
}

/**
 * Of a wide tensor, with the proof that its values are exact.
 * @param {number} pixels
 * @param {Float64Array} low
 * @param {Float64Array} high
 * @returns {Facts}
 */
export function wide(pixels, low, high) {
  prove(magnitudes({ low, high }));
  return { kind: "wide", pixels, low, high };
}

/** @param {{ low: Float64Array, high: Float64Array }} limits */
export function magnitudes({ low, high }) {
  return low.map((value, c) => Math.max(Math.abs(value), Math.abs(high[c])));
}

/** Pass magnitudes that are exact. @param {Float64Array} values */
export function prove(values) {
  if (values.some((value) => value >= EXACT_LIMIT)) {
    throw modelError("values that could reach 2**24");
  }
}

/**
 * Of a wide tensor that is narrowed.
 * @param {Facts} source
 * @param {Tensor} shift
 * @param {boolean} signed
 * @returns {Facts}
 */
export function narrowed(source, shift, signed) {
  const kind = signed ? "signed" : "unsigned";
  const factors = scales(shift, source.low.length);
  const [least, most] = RANGES[kind];
  const [low, high] = [source.low, source.high].map((limits) =>
    limits.map((value, c) => Math.max(least, Math.min(most, rounded(value / factors[c])))),
  );
  return { kind, pixels: source.pixels, low, high };
}

/** To the nearest integer, halves to the even one. @param {number} value */
export function rounded(value) {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2) ? low + 1 : low;
}

/**
 * `2**shift` of all channels.
 * @param {Tensor | undefined} shift of one number, or of one for each channel
 * @param {number} channels
 */
export function scales(shift, channels) {
  const given = expectArray("shift", shift, "I8", [shift?.data.length === 1 ? 1 : channels]);
  if (given.some((value) => value < 0 || value > MOST_SHIFT)) {
    throw modelError(`a shift beyond 0..${MOST_SHIFT}`);
  }
  return Float64Array.from({ length: channels }, (_, c) => 2 ** given[given.length === 1 ? 0 : c]);
}

/**
 * The numbers of an array of this type and shape.
 * @param {string} name
 * @param {Tensor | undefined} array
 * @param {string} dtype
 * @param {number[]} shape
 * @returns {import("../models/tensor_file.js").Numbers}
 */
export function expectArray(name, array, dtype, shape) {
  if (array?.dtype !== dtype || array.shape.join() !== shape.join()) {
    throw modelError(`${name} is not ${dtype} [${shape}]`);
  }
  return array.data;
}

/** @param {string} name @param {number} value @param {number} most */
export function expectSize(name, value, most) {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw modelError(`${value} ${name}, allowed 1..${most}`);
  }
}

/** @param {boolean} holds @param {string} message */
export function expect(holds, message) {
  if (!holds) throw modelError(message);
}
