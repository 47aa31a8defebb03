/** Many small symbols in lanes side by side; FORMAT.md, section 6. */

import { modelError } from "../errors.js";

export const SYMBOLS = 256; // of a law: -128..127
const LEAST = -128;
const SLOTS = 4096; // of a law
const LOWEST = 2 ** 16; // state of a lane
const MOST_STEPS = 1024;

/**
 * Read symbols, each under the law of its row.
 *
 * @param {Uint8Array} payload
 * @param {Uint16Array} frequencies of all laws, one after the other
 * @param {Uint8Array} rows
 * @returns {Int8Array}
 * @throws {VaecodecError} the payload does not end with the last symbol
 */
export function readLanes(payload, frequencies, rows) {
  const { entries, starts } = slotsOf(frequencies);
  const count = lanes(rows.length);
  if (payload.length < 4 * count || payload.length % 2) throw ended();
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const states = Uint32Array.from({ length: count }, (_, lane) => view.getUint32(4 * lane, true));
  if (states.some((state) => state < LOWEST)) throw modelError("a coded part with a low state");
  const symbols = new Int8Array(rows.length);
  let position = 4 * count;
  for (let k = 0, lane = 0; k < rows.length; k++, lane = lane + 1 === count ? 0 : lane + 1) {
    const state = states[lane];
    const slot = state % SLOTS;
    const entry = rows[k] * SYMBOLS + entries[rows[k] * SLOTS + slot];
    let next = frequencies[entry] * (state >>> 12) + slot - starts[entry];
    if (next < LOWEST) {
      if (position === payload.length) throw ended();
      next = next * LOWEST + view.getUint16(position, true);
      position += 2;
    }
    states[lane] = next;
    symbols[k] = entry % SYMBOLS + LEAST;
  }
  if (position < payload.length || states.some((state) => state !== LOWEST)) throw ended();
  return symbols;
}

/** Number of lanes for so many symbols. @param {number} count */
function lanes(count) {
  let found = 1;
  while (found * MOST_STEPS < count) found *= 2;
  return found;
}

/**
 * What each slot stands for, law after law, and where the slots of each entry begin.
 * @param {Uint16Array} frequencies
 */
function slotsOf(frequencies) {
  const laws = frequencies.length / SYMBOLS;
  const entries = new Uint8Array(laws * SLOTS);
  const starts = new Uint16Array(frequencies.length);
  for (let law = 0, at = 0; law < laws; law++, at = 0) {
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      const entry = law * SYMBOLS + symbol;
      starts[entry] = at;
      at += frequencies[entry];
      if (at > SLOTS) break;
      entries.fill(symbol, law * SLOTS + starts[entry], law * SLOTS + at);
    }
    if (at !== SLOTS) throw modelError(`a coded part with a law that does not sum to ${SLOTS}`);
  }
  return { entries, starts };
}

function ended() {
  return modelError("a coded part does not end where its symbols do");
}
