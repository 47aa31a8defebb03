/** Lossless WebP files; RFC 9649. */

import { VaecodecError } from "../errors.js";
import { Bits } from "./bits.js";
import { readPixels } from "./pixels.js";
import { addPredictions, added } from "./prediction.js";

const HEAD_BYTES = 20; // RIFF, size, WEBP, VP8L, size
const SIGNATURE = 0x2f;

/** @typedef {(pixels: Uint32Array) => Uint32Array} Undo */

/**
 * Decode a file of the simple format.
 *
 * @param {Uint8Array} file
 * @param {number} width that it must have
 * @param {number} height
 * @returns {{ pixels: Uint32Array, hasAlpha: boolean }} ARGB, row after row
 * @throws {VaecodecError} it is damaged, or of another kind or size
 */
export function decodeWebp(file, width, height) {
  const bits = new Bits(streamOf(file));
  const stated = [bits.take(8), bits.take(14) + 1, bits.take(14) + 1];
  const hasAlpha = bits.take(1) === 1;
  if (stated.join() !== [SIGNATURE, width, height].join() || bits.take(3)) {
    throw new VaecodecError(`not a lossless WebP file of ${width} x ${height} pixels`);
  }
  const { undo, width: codedWidth } = readTransforms(bits, width, height);
  const coded = readPixels(bits, codedWidth, height, true);
  const pixels = undo.reduceRight((changed, step) => step(changed), coded);
  return { pixels, hasAlpha };
}

/** @param {Uint8Array} file */
function streamOf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const names = String.fromCharCode(...file.subarray(0, 4), ...file.subarray(8, 16));
  const fits =
    file.length > HEAD_BYTES &&
    names === "RIFFWEBPVP8L" &&
    view.getUint32(4, true) === file.length - 8 &&
    HEAD_BYTES + view.getUint32(16, true) + (view.getUint32(16, true) & 1) === file.length;
  if (!fits) throw new VaecodecError("not a WebP file of the simple format, lossless");
  return file.subarray(HEAD_BYTES, HEAD_BYTES + view.getUint32(16, true));
}

/**
 * What undoes the transforms, in the order in which they were made.
 * @param {Bits} bits @param {number} width @param {number} height
 */
function readTransforms(bits, width, height) {
  /** @type {Undo[]} */
  const undo = [];
  const kinds = new Set();
  while (bits.take(1)) {
    const kind = bits.take(2);
    if (kinds.has(kind)) throw new VaecodecError("a WebP file with a transform twice");
    kinds.add(kind);
    if (kind === 2) undo.push(addGreen);
    else if (kind === 3) {
      const palette = readPalette(bits);
      const [from, to] = [Math.ceil(width / palette.perPixel), width];
      undo.push((pixels) => unpacked(pixels, palette, from, to));
      width = from;
    } else {
      const blocks = readBlocks(bits, width, height);
      const to = width;
      undo.push((pixels) => {
        if (kind === 0) addPredictions(pixels, to, blocks);
        else addColours(pixels, to, blocks);
        return pixels;
      });
    }
  }
  return { undo, width };
}

/** @param {Bits} bits @param {number} width @param {number} height */
function readBlocks(bits, width, height) {
  const shift = bits.take(3) + 2;
  const columns = (width + (1 << shift) - 1) >> shift;
  const rows = (height + (1 << shift) - 1) >> shift;
  return { shift, columns, image: readPixels(bits, columns, rows) };
}

/** @type {Undo} */
function addGreen(pixels) {
  return pixels.map((pixel) => {
    const green = (pixel >>> 8) & 255;
    return added(pixel, (green << 16) | green);
  });
}

/**
 * @param {Uint32Array} pixels
 * @param {number} width
 * @param {{ shift: number, columns: number, image: Uint32Array }} blocks
 */
function addColours(pixels, width, { shift, columns, image }) {
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const factors = image[(y >> shift) * columns + (x >> shift)];
    const pixel = pixels[i];
    const red = (pixel >> 16) + share(factors, pixel >> 8);
    const blue = pixel + share(factors >> 8, pixel >> 8) + share(factors >> 16, red);
    pixels[i] = (pixel & 0xff00ff00) | ((red & 255) << 16) | (blue & 255);
  }
}

/** Product of two signed bytes, the lowest of each, in 1/32. @param {number} factor @param {number} value */
function share(factor, value) {
  return (((factor << 24) >> 24) * ((value << 24) >> 24)) >> 5;
}

/** @param {Bits} bits */
function readPalette(bits) {
  const size = bits.take(8) + 1;
  const colours = readPixels(bits, size, 1);
  for (let i = 1; i < size; i++) colours[i] = added(colours[i], colours[i - 1]);
  const perPixel = size <= 2 ? 8 : size <= 4 ? 4 : size <= 16 ? 2 : 1;
  return { colours, perPixel };
}

/**
 * @param {Uint32Array} pixels
 * @param {{ colours: Uint32Array, perPixel: number }} palette
 * @param {number} from width that is packed
 * @param {number} to width
 */
function unpacked(pixels, { colours, perPixel }, from, to) {
  const bits = 8 / perPixel;
  const out = new Uint32Array((pixels.length / from) * to);
  for (let i = 0; i < out.length; i++) {
    const [x, y] = [i % to, Math.floor(i / to)];
    const green = (pixels[y * from + Math.floor(x / perPixel)] >>> 8) & 255;
    const index = (green >> (bits * (x % perPixel))) & ((1 << bits) - 1);
    out[i] = index < colours.length ? colours[index] : 0;
  }
  return out;
}
