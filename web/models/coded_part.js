/** Coded parts of a model file; FORMAT.md, section 6. */

import { SYMBOLS, decodeLanes } from "../entropy/lanes.js";
import { VaecodecError, modelError } from "../errors.js";
import { crc32 } from "../format/crc32.js";
import { inflatePrefix } from "../format/inflate.js";
import { LAWS, LAW_OF, numbersOf, tensorOf, writeIndexes } from "./coded_numbers.js";
import { DTYPES, parseTensors, product } from "./tensor_file.js";

const MOST_INNER = 2 ** 26; // bytes
const MOST_NUMBERS = 2 ** 23;
const MOST_AXES = 8;
const MOST_ORDER = 2;
const CHECKSUM = "coded.checksum";
const NUMBER = "(?:0|[1-9][0-9]{0,7})";
const LAYOUT = new RegExp(
  `^([A-Z0-9]+) (${NUMBER}(?:x${NUMBER})*) (${NUMBER}) (${NUMBER}) (${NUMBER})$`,
);

/** @typedef {import("./tensor_file.js").Tensor} Tensor */
/** @typedef {import("./coded_numbers.js").Layout} Layout */

/**
 * The tensors of a part.
 *
 * @param {Uint8Array} data
 * @returns {Map<string, Tensor>}
 * @throws {VaecodecError} it is damaged, or too large
 */
export function readPart(data) {
  const { inner, payload } = split(data);
  const { tensors, metadata } = parseTensors(inner);
  const checksum = crc32(payload).toString(16).padStart(8, "0");
  if (metadata.get(CHECKSUM) !== checksum) throw modelError("a coded part has a wrong checksum");
  metadata.delete(CHECKSUM);
  const layouts = [...metadata].map(([name, text]) => parseLayout(name, text));
  checkNames(layouts, tensors);
  const take = taker(tensors);
  const sides = sidesOf(layouts, take);
  const index = new Uint8Array(total(layouts.map(({ size }) => size)));
  const places = cuts(layouts.map(({ size }) => size));
  layouts.forEach((layout, i) => writeIndexes(layout, sides[i], index.subarray(...places[i])));
  const symbols = decodeLanes(payload, take("laws", "U16", [LAWS], SYMBOLS), index, LAW_OF);
  const [outside, lowBits] = [take("outside", "I16", [], null), take("low_bits", "U8", [], null)];
  const numbers = numbersOf(symbols, outside, lowBits, index);
  layouts.forEach((layout, i) => {
    tensors.set(layout.name, tensorOf(layout, numbers.subarray(...places[i]), sides[i]));
  });
  return tensors;
}

/** Inner file and payload of a part. @param {Uint8Array} data */
function split(data) {
  try {
    const { value, end } = inflatePrefix(data, MOST_INNER, "its beginning");
    return { inner: value, payload: data.subarray(end) };
  } catch (error) {
    if (!(error instanceof VaecodecError)) throw error;
    throw modelError(`a coded part of the model file: ${error.message}`);
  }
}

/**
 * Takes away tensors that stand beside the payload; one without numbers may be missing.
 * @param {Map<string, Tensor>} tensors
 * @returns {(name: string, dtype: string, before: number[], last: number | null) => any}
 */
function taker(tensors) {
  return (name, dtype, before, last) => {
    const tensor = tensors.get(`coded.${name}`);
    tensors.delete(`coded.${name}`);
    if (!tensor && !last) return new /** @type {any} */ (DTYPES[dtype])(0);
    const shape = [...before, last ?? tensor?.shape[before.length]];
    if (tensor?.dtype !== dtype || tensor.shape.join() !== shape.join()) {
      throw modelError(`a coded part has no tensor 'coded.${name}' as it should be`);
    }
    return tensor.data;
  };
}

/**
 * Scales and units of all matrices.
 * @param {Layout[]} layouts
 * @param {(name: string, dtype: string, before: number[], last: number) => Int8Array} take
 * @returns {import("./coded_numbers.js").Sides[]}
 */
function sidesOf(layouts, take) {
  const counts = [layouts.map(({ rows }) => rows), layouts.map((layout) => layout.scaledColumns)];
  const [rows, columns] = ["rows", "columns"].map((name, side) =>
    take(name, "I8", [2], total(counts[side])),
  );
  const [rowCuts, columnCuts] = counts.map(cuts);
  return layouts.map((layout, i) => {
    const none = new Int8Array(layout.columns);
    const ofColumns = (/** @type {Int8Array} */ part) =>
      layout.scaledColumns ? part.subarray(...columnCuts[i]) : none;
    return {
      rowScales: rows.subarray(...rowCuts[i]),
      rowUnits: rows.subarray(rows.length / 2).subarray(...rowCuts[i]),
      columnScales: ofColumns(columns),
      columnUnits: ofColumns(columns.subarray(columns.length / 2)),
    };
  });
}

/** @param {number[]} counts */
function total(counts) {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Where pieces of these sizes begin and end. @param {number[]} sizes @returns {[number, number][]} */
function cuts(sizes) {
  let end = 0;
  return sizes.map((size) => [end, (end += size)]);
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {import("./coded_numbers.js").Layout}
 */
function parseLayout(name, text) {
  const found = LAYOUT.exec(text);
  if (!found) throw modelError(`coded tensor '${name}' is not described as it should be`);
  const shape = found[2].split("x").map(Number);
  const [columns, order, axis] = found.slice(3).map(Number);
  const size = product(shape);
  const fits =
    Object.hasOwn(DTYPES, found[1]) &&
    shape.length <= MOST_AXES &&
    size >= 1 &&
    size <= MOST_NUMBERS &&
    columns >= 1 &&
    size % columns === 0 &&
    order <= MOST_ORDER &&
    axis < shape.length;
  if (!fits) throw modelError(`coded tensor '${name}' is described by sizes that do not fit`);
  const rows = size / columns;
  const scaledColumns = rows > 1 ? columns : 0;
  return { name, dtype: found[1], shape, size, rows, columns, scaledColumns, order, axis };
}

/**
 * @param {import("./coded_numbers.js").Layout[]} layouts
 * @param {Map<string, any>} tensors
 */
function checkNames(layouts, tensors) {
  const twice = layouts.find(({ name }) => tensors.has(name));
  if (twice) throw modelError(`a coded part holds tensor '${twice.name}' twice`);
  if (layouts.reduce((sum, { size }) => sum + size, 0) > MOST_NUMBERS) {
    throw modelError(`a coded part has more than ${MOST_NUMBERS} coded numbers`);
  }
}
