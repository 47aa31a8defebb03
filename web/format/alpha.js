/** Alpha of a tile: a PNG file of one kind, or nothing at all; FORMAT.md, section 4. */

import { VaecodecError } from "../errors.js";
import { crc32 } from "./crc32.js";
import { inflate } from "./inflate.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GRAY_8_BITS = [8, 0, 0, 0, 0];
const OPAQUE = 255;

/**
 * @param {Uint8Array} data of the chunk
 * @param {number} width of the tile
 * @param {number} height
 * @returns {Uint8Array} samples, row after row
 * @throws {VaecodecError} the data is not a PNG file of this size and of the kind that is allowed
 */
export function decodeAlpha(data, width, height) {
  if (!data.length) return new Uint8Array(width * height).fill(OPAQUE);
  const size = height * (1 + width);
  const rows = inflate(deflatedRows(data, width, height), size, "alpha: PNG");
  if (rows.length !== size) throw new VaecodecError(`alpha: PNG does not hold ${size} bytes`);
  const samples = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = rows.subarray(y * (1 + width), (y + 1) * (1 + width));
    const above = y ? samples.subarray((y - 1) * width, y * width) : new Uint8Array(width);
    unfilter(row[0], row.subarray(1), above, samples.subarray(y * width, (y + 1) * width));
  }
  return samples;
}

/**
 * @param {Uint8Array} data
 * @param {number} width
 * @param {number} height
 */
function deflatedRows(data, width, height) {
  const chunks = pngChunks(data);
  const [first, ...others] = chunks;
  const last = others.pop();
  if (first?.type !== "IHDR" || !isHeader(first.data, width, height)) {
    throw new VaecodecError(`alpha is no 8-bit gray PNG of ${width} x ${height} pixels`);
  }
  const isRest = others.length && others.every(({ type }) => type === "IDAT");
  if (!isRest || last?.type !== "IEND" || last.data.length) {
    throw new VaecodecError("alpha: PNG with other chunks than IHDR, IDAT, IEND");
  }
  return joined(others.map((chunk) => chunk.data));
}

/** @param {Uint8Array} data */
function pngChunks(data) {
  if (SIGNATURE.some((byte, i) => data[i] !== byte)) {
    throw new VaecodecError("alpha is not a PNG file");
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const chunks = [];
  for (let position = SIGNATURE.length; position < data.length;) {
    const length = position + 12 <= data.length ? view.getUint32(position) : Infinity;
    const end = position + 12 + length;
    if (
      end > data.length ||
      crc32(data.subarray(position + 4, end - 4)) !== view.getUint32(end - 4)
    ) {
      throw new VaecodecError("alpha: a PNG chunk is cut off or damaged");
    }
    const type = String.fromCharCode(...data.subarray(position + 4, position + 8));
    chunks.push({ type, data: data.subarray(position + 8, end - 4) });
    position = end;
  }
  return chunks;
}

/**
 * @param {Uint8Array} data of the chunk IHDR
 * @param {number} width
 * @param {number} height
 */
function isHeader(data, width, height) {
  if (data.length !== 13) return false;
  const view = new DataView(data.buffer, data.byteOffset);
  const kind = GRAY_8_BITS.every((byte, i) => data[8 + i] === byte);
  return kind && view.getUint32(0) === width && view.getUint32(4) === height;
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/**
 * @param {number} filter 0..4
 * @param {Uint8Array} row
 * @param {Uint8Array} above samples of the row before
 * @param {Uint8Array} out
 */
function unfilter(filter, row, above, out) {
  if (filter > 4) throw new VaecodecError("alpha: PNG with an unknown filter");
  for (let x = 0; x < row.length; x++) {
    const left = x ? out[x - 1] : 0;
    const corner = x ? above[x - 1] : 0;
    out[x] = row[x] + predicted(filter, left, above[x], corner);
  }
}

/**
 * @param {number} filter
 * @param {number} left
 * @param {number} up
 * @param {number} corner
 */
function predicted(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
