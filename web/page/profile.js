/** Pictures whose colours are not those of sRGB, as images that the browser converts for the screen. */

import { crc32 } from "../format/crc32.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const RGBA_8_BITS = [8, 6, 0, 0, 0];

/**
 * An image element of a picture, or null where a security policy forbids it.
 * @param {import("../vaecodec.js").Picture} picture
 * @returns {Promise<HTMLImageElement | null>}
 */
export async function shownWithProfile(picture) {
  const address = URL.createObjectURL(await pngOf(picture));
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * A PNG file of a picture and its profile.
 * @param {import("../vaecodec.js").Picture} picture
 */
async function pngOf({ width, height, data, metadata }) {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  RGBA_8_BITS.forEach((byte, i) => header.setUint8(8 + i, byte));
  return new Blob([
    new Uint8Array(SIGNATURE),
    ...chunk("IHDR", [new Uint8Array(header.buffer)]),
    ...(await colours(metadata)),
    ...chunk("IDAT", [await deflated(rowsOf(data, width))]),
    ...chunk("IEND", []),
  ]);
}

/** The chunk that says what colours mean. @param {import("../vaecodec.js").Metadata} metadata */
async function colours({ codePoints, iccProfile = new Uint8Array() }) {
  if (codePoints) return chunk("cICP", [codePoints]);
  const name = new TextEncoder().encode("profile\0\0");
  return chunk("iCCP", [name, await deflated([iccProfile])]);
}

/**
 * @param {Uint8ClampedArray} data
 * @param {number} width
 */
function rowsOf(data, width) {
  const rows = [];
  for (let at = 0; at < data.length; at += 4 * width) {
    rows.push(new Uint8Array(1), new Uint8Array(data.buffer, at, 4 * width)); // no filter
  }
  return rows;
}

/** @param {Uint8Array[]} parts @returns {Promise<Uint8Array<ArrayBuffer>>} a zlib stream */
async function deflated(parts) {
  const stream = new Blob(/** @type {any} */ (parts)).stream();
  const packed = stream.pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** @param {string} type @param {Uint8Array[]} parts @returns {Uint8Array<ArrayBuffer>[]} */
function chunk(type, parts) {
  const body = [new TextEncoder().encode(type), ...parts];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const checksum = body.reduce((sum, part) => crc32(part, sum), 0);
  return /** @type {any} */ ([bigEndian(length), ...body, bigEndian(checksum)]);
}

/** @param {number} value */
function bigEndian(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
