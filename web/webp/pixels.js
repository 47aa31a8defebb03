/** Entropy-coded pixels of a VP8L stream, as ARGB; RFC 9649, sections 3.6 and 3.7. */

import { VaecodecError } from "../errors.js";
import { readCode } from "./prefix_codes.js";

const LENGTHS = 24; // prefixes of lengths, behind 256 greens
const DISTANCES = 40;
const MOST_CACHE_BITS = 11;
const CACHE_FACTOR = 0x1e35a7bd;
/** Near pixels by short codes: in each byte rows above, and 8 less columns to the left. */
const NEAR = Array.from(
  (
    "1807171928062729161a262a38053739151b363a252b48044749141c353b464a242c58454b343c03" +
    "5759131d565a232d444c555b333d68026769121e666a222e545c434d656b323e78017779535d111f" +
    "646c424e767a212f757b313f636d525e00747c414f1020626e30737d515f40727e616f50717f6070"
  ).matchAll(/../g),
  ([hex]) => ({ up: parseInt(hex[0], 16), left: 8 - parseInt(hex[1], 16) }),
);

/** @typedef {import("./prefix_codes.js").Code} Code */
/** @typedef {import("./bits.js").Bits} Bits */

/**
 * @param {Bits} bits
 * @param {number} width
 * @param {number} height
 * @param {boolean} isMain not one of the small images that describe the main one
 * @returns {Uint32Array}
 */
export function readPixels(bits, width, height, isMain = false) {
  const cacheBits = bits.take(1) ? bits.take(4) : 0;
  if (cacheBits > MOST_CACHE_BITS) throw new VaecodecError("a WebP file with too large a cache");
  const parts = isMain && bits.take(1) ? readParts(bits, width, height) : null;
  const count = parts ? parts.image.reduce((most, part) => Math.max(most, part), 0) + 1 : 1;
  const sizes = [256 + LENGTHS + (cacheBits ? 1 << cacheBits : 0), 256, 256, 256, DISTANCES];
  const groups = Array.from({ length: count }, () => sizes.map((size) => readCode(bits, size)));
  return new Reader(bits, width, height, groups, parts, cacheBits).read();
}

/**
 * Which group of codes each part of the image has.
 * @param {Bits} bits @param {number} width @param {number} height
 */
function readParts(bits, width, height) {
  const shift = bits.take(3) + 2;
  const columns = (width + (1 << shift) - 1) >> shift;
  const rows = (height + (1 << shift) - 1) >> shift;
  const image = readPixels(bits, columns, rows).map((pixel) => (pixel >>> 8) & 0xffff);
  return { shift, columns, image };
}

class Reader {
  /**
   * @param {Bits} bits @param {number} width @param {number} height
   * @param {Code[][]} groups
   * @param {{ shift: number, columns: number, image: Uint32Array } | null} parts
   * @param {number} cacheBits
   */
  constructor(bits, width, height, groups, parts, cacheBits) {
    this.bits = bits;
    this.width = width;
    this.pixels = new Uint32Array(width * height);
    this.groups = groups;
    this.parts = parts;
    this.cacheShift = 32 - cacheBits;
    this.cache = new Uint32Array(cacheBits ? 1 << cacheBits : 0);
    this.at = 0;
  }

  read() {
    const { pixels, bits, cache } = this;
    while (this.at < pixels.length) {
      const codes = this.codes();
      const symbol = bits.symbol(codes[0]);
      if (symbol < 256) this.put(this.literal(codes, symbol));
      else if (symbol < 256 + LENGTHS) this.copy(symbol - 256, codes[4]);
      else this.put(cache[symbol - 256 - LENGTHS]);
    }
    return pixels;
  }

  /** Those of the place that is read next. */
  codes() {
    if (!this.parts) return this.groups[0];
    const { shift, columns, image } = this.parts;
    const [x, y] = [this.at % this.width, Math.floor(this.at / this.width)];
    return this.groups[image[(y >> shift) * columns + (x >> shift)]];
  }

  /** @param {Code[]} codes @param {number} green */
  literal([, reds, blues, alphas], green) {
    const red = this.bits.symbol(reds);
    const blue = this.bits.symbol(blues);
    return (this.bits.symbol(alphas) << 24) | (red << 16) | (green << 8) | blue;
  }

  /** @param {number} prefix of a length @param {Code} distances */
  copy(prefix, distances) {
    const length = this.number(prefix);
    const code = this.number(this.bits.symbol(distances));
    const near = NEAR[code - 1];
    const distance = near ? near.up * this.width + near.left : code - NEAR.length;
    const from = this.at - Math.max(1, distance);
    if (from < 0 || this.at + length > this.pixels.length) {
      throw new VaecodecError("a WebP file copies what is not there");
    }
    for (let i = 0; i < length; i++) this.put(this.pixels[from + i]);
  }

  /** A length or distance. @param {number} prefix */
  number(prefix) {
    if (prefix < 4) return prefix + 1;
    const extra = (prefix - 2) >> 1;
    return ((2 + (prefix & 1)) << extra) + this.bits.take(extra) + 1;
  }

  /** @param {number} pixel */
  put(pixel) {
    this.pixels[this.at++] = pixel;
    if (this.cache.length) this.cache[Math.imul(CACHE_FACTOR, pixel) >>> this.cacheShift] = pixel;
  }
}
