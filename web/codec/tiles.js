/** Tiles of an image, and what belongs to each in a file; FORMAT.md, section 4. */

import { VaecodecError } from "../errors.js";
import { CELL } from "../format/beginning.js";
import { crc32 } from "../format/crc32.js";
import { tileColumns, tileCount } from "../format/header.js";

/**
 * @typedef {object} File taken apart, as far as it is there
 * @property {import("../format/beginning.js").Beginning} beginning
 * @property {Uint8Array[][]} payloads of each tile
 * @property {Uint8Array[]} alphas of each tile; none without alpha
 */

/**
 * @typedef {object} Tile
 * @property {number} number
 * @property {number} x of its first pixel
 * @property {number} y
 * @property {number} width in pixels
 * @property {number} height
 */

/** @param {import("../format/header.js").Header} header @param {number} number @returns {Tile} */
export function tileOf(header, number) {
  const { tileSize } = header;
  const columns = tileColumns(header);
  const x = (number % columns) * tileSize;
  const y = Math.floor(number / columns) * tileSize;
  const [width, height] = [
    Math.min(tileSize, header.width - x),
    Math.min(tileSize, header.height - y),
  ];
  return { number, x, y, width, height };
}

/**
 * Numbers of the tiles that meet an area, row after row.
 * @param {import("../format/header.js").Header} header
 * @param {{ x: number, y: number, width: number, height: number }} area in pixels
 */
export function tilesIn(header, { x, y, width, height }) {
  const { tileSize } = header;
  const columns = tileColumns(header);
  const numbers = [];
  for (let row = Math.floor(y / tileSize); row * tileSize < y + height; row++) {
    for (let column = Math.floor(x / tileSize); column * tileSize < x + width; column++) {
      numbers.push(row * columns + column);
    }
  }
  return numbers.filter((number) => number < tileCount(header));
}

/** CRC-32 of what the payloads of a tile are bound to. @param {File} file @param {number} number */
export function boundTo({ beginning, alphas }, number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  const parts = [beginning.header.bytes, beginning.qualityMap, bytes, alphas[number]];
  return parts.reduce((sum, part) => (part ? crc32(part, sum) : sum), 0);
}

/**
 * Say of which tile something is wrong.
 *
 * @template T
 * @param {import("../format/header.js").Header} header
 * @param {number} number
 * @param {() => T} work
 * @returns {T}
 */
export function named(header, number, work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof VaecodecError)) throw error;
    const columns = tileColumns(header);
    const place = `row ${Math.floor(number / columns)}, column ${number % columns}`;
    const name = `tile ${number + 1} of ${tileCount(header)} (${place})`;
    throw new VaecodecError(`${name}: ${error.message}`, error.kind);
  }
}

/** @param {number} pixels */
export function inCells(pixels) {
  return Math.ceil(pixels / CELL);
}
