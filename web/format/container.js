/**
 * A whole file, taken apart while its bytes arrive; FORMAT.md, sections 2 and 4.
 *
 *     beginning | round 1: [A] T  [A] T  [A] T | round 2: T  T  T | ...
 *     beginning | L  L  L                                               of a lossless file
 */

import { VaecodecError } from "../errors.js";
import { parseBeginning } from "./beginning.js";
import { parseChunk } from "./chunks.js";
import { codesAlphaApart, isLossless, tileCount } from "./header.js";

const FIRST_ROOM = 2 ** 16; // bytes

export class Container {
  /** @param {number} mostPixels larger images are refused */
  constructor(mostPixels) {
    this.mostPixels = mostPixels;
    this.room = new Uint8Array(FIRST_ROOM);
    this.length = 0;
    this.whole = false;
    /** @type {import("./beginning.js").Beginning | null} */
    this.beginning = null;
    this.tiles = 0;
    this.position = 0;
    this.read = 0; // chunks of tiles
    /** @type {Uint8Array[]} */
    this.alphas = [];
    /** @type {Uint8Array[][]} payloads of each tile */
    this.payloads = [];
  }

  /** @param {Uint8Array} bytes that follow */
  push(bytes) {
    const needed = this.length + bytes.length;
    if (needed > this.room.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.room.length));
      larger.set(this.room.subarray(0, this.length));
      this.room = larger;
    }
    this.room.set(bytes, this.length);
    this.length = needed;
  }

  /** Nothing follows. */
  end() {
    this.whole = true;
  }

  /**
   * Read on as far as bytes are there.
   * @throws {VaecodecError} the file breaks a rule, or this program does not read it
   */
  parse() {
    const file = this.room.subarray(0, this.length);
    if (!this.beginning && !this.begin(file)) return;
    while (this.read < this.expected && this.tileChunk(file));
    if (this.read === this.expected && this.position < file.length) {
      throw new VaecodecError(`at byte ${this.position}: bytes after the last tile`);
    }
  }

  /** How many rounds are there, of all tiles. */
  get rounds() {
    if (!this.beginning) return 0;
    const first = codesAlphaApart(this.beginning.header) ? 2 : 1;
    return Math.max(0, Math.floor(this.read / this.tiles) + 1 - first);
  }

  /** How many chunks the tiles have. */
  get expected() {
    const { header } = /** @type {import("./beginning.js").Beginning} */ (this.beginning);
    return this.tiles * (header.rounds + (codesAlphaApart(header) ? 1 : 0));
  }

  /** @param {Uint8Array} file */
  begin(file) {
    this.beginning = parseBeginning(file, this.whole, this.mostPixels);
    if (!this.beginning) return false;
    this.tiles = tileCount(this.beginning.header);
    this.position = this.beginning.end;
    return true;
  }

  /**
   * @param {Uint8Array} file
   * @returns {boolean} whether it is there
   */
  tileChunk(file) {
    const chunk = parseChunk(file, this.position, this.whole);
    if (!chunk) return false;
    const { header } = /** @type {import("./beginning.js").Beginning} */ (this.beginning);
    const pairs = codesAlphaApart(header) && this.read < 2 * this.tiles;
    if (pairs && this.read % 2 === 0) this.keepAlpha(chunk);
    else this.keepPayload(chunk, pairs ? this.read >> 1 : this.read % this.tiles);
    this.read++;
    this.position = chunk.end;
    return true;
  }

  /** @param {import("./chunks.js").Chunk} chunk */
  keepAlpha(chunk) {
    if (chunk.type !== "A") throw misplaced(chunk, "A");
    this.alphas.push(chunk.data.slice());
  }

  /**
   * @param {import("./chunks.js").Chunk} chunk
   * @param {number} tile
   */
  keepPayload(chunk, tile) {
    const { header } = /** @type {import("./beginning.js").Beginning} */ (this.beginning);
    const expected = isLossless(header) ? "L" : "T";
    if (chunk.type !== expected) throw misplaced(chunk, expected);
    if (this.payloads.length <= tile) this.payloads.push([]);
    this.payloads[tile].push(chunk.data.slice());
  }
}

/**
 * @param {import("./chunks.js").Chunk} chunk
 * @param {string} expected
 */
function misplaced({ type, start }, expected) {
  return new VaecodecError(`at byte ${start}: chunk '${type}', expected '${expected}'`);
}
