/** The four steps of the latent of a tile; quadrants/SPEC.md, section 3. */

import { between } from "./interfaces.js";
import { ORDER, PLACES } from "./order.js";

const QUALITIES = 101;
const MOST_SYMBOL = 32767;
const CELL_POSITIONS = 4; // latent positions along a cell
const CELL_SQUARES = 2;

/** @typedef {import("./model.js").Model} Model */

export class LatentSteps {
  /**
   * @param {Model} model
   * @param {number} rows of cells in the tile
   * @param {number} columns
   * @param {number} height latent positions in the tile
   * @param {number} width
   * @param {import("../exact/engine.js").Quality} quality
   * @param {import("./tile.js").Destination} destination
   */
  constructor(model, rows, columns, height, width, quality, destination) {
    const { machine, parameters } = model;
    this.model = model;
    this.machine = machine;
    this.cells = { rows, columns };
    this.positions = { height, width };
    this.quality = quality;
    this.destination = destination;
    this.each = parameters.channels / PLACES;
    this.squares = { rows: CELL_SQUARES * rows, columns: CELL_SQUARES * columns };
    this.size = this.squares.rows * this.squares.columns * parameters.channels;
    this.means = machine.take(2 * this.size);
    this.tableRows = machine.take(this.size);
    this.symbols = machine.take(2 * this.size);
    this.known = machine.take(4 * this.size);
    this.featureRow = CELL_POSITIONS * columns * model.features; // values
    const features = 4 * CELL_POSITIONS * rows * this.featureRow;
    this.baseRow = PLACES * this.squares.columns * model.features; // values
    this.base = machine.take(2 * this.squares.rows * this.baseRow);
    this.features = [machine.take(features), machine.take(features)]; // of this step, of the last
  }

  /**
   * @param {number} step
   * @param {import("./tile.js").Reader} reader
   * @param {number} hyper address of the values of the hyper-latent
   */
  decode(step, reader, hyper) {
    this.predict(step, hyper);
    const { top } = this.machine;
    this.read(reader);
    this.machine.giveBack(top);
    this.settle(step);
    this.features.reverse();
  }

  /** @param {number} step @param {number} hyper */
  predict(step, hyper) {
    const { machine, model, cells } = this;
    const { top } = machine;
    const engine = model.engines[`step${step}`];
    const run = engine.begin(cells.rows, cells.columns, this.quality, {
      inputs: this.inputs(hyper),
      outputs: {
        base: (y, address) => this.keepBase(y, address),
        context: (y, address) => this.keepFeatures(step, y, address),
        both: (y, address) => this.predictRow(step, y, address),
      },
    });
    for (let row = 0; row < cells.rows; row++) run.advance(row);
    machine.giveBack(top);
  }

  /** @param {number} hyper @returns {Record<string, (y: number) => number>} */
  inputs(hyper) {
    const { hyperChannels, channels } = this.model.parameters;
    return {
      hyper: (y) => hyper + 2 * y * this.cells.columns * hyperChannels,
      known: (y) => this.known + 4 * y * this.squares.columns * channels,
      features: (y) => this.features[1] + 4 * y * this.featureRow,
      base: (y) => this.base + 2 * y * this.baseRow,
    };
  }

  /** @param {number} y @param {number} address */
  keepBase(y, address) {
    this.machine.u8.copyWithin(
      this.base + 2 * y * this.baseRow,
      address,
      address + 2 * this.baseRow,
    );
  }

  /** @param {number} step @param {number} y @param {number} address */
  keepFeatures(step, y, address) {
    if (step + 1 === ORDER.length) return;
    const { low, high } = between(this.model.engines[`step${step + 1}`].program);
    const to = this.features[0] + 4 * y * this.featureRow;
    this.machine.kernels.limit(address, low, high, to, this.featureRow);
  }

  /** @param {number} step @param {number} y @param {number} both */
  predictRow(step, y, both) {
    const { kernels } = this.machine;
    const { unit, limit, offset } = this.model.parameters.steps[step];
    this.stretches(y, (quality, at, count) => {
      const [means, rows] = [this.means + 2 * at, this.tableRows + at];
      const from = both + 8 * (at - y * this.squares.columns * PLACES * this.each);
      kernels.predict(from, unit, limit, offset + 4 * quality, means, rows, count, this.each);
    });
  }

  /** @param {number} step */
  settle(step) {
    const { machine, destination, each } = this;
    const { shortLimit, width, normalUnit } = this.model.parameters.steps[step];
    const { magnitudes } = this.model.parameters;
    const row = 2 * destination.stride * PLACES * each; // bytes of a row of latents
    for (let y = 0; y < this.squares.rows; y++) {
      const begin = y * this.squares.columns * PLACES * each;
      this.stretches(y, (quality, at, count) => {
        const latents = destination.address + 2 * y * row + 4 * (at - begin);
        machine.kernels.settle(
          this.symbols + 2 * at,
          this.means + 2 * at,
          width + 4 * quality,
          shortLimit,
          normalUnit,
          magnitudes,
          ORDER[step],
          latents,
          destination.stride,
          this.known + 4 * at,
          count,
          each,
        );
      });
    }
  }

  /**
   * Stretches of one quality in a row of squares.
   *
   * @param {number} y
   * @param {(quality: number, at: number, count: number) => void} use takes the place of the
   *   numbers of a quality in [101, M], that of the first square in [rows, columns, M], and how
   *   many squares there are
   */
  stretches(y, use) {
    const { channels } = this.model.parameters;
    this.quality.runs(Math.floor(y / CELL_SQUARES), this.cells.columns, (quality, first, cells) => {
      const square = y * this.squares.columns + CELL_SQUARES * first;
      use(Math.min(QUALITIES - 1, quality) * channels, square * channels, CELL_SQUARES * cells);
    });
  }

  /** Read the symbols of a step; those outside of the tile are 0. @param {import("./tile.js").Reader} reader */
  read(reader) {
    const { machine, each } = this;
    const stretches = this.inside();
    if (!stretches) {
      reader.read(this.tableRows, this.size, this.symbols, MOST_SYMBOL);
      return;
    }
    const count = stretches.length * each;
    const rows = machine.take(count);
    const symbols = machine.take(2 * count);
    stretches.forEach((at, i) => {
      machine.u8.copyWithin(rows + i * each, this.tableRows + at, this.tableRows + at + each);
    });
    reader.read(rows, count, symbols, MOST_SYMBOL);
    machine.i16.fill(0, this.symbols >> 1, (this.symbols >> 1) + this.size);
    stretches.forEach((at, i) => {
      const from = (symbols >> 1) + i * each;
      machine.i16.copyWithin((this.symbols >> 1) + at, from, from + each);
    });
  }

  /** Where the places that lie in the tile begin, if some do not. */
  inside() {
    const { height, width } = this.positions;
    const { rows, columns } = this.squares;
    if (height === 2 * rows && width === 2 * columns) return null;
    const begin = [];
    for (let y = 0, at = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        for (let place = 0; place < PLACES; place++, at += this.each) {
          if (2 * y + (place >> 1) < height && 2 * x + (place & 1) < width) begin.push(at);
        }
      }
    }
    return begin;
  }
}
