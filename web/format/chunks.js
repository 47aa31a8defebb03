/** Chunks: the pieces a file is made of after its signature; FORMAT.md, section 2. */

import { VaecodecError } from "../errors.js";
import { crc32 } from "./crc32.js";

const VARINT_LIMIT = 2 ** 31;
const MOST_VARINT_BYTES = 5;
const CRC_BYTES = 4;

/**
 * @typedef {object} Chunk
 * @property {string} type one ASCII letter
 * @property {number} start position of the letter in the file
 * @property {Uint8Array} data
 * @property {number} end position behind the chunk
 */

/**
 * Read the chunk that begins at a position.
 *
 * @param {Uint8Array} file as far as it is there
 * @param {number} position
 * @param {boolean} whole nothing follows these bytes
 * @returns {Chunk | null} null if bytes are missing that may follow
 * @throws {VaecodecError} it is damaged, or the file ends in it
 */
export function parseChunk(file, position, whole) {
  if (position >= file.length) {
    return cutOff(whole, `at byte ${position}: the file ends, a chunk should begin`);
  }
  const type = letterAt(file, position);
  const name = `at byte ${position}: length of chunk '${type}'`;
  const length = parseVarint(file, position + 1, whole, name);
  if (!length) return null;
  const end = length.end + length.value + CRC_BYTES;
  if (end > file.length) {
    const has = `the file ends after ${file.length} bytes, not ${end}`;
    return cutOff(whole, `${name} is ${length.value}, but ${has}`);
  }
  checkCrc(file, position, end, type);
  return { type, start: position, data: file.subarray(length.end, end - CRC_BYTES), end };
}

/** Whether a reader that does not know the type must refuse the file. @param {string} type */
export function isRequired(type) {
  return type <= "Z";
}

/**
 * @param {Uint8Array} bytes
 * @param {number} position
 * @param {boolean} whole nothing follows these bytes
 * @param {string} name of what is read, for messages
 * @returns {{ value: number, end: number } | null} null if bytes are missing that may follow
 */
export function parseVarint(bytes, position, whole, name) {
  let value = 0;
  for (let count = 0; count < MOST_VARINT_BYTES; count++) {
    if (position + count >= bytes.length) return cutOff(whole, `${name} is cut off`);
    const byte = bytes[position + count];
    value += (byte & 127) * 2 ** (7 * count);
    if (byte & 128) continue;
    if (!byte && count) throw new VaecodecError(`${name} is not in its shortest form`);
    if (value >= VARINT_LIMIT) throw new VaecodecError(`${name} is ${value}, too large`);
    return { value, end: position + count + 1 };
  }
  throw new VaecodecError(`${name} is longer than ${MOST_VARINT_BYTES} bytes`);
}

/**
 * @param {boolean} whole
 * @param {string} message
 * @returns {null}
 */
function cutOff(whole, message) {
  if (whole) throw new VaecodecError(message);
  return null;
}

/**
 * @param {Uint8Array} file
 * @param {number} position
 */
function letterAt(file, position) {
  const type = String.fromCharCode(file[position]);
  if (/[A-Za-z]/.test(type)) return type;
  const hex = file[position].toString(16).padStart(2, "0");
  throw new VaecodecError(`at byte ${position}: chunk type 0x${hex} is not a letter`);
}

/**
 * @param {Uint8Array} file
 * @param {number} start
 * @param {number} end
 * @param {string} type
 */
function checkCrc(file, start, end, type) {
  const computed = crc32(file.subarray(start, end - CRC_BYTES));
  const stored = new DataView(file.buffer, file.byteOffset).getUint32(end - CRC_BYTES, true);
  if (computed !== stored) {
    throw new VaecodecError(`at byte ${start}: chunk '${type}' is damaged`);
  }
}
