/** The header of an image; FORMAT.md, section 3. */

import { VaecodecError } from "../errors.js";
import { parseVarint } from "./chunks.js";

const MOST_SIDE = 2 ** 20;
const FIXED_BYTES = 15; // behind the height
const DEPTH = 8;
const MOST_TILE = 1024; // of files with a model
const NO_STREAM = "0".repeat(16);

/**
 * @typedef {object} Header
 * @property {number} width in pixels
 * @property {number} height rows of pixels
 * @property {number} channels 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
 * @property {number} quality 0..100
 * @property {number} tileSize side of a tile in pixels
 * @property {number} rounds payloads of a tile: 1, or one for each step of the model
 * @property {string} streamId 16 hex digits: which models decode the symbols
 * @property {string} painterId 8 hex digits: which painter the sender meant
 * @property {number} bitDepth of a sample
 * @property {Uint8Array} bytes the data of the chunk
 */

/**
 * @param {Uint8Array} data of the chunk
 * @returns {Header}
 * @throws {VaecodecError} a value is outside of its range, or there are too few bytes or too many
 */
export function parseHeader(data) {
  const width = varint(data, 0, "width");
  const height = varint(data, width.end, "height");
  const fixed = data.subarray(height.end);
  if (fixed.length !== FIXED_BYTES) {
    throw new VaecodecError(`header: ${fixed.length} bytes after the height, not ${FIXED_BYTES}`);
  }
  const [samples, quality, tiling] = fixed;
  if (!(samples & 15)) {
    throw new VaecodecError("header: layout 0 (chunk 'C') is not read by this program");
  }
  const header = {
    width: between("width", width.value, 1, MOST_SIDE),
    height: between("height", height.value, 1, MOST_SIDE),
    channels: between("layout", samples & 15, 1, 4),
    quality: between("quality", quality, 0, 100),
    tileSize: 1 << between("tile_log2", tiling & 15, 6, 12),
    rounds: between("rounds", tiling >> 4, 1, 15),
    streamId: hex(fixed.subarray(3, 11)),
    painterId: hex(fixed.subarray(11)),
    bitDepth: between("bits per sample", (samples >> 4) + 1, 8, 16),
    bytes: data,
  };
  if (isLossless(header)) checkLossless(header);
  else between("side of a tile", header.tileSize, 0, MOST_TILE);
  return header;
}

/** Whether the samples are kept as they are, so that no model is needed. @param {Header} header */
export function isLossless({ streamId }) {
  return streamId === NO_STREAM;
}

/** Refuse what means nothing without a model. @param {Header} header */
function checkLossless(header) {
  between("quality of a lossless file", header.quality, 100, 100);
  between("rounds of a lossless file", header.rounds, 1, 1);
  between("largest error", largestError(header), 0, 2 ** (header.bitDepth - 1) - 1);
}

/** By how much colours of a lossless file differ from those given. @param {Header} header */
export function largestError({ painterId }) {
  const bytes = /** @type {string[]} */ (painterId.match(/../g));
  return bytes.reduceRight((sum, byte) => sum * 256 + parseInt(byte, 16), 0);
}

/**
 * Refuse images that a file may hold, but this program does not read.
 * @param {Header} header
 * @param {number} mostPixels
 */
export function checkReadable(header, mostPixels) {
  if (header.bitDepth !== DEPTH) {
    throw new VaecodecError(`samples of ${header.bitDepth} bits: this program reads ${DEPTH}`);
  }
  const pixels = header.width * header.height;
  if (pixels > mostPixels) {
    const size = `${header.width} x ${header.height}`;
    throw new VaecodecError(`${size} are ${pixels} pixels, more than the ${mostPixels} allowed`);
  }
}

/** @param {Header} header */
export function hasAlpha(header) {
  return header.channels % 2 === 0;
}

/** Whether each tile has a chunk of its own for alpha. @param {Header} header */
export function codesAlphaApart(header) {
  return hasAlpha(header) && !isLossless(header);
}

/** @param {Header} header */
export function tileColumns(header) {
  return Math.ceil(header.width / header.tileSize);
}

/** @param {Header} header */
export function tileCount(header) {
  return tileColumns(header) * Math.ceil(header.height / header.tileSize);
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Uint8Array} data
 * @param {number} position
 * @param {string} name
 */
function varint(data, position, name) {
  const found = parseVarint(data, position, true, `header: ${name}`);
  return /** @type {{ value: number, end: number }} */ (found);
}

/**
 * @param {string} name
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
function between(name, value, low, high) {
  if (value >= low && value <= high) return value;
  throw new VaecodecError(`header: ${name} ${value} is not in ${low}..${high}`);
}
