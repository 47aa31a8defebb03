/**
 * The kernels in JavaScript: what those in C compute, function by function, number by number.
 *
 * They are the reference of the tests, and run where WebAssembly has no SIMD. Arguments are
 * those of the functions in C; addresses count bytes.
 */

import { plainEntropy } from "./plain_entropy.js";
import { plainLatents } from "./plain_latents.js";
import { narrowed } from "./rounding.js";

/** @param {import("./machine.js").Machine} m */
export function plainKernels(m) {
  return {
    ...plainLayers(m),
    ...plainElementwise(m),
    ...plainEntropy(m),
    ...plainLatents(m),
  };
}

/**
 * Values of 2 or 4 bytes, and the place of the first.
 * @param {import("./machine.js").Machine} m
 * @param {number} address
 * @param {number} bytes
 */
function valuesAt(m, address, bytes) {
  return bytes === 2 ? m.i16.subarray(address >> 1) : m.i32.subarray(address >> 2);
}

/** @param {import("./machine.js").Machine} m */
function plainLayers(m) {
  /**
   * One sum of a 1x1 layer.
   * @param {number} x place of the first value
   * @param {number} weight place of the first weight of a group of eight outputs
   * @param {number} one of the eight
   * @param {number} inputs
   */
  function product(x, weight, one, inputs) {
    const { i16 } = m;
    let sum = 0;
    for (let i = 0, w = weight + 2 * one; i < inputs; i += 2, w += 16) {
      sum += i16[x + i] * i16[w] + i16[x + i + 1] * i16[w + 1];
    }
    return sum;
  }

  /**
   * @param {number} x @param {number} xStride @param {number} weight @param {number} bias
   * @param {number} scale @param {number} low @param {number} high @param {number} out
   * @param {number} outStride @param {number} count @param {number} inputs
   * @param {number} outputs
   */
  function pointwise_narrow(
    x,
    xStride,
    weight,
    bias,
    scale,
    low,
    high,
    out,
    outStride,
    count,
    inputs,
    outputs,
  ) {
    const { i16, i32, f32 } = m;
    for (let o = 0; o < outputs; o++) {
      const group = (weight >> 1) + (o >> 3) * 8 * inputs;
      for (let p = 0; p < count; p++) {
        const sum = i32[(bias >> 2) + o] + product((x >> 1) + p * xStride, group, o & 7, inputs);
        i16[(out >> 1) + p * outStride + o] = narrowed(sum, f32[(scale >> 2) + o], low, high);
      }
    }
  }

  /**
   * @param {number} x @param {number} xStride @param {number} weight @param {number} bias
   * @param {number} factor @param {number} out @param {number} outStride
   * @param {number} count @param {number} inputs @param {number} outputs
   */
  function pointwise_wide(
    x,
    xStride,
    weight,
    bias,
    factor,
    out,
    outStride,
    count,
    inputs,
    outputs,
  ) {
    const { i32 } = m;
    for (let o = 0; o < outputs; o++) {
      const group = (weight >> 1) + (o >> 3) * 8 * inputs;
      for (let p = 0; p < count; p++) {
        const sum = i32[(bias >> 2) + o] + product((x >> 1) + p * xStride, group, o & 7, inputs);
        i32[(out >> 2) + p * outStride + o] = sum * i32[(factor >> 2) + o];
      }
    }
  }

  /**
   * @param {number} x @param {number} bytes @param {number} xStride @param {number} weight
   * @param {number} bias @param {number} out @param {number} outStride @param {number} count
   * @param {number} inputs @param {number} outputs
   */
  function pointwise_any(x, bytes, xStride, weight, bias, out, outStride, count, inputs, outputs) {
    const { i16, i32 } = m;
    const values = valuesAt(m, x, bytes);
    for (let p = 0; p < count; p++) {
      for (let o = 0; o < outputs; o++) {
        let sum = i32[(bias >> 2) + o];
        for (let i = 0, w = (weight >> 1) + o * inputs; i < inputs; i++) {
          sum += i16[w + i] * values[p * xStride + i];
        }
        i32[(out >> 2) + p * outStride + o] = sum;
      }
    }
  }

  /**
   * @param {number} rows @param {number} weight @param {number} bias @param {number} scale
   * @param {number} low @param {number} high @param {number} out @param {number} count
   * @param {number} channels @param {number} k
   */
  function depthwise(rows, weight, bias, scale, low, high, out, count, channels, k) {
    const { i16, i32, f32 } = m;
    const sums = new Float64Array(count * channels);
    sums.forEach((_, i) => (sums[i] = i32[(bias >> 2) + (i % channels)]));
    for (let y = 0; y < k; y++) {
      const row = m.u32[(rows >> 2) + y] >> 1;
      for (let x = 0; x < k; x++) {
        const taps = (weight >> 1) + ((y >> 1) * k + x) * channels * 2 + (y & 1);
        for (let p = 0, i = 0; p < count; p++) {
          const from = row + (p + x) * channels;
          for (let c = 0; c < channels; c++) sums[i++] += i16[taps + 2 * c] * i16[from + c];
        }
      }
    }
    sums.forEach((sum, i) => {
      i16[(out >> 1) + i] = narrowed(sum, f32[(scale >> 2) + (i % channels)], low, high);
    });
  }

  return { pointwise_narrow, pointwise_wide, pointwise_any, depthwise };
}

/** @param {import("./machine.js").Machine} m */
function plainElementwise(m) {
  /**
   * @param {number} x @param {number} bytes @param {number} scale @param {number} low
   * @param {number} high @param {number} out @param {number} count @param {number} channels
   */
  function narrow(x, bytes, scale, low, high, out, count, channels) {
    const values = valuesAt(m, x, bytes);
    const scales = valuesOf(m.f32, scale, channels);
    const to = m.i16.subarray(out >> 1);
    for (let i = 0, c = 0; i < count * channels; i++) {
      to[i] = narrowed(values[i], scales[c], low, high);
      if (++c === channels) c = 0;
    }
  }

  /**
   * @param {number} x @param {number} bytes @param {number} factor @param {number} out
   * @param {number} count @param {number} channels
   */
  function scaled(x, bytes, factor, out, count, channels) {
    const values = valuesAt(m, x, bytes);
    const factors = valuesOf(m.i32, factor, channels);
    const to = m.i32.subarray(out >> 2);
    for (let i = 0; i < count * channels; i++) to[i] = values[i] * factors[i % channels];
  }

  /**
   * @param {number} x @param {number} y @param {number} bytes @param {number} factor
   * @param {number} out @param {number} count @param {number} channels
   */
  function add_scaled(x, y, bytes, factor, out, count, channels) {
    const others = valuesAt(m, y, bytes);
    const factors = valuesOf(m.i32, factor, channels);
    const from = m.i32.subarray(x >> 2);
    const to = m.i32.subarray(out >> 2);
    for (let i = 0; i < count * channels; i++) {
      to[i] = from[i] + others[i] * factors[i % channels];
    }
  }

  /** @param {number} x @param {number} y @param {number} out @param {number} count */
  function add(x, y, out, count) {
    const { i32 } = m;
    for (let i = 0; i < count; i++) i32[(out >> 2) + i] = i32[(x >> 2) + i] + i32[(y >> 2) + i];
  }

  /**
   * @param {number} x @param {number} low @param {number} high @param {number} out
   * @param {number} count
   */
  function limit(x, low, high, out, count) {
    const { i32 } = m;
    for (let i = 0; i < count; i++) {
      i32[(out >> 2) + i] = Math.max(low, Math.min(high, i32[(x >> 2) + i]));
    }
  }

  /**
   * @param {number} x @param {number} bytes @param {number} out @param {number} count
   * @param {number} channels @param {number} by @param {number} row
   */
  function shuffle(x, bytes, out, count, channels, by, row) {
    const from = valuesAt(m, x, bytes);
    const to = valuesAt(m, out, bytes);
    for (let p = 0, i = 0; p < count; p++) {
      for (let column = 0; column < by; column++) {
        for (let c = 0; c < channels; c++) {
          to[i++] = from[(p * channels + c) * by * by + row * by + column];
        }
      }
    }
  }

  /** @param {number} x @param {number} gray @param {number} out @param {number} count */
  function to_rgba(x, gray, out, count) {
    const { i16, u8 } = m;
    for (let p = 0, at = x >> 1; p < count; p++, at += 3) {
      const mean = Math.floor((i16[at] + i16[at + 1] + i16[at + 2] + 1) / 3);
      for (let c = 0; c < 3; c++) u8[out + 4 * p + c] = gray ? mean : i16[at + c];
      u8[out + 4 * p + 3] = 255;
    }
  }

  return { narrow, scaled, add_scaled, add, limit, shuffle, to_rgba };
}

/**
 * @template {Float32Array | Int32Array} T
 * @param {T} memory
 * @param {number} address
 * @param {number} count
 * @returns {T}
 */
function valuesOf(memory, address, count) {
  return /** @type {T} */ (memory.subarray(address >> 2, (address >> 2) + count));
}
