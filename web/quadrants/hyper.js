/** The hyper-latent of a tile: two halves, the second predicted from the first; section 2. */

import { narrowed } from "../kernels/rounding.js";

const LIMIT = 31;
export const SYMBOL_LIMITS = [LIMIT, 2 * LIMIT];
const ROW_UNIT = 512;
const MOST_ROW = 63;
const QUALITIES = 101;

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./tile.js").Reader} Reader */

/**
 * Decode both halves.
 *
 * @param {Model} model
 * @param {Reader} reader
 * @param {number} rows of cells
 * @param {number} columns
 * @param {import("../codec/quality.js").AreaQuality} quality
 * @returns {number} address of the values [rows, columns, Z], 16 bits each
 */
export function decodeHyper(model, reader, rows, columns, quality) {
  const { machine, parameters } = model;
  const { hyperChannels: channels, hyperOffsets, hyperUnit } = parameters;
  const size = rows * columns * channels;
  const values = machine.take(2 * size);
  const offsetAt = (/** @type {number} */ half, /** @type {number} */ i) => {
    const cell = Math.floor(i / channels);
    const q = quality.at(Math.floor(cell / columns), cell % columns);
    return hyperOffsets[(half * QUALITIES + q) * channels + (i % channels)];
  };
  const first = placesOf(0, rows, columns, channels);
  const known = read(
    reader,
    0,
    Uint8Array.from(first, (i) => rowOf(offsetAt(0, i))),
  );
  first.forEach((i, n) => (machine.i16[(values >> 1) + i] = known[n]));
  const both = predictSecond(model, values, rows, columns, quality);
  const second = placesOf(1, rows, columns, channels);
  const at = (/** @type {number} */ i) => Math.floor(i / channels) * 2 * channels + (i % channels);
  const indexes = Uint8Array.from(second, (i) => rowOf(both[at(i) + channels] + offsetAt(1, i)));
  const symbols = read(reader, 1, indexes);
  second.forEach((i, n) => {
    const mean = narrowed(both[at(i)], hyperUnit[i % channels], -LIMIT, LIMIT);
    machine.i16[(values >> 1) + i] = Math.max(-LIMIT, Math.min(LIMIT, mean + symbols[n]));
  });
  return values;
}

/**
 * Places in [rows, columns, Z] of one half, in the order of coding.
 * @param {number} half
 * @param {number} rows
 * @param {number} columns
 * @param {number} channels
 */
function placesOf(half, rows, columns, channels) {
  const places = [];
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < channels; c++, i++) if ((c + y + x) % 2 === half) places.push(i);
    }
  }
  return places;
}

/** @param {number} sum */
function rowOf(sum) {
  return Math.max(0, Math.min(MOST_ROW, Math.floor(sum / ROW_UNIT)));
}

/**
 * @param {Reader} reader
 * @param {number} half
 * @param {Uint8Array} rows
 */
function read(reader, half, rows) {
  const { machine } = reader;
  const symbols = machine.take(2 * rows.length);
  reader.read(machine.keep(rows), rows.length, symbols, SYMBOL_LIMITS[half]);
  return machine.i16.slice(symbols >> 1, (symbols >> 1) + rows.length);
}

/**
 * Sums for means and log scales, [rows, columns, 2 Z].
 * @param {Model} model
 * @param {number} values
 * @param {number} rows
 * @param {number} columns
 * @param {import("../exact/engine.js").Quality} quality
 */
function predictSecond({ machine, parameters, engines }, values, rows, columns, quality) {
  const stride = columns * parameters.hyperChannels;
  const both = new Int32Array(rows * 2 * stride);
  const { top } = machine;
  const run = engines.hyper.begin(rows, columns, quality, {
    inputs: { first: (y) => values + 2 * y * stride },
    outputs: {
      both: (y, address) => {
        both.set(machine.i32.subarray(address >> 2, (address >> 2) + 2 * stride), y * 2 * stride);
      },
    },
  });
  for (let row = 0; row < rows; row++) run.advance(row);
  machine.giveBack(top);
  return both;
}
