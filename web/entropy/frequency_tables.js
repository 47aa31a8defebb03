/** Frequency tables, ready for the kernels; FORMAT.md, section 5. */

import { modelError } from "../errors.js";

const ROWS = 64;
const TOTAL = 65536;
const LOOK_UP = 64; // slots for each entry of a look-up
const MOST_LIMIT = 32767;
const CLASS_FREQUENCIES = Array.from({ length: 16 }, (_, n) => Math.max(2, 2 ** (15 - n)));

/**
 * @param {import("../kernels/machine.js").Machine} machine takes memory that it keeps
 * @param {Map<string, import("../models/tensor_file.js").Tensor>} tensors
 * @returns {number} the address of 64 tables, and of one more for the classes of large values
 * @throws {VaecodecError} a tensor does not fit, or a row does not sum to 65536
 */
export function keepTables(machine, tensors) {
  const limits = tensorOf(tensors, "tables.limits").data;
  const frequencies = tensorOf(tensors, "tables.frequencies").data;
  if (limits.length !== ROWS || limits.some((limit) => limit > MOST_LIMIT)) {
    throw modelError("frequency tables of another number, or too wide");
  }
  const tables = [];
  let position = 0;
  for (const limit of limits) {
    const row = Array.from(frequencies.subarray(position, position + 2 * limit + 1), (f) => f + 1);
    position += 2 * limit + 1;
    tables.push(limit, ...keepTable(machine, row));
  }
  if (position !== frequencies.length) throw modelError("frequency tables of another size");
  return machine.keep(Int32Array.from([...tables, 0, ...keepTable(machine, CLASS_FREQUENCIES)]));
}

/**
 * @param {Map<string, import("../models/tensor_file.js").Tensor>} tensors
 * @param {string} name
 */
function tensorOf(tensors, name) {
  const tensor = tensors.get(name);
  if (tensor?.dtype !== "U16" || tensor.shape.length !== 1) {
    throw modelError(`the model has no tensor '${name}' of dtype U16 and one axis`);
  }
  return tensor;
}

/**
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {number[]} frequencies of all entries
 * @returns {number[]} addresses of their starts, and of the look-up
 */
function keepTable(machine, frequencies) {
  const starts = new Uint32Array(frequencies.length + 1);
  frequencies.forEach((frequency, i) => (starts[i + 1] = starts[i] + frequency));
  if (starts[frequencies.length] !== TOTAL) {
    throw modelError(`a frequency table sums to ${starts[frequencies.length]}, expected ${TOTAL}`);
  }
  const lookUp = new Uint16Array(TOTAL / LOOK_UP);
  for (let i = 0, entry = 0; i < lookUp.length; i++) {
    while (starts[entry + 1] <= i * LOOK_UP) entry++;
    lookUp[i] = entry;
  }
  return [machine.keep(starts), machine.keep(lookUp)];
}
