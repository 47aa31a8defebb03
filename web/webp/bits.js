/** Bits of a VP8L stream, the lowest of each byte first; RFC 9649, section 3.1. */

import { VaecodecError } from "../errors.js";

export class Bits {
  /** @param {Uint8Array} data */
  constructor(data) {
    this.data = data;
    this.position = 0;
    this.held = 0;
    this.count = 0; // of bits that are held
  }

  /** The next bits as a number. @param {number} count at most 18 */
  take(count) {
    this.fill(count);
    const value = this.held & ((1 << count) - 1);
    this.drop(count);
    return value;
  }

  /** The next symbol. @param {import("./prefix_codes.js").Code} code */
  symbol({ bits, symbols, lengths }) {
    while (this.count < bits && this.position < this.data.length) this.more();
    const slot = this.held & ((1 << bits) - 1);
    if (lengths[slot] > this.count) throw new VaecodecError("a WebP file is cut off");
    this.drop(lengths[slot]);
    return symbols[slot];
  }

  /** @param {number} count */
  fill(count) {
    while (this.count < count) {
      if (this.position >= this.data.length) throw new VaecodecError("a WebP file is cut off");
      this.more();
    }
  }

  more() {
    this.held |= this.data[this.position++] << this.count;
    this.count += 8;
  }

  /** @param {number} count */
  drop(count) {
    this.held >>>= count;
    this.count -= count;
  }
}
