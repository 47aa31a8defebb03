/** Coded parts of a model file; FORMAT.md, section 6. */

import { ROWS } from "../entropy/frequency_tables.js";
import { SectionDecoder } from "../entropy/section_decoder.js";
import { VaecodecError, modelError } from "../errors.js";
import { crc32 } from "../format/crc32.js";
import { inflatePrefix } from "../format/inflate.js";
import { mostSymbols, readRun, runs } from "./coded_numbers.js";
import { DTYPES, parseTensors, product } from "./tensor_file.js";

const MOST_INNER = 2 ** 26; // bytes
const MOST_NUMBERS = 2 ** 23;
const MOST_AXES = 8;
const MOST_ORDER = 2;
const NUMBER = "(?:0|[1-9][0-9]{0,7})";
const LAYOUT = new RegExp(
  `^([A-Z0-9]+) (${NUMBER}(?:x${NUMBER})*) (${NUMBER}) (${NUMBER}) (${NUMBER})$`,
);
const LAWS = new RegExp(`^${NUMBER}(?: ${NUMBER}){3}$`);

/**
 * The tensors of a part.
 *
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {number} tables address of the tables that it is coded with
 * @param {Uint8Array} data
 * @returns {Map<string, import("./tensor_file.js").Tensor>}
 * @throws {VaecodecError} it is damaged, or too large
 */
export function readPart(machine, tables, data) {
  try {
    return decodePart(machine, tables, data);
  } catch (error) {
    if (!(error instanceof VaecodecError) || error.kind === "model") throw error;
    throw modelError(`a coded part of the model file: ${error.message}`);
  }
}

/**
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {number} tables
 * @param {Uint8Array} data
 */
function decodePart(machine, tables, data) {
  const { value: inner, end } = inflatePrefix(data, MOST_INNER, "its beginning");
  const { tensors, metadata } = parseTensors(inner);
  const laws = parseLaws(metadata.get("laws") ?? "");
  metadata.delete("laws");
  const layouts = [...metadata].map(([name, text]) => parseLayout(name, text));
  checkNames(layouts, tensors);
  const { top } = machine;
  const count = layouts.reduce((sum, layout) => sum + mostSymbols(layout), 0);
  const decoder = new SectionDecoder(machine, tables, data.subarray(end), count, crc32(inner));
  for (const run of runs(layouts)) {
    readRun(decoder, run, laws).forEach((tensor, i) => tensors.set(run[i].name, tensor));
  }
  decoder.finish();
  machine.giveBack(top);
  return tensors;
}

/** @param {string} text */
function parseLaws(text) {
  const laws = LAWS.test(text) ? text.split(" ").map(Number) : [ROWS];
  if (Math.max(...laws) >= ROWS) throw modelError("a coded part of the model file has no laws");
  return laws;
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
