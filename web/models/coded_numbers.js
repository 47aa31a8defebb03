/** Symbols -> tensors of a coded part; FORMAT.md, section 6. */

import { readLanes } from "../entropy/lanes.js";
import { modelError } from "../errors.js";
import { DTYPES, product } from "./tensor_file.js";

const WIDEST = 32; // the last index without low bits
const MOST_INDEX = 92;
const OUTSIDE = -128; // the symbol of a number that its law does not have
const MOST_UNIT = 64;
const MOST_INTEGER_UNIT = 31;

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
 * @property {number} order of differences, 0..2
 * @property {number} axis along which they were taken
 */

/**
 * @typedef {object} Beside what stands beside the symbols of a part
 * @property {Uint16Array} laws frequencies
 * @property {Int8Array} rows scales, then units, of all rows
 * @property {Int8Array} columns the same of all columns that have them
 * @property {Int16Array} outside numbers that laws do not have
 * @property {Uint8Array} lowBits
 */

/**
 * The tensors of a part.
 *
 * @param {Layout[]} layouts
 * @param {Beside} beside
 * @param {Uint8Array} payload
 * @returns {import("./tensor_file.js").Tensor[]}
 * @throws {VaecodecError} they do not fit
 */
export function readTensors(layouts, beside, payload) {
  const sides = cutSides(layouts, beside);
  const index = indexOf(layouts, sides);
  const shifts = index.map((i) => (i > WIDEST ? (i - WIDEST + 3) >> 2 : 0));
  const laws = index.map((i, k) => i - 4 * shifts[k]);
  const symbols = readLanes(payload, beside.laws, laws);
  const numbers = numbersOf(symbols, shifts, beside);
  let position = 0;
  return layouts.map((layout, i) =>
    tensorOf(layout, numbers.subarray(position, (position += layout.size)), sides[i]),
  );
}

/** @param {Layout} layout */
function scaledColumns({ rows, columns }) {
  return rows > 1 ? columns : 0;
}

/**
 * Scales of rows, units of rows, scales of columns, units of columns of each matrix.
 * @param {Layout[]} layouts
 * @param {Beside} beside
 */
function cutSides(layouts, beside) {
  const parts = [...halves(beside.rows), ...halves(beside.columns)];
  const places = [0, 0, 0, 0];
  const sides = layouts.map((layout) => {
    const counts = [layout.rows, layout.rows, scaledColumns(layout), scaledColumns(layout)];
    return counts.map((count, i) =>
      Int32Array.from(parts[i].subarray(places[i], (places[i] += count))),
    );
  });
  if (places.some((place, i) => place !== parts[i].length)) {
    throw modelError("a coded part with more or fewer scales than rows and columns");
  }
  return sides;
}

/** @param {Int8Array} both */
function halves(both) {
  return [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
}

/**
 * @param {Layout[]} layouts
 * @param {Int32Array[][]} sides
 * @returns {Uint8Array} the index of each element
 */
function indexOf(layouts, sides) {
  const index = new Uint8Array(layouts.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  layouts.forEach(({ columns }, i) => {
    const [rowScales, , columnScales] = sides[i];
    const others = columnScales.length ? columnScales : new Int32Array(columns);
    for (const scale of rowScales) {
      for (let c = 0; c < columns; c++) {
        index[at++] = Math.max(0, Math.min(MOST_INDEX, scale + others[c]));
      }
    }
  });
  return index;
}

/**
 * @param {Int8Array} symbols
 * @param {Uint8Array} shifts
 * @param {Beside} beside
 */
function numbersOf(symbols, shifts, { outside, lowBits }) {
  let next = 0;
  const numbers = Int32Array.from(symbols, (symbol, k) => {
    const whole = symbol === OUTSIDE ? outside[next++] : symbol;
    return whole * 2 ** shifts[k];
  });
  if (next !== outside.length) throw modelError("a coded part with other numbers outside its laws");
  addLowBits(numbers, shifts, lowBits);
  return numbers;
}

/**
 * @param {Int32Array} numbers
 * @param {Uint8Array} shifts
 * @param {Uint8Array} packed
 */
function addLowBits(numbers, shifts, packed) {
  const count = shifts.reduce((sum, shift) => sum + shift, 0);
  if (packed.length !== Math.ceil(count / 8)) {
    throw modelError(`a coded part with ${packed.length} bytes for ${count} low bits`);
  }
  for (let place = 0, at = 0; at < count; place++) {
    for (let k = 0; k < numbers.length; k++) {
      if (shifts[k] <= place) continue;
      numbers[k] += ((packed[at >> 3] >> (at & 7)) & 1) << place;
      at++;
    }
  }
}

/**
 * @param {Layout} layout
 * @param {Int32Array} numbers
 * @param {Int32Array[]} sides
 * @returns {import("./tensor_file.js").Tensor}
 */
function tensorOf(layout, numbers, [, rowUnits, , columnUnits]) {
  const { dtype, shape, rows, columns } = layout;
  const units = columnUnits.length ? columnUnits : new Int32Array(columns);
  checkUnits(dtype, rowUnits, units);
  const values = new Float64Array(numbers.length);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, i++) {
      const unit = rowUnits[r] + units[c];
      values[i] = unit ? numbers[i] * 2 ** unit : numbers[i];
    }
  }
  for (let time = 0; time < layout.order; time++) sumAlong(values, shape, layout.axis);
  return { dtype, shape, data: cast(values, dtype) };
}

/**
 * @param {string} dtype
 * @param {Int32Array} rows
 * @param {Int32Array} columns
 */
function checkUnits(dtype, rows, columns) {
  const least = minimum(rows) + minimum(columns);
  const most = -(minimum(rows.map((unit) => -unit)) + minimum(columns.map((unit) => -unit)));
  const [low, high] = dtype in RANGES ? [0, MOST_INTEGER_UNIT] : [-MOST_UNIT, MOST_UNIT];
  const negative = dtype in RANGES && Math.min(minimum(rows), minimum(columns)) < 0;
  if (least < low || most > high || negative) throw modelError("a coded tensor has a unit out of range");
}

/** @param {Int32Array} values */
function minimum(values) {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
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
  if (values.some((value) => value < low || value > high)) {
    throw modelError(`a coded tensor of ${dtype} holds numbers beyond its range`);
  }
  const Numbers = /** @type {any} */ (DTYPES[dtype]);
  return Numbers.from(values);
}
