/** Symbols -> tensors of a coded part; FORMAT.md, section 6. */

import { modelError } from "../errors.js";
import { DTYPES, product } from "./tensor_file.js";

const WIDEST = 27; // the last index without raw bits
const MOST_INDEX = 87;
const PER_OCTAVE = 4;
// By index: how many raw bits, and the row of the tables that codes the rest.
const SHIFTS = Uint8Array.from({ length: MOST_INDEX + 1 }, (_, i) =>
  Math.max(0, Math.floor((i - WIDEST + PER_OCTAVE - 1) / PER_OCTAVE)),
);
const ROWS = SHIFTS.map((shift, i) => i - PER_OCTAVE * shift);
const MOST_SIDE = 1000;
const RUN = 65536; // numbers
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
 * Layouts of tensors that are coded together.
 * @param {Layout[]} layouts
 */
export function runs(layouts) {
  /** @type {Layout[][]} */
  const all = [];
  let size = RUN;
  for (const layout of layouts) {
    if (size >= RUN) {
      all.push([]);
      size = 0;
    }
    all[all.length - 1].push(layout);
    size += layout.size;
  }
  return all;
}

/** How many symbols a tensor has at most, raw numbers included. @param {Layout} layout */
export function mostSymbols(layout) {
  return 2 * (layout.size + layout.rows + scaledColumns(layout));
}

/** @param {Layout} layout */
function scaledColumns({ rows, columns }) {
  return rows > 1 ? columns : 0;
}

/**
 * Decode the tensors of one run.
 *
 * @param {import("../entropy/section_decoder.js").SectionDecoder} decoder
 * @param {Layout[]} layouts
 * @param {number[]} laws rows of the tables that code scales and units
 * @returns {import("./tensor_file.js").Tensor[]}
 */
export function readRun(decoder, layouts, laws) {
  const sums = [rowsOf, rowsOf, scaledColumns, scaledColumns].map((countOf, side) =>
    running(decoder, total(layouts.map(countOf)), laws[side]),
  );
  const places = [0, 0, 0, 0];
  const sides = layouts.map((layout) =>
    [layout.rows, layout.rows, scaledColumns(layout), scaledColumns(layout)].map((count, side) =>
      sums[side].subarray(places[side], (places[side] += count)),
    ),
  );
  const numbers = readNumbers(decoder, layouts, sides);
  let position = 0;
  return layouts.map((layout, i) =>
    tensorOf(layout, numbers.subarray(position, (position += layout.size)), sides[i]),
  );
}

/** @param {Layout} layout */
function rowsOf(layout) {
  return layout.rows;
}

/** @param {number[]} counts */
function total(counts) {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * @param {import("../entropy/section_decoder.js").SectionDecoder} decoder
 * @param {number} count
 * @param {number} law
 */
function running(decoder, count, law) {
  const values = section(decoder, new Uint8Array(count).fill(law), "get");
  let sum = 0;
  return Int32Array.from(values, (step) => {
    sum += step;
    if (Math.abs(sum) > MOST_SIDE) throw modelError("a coded tensor has a scale out of range");
    return sum;
  });
}

/**
 * @param {import("../entropy/section_decoder.js").SectionDecoder} decoder
 * @param {Uint8Array} given rows of the tables, or numbers of bits
 * @param {"get" | "getBits"} how
 * @returns {Int16Array} a copy
 */
function section(decoder, given, how) {
  const { machine } = decoder;
  const { top } = machine;
  const rows = machine.keep(given);
  const values = machine.take(2 * given.length);
  decoder[how](rows, given.length, values);
  machine.giveBack(top);
  return machine.i16.slice(values >> 1, (values >> 1) + given.length);
}

/**
 * @param {import("../entropy/section_decoder.js").SectionDecoder} decoder
 * @param {Layout[]} layouts
 * @param {Int32Array[][]} sides
 * @returns {Int32Array}
 */
function readNumbers(decoder, layouts, sides) {
  const index = new Uint8Array(total(layouts.map((layout) => layout.size)));
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
  const symbols = section(
    decoder,
    index.map((i) => ROWS[i]),
    "get",
  );
  const raw = section(
    decoder,
    index.filter((i) => i > WIDEST).map((i) => SHIFTS[i]),
    "getBits",
  );
  const numbers = Int32Array.from(symbols);
  for (let i = 0, next = 0; i < numbers.length; i++) {
    if (index[i] > WIDEST) numbers[i] = numbers[i] * 2 ** SHIFTS[index[i]] + raw[next++];
  }
  return numbers;
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
  if (least < low || most > high) throw modelError("a coded tensor has a unit out of range");
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
