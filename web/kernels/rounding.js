/** Rounding as SPEC.md of exact programs has it. */

const ROUNDER = 1.5 * 2 ** 52; // float64 holds nothing but integers around it

/**
 * `rne(value * scale)`, limited.
 * @param {number} value
 * @param {number} scale a power of two
 * @param {number} low limits are small integers
 * @param {number} high
 */
export function narrowed(value, scale, low, high) {
  // Limited first: what is added must not be too large.
  return Math.min(high, Math.max(low, value * scale)) + ROUNDER - ROUNDER;
}
