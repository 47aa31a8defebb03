/** Many small symbols of a coded part, in lanes side by side; FORMAT.md, section 6. */

import { modelError } from "../errors.js";

export const SYMBOLS = 256; // of a law: -128..127
export const LEAST = -128;
const SLOTS = 4096; // that the symbols of a law share
const LOWEST = 65536; // state of a lane
const MOST_STEPS = 1024;

/** Number of lanes for so many symbols. @param {number} count */
function lanesFor(count) {
  let lanes = 1;
  while (lanes * MOST_STEPS < count) lanes *= 2;
  return lanes;
}

/**
 * Read symbols, each under the law of its index.
 *
 * @param {Uint8Array} payload
 * @param {import("../models/tensor_file.js").Numbers} frequencies [laws, 256]
 * @param {Uint8Array} index
 * @param {Uint8Array} lawOf every index
 * @returns {Int8Array}
 * @throws {VaecodecError} the payload does not end with the last symbol
 */
export function decodeLanes(payload, frequencies, index, lawOf) {
  const { counts, starts, symbols } = lawsOf(frequencies);
  const lanes = lanesFor(index.length);
  const head = 4 * lanes;
  if (payload.length < head || payload.length % 2) {
    throw modelError(`a coded part with a payload of ${payload.length} bytes`);
  }
  const whole = payload.slice().buffer;
  const states = new Uint32Array(whole, 0, lanes);
  const words = new Uint16Array(whole, head);
  const found = new Int8Array(index.length);
  if (states.some((state) => state < LOWEST)) throw modelError("a coded part with a low state");
  let taken = 0;
  for (let k = 0; k < found.length; k++) {
    const lane = k & (lanes - 1);
    const state = states[lane];
    const slot = state & (SLOTS - 1);
    const law = lawOf[index[k]];
    const symbol = symbols[law * SLOTS + slot];
    const entry = law * SYMBOLS + symbol - LEAST;
    const next = (state >>> 12) * counts[entry] + slot - starts[entry];
    found[k] = symbol;
    states[lane] = next < LOWEST ? next * LOWEST + words[taken++] : next;
  }
  if (taken !== words.length || states.some((state) => state !== LOWEST)) {
    throw modelError("a coded part does not end where its symbols do");
  }
  return found;
}

/** @param {import("../models/tensor_file.js").Numbers} counts */
function lawsOf(counts) {
  const starts = new Uint16Array(counts.length);
  const symbols = new Int8Array((counts.length / SYMBOLS) * SLOTS);
  for (let entry = 0, sum = 0; entry < counts.length; entry++) {
    if (entry % SYMBOLS === 0 && sum % SLOTS) throw modelError("a law of another sum");
    starts[entry] = sum % SLOTS;
    symbols.fill((entry % SYMBOLS) + LEAST, sum, sum + counts[entry]);
    sum += counts[entry];
    if (entry === counts.length - 1 && sum !== symbols.length) {
      throw modelError("laws of another sum");
    }
  }
  return { counts, starts, symbols };
}
