/** Between the programs of latent steps, in JavaScript; see `latents.c`. */

import { narrowed } from "./rounding.js";

const ROW_UNIT = 512;
const MOST_ROW = 63;

/** @param {import("./machine.js").Machine} m */
export function plainLatents(m) {
  /**
   * @param {number} both @param {number} unit @param {number} limit @param {number} offset
   * @param {number} means @param {number} rows @param {number} count @param {number} each
   */
  function predict(both, unit, limit, offset, means, rows, count, each) {
    const { i16, i32, u8, f32 } = m;
    for (let i = 0; i < count * 4 * each; i++) {
      const at = i % (4 * each);
      const sum = (both >> 2) + i + each * Math.floor(i / each);
      const most = f32[(limit >> 2) + at];
      i16[(means >> 1) + i] = narrowed(i32[sum], f32[(unit >> 2) + at], -most, most);
      const row = Math.floor((i32[sum + each] + i32[(offset >> 2) + at]) / ROW_UNIT);
      u8[rows + i] = Math.max(0, Math.min(MOST_ROW, row));
    }
  }

  /**
   * @param {number} symbols @param {number} means @param {number} width @param {number} limit
   * @param {number} unit @param {number} magnitudes @param {number} order
   * @param {number} latents @param {number} stride @param {number} known
   * @param {number} count @param {number} each
   */
  function settle(
    symbols,
    means,
    width,
    limit,
    unit,
    magnitudes,
    order,
    latents,
    stride,
    known,
    count,
    each,
  ) {
    const { i8, i16, i32, f32 } = m;
    for (let i = 0; i < count * 4 * each; i++) {
      const [at, j] = [i % (4 * each), i % each];
      const square = Math.floor(i / (4 * each));
      const place = Math.floor(at / each);
      const symbol = i16[(symbols >> 1) + i];
      const most = i16[(limit >> 1) + at];
      const moved = i16[(means >> 1) + i] + moveOf(symbol, i32[(width >> 2) + at]);
      const value = Math.max(-most, Math.min(most, moved));
      const position = (place >> 1) * stride + 2 * square + (place & 1);
      i16[(latents >> 1) + (position * each + j) * 4 + (place ^ order)] = value;
      const to = (known >> 1) + i + each * Math.floor(i / each);
      i16[to] = narrowed(value, f32[(unit >> 2) + at], -128, 127);
      i16[to + each] = i8[magnitudes + Math.min(15, Math.abs(symbol))];
    }
  }

  return { predict, settle };
}

/**
 * `rne(symbol * width / 512)`: below 2^46, so exact.
 * @param {number} symbol
 * @param {number} width
 */
function moveOf(symbol, width) {
  const low = Math.floor((symbol * width) / 512);
  const rest = symbol * width - low * 512;
  return rest > 256 || (rest === 256 && low % 2) ? low + 1 : low;
}
