/** Runs exact programs, row by row. */

import { lastOfCell, makeRows, measureRings, ringsOf, rowAddress, rowBytes } from "./rings.js";
import { layersOf } from "./layers.js";

/** @typedef {import("./rings.js").Ring} Ring */

/**
 * @typedef {object} Quality of an area, in cells of 64 x 64 pixels
 * @property {(row: number, cells: number,
 *   use: (quality: number, first: number, count: number) => void) => void} runs calls back for
 *   each stretch of one quality among the first cells of a row
 */

/**
 * @typedef {object} Ends of a run
 * @property {Record<string, (y: number) => number>} inputs give the address of a row of an input,
 *   of 2 bytes a value if all of them fit, else 4
 * @property {Record<string, (y: number, address: number) => void>} outputs take a row of an output
 */

export class Engine {
  /**
   * @param {import("../kernels/machine.js").Machine} machine
   * @param {import("./program.js").Program} program
   */
  constructor(machine, program) {
    this.machine = machine;
    this.program = program;
    this.layers = layersOf(machine, program);
  }

  /**
   * Begin to compute an area. The caller gives back the memory that is taken.
   *
   * @param {number} cellRows height in cells of 64 x 64 pixels
   * @param {number} cellColumns
   * @param {Quality} quality
   * @param {Ends} ends
   */
  begin(cellRows, cellColumns, quality, ends) {
    return new Run(this, cellRows, cellColumns, quality, ends);
  }
}

/** A program that is being computed for one area. */
export class Run {
  /**
   * @param {Engine} engine
   * @param {number} cellRows
   * @param {number} cellColumns
   * @param {Quality} quality
   * @param {Ends} ends
   */
  constructor({ machine, program, layers }, cellRows, cellColumns, quality, ends) {
    this.machine = machine;
    this.quality = quality;
    this.ends = ends;
    const rings = ringsOf(program, layers, cellRows, cellColumns);
    this.outputs = program.outputs.map((name) => /** @type {Ring} */ (rings.get(name)));
    measureRings(rings, this.outputs, cellRows);
    let longest = 0;
    for (const ring of rings.values()) {
      ring.address = machine.take(ring.rows * rowBytes(ring));
      longest = Math.max(longest, rowBytes(ring));
    }
    this.zeros = machine.take(longest);
    this.sums = machine.take(2 * longest);
    this.make = this.make.bind(this);
  }

  /** Compute the outputs in a row of cells, and hand them out. @param {number} cellRow */
  advance(cellRow) {
    for (const output of this.outputs) makeRows(output, lastOfCell(output, cellRow), this.make);
  }

  /** @param {Ring} ring @param {number} y */
  make(ring, y) {
    if (ring.layer) ring.layer.make(this, ring, y);
    else this.copy(this.ends.inputs[ring.name](y), rowAddress(ring, y), ring);
    this.ends.outputs[ring.name]?.(y, rowAddress(ring, y));
  }

  /** @param {number} from @param {number} to @param {Ring} ring */
  copy(from, to, { width, channels, bytes }) {
    this.machine.u8.copyWithin(to, from, from + width * channels * bytes);
  }

  /** Address of a row, or of zeros outside of the tensor. @param {Ring} ring @param {number} y */
  rowOrZeros(ring, y) {
    if (y >= 0 && y < ring.height) return rowAddress(ring, y);
    return this.zeros + ring.pad * ring.channels * ring.bytes;
  }

  /**
   * Room for sums of a row.
   * @param {number} count
   */
  sumsOf(count) {
    return count && this.sums;
  }

  /**
   * Copy pieces of equal length.
   * @param {number} from @param {number} fromStride
   * @param {number} to @param {number} toStride
   * @param {number} length in bytes
   * @param {number} count
   */
  spread(from, fromStride, to, toStride, length, count) {
    const { u8 } = this.machine;
    for (let i = 0; i < count; i++) {
      const start = from + i * fromStride;
      u8.copyWithin(to + i * toStride, start, start + length);
    }
  }
}
