/** Pictures of an eighth of the width and height: quadrants/SPEC.md, section 8. */

import { modelError } from "../errors.js";
import { rounded, scales } from "../exact/facts.js";
import { decodeAlpha } from "../format/alpha.js";
import { CELL } from "../format/beginning.js";
import { hasAlpha } from "../format/header.js";
import { Latents, POSITIONS } from "./latents.js";
import { inCells, named, tileOf, tilesIn } from "./tiles.js";

const REDUCTION = 8;
const BLOCK = REDUCTION ** 2; // pixels that become one
const SIDE = 2; // pixels of a preview along a latent position
const ROWS = 3 * SIDE ** 2; // of a linear part: colours, then places

/** @typedef {import("./tiles.js").File} File */
/** @typedef {import("./painting.js").Area} Area */

/**
 * Paint the preview of a lossy file; stops often.
 *
 * @param {import("../quadrants/model.js").Model} model
 * @param {File} file
 * @param {Area} area all of the preview
 * @param {Uint8ClampedArray} out red, green, blue and alpha of its pixels
 * @returns {Generator<void, void, void>}
 * @throws {VaecodecError} a tile is damaged, or the painter has no linear part
 */
export function* paintPreview(model, file, area, out) {
  const { machine, parameters } = model;
  const { header } = file.beginning;
  const part = linearPart(model.engines.painter.program);
  const cells = { row: 0, column: 0, rows: inCells(header.height), columns: inCells(header.width) };
  const { top } = machine;
  try {
    const latents = new Latents(model, file, cells);
    for (let y = 0; y * SIDE < area.height; y++) {
      if (y % POSITIONS === 0) yield* latents.decodeTo(y / POSITIONS + 1);
      const start = latents.rowAt(y) >> 1;
      for (let x = 0; x * SIDE < area.width; x++) {
        const at = start + x * parameters.channels;
        const position = machine.i16.subarray(at, at + parameters.channels);
        put(levelsOf(part, position), header.channels <= 2, x * SIDE, y * SIDE, area, out);
      }
    }
  } finally {
    machine.giveBack(top);
  }
  if (hasAlpha(header)) yield* placeAlpha(file, area, out);
}

/**
 * The linear map of a painter, in sums over blocks of 8 x 8 pixels.
 * @param {import("../exact/program.js").Program} painter
 */
function linearPart({ operations }) {
  const arraysOf = (/** @type {string} */ name, /** @type {string} */ op) => {
    const found = operations.find(({ out }) => out === name);
    if (found?.op !== op) throw modelError(`the painter has no ${op} '${name}'`);
    return found.arrays;
  };
  const [linear, detail] = ["bypass", "detail"].map((name) => arraysOf(name, "pointwise"));
  const { shift } = arraysOf("levels", "narrow");
  const channels = linear.weight.shape[1];
  if (linear.bias.data.length !== BLOCK * ROWS || detail.bias.data.length !== 3 * BLOCK) {
    throw modelError("the painter has no linear part that can be drawn alone");
  }
  const lifts = detail.lift ? scales(detail.lift, 3 * BLOCK) : null;
  const [basis, level] = [new Float64Array(ROWS * channels), new Float64Array(ROWS)];
  linear.bias.data.forEach((bias, i) => {
    const place = Math.floor(i / SIDE ** 2); // [3, 8, 8]
    const row = Math.floor(place / BLOCK) * SIDE ** 2 + (i % SIDE ** 2);
    level[row] += bias + detail.bias.data[place] * (lifts ? lifts[place] : 1);
    for (let c = 0; c < channels; c++) {
      basis[row * channels + c] += linear.weight.data[i * channels + c];
    }
  });
  return { basis, level, unit: 1 / (BLOCK * scales(shift, 1)[0]) };
}

/**
 * Levels of a position, by colours, then places.
 * @param {ReturnType<typeof linearPart>} part
 * @param {Int16Array} latents
 */
function levelsOf({ basis, level, unit }, latents) {
  return level.map((sum, row) => {
    for (let c = 0, i = row * latents.length; c < latents.length; c++)
      sum += basis[i++] * latents[c];
    return Math.max(0, Math.min(255, rounded(sum * unit)));
  });
}

/**
 * @param {Float64Array} levels
 * @param {boolean} isGray
 * @param {number} left
 * @param {number} top
 * @param {Area} area
 * @param {Uint8ClampedArray} out
 */
function put(levels, isGray, left, top, { width, height }, out) {
  for (let place = 0; place < SIDE ** 2; place++) {
    const [x, y] = [left + (place % SIDE), top + Math.floor(place / SIDE)];
    if (x >= width || y >= height) continue;
    const colours = [0, 1, 2].map((c) => levels[c * SIDE ** 2 + place]);
    const gray = Math.floor((colours[0] + colours[1] + colours[2] + 1) / 3);
    out.set([...(isGray ? [gray, gray, gray] : colours), 255], 4 * (y * width + x));
  }
}

/** @param {File} file @param {Area} area @param {Uint8ClampedArray} out */
function* placeAlpha({ beginning: { header }, alphas }, area, out) {
  const all = { x: 0, y: 0, width: header.width, height: header.height };
  for (const number of tilesIn(header, all)) {
    const { x, y, width, height } = tileOf(header, number);
    const samples = named(header, number, () => decodeAlpha(alphas[number], width, height));
    const means = reduced(samples, width, height);
    const columns = Math.ceil(width / REDUCTION);
    means.forEach((mean, i) => {
      const row = y / REDUCTION + Math.floor(i / columns);
      out[4 * (row * area.width + x / REDUCTION + (i % columns)) + 3] = mean;
    });
    yield;
  }
}

/**
 * Means of samples; beyond the edge the last ones are repeated.
 * @param {Uint8Array} samples
 * @param {number} width
 * @param {number} height
 */
function reduced(samples, width, height) {
  const columns = Math.ceil(width / REDUCTION);
  const means = new Uint8Array(Math.ceil(height / REDUCTION) * columns);
  return means.map((_, i) => {
    const [top, left] = [Math.floor(i / columns) * REDUCTION, (i % columns) * REDUCTION];
    let sum = BLOCK / 2;
    for (let place = 0; place < BLOCK; place++) {
      const y = Math.min(height - 1, top + (place >> 3));
      sum += samples[y * width + Math.min(width - 1, left + (place & 7))];
    }
    return Math.floor(sum / BLOCK);
  });
}
