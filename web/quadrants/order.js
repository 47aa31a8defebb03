/** Which latents of a tile are coded in which step; quadrants/SPEC.md, section 1. */

export const PLACES = 4; // of a square of 2 x 2 positions
export const ORDER = [0, 3, 1, 2]; // quarter of the channels at place 0, in each step

/**
 * Numbers of channels [..., M] in the order of a step [..., 4, M / 4].
 *
 * @template {Int8Array | Int16Array | Int32Array | Float32Array} T
 * @param {T} values
 * @param {number} channels M
 * @param {number} step
 * @returns {T}
 */
export function byPlace(values, channels, step) {
  const each = channels / PLACES;
  const from = Uint16Array.from({ length: channels }, (_, i) => {
    const [place, j] = [Math.floor(i / each), i % each];
    return 4 * j + (place ^ ORDER[step]);
  });
  const ordered = values.slice();
  for (let start = 0; start < values.length; start += channels) {
    for (let i = 0; i < channels; i++) ordered[start + i] = values[start + from[i]];
  }
  return /** @type {T} */ (ordered);
}
