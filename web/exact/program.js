/** Exact programs: operations in order, proven when they are read; exact/SPEC.md. */

import { VaecodecError, modelError } from "../errors.js";
import { isObject, parseObject } from "../models/tensor_file.js";
import { valuesPerCell } from "./facts.js";
import { OPERATIONS, factsOf, factsOfInput } from "./proof.js";

const MOST_OPERATIONS = 1000;
const MOST_VALUES = 2 ** 21; // of all tensors for each cell of 64 x 64 pixels
const MOST_TEXT = 2 ** 20; // bytes
const NAME = /^[a-z0-9_]{1,64}$/;
const ARRAYS = ["weight", "bias", "shift", "lift", "table", "left_shift", "right_shift"];

/** @typedef {import("../models/tensor_file.js").Tensor} Tensor */

/**
 * @typedef {object} Input
 * @property {string} name
 * @property {number} channels
 * @property {number} low
 * @property {number} high
 * @property {number} pixels
 * @property {boolean} [narrow]
 * @property {Tensor} [most]
 * @property {Tensor} [price] of each channel, paid from the budget of a position
 * @property {number} [budget]
 */

/**
 * @typedef {object} Operation
 * @property {string} op
 * @property {string[]} sources
 * @property {string} out
 * @property {boolean} [signed]
 * @property {number} [by]
 * @property {number} [groups]
 * @property {Record<string, Tensor>} arrays
 */

/**
 * @typedef {object} Program
 * @property {Input[]} inputs
 * @property {Operation[]} operations
 * @property {string[]} outputs
 * @property {Map<string, import("./facts.js").Facts>} facts of every tensor
 * @property {number} cell what sides of the area are multiples of, in pixels
 */

/**
 * @param {string} name
 * @param {Map<string, Tensor>} tensors of a model file
 * @returns {Program}
 * @throws {VaecodecError} it is missing or malformed, or not proven
 */
export function parseProgram(name, tensors) {
  const text = parseText(name, tensors);
  const inputs = text.inputs.map((fields) => parseInput(name, fields, tensors));
  const operations = text.operations.map((fields) => parseOperation(name, fields, tensors));
  const { outputs } = text;
  if (!inputs.length || operations.length > MOST_OPERATIONS) {
    throw modelError(`program '${name}' has ${operations.length} operations`);
  }
  const facts = prove(name, inputs, operations);
  const known = outputs.every((output) => typeof output === "string" && facts.has(output));
  if (!outputs.length || !known || new Set(outputs).size < outputs.length) {
    throw modelError(`program '${name}' has outputs that are not tensors`);
  }
  const cell = Math.max(...[...facts.values()].map(({ pixels }) => pixels));
  return { inputs, operations, outputs, facts, cell };
}

/**
 * @param {string} name
 * @param {Input[]} inputs
 * @param {Operation[]} operations
 */
function prove(name, inputs, operations) {
  /** @type {Map<string, import("./facts.js").Facts>} */
  const facts = new Map();
  const keep = (/** @type {string} */ tensor, /** @type {() => any} */ find) => {
    if (!NAME.test(tensor) || facts.has(tensor)) throw modelError(`a tensor named '${tensor}'`);
    facts.set(tensor, find());
  };
  try {
    for (const given of inputs) keep(given.name, () => factsOfInput(given));
    for (const operation of operations) {
      const sources = operation.sources.map((source) => {
        const found = facts.get(source);
        if (!found) throw modelError(`'${source}' is not known before it is read`);
        return found;
      });
      keep(operation.out, () => factsOf(operation, sources));
    }
  } catch (error) {
    if (!(error instanceof VaecodecError)) throw error;
    throw modelError(`program '${name}': ${error.message}`);
  }
  const values = [...facts.values()].reduce((sum, one) => sum + valuesPerCell(one), 0);
  if (values > MOST_VALUES)
    throw modelError(`program '${name}' has ${values} values for each cell`);
  return facts;
}

/**
 * @param {string} name
 * @param {Map<string, Tensor>} tensors
 * @returns {{ inputs: any[], operations: any[], outputs: any[] }}
 */
function parseText(name, tensors) {
  const tensor = tensors.get(name);
  if (tensor?.dtype !== "U8" || tensor.data.length > MOST_TEXT) {
    throw modelError(`the model has no program '${name}'`);
  }
  const text = parseObject(/** @type {Uint8Array} */ (tensor.data), `program '${name}'`);
  const parts = ["inputs", "operations", "outputs"];
  if ([...text.keys()].sort().join() !== parts.join() || ![...text.values()].every(Array.isArray)) {
    throw modelError(`program '${name}' is not an object of lists of ${parts.join(", ")}`);
  }
  return /** @type {any} */ (Object.fromEntries(text));
}

const INPUT = { name: "string", channels: "int", low: "int", high: "int", pixels: "int" };

/**
 * @param {string} name
 * @param {any} fields
 * @param {Map<string, Tensor>} tensors
 * @returns {Input}
 */
function parseInput(name, fields, tensors) {
  checkFields(name, fields, INPUT, { narrow: "boolean", budget: "int" });
  const [most, price] = ["most", "price"].map((array) =>
    tensors.get(`${name}.${fields.name}.${array}`),
  );
  return { ...fields, most, price };
}

/** @type {Record<string, Record<string, string>>} what an operation has besides its names */
const NEEDED = {
  narrow: { signed: "boolean" },
  depthwise: { signed: "boolean" },
  shuffle: { by: "int" },
};

/**
 * @param {string} name
 * @param {any} fields
 * @param {Map<string, Tensor>} tensors
 * @returns {Operation}
 */
function parseOperation(name, fields, tensors) {
  const op = isObject(fields) ? fields.op : undefined;
  if (!OPERATIONS.includes(op)) throw modelError(`program '${name}' has an unknown operation`);
  const names = op === "add" ? ["left", "right"] : ["source"];
  const needed = Object.fromEntries([...names, "op", "out"].map((key) => [key, "string"]));
  /** @type {Record<string, string>} */
  const optional = op === "pointwise" ? { signed: "boolean", groups: "int" } : {};
  checkFields(name, fields, { ...needed, ...NEEDED[op] }, optional);
  /** @type {Record<string, Tensor>} */
  const arrays = {};
  for (const field of ARRAYS) {
    const tensor = tensors.get(`${name}.${fields.out}.${field}`);
    if (tensor) arrays[field] = tensor;
  }
  const sources = names.map((key) => fields[key]);
  const { out, signed, by, groups } = fields;
  return { op, out, sources, signed, by, groups, arrays };
}

/**
 * @param {string} name
 * @param {any} fields
 * @param {Record<string, string>} needed
 * @param {Record<string, string>} optional
 */
function checkFields(name, fields, needed, optional) {
  const types = { ...needed, ...optional };
  const fits =
    isObject(fields) &&
    Object.keys(needed).every((key) => Object.hasOwn(fields, key)) &&
    Object.entries(fields).every(
      ([key, value]) => Object.hasOwn(types, key) && isOf(value, types[key]),
    );
  if (!fits) throw modelError(`program '${name}' has a part that is not as described`);
}

/** @param {any} value @param {string} type */
function isOf(value, type) {
  return type === "int" ? Number.isSafeInteger(value) : typeof value === type;
}
