/** Coded parts of a model file; FORMAT.md, section 6. */

import { SYMBOLS } from "../entropy/lanes.js";
import { VaecodecError, modelError } from "../errors.js";
import { crc32 } from "../format/crc32.js";
import { inflatePrefix } from "../format/inflate.js";
import { readTensors } from "./coded_numbers.js";
import { DTYPES, parseTensors, product } from "./tensor_file.js";

const MOST_INNER = 2 ** 26; // bytes
const MOST_NUMBERS = 2 ** 23;
const MOST_AXES = 8;
const MOST_ORDER = 2;
const NUMBER = "(?:0|[1-9][0-9]{0,7})";
const LAYOUT = new RegExp(
  `^([A-Z0-9]+) (${NUMBER}(?:x${NUMBER})*) (${NUMBER}) (${NUMBER}) (${NUMBER})$`,
);
const LAWS = 33;
const CHECKSUM = "coded.checksum";

/**
 * The tensors of a part.
 *
 * @param {Uint8Array} data
 * @returns {Map<string, import("./tensor_file.js").Tensor>}
 * @throws {VaecodecError} it is damaged, or too large
 */
export function readPart(data) {
  try {
    return decodePart(data);
  } catch (error) {
    if (!(error instanceof VaecodecError) || error.kind === "model") throw error;
    throw modelError(`a coded part of the model file: ${error.message}`);
  }
}

/** @param {Uint8Array} data */
function decodePart(data) {
  const { value: inner, end } = inflatePrefix(data, MOST_INNER, "its beginning");
  const { tensors, metadata } = parseTensors(inner);
  const payload = data.subarray(end);
  if (metadata.get(CHECKSUM) !== crc32(payload).toString(16).padStart(8, "0")) {
    throw modelError("a coded part of the model file: its checksum is wrong");
  }
  metadata.delete(CHECKSUM);
  const beside = {
    laws: take(tensors, "coded.laws", "U16", [LAWS, SYMBOLS]),
    rows: take(tensors, "coded.rows", "I8", [2]),
    columns: take(tensors, "coded.columns", "I8", [2]),
    outside: take(tensors, "coded.outside", "I16", []),
    lowBits: take(tensors, "coded.low_bits", "U8", []),
  };
  const layouts = [...metadata].map(([name, text]) => parseLayout(name, text));
  checkNames(layouts, tensors);
  if (!layouts.length) return tensors;
  readTensors(layouts, beside, payload).forEach((tensor, i) => tensors.set(layouts[i].name, tensor));
  return tensors;
}

/**
 * Take the numbers of what stands beside the payload; there need be none.
 *
 * @param {Map<string, import("./tensor_file.js").Tensor>} tensors
 * @param {string} name
 * @param {string} dtype
 * @param {number[]} shape its first sizes
 * @returns {any}
 */
function take(tensors, name, dtype, shape) {
  const tensor = tensors.get(name);
  tensors.delete(name);
  const Numbers = /** @type {any} */ (DTYPES[dtype]);
  if (!tensor) return new Numbers(0);
  if (tensor.dtype !== dtype || shape.some((size, axis) => tensor.shape[axis] !== size)) {
    throw modelError(`a coded part with ${name} of another type or shape`);
  }
  return tensor.data;
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
  return { name, dtype: found[1], shape, size, rows: size / columns, columns, order, axis };
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
