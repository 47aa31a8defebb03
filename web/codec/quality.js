/** The quality of every part of an image: that of the header, or of each cell. */

import { CELL } from "../format/beginning.js";

/** The quality of an area, in cells of 64 x 64 pixels counted from its corner. */
export class AreaQuality {
  /**
   * @param {import("../format/beginning.js").Beginning} beginning
   * @param {number} firstRow of the area in the image
   * @param {number} firstColumn
   */
  constructor({ header, qualityMap }, firstRow = 0, firstColumn = 0) {
    this.everywhere = header.quality;
    this.map = qualityMap;
    this.columns = Math.ceil(header.width / CELL);
    this.first = firstRow * this.columns + firstColumn;
  }

  /** @param {number} row @param {number} column */
  at(row, column) {
    return this.map ? this.map[this.first + row * this.columns + column] : this.everywhere;
  }

  /**
   * Call back for each stretch of one quality among the first cells of a row.
   *
   * @param {number} row
   * @param {number} cells
   * @param {(quality: number, first: number, count: number) => void} use
   */
  runs(row, cells, use) {
    for (let first = 0, end = 0; first < cells; first = end) {
      const quality = this.at(row, first);
      while (end < cells && this.at(row, end) === quality) end += this.map ? 1 : cells - end;
      use(quality, first, end - first);
    }
  }
}
