/** Latents of the tiles in a strip of an image, decoded when the painter comes to them. */

import { CELL } from "../format/beginning.js";
import { decodeTile } from "../quadrants/tile.js";
import { AreaQuality } from "./quality.js";
import { boundTo, inCells, named, tileOf, tilesIn } from "./tiles.js";

export const POSITIONS = 4; // latent positions along a cell
const BYTES = 2; // of a latent

/**
 * @typedef {object} Cells an area in cells of 64 x 64 pixels
 * @property {number} row
 * @property {number} column
 * @property {number} rows
 * @property {number} columns
 */

/** Rows of latents, of which no more are held than the painter may still ask for. */
export class Latents {
  /**
   * @param {import("../quadrants/model.js").Model} model from whose machine memory is taken
   * @param {import("./tiles.js").File} file
   * @param {Cells} seen by the painter
   */
  constructor(model, file, seen) {
    const { header } = file.beginning;
    this.model = model;
    this.file = file;
    this.seen = seen;
    const tileCells = header.tileSize / CELL;
    const area = {
      x: seen.column * CELL,
      y: seen.row * CELL,
      width: seen.columns * CELL,
      height: seen.rows * CELL,
    };
    this.waiting = tilesIn(header, area).map((number) => tileOf(header, number));
    this.left = this.waiting[0].x / CELL; // of what is held
    const last = this.waiting[this.waiting.length - 1];
    this.columns = inCells(last.x + last.width) - this.left;
    this.rows = tileCells * (2 + Math.ceil((model.reach + 1) / tileCells)); // held, in cells
    const { channels, hyperChannels } = model.parameters;
    this.rowBytes = this.columns * POSITIONS * channels * BYTES;
    this.address = model.machine.take(this.rows * POSITIONS * this.rowBytes);
    this.hyperRowBytes = this.columns * hyperChannels * BYTES;
    this.hyperAddress = model.machine.take(this.rows * this.hyperRowBytes);
  }

  /**
   * Decode the tiles that begin above a row of cells; stops after each.
   * @param {number} row counted from the top of what is seen
   */
  *decodeTo(row) {
    const end = (this.seen.row + row) * CELL;
    while (this.waiting.length && this.waiting[0].y < end) {
      this.decode(/** @type {import("./tiles.js").Tile} */ (this.waiting.shift()));
      yield;
    }
  }

  /** Address of a row of latents. @param {number} y counted from the top of what is seen */
  rowAt(y) {
    return this.addressOf(this.seen.row * POSITIONS + y, this.seen.column);
  }

  /** The same of the hyper-latent. @param {number} y */
  hyperRowAt(y) {
    return this.hyperAddressOf(this.seen.row + y, this.seen.column);
  }

  /** @param {number} row of latents in the image @param {number} column of cells */
  addressOf(row, column) {
    const { channels } = this.model.parameters;
    const left = (column - this.left) * POSITIONS * channels * BYTES;
    return this.address + (row % (this.rows * POSITIONS)) * this.rowBytes + left;
  }

  /** @param {number} row of cells in the image @param {number} column */
  hyperAddressOf(row, column) {
    const left = (column - this.left) * this.model.parameters.hyperChannels * BYTES;
    return this.hyperAddress + (row % this.rows) * this.hyperRowBytes + left;
  }

  /** @param {import("./tiles.js").Tile} tile */
  decode(tile) {
    const { model, file } = this;
    const { header } = file.beginning;
    const [row, column] = [tile.y / CELL, tile.x / CELL];
    const coded = {
      payloads: file.payloads[tile.number],
      fused: header.rounds === 1,
      checksum: boundTo(file, tile.number),
      width: tile.width,
      height: tile.height,
      quality: new AreaQuality(file.beginning, row, column),
    };
    const destination = {
      address: this.addressOf(row * POSITIONS, column),
      stride: this.columns * POSITIONS,
      hyperAddress: this.hyperAddressOf(row, column),
      hyperStride: this.columns,
    };
    named(header, tile.number, () => decodeTile(model, coded, destination));
  }
}
