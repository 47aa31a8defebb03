/** Named arrays and strings in one file; FORMAT.md, section 6. */

import { modelError } from "../errors.js";

const MOST_FILE = 2 ** 26; // bytes
const MOST_TABLE = 2 ** 20;
const MOST_AXES = 8;
const LENGTH_BYTES = 8;

/** @typedef {Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Float32Array} Numbers */

/**
 * @typedef {object} Tensor
 * @property {string} dtype
 * @property {number[]} shape
 * @property {Numbers} data numbers in C order; of F16 the bits
 */

/** @type {Record<string, new (buffer: ArrayBuffer) => Numbers>} */
export const DTYPES = {
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  F16: Uint16Array,
  I32: Int32Array,
  F32: Float32Array,
};

/**
 * @param {Uint8Array} file
 * @returns {{ tensors: Map<string, Tensor>, metadata: Map<string, string> }}
 * @throws {VaecodecError} it is damaged, or too large
 */
export function parseTensors(file) {
  if (file.length > MOST_FILE) throw modelError(`model file has more than ${MOST_FILE} bytes`);
  const { table, end } = parseTable(file);
  const metadata = parseMetadata(table.get("__metadata__") ?? {});
  table.delete("__metadata__");
  const data = file.subarray(end);
  const entries = [...table].map(([name, entry]) => parseEntry(name, entry));
  checkTiling(entries, data.length);
  const tensors = new Map(entries.map((entry) => [entry.name, numbers(data, entry)]));
  return { tensors, metadata };
}

/**
 * JSON as entries of its outermost object.
 *
 * `JSON.parse` keeps the last of values with one name; other readers may keep the first.
 * @param {Uint8Array} bytes
 * @param {string} name of what is read, for messages
 * @returns {Map<string, any>}
 */
export function parseObject(bytes, name) {
  let object;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    object = JSON.parse(text);
    refuseRepeatedNames(text);
  } catch (error) {
    throw modelError(`${name} is not JSON: ${/** @type {Error} */ (error).message}`);
  }
  if (!isObject(object)) throw modelError(`${name} is not a JSON object`);
  return new Map(Object.entries(object));
}

/** @param {any} value */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {string} text JSON that is well formed */
function refuseRepeatedNames(text) {
  /** @type {Set<string>[]} names of the objects that a place is in; of lists none */
  const inside = [];
  for (const [part, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (part === "{" || part === "[") inside.push(new Set());
    else if (part === "}" || part === "]") inside.pop();
    else if (name) {
      const names = inside[inside.length - 1];
      const key = JSON.parse(name);
      if (names.has(key)) throw new SyntaxError("a name appears twice in one object");
      names.add(key);
    }
  }
}

/** @param {Uint8Array} file */
function parseTable(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const length = file.length < LENGTH_BYTES ? Infinity : Number(view.getBigUint64(0, true));
  const end = LENGTH_BYTES + length;
  if (length > MOST_TABLE || end > file.length) {
    throw modelError(`model file of ${file.length} bytes: its table has a length that is wrong`);
  }
  return { table: parseObject(file.subarray(LENGTH_BYTES, end), "table of the model file"), end };
}

/** @param {any} metadata */
function parseMetadata(metadata) {
  if (!isObject(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    throw modelError("model file: __metadata__ is not an object of strings");
  }
  return new Map(/** @type {[string, string][]} */ (Object.entries(metadata)));
}

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} dtype
 * @property {number[]} shape
 * @property {number} start
 * @property {number} end
 */

/**
 * @param {string} name
 * @param {any} entry
 * @returns {Entry}
 */
function parseEntry(name, entry) {
  const where = `model file: tensor '${name}'`;
  const keys = isObject(entry) ? Object.keys(entry).sort().join() : "";
  if (keys !== "data_offsets,dtype,shape") {
    throw modelError(`${where} is not described by dtype, shape and data_offsets`);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    throw modelError(`${where} has a dtype that is none of ${Object.keys(DTYPES).join(", ")}`);
  }
  if (!areSizes(shape, 1) || shape.length > MOST_AXES) {
    throw modelError(`${where} has a shape that is not up to 8 sizes of at least 1`);
  }
  const [start, end] = areSizes(offsets, 0) && offsets.length === 2 ? offsets : [0, -1];
  if (end - start !== product(shape) * bytesOf(dtype)) {
    throw modelError(`${where} has data_offsets that do not fit dtype and shape`);
  }
  return { name, dtype, shape, start, end };
}

/** @param {number[]} sizes */
export function product(sizes) {
  return sizes.reduce((all, size) => all * size, 1);
}

/** @param {string} dtype */
function bytesOf(dtype) {
  return /** @type {any} */ (DTYPES[dtype]).BYTES_PER_ELEMENT;
}

/**
 * @param {any} value
 * @param {number} least
 */
function areSizes(value, least) {
  return (
    Array.isArray(value) &&
    value.every((size) => Number.isInteger(size) && size >= least && size <= MOST_FILE)
  );
}

/**
 * @param {Entry[]} entries
 * @param {number} length
 */
function checkTiling(entries, length) {
  let position = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start)) {
    if (start !== position) throw modelError(`model file: tensor '${name}' begins at ${start}`);
    position = end;
  }
  if (position !== length) throw modelError(`model file: tensors end at ${position} of ${length}`);
}

/**
 * @param {Uint8Array} data
 * @param {Entry} entry
 * @returns {Tensor}
 */
function numbers(data, { dtype, shape, start, end }) {
  // Copied: numbers of more than one byte may lie anywhere in a file.
  const bytes = Uint8Array.prototype.slice.call(data, start, end);
  return { dtype, shape, data: new DTYPES[dtype](bytes.buffer) };
}
