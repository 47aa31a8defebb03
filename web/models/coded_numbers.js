/** Symbols -> tensors of a coded part; FORMAT.md, section 6. */

import { LEAST as OUTSIDE } from "../entropy/lanes.js";
import { modelError } from "../errors.js";
import { DTYPES, product } from "./tensor_file.js";

const WIDEST = 32; // the last index that has a law of its own
export const LAWS = WIDEST + 1;
const MOST_SHIFT = 15;
const PER_OCTAVE = 4;
const MOST_INDEX = WIDEST + PER_OCTAVE * MOST_SHIFT;
const MOST_UNIT = 64;
const MOST_INTEGER_UNIT = 31;
// By index: how many low bits are split off, and the law of the rest.
const SHIFTS = Uint8Array.from({ length: MOST_INDEX + 1 }, (_, i) =>
  Math.max(0, Math.floor((i - WIDEST + PER_OCTAVE - 1) / PER_OCTAVE)),
);
export const LAW_OF = SHIFTS.map((shift, i) => i - PER_OCTAVE * shift);

/** @type {Record<string, [number, number]>} */
const RANGES = {
  U8: [0, 255],
  I8: [-128, 127],
  U16: [0, 65535],
  I16: [-32768, 32767],
  I32: [-(2 ** 31), 2 ** 31 - 1],
};

/**
 * @typedef {object} Layout how a tensor was made a matrix
 * @property {string} name
 * @property {string} dtype
 * @property {number[]} shape
 * @property {number} size number of elements
 * @property {number} rows
 * @property {number} columns
 * @property {number} scaledColumns how many have a scale and a unit
 * @property {number} order of differences, 0..2
 * @property {number} axis along which they were taken
 */

/**
 * @typedef {object} Sides what stands beside the numbers of a matrix
 * @property {Int8Array} rowScales
 * @property {Int8Array} rowUnits
 * @property {Int8Array} columnScales of all columns
 * @property {Int8Array} columnUnits
 */

/**
 * Write the indexes of the elements of a matrix.
 * @param {Layout} layout
 * @param {Sides} sides
 * @param {Uint8Array} into
 */
export function writeIndexes({ rows, columns }, { rowScales, columnScales }, into) {
  for (let r = 0, at = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      into[at++] = Math.max(0, Math.min(MOST_INDEX, rowScales[r] + columnScales[c]));
    }
  }
}

/**
 * Numbers of all elements.
 *
 * @param {Int8Array} symbols
 * @param {import("./tensor_file.js").Numbers} outside stand for symbols that their law does not have
 * @param {import("./tensor_file.js").Numbers} lowBits
 * @param {Uint8Array} index
 */
export function numbersOf(symbols, outside, lowBits, index) {
  const numbers = new Int32Array(symbols);
  let taken = 0;
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === OUTSIDE) numbers[i] = outside[taken++];
  }
  if (taken !== outside.length) throw modelError("a coded part with numbers that no symbol needs");
  addLowBits(numbers, lowBits, index);
  return numbers;
}

/**
 * @param {Int32Array} numbers
 * @param {import("./tensor_file.js").Numbers} packed
 * @param {Uint8Array} index
 */
function addLowBits(numbers, packed, index) {
  let count = 0;
  for (let i = 0; i < index.length; i++) if (index[i] > WIDEST) count++;
  const wide = new Uint32Array(count);
  for (let i = 0, n = 0; i < index.length; i++) if (index[i] > WIDEST) wide[n++] = i;
  for (let n = 0; n < count; n++) numbers[wide[n]] <<= SHIFTS[index[wide[n]]];
  let bit = 0;
  for (let place = 0; count; place++) {
    let left = 0;
    for (let n = 0; n < count; n++, bit++) {
      const i = wide[n];
      numbers[i] += ((packed[bit >> 3] >> (bit & 7)) & 1) << place;
      if (SHIFTS[index[i]] > place + 1) wide[left++] = i;
    }
    count = left;
  }
  if (packed.length !== Math.ceil(bit / 8)) throw modelError(`${packed.length} bytes of low bits`);
}

/**
 * @param {Layout} layout
 * @param {Int32Array} numbers
 * @param {Sides} sides
 * @returns {import("./tensor_file.js").Tensor}
 */
export function tensorOf(layout, numbers, { rowUnits, columnUnits }) {
  const { dtype, shape, rows, columns } = layout;
  checkUnits(dtype, rowUnits, columnUnits);
  const values = new Float64Array(numbers);
  const factors = Float64Array.from(columnUnits, (unit) => 2 ** unit);
  for (let r = 0, i = 0; r < rows; r++) {
    const factor = 2 ** rowUnits[r];
    for (let c = 0; c < columns; c++, i++) values[i] *= factor * factors[c];
  }
  for (let time = 0; time < layout.order; time++) sumAlong(values, shape, layout.axis);
  return { dtype, shape, data: cast(values, dtype) };
}

/**
 * @param {string} dtype
 * @param {Int8Array} rows
 * @param {Int8Array} columns
 */
function checkUnits(dtype, rows, columns) {
  const isInteger = Object.hasOwn(RANGES, dtype);
  const [low, high] = isInteger ? [0, MOST_INTEGER_UNIT] : [-MOST_UNIT, MOST_UNIT];
  const [least, most] = [Math.min, Math.max].map(
    (end) => extreme(rows, end) + extreme(columns, end),
  );
  const isNegative = isInteger && (extreme(rows, Math.min) < 0 || extreme(columns, Math.min) < 0);
  if (least < low || most > high || isNegative) {
    throw modelError("a coded tensor has a unit out of range");
  }
}

/** @param {Int8Array} values @param {(one: number, other: number) => number} end */
function extreme(values, end) {
  return values.reduce((found, value) => end(found, value));
}

/**
 * Replace each element by the sum of itself and all before it along an axis.
 * @param {Float64Array} values
 * @param {number[]} shape
 * @param {number} axis
 */
function sumAlong(values, shape, axis) {
  const stride = product(shape.slice(axis + 1));
  for (let i = stride; i < values.length; i++) {
    if (Math.floor(i / stride) % shape[axis]) values[i] += values[i - stride];
  }
}

/**
 * @param {Float64Array} values
 * @param {string} dtype
 */
function cast(values, dtype) {
  if (dtype === "F16") throw modelError("coded tensors of F16 are not read by this program");
  const [low, high] = RANGES[dtype] ?? [-3.4028234663852886e38, 3.4028234663852886e38];
  let [least, most] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > most) most = values[i];
  }
  if (least < low || most > high) {
    throw modelError(`a coded tensor of ${dtype} holds numbers beyond its range`);
  }
  const Numbers = /** @type {any} */ (DTYPES[dtype]);
  return new Numbers(values);
}
