/** Weights in the order in which kernels read them. */

/** @typedef {import("../models/tensor_file.js").Tensor} Tensor */

/**
 * [O, I] -> [O / 8][I / 2][8][2].
 * @param {Tensor} weight
 */
export function packPointwise({ data, shape: [, inputs] }) {
  const packed = new Int16Array(data.length);
  let at = 0;
  for (let o = 0; o < data.length / inputs; o += 8) {
    for (let i = 0; i < inputs; i += 2) {
      for (let one = 0; one < 8; one++) {
        packed[at++] = data[(o + one) * inputs + i];
        packed[at++] = data[(o + one) * inputs + i + 1];
      }
    }
  }
  return packed;
}

/**
 * [C, k, k] -> [ceil(k / 2)][k][C][2], the last one beside a zero.
 * @param {Tensor} weight
 */
export function packDepthwise({ data, shape: [channels, size] }) {
  const pairs = (size + 1) >> 1;
  const packed = new Int16Array(pairs * size * channels * 2);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const to = (((y >> 1) * size + x) * channels + c) * 2 + (y & 1);
        packed[to] = data[(c * size + y) * size + x];
      }
    }
  }
  return packed;
}
