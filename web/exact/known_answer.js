/** A question that shows whether a program is computed right; exact/SPEC.md, section 5. */

import { modelError } from "../errors.js";
import { CELL } from "../format/beginning.js";
import { crc32 } from "../format/crc32.js";
import { keepToBudget } from "./budget.js";
import { limitsOf } from "./proof.js";
import { isShort } from "./rings.js";

const GOLDEN_RATIO = 2654435761;
const QUALITIES = [25, 75];

/**
 * Pass an engine that gives the known answer of its program.
 *
 * @param {string} name of the program
 * @param {import("./engine.js").Engine} engine
 * @param {Map<string, import("../models/tensor_file.js").Tensor>} tensors of the model
 * @throws {VaecodecError} it gives another one
 */
export function checkAnswer(name, engine, tensors) {
  const expected = tensors.get(`${name}.known_answer`);
  if (expected?.dtype !== "U8" || expected.data.length !== 4) {
    throw modelError(`the model has no known answer of program '${name}'`);
  }
  const found = answerOf(engine);
  if (expected.data.some((byte, i) => byte !== ((found >>> (8 * i)) & 255))) {
    throw modelError(`program '${name}' is computed wrong here, or the model is damaged`);
  }
}

/** @param {import("./engine.js").Engine} engine */
function answerOf(engine) {
  const { machine, program } = engine;
  const { top } = machine;
  const side = Math.max(CELL, program.cell) / CELL; // of each half of the area, in cells
  const outputs = program.outputs.map((name) => planarOutput(machine, program, name, side));
  const ends = {
    inputs: Object.fromEntries(
      program.inputs.map((given) => [given.name, scatteredRows(machine, given, side)]),
    ),
    outputs: Object.fromEntries(outputs.map(({ name, put }) => [name, put])),
  };
  const run = engine.begin(side, 2 * side, TWO_QUALITIES, ends);
  for (let row = 0; row < side; row++) run.advance(row);
  machine.giveBack(top);
  outputs.sort((one, other) => (one.name < other.name ? -1 : 1));
  return outputs.reduce((sum, { values }) => crc32(new Uint8Array(values.buffer), sum), 0);
}

/** @type {import("./engine.js").Quality} one for the left half of an area, one for the right */
const TWO_QUALITIES = {
  runs(_, cells, use) {
    use(QUALITIES[0], 0, cells / 2);
    use(QUALITIES[1], cells / 2, cells / 2);
  },
};

/**
 * An output that is kept in C order.
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {import("./program.js").Program} program
 * @param {string} name
 * @param {number} side
 */
function planarOutput(machine, program, name, side) {
  const facts = /** @type {import("./facts.js").Facts} */ (program.facts.get(name));
  const channels = facts.low.length;
  const height = (side * CELL) / facts.pixels;
  const width = 2 * height;
  const values = new Int32Array(channels * height * width);
  const put = (/** @type {number} */ y, /** @type {number} */ address) => {
    const from = isShort(facts)
      ? machine.i16.subarray(address >> 1)
      : machine.i32.subarray(address >> 2);
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++)
        values[(c * height + y) * width + x] = from[x * channels + c];
    }
  };
  return { name, values, put };
}

/**
 * Rows of an input with values of all magnitudes that it may have.
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {import("./program.js").Input} given
 * @param {number} side
 */
function scatteredRows(machine, given, side) {
  const { low, high } = limitsOf(given);
  const { channels } = given;
  const height = (side * CELL) / given.pixels;
  const width = 2 * height;
  const values = new Int32Array(channels * height * width);
  for (let k = 0; k < values.length; k++) {
    const number = Math.imul(k, GOLDEN_RATIO);
    const c = Math.floor(k / (height * width));
    const value = number >> (((number >>> 4) % 24) + 8);
    values[(k % (height * width)) * channels + c] = Math.max(low[c], Math.min(high[c], value));
  }
  keepToBudget(given, values);
  const bytes = isShort({ kind: given.narrow ? "signed" : "wide", pixels: 1, low, high }, true)
    ? 2
    : 4;
  const address = machine.keep(bytes === 2 ? Int16Array.from(values) : values);
  return (/** @type {number} */ y) => address + y * width * channels * bytes;
}
