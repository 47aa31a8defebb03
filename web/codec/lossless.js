/** Tiles whose samples are kept as they are -> pixels; FORMAT.md, section 4. */

import { VaecodecError } from "../errors.js";
import { crc32 } from "../format/crc32.js";
import { largestError } from "../format/header.js";
import { decodeWebp } from "../webp/vp8l.js";
import { boundTo, named, tileOf, tilesIn } from "./tiles.js";

const WEBP = 0; // kinds of tiles
const LEARNED = 1;
const HEAD_BYTES = 5; // kind and check
const MOST = 255; // of a sample

/** @typedef {import("./tiles.js").File} File */
/** @typedef {import("./painting.js").Area} Area */

/**
 * Paint an area of a lossless file; stops after each tile.
 *
 * @param {File} file
 * @param {Area} area
 * @param {Uint8ClampedArray} out red, green, blue and alpha of its pixels
 * @returns {Generator<void, void, void>}
 * @throws {VaecodecError} a tile is damaged
 */
export function* paintLossless(file, area, out) {
  const { header } = file.beginning;
  for (const number of tilesIn(header, area)) {
    const tile = tileOf(header, number);
    const samples = named(header, number, () => decodeTile(file, tile));
    place(samples, header.channels, tile, area, out);
    yield;
  }
}

/**
 * @param {File} file
 * @param {import("./tiles.js").Tile} tile
 * @returns {Uint8Array} samples, each pixel with as many as the image has channels
 */
function decodeTile(file, { number, width, height }) {
  const { channels } = file.beginning.header;
  const [data] = file.payloads[number];
  if (data[0] === LEARNED) {
    throw new VaecodecError("a lossless tile of a learned model, which this program does not read");
  }
  if (data[0] !== WEBP) throw new VaecodecError(`a lossless tile of the kind ${data[0] ?? "none"}`);
  const { pixels, hasAlpha } = decodeWebp(data.subarray(HEAD_BYTES), width, height);
  if (hasAlpha && channels % 2) throw new VaecodecError("a lossless tile with alpha");
  const samples = samplesOf(pixels, channels, hasAlpha);
  multiply(samples, channels, 2 * largestError(file.beginning.header) + 1);
  const check = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
  if (crc32(samples, boundTo(file, number)) !== check) {
    throw new VaecodecError("the samples of a lossless tile do not fit their checksum");
  }
  return samples;
}

/** @param {Uint32Array} pixels @param {number} channels @param {boolean} hasAlpha */
function samplesOf(pixels, channels, hasAlpha) {
  const samples = new Uint8Array(channels * pixels.length);
  const colours = channels > 2 ? 3 : 1;
  for (let i = 0, at = 0; i < pixels.length; i++) {
    const pixel = pixels[i];
    const green = (pixel >>> 8) & 255;
    if (colours === 1 && (((pixel >>> 16) & 255) !== green || (pixel & 255) !== green)) {
      throw new VaecodecError("a lossless tile with colours in a gray image");
    }
    for (let c = 0; c < colours; c++) samples[at++] = (pixel >>> (16 - 8 * c)) & 255;
    if (channels > colours) samples[at++] = hasAlpha ? pixel >>> 24 : 255;
  }
  return samples;
}

/**
 * Numbers of colours stand for multiples, in place; those of alpha for themselves.
 * @param {Uint8Array} samples
 * @param {number} channels
 * @param {number} unit
 */
function multiply(samples, channels, unit) {
  if (unit === 1) return;
  for (let i = 0; i < samples.length; i++) {
    if (channels % 2 === 0 && i % channels === channels - 1) continue;
    const sample = samples[i] * unit;
    if (sample > MOST + (unit - 1) / 2)
      throw new VaecodecError("a lossless tile with a sample too large");
    samples[i] = Math.min(MOST, sample);
  }
}

/**
 * @param {Uint8Array} samples
 * @param {number} channels
 * @param {import("./tiles.js").Tile} tile
 * @param {Area} area
 * @param {Uint8ClampedArray} out
 */
function place(samples, channels, tile, area, out) {
  const colours = channels > 2 ? 3 : 1;
  const [top, left] = [Math.max(tile.y, area.y), Math.max(tile.x, area.x)];
  const bottom = Math.min(tile.y + tile.height, area.y + area.height);
  const right = Math.min(tile.x + tile.width, area.x + area.width);
  for (let y = top; y < bottom; y++) {
    let from = channels * ((y - tile.y) * tile.width + left - tile.x);
    let to = 4 * ((y - area.y) * area.width + left - area.x);
    for (let x = left; x < right; x++, from += channels, to += 4) {
      for (let c = 0; c < 3; c++) out[to + c] = samples[from + (colours === 3 ? c : 0)];
      out[to + 3] = channels > colours ? samples[from + colours] : 255;
    }
  }
}
