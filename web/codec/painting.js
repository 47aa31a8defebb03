/** Latents -> pixels of an area, strip by strip, in memory that does not grow with its height. */

import { CELL } from "../format/beginning.js";
import { keepToBudget } from "../exact/budget.js";
import { Latents, POSITIONS } from "./latents.js";
import { AreaQuality } from "./quality.js";
import { inCells } from "./tiles.js";

const MOST_COLUMNS = 128; // cells: a strip that is not wider takes little memory

/**
 * @typedef {object} Area in pixels
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */

/** @typedef {import("./latents.js").Cells} Cells */

/**
 * Paint an area; stops often, so that something else may be done in between.
 *
 * @param {import("../quadrants/model.js").Model} model
 * @param {import("./tiles.js").File} file
 * @param {Area} area
 * @param {Uint8ClampedArray} out red, green, blue and an opaque alpha of its pixels
 * @returns {Generator<void, void, void>}
 * @throws {VaecodecError} a tile is damaged
 */
export function* paint(model, file, area, out) {
  const { machine } = model;
  for (const core of strips(area)) {
    const { top } = machine;
    try {
      yield* paintStrip(model, file, area, core, out);
    } finally {
      machine.giveBack(top);
    }
  }
}

/** @param {Area} area @returns {Cells[]} */
function strips({ x, y, width, height }) {
  const [row, first] = [Math.floor(y / CELL), Math.floor(x / CELL)];
  const [rows, columns] = [inCells(y + height) - row, inCells(x + width) - first];
  const count = Math.ceil(columns / MOST_COLUMNS);
  return Array.from({ length: count }, (_, i) => {
    const column = first + Math.floor((columns * i) / count);
    const end = first + Math.floor((columns * (i + 1)) / count);
    return { row, rows, column, columns: end - column };
  });
}

/**
 * What the painter must see to paint some cells.
 * @param {import("../format/header.js").Header} header
 * @param {Cells} core
 * @param {number} reach in cells
 * @returns {Cells}
 */
function seenFrom(header, core, reach) {
  const [row, column] = [Math.max(0, core.row - reach), Math.max(0, core.column - reach)];
  const rows = Math.min(inCells(header.height), core.row + core.rows + reach) - row;
  const columns = Math.min(inCells(header.width), core.column + core.columns + reach) - column;
  return { row, column, rows, columns };
}

/**
 * @param {import("../quadrants/model.js").Model} model
 * @param {import("./tiles.js").File} file
 * @param {Area} area
 * @param {Cells} core
 * @param {Uint8ClampedArray} out
 */
function* paintStrip(model, file, area, core, out) {
  const seen = seenFrom(file.beginning.header, core, model.reach);
  const latents = new Latents(model, file, seen);
  const quality = new AreaQuality(file.beginning, seen.row, seen.column);
  const put = rowPutter(model.machine, file.beginning.header, area, core, seen, out);
  const run = model.engines.painter.begin(seen.rows, seen.columns, quality, {
    inputs: {
      latent: (y) => rowForPainter(model, latents, y, seen),
      hyper: (y) => latents.hyperRowAt(y),
    },
    outputs: { image: put },
  });
  for (let row = 0; row < core.row + core.rows - seen.row; row++) {
    yield* latents.decodeTo(row + 1 + model.reach);
    run.advance(row);
    yield;
  }
}

/**
 * Address of a row of latents, kept to what the painter takes.
 * @param {import("../quadrants/model.js").Model} model
 * @param {Latents} latents
 * @param {number} y
 * @param {Cells} seen
 */
function rowForPainter({ machine, engines }, latents, y, { columns }) {
  const address = latents.rowAt(y);
  const given = /** @type {import("../exact/program.js").Input} */ (
    engines.painter.program.inputs.find(({ name }) => name === "latent")
  );
  const values = columns * POSITIONS * given.channels;
  keepToBudget(given, machine.i16.subarray(address >> 1, (address >> 1) + values));
  return address;
}

/**
 * Takes rows of pixels as the painter makes them.
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {import("../format/header.js").Header} header
 * @param {Area} area
 * @param {Cells} core
 * @param {Cells} seen
 * @param {Uint8ClampedArray} out
 */
function rowPutter(machine, header, area, core, seen, out) {
  const left = Math.max(area.x, core.column * CELL);
  const right = Math.min(area.x + area.width, (core.column + core.columns) * CELL);
  const count = right - left;
  const pixels = machine.take(4 * count);
  const isGray = header.channels <= 2 ? 1 : 0;
  return (/** @type {number} */ y, /** @type {number} */ address) => {
    const row = seen.row * CELL + y - area.y;
    if (row < 0 || row >= area.height) return;
    machine.kernels.to_rgba(address + 6 * (left - seen.column * CELL), isGray, pixels, count);
    out.set(
      machine.u8.subarray(pixels, pixels + 4 * count),
      4 * (row * area.width + left - area.x),
    );
  };
}
