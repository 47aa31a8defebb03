/**
 * Rows of tensors while a program runs: of each tensor only as many as are still read.
 *
 * Programs are computed row by row, each row when one that depends on it is wanted. So the
 * memory does not grow with the height of an image, and what was just computed is in the
 * cache of the processor.
 */

import { CELL } from "../format/beginning.js";

/**
 * @typedef {object} Ring
 * @property {string} name
 * @property {number} channels
 * @property {number} bytes of a value, 2 or 4
 * @property {number} pixels of a position
 * @property {number} width positions in a row
 * @property {number} height rows of the whole tensor
 * @property {number} pad zeros on both sides of a row, in positions
 * @property {number} made how many rows were made
 * @property {number} rows how many of them are kept
 * @property {number} address
 * @property {import("./layers.js").Layer | null} layer that makes it; null for an input
 * @property {Ring[]} sources
 */

/** Whether values of a tensor are held in 16 bits. @param {import("./facts.js").Facts} facts */
export function isShort({ kind, low, high }, isInput = false) {
  if (kind !== "wide") return true;
  return isInput && low.every((v) => v >= -32768) && high.every((v) => v <= 32767);
}

/**
 * Rings for an area.
 *
 * @param {import("./program.js").Program} program
 * @param {Map<string, import("./layers.js").Layer>} layers by what they make
 * @param {number} cellRows height of the area
 * @param {number} cellColumns
 * @returns {Map<string, Ring>}
 */
export function ringsOf(program, layers, cellRows, cellColumns) {
  /** @type {Map<string, Ring>} */
  const rings = new Map();
  for (const [name, facts] of program.facts) {
    const layer = layers.get(name) ?? null;
    const { pixels, low } = facts;
    rings.set(name, {
      name,
      channels: low.length,
      bytes: isShort(facts, !layer) ? 2 : 4,
      pixels,
      width: (cellColumns * CELL) / pixels,
      height: (cellRows * CELL) / pixels,
      pad: 0,
      made: 0,
      rows: 1,
      address: 0,
      layer,
      sources: (layer?.sources ?? []).map((source) => /** @type {Ring} */ (rings.get(source))),
    });
  }
  for (const { layer, sources } of rings.values()) {
    for (const source of sources) source.pad = Math.max(source.pad, layer?.radius ?? 0);
  }
  return rings;
}

/** Bytes of a row with what is beside it. @param {Ring} ring */
export function rowBytes({ width, pad, channels, bytes }) {
  return Math.ceil(((width + 2 * pad) * channels * bytes) / 16) * 16;
}

/** Address of the first position of a row. @param {Ring} ring @param {number} y */
export function rowAddress(ring, y) {
  return ring.address + (y % ring.rows) * rowBytes(ring) + ring.pad * ring.channels * ring.bytes;
}

/**
 * Make rows of a tensor up to one, and before them all that they depend on.
 *
 * @param {Ring} ring
 * @param {number} last
 * @param {(ring: Ring, y: number) => void} make
 */
export function makeRows(ring, last, make) {
  for (; ring.made <= last; ring.made++) {
    for (const source of ring.sources) makeRows(source, lastRead(ring, source), make);
    make(ring, ring.made);
  }
}

/** The last row of a source that the next row depends on. @param {Ring} ring @param {Ring} source */
function lastRead(ring, source) {
  const [, last] = /** @type {import("./layers.js").Layer} */ (ring.layer).reads(ring.made);
  return Math.min(last, source.height - 1);
}

/**
 * Find how many rows of each tensor are read after they were made, by a walk that computes nothing.
 *
 * @param {Map<string, Ring>} rings
 * @param {Ring[]} outputs
 * @param {number} cellRows
 */
export function measureRings(rings, outputs, cellRows) {
  for (let cellRow = 0; cellRow < cellRows; cellRow++) {
    for (const output of outputs) makeRows(output, lastOfCell(output, cellRow), keepRead);
  }
  for (const ring of rings.values()) ring.made = 0;
}

/** The last row that lies in a row of cells. @param {Ring} ring @param {number} cellRow */
export function lastOfCell(ring, cellRow) {
  return ((cellRow + 1) * CELL) / ring.pixels - 1;
}

/** @param {Ring} ring @param {number} y */
function keepRead(ring, y) {
  if (!ring.layer) return;
  const first = Math.max(0, ring.layer.reads(y)[0]);
  for (const source of ring.sources) source.rows = Math.max(source.rows, source.made - first);
}
