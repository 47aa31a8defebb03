/** Prefix codes of deflate (RFC 1951, section 3.2.2) as tables that a few bits look up. */

/**
 * @typedef {object} Table
 * @property {number} bits that a look-up takes
 * @property {Uint16Array} symbols for each pattern of bits
 * @property {Uint8Array} lengths of their codes, 0 where there is none
 */

const MOST_BITS = 15;

/**
 * @param {Uint8Array} lengths of the codes of all symbols, 0..15
 * @param {boolean} [whole] no pattern may be left without a code, not even beside a single one
 * @returns {Table | null} null if there are too many codes, or too few
 */
export function huffmanTable(lengths, whole = false) {
  const counts = new Uint16Array(MOST_BITS + 1);
  for (const length of lengths) counts[length]++;
  let bits = MOST_BITS;
  while (bits > 1 && !counts[bits]) bits--;
  const starts = new Uint16Array(MOST_BITS + 2);
  let left = 1;
  for (let length = 1; length <= bits; length++) {
    left = 2 * left - counts[length];
    if (left < 0) return null;
    starts[length + 1] = (starts[length] + counts[length]) << 1;
  }
  if (left > 0 && (whole || bits > 1)) return null;
  return fill(lengths, starts, bits);
}

/**
 * @param {Uint8Array} lengths
 * @param {Uint16Array} next code of each length
 * @param {number} bits
 */
function fill(lengths, next, bits) {
  const table = {
    bits,
    symbols: new Uint16Array(1 << bits),
    lengths: new Uint8Array(1 << bits),
  };
  lengths.forEach((length, symbol) => {
    if (!length) return;
    const code = reversed(next[length]++, length);
    for (let slot = code; slot < 1 << bits; slot += 1 << length) {
      table.symbols[slot] = symbol;
      table.lengths[slot] = length;
    }
  });
  return table;
}

/**
 * @param {number} code
 * @param {number} length
 */
function reversed(code, length) {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}
