/** zlib streams (RFC 1950 and 1951), inflated no further than they may go. */

import { VaecodecError } from "../errors.js";
import { huffmanTable } from "./huffman.js";

const LENGTH_BASE = new Uint16Array(29);
const LENGTH_BITS = new Uint8Array(29);
const DISTANCE_BASE = new Uint16Array(30);
const DISTANCE_BITS = new Uint8Array(30);
fillExtra(LENGTH_BASE, LENGTH_BITS, 4, 3);
fillExtra(DISTANCE_BASE, DISTANCE_BITS, 2, 1);
LENGTH_BASE[28] = 258;
LENGTH_BITS[28] = 0;

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_LITERALS = 286;
const MOST_DISTANCES = 30;
const END_OF_BLOCK = 256;
const ADLER = 65521;
const FIXED_LITERALS = huffmanTable(
  Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = huffmanTable(new Uint8Array(32).fill(5));

/**
 * @param {Uint8Array} data begins with a zlib stream
 * @param {number} most how many bytes it may hold
 * @param {string} name of what is read, for messages
 * @returns {{ value: Uint8Array, end: number }} what it holds, and where it ends in `data`
 * @throws {VaecodecError} it is damaged, or holds more
 */
export function inflatePrefix(data, most, name) {
  const stream = new Stream(data, most, name);
  stream.header();
  while (!stream.block());
  return { value: stream.finish(), end: stream.position };
}

/**
 * As `inflatePrefix`, of data that is one whole stream.
 * @param {Uint8Array} data
 * @param {number} most
 * @param {string} name
 */
export function inflate(data, most, name) {
  const { value, end } = inflatePrefix(data, most, name);
  if (end !== data.length) throw new VaecodecError(`${name} is not one whole zlib stream`);
  return value;
}

class Stream {
  /**
   * @param {Uint8Array} data
   * @param {number} most
   * @param {string} name
   */
  constructor(data, most, name) {
    this.data = data;
    this.most = most;
    this.name = name;
    this.position = 0;
    this.bits = 0; // read ahead, the next one lowest
    this.count = 0; // of these bits
    this.out = new Uint8Array(Math.min(most, 4 * data.length + 64));
    this.length = 0;
  }

  header() {
    const method = this.take(8);
    const flags = this.take(8);
    const known = (method & 15) === 8 && method >> 4 <= 7;
    if (!known || (method * 256 + flags) % 31 || flags & 32) this.refuse("no header");
  }

  /** Inflate one block; returns whether it was the last. */
  block() {
    const last = this.take(1);
    const kind = this.take(2);
    if (kind === 0) this.stored();
    else if (kind === 1) this.coded(FIXED_LITERALS, FIXED_DISTANCES);
    else if (kind === 2) this.dynamic();
    else this.refuse("a block of an unknown kind");
    return last === 1;
  }

  stored() {
    this.align();
    const length = this.take(16);
    if (length !== (this.take(16) ^ 0xffff)) this.refuse("a length that does not fit");
    this.position -= this.count >> 3; // whole bytes that were read ahead
    this.bits = this.count = 0;
    if (this.position + length > this.data.length) this.refuse("cut off");
    this.reserve(length);
    this.out.set(this.data.subarray(this.position, this.position + length), this.length);
    this.length += length;
    this.position += length;
  }

  dynamic() {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const codes = this.take(4) + 4;
    if (literals > MOST_LITERALS || distances > MOST_DISTANCES) this.refuse("too many codes");
    const short = new Uint8Array(19);
    for (let i = 0; i < codes; i++) short[ORDER[i]] = this.take(3);
    const lengths = this.codeLengths(this.table(short, true), literals + distances);
    if (!lengths[END_OF_BLOCK]) this.refuse("a block without an end");
    const table = this.table(lengths.subarray(0, literals));
    this.coded(table, this.table(lengths.subarray(literals)));
  }

  /**
   * @param {Uint8Array} lengths
   * @param {boolean} [whole] no code may be missing
   */
  table(lengths, whole = false) {
    return huffmanTable(lengths, whole) ?? this.refuse("codes that do not fit");
  }

  /**
   * @param {import("./huffman.js").Table | null} table
   * @param {number} count
   */
  codeLengths(table, count) {
    const lengths = new Uint8Array(count);
    for (let i = 0; i < count;) {
      const symbol = this.symbol(table);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      const [bits, least] = [
        [2, 3],
        [3, 3],
        [7, 11],
      ][symbol - 16];
      const times = least + this.take(bits);
      if (i + times > count || (symbol === 16 && !i)) this.refuse("lengths that do not fit");
      lengths.fill(symbol === 16 ? lengths[i - 1] : 0, i, i + times);
      i += times;
    }
    return lengths;
  }

  /**
   * @param {import("./huffman.js").Table | null} literals
   * @param {import("./huffman.js").Table | null} distances
   */
  coded(literals, distances) {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        this.reserve(1);
        this.out[this.length++] = symbol;
      } else {
        if (symbol > 285) this.refuse("an unknown length");
        const length = LENGTH_BASE[symbol - 257] + this.take(LENGTH_BITS[symbol - 257]);
        this.repeat(length, this.symbol(distances));
      }
    }
  }

  /**
   * @param {number} length
   * @param {number} symbol that stands for a distance
   */
  repeat(length, symbol) {
    if (symbol > 29) this.refuse("an unknown distance");
    const distance = DISTANCE_BASE[symbol] + this.take(DISTANCE_BITS[symbol]);
    if (distance > this.length) this.refuse("a distance beyond the beginning");
    this.reserve(length);
    const { out } = this;
    for (let end = this.length + length; this.length < end; this.length++) {
      out[this.length] = out[this.length - distance];
    }
  }

  /** Make room. @param {number} length */
  reserve(length) {
    const needed = this.length + length;
    if (needed > this.most) {
      throw new VaecodecError(`${this.name} holds more than the ${this.most} bytes allowed`);
    }
    if (needed <= this.out.length) return;
    const larger = new Uint8Array(Math.min(this.most, 2 * needed));
    larger.set(this.out.subarray(0, this.length));
    this.out = larger;
  }

  finish() {
    this.align();
    this.position -= this.count >> 3;
    this.bits = this.count = 0;
    const value = this.out.subarray(0, this.length);
    let stored = 0;
    for (let i = 0; i < 4; i++) stored = stored * 256 + this.take(8);
    if (stored !== adler32(value)) this.refuse("a checksum that does not fit");
    return value;
  }

  /** @param {import("./huffman.js").Table | null} table */
  symbol(table) {
    const { bits: width, symbols, lengths } = /** @type {import("./huffman.js").Table} */ (table);
    while (this.count < width && this.position < this.data.length) this.more();
    const slot = this.bits & ((1 << width) - 1);
    const length = lengths[slot];
    if (!length || length > this.count) this.refuse("an unknown code");
    this.bits >>>= length;
    this.count -= length;
    return symbols[slot];
  }

  /** The next bits as a number. @param {number} count at most 16 */
  take(count) {
    while (this.count < count) {
      if (this.position >= this.data.length) this.refuse("cut off");
      this.more();
    }
    const value = this.bits & ((1 << count) - 1);
    this.bits >>>= count;
    this.count -= count;
    return value;
  }

  more() {
    this.bits |= this.data[this.position++] << this.count;
    this.count += 8;
  }

  align() {
    this.bits >>>= this.count & 7;
    this.count &= ~7;
  }

  /**
   * @param {string} reason
   * @returns {never}
   */
  refuse(reason) {
    throw new VaecodecError(`${this.name} is not deflated: ${reason}`);
  }
}

/** @param {Uint8Array} bytes */
function adler32(bytes) {
  let low = 1;
  let high = 0;
  for (let i = 0; i < bytes.length;) {
    for (const end = Math.min(i + 3800, bytes.length); i < end; i++) high += low += bytes[i];
    low %= ADLER;
    high %= ADLER;
  }
  return high * 65536 + low;
}

/**
 * Codes with extra bits: each base is where the numbers of the code before end.
 * @param {Uint16Array} base
 * @param {Uint8Array} bits
 * @param {number} each how many codes have the same number of extra bits
 * @param {number} first
 */
function fillExtra(base, bits, each, first) {
  for (let i = 0, next = first; i < base.length; i++) {
    bits[i] = Math.max(0, Math.floor(i / each) - 1);
    base[i] = next;
    next += 1 << bits[i];
  }
}
