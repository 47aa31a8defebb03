/** CRC-32 as in PNG, gzip and zlib; FORMAT.md, section 1. */

const POLYNOMIAL = 0xedb88320; // bits reflected
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/**
 * @param {Uint8Array} bytes
 * @param {number} [before] checksum of what comes before them
 * @returns {number} 0..2^32 - 1
 */
export function crc32(bytes, before = 0) {
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) rest = TABLE[(rest ^ bytes[i]) & 255] ^ (rest >>> 8);
  return ~rest >>> 0;
}
