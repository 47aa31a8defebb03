/** Parts of a large picture that workers decode side by side. */

const LEAST_PIXELS = 2 ** 20; // of a picture that is worth more than one worker

/**
 * Bands of whole rows of tiles, from top to bottom.
 * @param {import("../format/header.js").Header} header
 * @param {number} most how many
 * @returns {import("../codec/decode.js").Area[]}
 */
export function bandsOf({ width, height, tileSize }, most) {
  const rows = Math.ceil(height / tileSize);
  const count = width * height < LEAST_PIXELS ? 1 : Math.min(most, rows);
  const startOf = (/** @type {number} */ band) =>
    Math.min(height, Math.floor((rows * band) / count) * tileSize);
  return Array.from({ length: count }, (_, band) => {
    const y = startOf(band);
    return { x: 0, y, width, height: startOf(band + 1) - y };
  });
}

/**
 * A picture from its bands.
 * @param {import("../codec/decode.js").Picture[]} bands
 * @returns {import("../codec/decode.js").Picture}
 */
export function joined(bands) {
  if (bands.length === 1) return bands[0];
  const data = new Uint8ClampedArray(bands.reduce((sum, band) => sum + band.data.length, 0));
  let height = 0;
  for (const band of bands) {
    data.set(band.data, 4 * band.width * height);
    height += band.height;
  }
  return { ...bands[0], height, data };
}
