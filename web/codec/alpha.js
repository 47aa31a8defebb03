/** Alpha of lossy files, which lies in chunks of its own. */

import { decodeAlpha } from "../format/alpha.js";
import { named, tileOf, tilesIn } from "./tiles.js";

/**
 * Put the alpha of an area beside its colours; stops after each tile.
 *
 * @param {import("./tiles.js").File} file
 * @param {import("./painting.js").Area} area
 * @param {Uint8ClampedArray} out
 * @returns {Generator<void, void, void>}
 * @throws {VaecodecError} that of a tile is damaged
 */
export function* placeAlpha({ beginning: { header }, alphas }, area, out) {
  for (const number of tilesIn(header, area)) {
    const tile = tileOf(header, number);
    const samples = named(header, number, () =>
      decodeAlpha(alphas[number], tile.width, tile.height),
    );
    const [top, bottom] = [
      Math.max(tile.y, area.y),
      Math.min(tile.y + tile.height, area.y + area.height),
    ];
    const [left, right] = [
      Math.max(tile.x, area.x),
      Math.min(tile.x + tile.width, area.x + area.width),
    ];
    for (let y = top; y < bottom; y++) {
      let from = (y - tile.y) * tile.width + left - tile.x;
      let to = 4 * ((y - area.y) * area.width + left - area.x) + 3;
      for (let x = left; x < right; x++, from++, to += 4) out[to] = samples[from];
    }
    yield;
  }
}
