/** Prefix codes of a VP8L stream; RFC 9649, section 3.7.2. */

import { VaecodecError } from "../errors.js";
import { huffmanTable } from "../format/huffman.js";

const ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const FIRST_LENGTH = 8; // what is repeated where no length came before
/** Bits of a number of repetitions, and what is added to it; by symbol less 16. */
const REPEATS = [
  [2, 3],
  [3, 3],
  [7, 11],
];

/** @typedef {import("../format/huffman.js").Table} Code */

/**
 * @param {import("./bits.js").Bits} bits
 * @param {number} size of the alphabet
 * @returns {Code}
 */
export function readCode(bits, size) {
  const lengths = new Uint8Array(size);
  if (bits.take(1)) readSimple(bits, lengths);
  else readLengths(bits, lengths);
  return codeOf(lengths);
}

/** @param {import("./bits.js").Bits} bits @param {Uint8Array} lengths */
function readSimple(bits, lengths) {
  const isPair = bits.take(1);
  lengths[bits.take(bits.take(1) ? 8 : 1)] = 1;
  if (isPair) lengths[bits.take(8)] = 1;
}

/** @param {import("./bits.js").Bits} bits @param {Uint8Array} lengths */
function readLengths(bits, lengths) {
  const short = new Uint8Array(ORDER.length);
  const count = 4 + bits.take(4);
  for (let i = 0; i < count; i++) short[ORDER[i]] = bits.take(3);
  const code = codeOf(short);
  let left = bits.take(1) ? 2 + bits.take(2 + 2 * bits.take(3)) : lengths.length;
  let before = FIRST_LENGTH;
  for (let i = 0; i < lengths.length && left > 0; left--) {
    const symbol = bits.symbol(code);
    if (symbol < 16) {
      lengths[i++] = symbol;
      before = symbol || before;
      continue;
    }
    const [width, least] = REPEATS[symbol - 16];
    const end = i + least + bits.take(width);
    if (end > lengths.length) throw new VaecodecError("a WebP file has too many codes");
    lengths.fill(symbol === 16 ? before : 0, i, end);
    i = end;
  }
}

/** A code of a single symbol takes no bits. @param {Uint8Array} lengths @returns {Code} */
function codeOf(lengths) {
  const used = lengths.reduce((sum, length) => sum + (length ? 1 : 0), 0);
  if (used === 1) {
    const symbol = lengths.findIndex((length) => length > 0);
    return { bits: 0, symbols: Uint16Array.of(symbol), lengths: new Uint8Array(1) };
  }
  const code = used ? huffmanTable(lengths, true) : null;
  if (!code) throw new VaecodecError("a WebP file has codes that do not fit");
  return code;
}
