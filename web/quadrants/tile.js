/** Payloads of a tile -> its latents; quadrants/SPEC.md, sections 1 to 3. */

import { SectionDecoder } from "../entropy/section_decoder.js";
import { VaecodecError } from "../errors.js";
import { CELL } from "../format/beginning.js";
import { decodeHyper } from "./hyper.js";
import { LatentSteps } from "./latent.js";

export const STEPS = 6;
const PATCH = 16; // pixels of a latent position

/** @typedef {import("./model.js").Model} Model */

/**
 * @typedef {object} Destination of latents
 * @property {number} address of the first position of the tile
 * @property {number} stride positions from one row to the next
 * @property {number} hyperAddress of the first value of the hyper-latent
 * @property {number} hyperStride positions of it from one row to the next
 */

/**
 * Decode a tile.
 *
 * @param {Model} model
 * @param {object} tile
 * @param {Uint8Array[]} tile.payloads one for each step, or one; the last may be missing: then
 *   symbols of these steps are 0
 * @param {boolean} tile.fused all steps are in one payload
 * @param {number} tile.checksum CRC-32 of what they are bound to
 * @param {number} tile.width in pixels
 * @param {number} tile.height
 * @param {import("../codec/quality.js").AreaQuality} tile.quality
 * @param {Destination} destination
 * @throws {VaecodecError} a payload is damaged
 */
export function decodeTile(model, tile, destination) {
  const { machine, parameters } = model;
  const { top } = machine;
  const [rows, columns] = [Math.ceil(tile.height / CELL), Math.ceil(tile.width / CELL)];
  const [height, width] = [Math.ceil(tile.height / PATCH), Math.ceil(tile.width / PATCH)];
  const count = parameters.hyperChannels * rows * columns + parameters.channels * height * width;
  const reader = new Reader(model, tile, count);
  const hyper = decodeHyper(model, reader, rows, columns, tile.quality);
  const steps = new LatentSteps(model, rows, columns, height, width, tile.quality, destination);
  for (let step = 0; step < 4; step++) steps.decode(step, reader, hyper);
  reader.finish();
  keepHyper(model, hyper, destination, rows, columns);
  machine.giveBack(top);
}

/**
 * Copy the hyper-latent of a tile to where the painter finds it.
 * @param {Model} model
 * @param {number} values address of [rows, columns, Z], 16 bits each
 * @param {Destination} destination
 * @param {number} rows
 * @param {number} columns
 */
function keepHyper({ machine, parameters }, values, destination, rows, columns) {
  const channels = parameters.hyperChannels;
  const count = columns * channels;
  for (let y = 0; y < rows; y++) {
    const from = (values >> 1) + y * count;
    const to = (destination.hyperAddress >> 1) + y * destination.hyperStride * channels;
    machine.i16.copyWithin(to, from, from + count);
  }
}

/** Sections of a tile, from one payload or from one for each. */
export class Reader {
  /**
   * @param {Model} model
   * @param {{ payloads: Uint8Array[], fused: boolean, checksum: number }} tile
   * @param {number} count symbols of the tile
   */
  constructor({ machine, tables }, { payloads, fused, checksum }, count) {
    this.machine = machine;
    this.tables = tables;
    this.payloads = [...payloads];
    this.fused = fused;
    this.checksum = checksum;
    this.count = count;
    /** @type {SectionDecoder | null} */
    this.decoder = null;
  }

  /**
   * Read a section; without a payload its symbols are 0.
   *
   * @param {number} rows address of the row of each symbol
   * @param {number} count
   * @param {number} symbols address where to put them, 16 bits each
   * @param {number} limit their largest magnitude
   */
  read(rows, count, symbols, limit) {
    const { machine } = this;
    if (!this.decoder && !this.begin(count)) {
      machine.i16.fill(0, symbols >> 1, (symbols >> 1) + count);
      return;
    }
    const decoder = /** @type {SectionDecoder} */ (this.decoder);
    decoder.get(rows, count, symbols);
    if (!this.fused) this.finish();
    const found = machine.i16.subarray(symbols >> 1, (symbols >> 1) + count);
    if (limit < 32767 && found.some((symbol) => Math.abs(symbol) > limit)) {
      throw new VaecodecError(`a symbol of a magnitude above ${limit}`);
    }
  }

  /** Check the payload that was read last. */
  finish() {
    if (!this.decoder) return;
    this.decoder.finish();
    this.checksum = this.decoder.checksum;
    this.decoder = null;
  }

  /** @param {number} count symbols of the section */
  begin(count) {
    const payload = this.payloads.shift();
    if (!payload) return false;
    const most = this.fused ? this.count : count;
    this.decoder = new SectionDecoder(this.machine, this.tables, payload, most, this.checksum);
    return true;
  }
}
