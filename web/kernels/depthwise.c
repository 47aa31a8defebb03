/* k x k layers with one kernel per channel, a row at a time.

   `rows` are k addresses of 16-bit values, each radius positions left of the first. Weights
   are [ceil(k / 2)][k][C][2]: of each channel two taps, one above the other, the last one of
   an odd k beside a zero. */
#include "kernels.h"

typedef struct {
  v128_t low, high; /* of eight channels */
} Sums;

typedef struct {
  const float *scale;
  v128_t least, most;
} Narrowing;

INLINE void put(Sums sums, const Narrowing *to, int c, int16_t *out) {
  v128_t a = narrowed4(sums.low, wasm_v128_load(to->scale + c), to->least, to->most);
  v128_t b = narrowed4(sums.high, wasm_v128_load(to->scale + c + 4), to->least, to->most);
  wasm_v128_store(out, wasm_i16x8_narrow_i32x4(a, b));
}

/* `count` positions side by side, eight channels. */
INLINE void filter(const int16_t *const *rows, const int16_t *weight, const int32_t *bias,
                   const Narrowing *to, int16_t *out, int x, int c, int channels, int k,
                   int count) {
  Sums sums[4];
#pragma unroll
  for (int p = 0; p < count; p++)
    sums[p] = (Sums){wasm_v128_load(bias + c), wasm_v128_load(bias + c + 4)};
  for (int y = 0; y < k; y += 2) {
    const int16_t *upper = rows[y] + x * channels + c;
    const int16_t *lower = rows[y + 1 < k ? y + 1 : y] + x * channels + c;
    const int16_t *taps = weight + (y / 2 * k * channels + c) * 2;
#pragma unroll
    for (int column = 0; column < k + count - 1; column++) {
      v128_t a = wasm_v128_load(upper + column * channels);
      v128_t b = wasm_v128_load(lower + column * channels);
      v128_t low = wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
      v128_t high = wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#pragma unroll
      for (int p = 0; p < count; p++) {
        int tap = column - p;
        if (tap < 0 || tap >= k) continue;
        const int16_t *two = taps + tap * channels * 2;
        sums[p].low =
            wasm_i32x4_add(sums[p].low, wasm_i32x4_dot_i16x8(low, wasm_v128_load(two)));
        sums[p].high =
            wasm_i32x4_add(sums[p].high, wasm_i32x4_dot_i16x8(high, wasm_v128_load(two + 8)));
      }
    }
  }
#pragma unroll
  for (int p = 0; p < count; p++) put(sums[p], to, c, out + (x + p) * channels + c);
}

INLINE void filter_row(const int16_t *const *rows, const int16_t *weight, const int32_t *bias,
                       const Narrowing *to, int16_t *out, int count, int channels, int k) {
  for (int c = 0; c < channels; c += 8) {
    int x = 0;
    for (; x + 4 <= count; x += 4) filter(rows, weight, bias, to, out, x, c, channels, k, 4);
    for (; x < count; x++) filter(rows, weight, bias, to, out, x, c, channels, k, 1);
  }
}

static void any_row(const int16_t *const *rows, const int16_t *weight, const int32_t *bias,
                    const float *scale, float low, float high, int16_t *out, int count,
                    int channels, int k) {
  for (int x = 0; x < count; x++)
    for (int c = 0; c < channels; c++) {
      int32_t sum = bias[c];
      for (int y = 0; y < k; y++)
        for (int i = 0; i < k; i++)
          sum += weight[((y / 2 * k + i) * channels + c) * 2 + y % 2] *
                 rows[y][(x + i) * channels + c];
      out[x * channels + c] = narrowed1(sum, scale[c], low, high);
    }
}

/* rne(sum * scale[c]), limited, 16 bits: a row of `count` positions. */
void KERNEL(depthwise)(const int16_t *const *rows, const int16_t *weight, const int32_t *bias,
                       const float *scale, float low, float high, int16_t *out, int count,
                       int channels, int k) {
  Narrowing to = {scale, wasm_f32x4_splat(low), wasm_f32x4_splat(high)};
  if (channels % 8 == 0 && k == 5)
    filter_row(rows, weight, bias, &to, out, count, channels, 5);
  else if (channels % 8 == 0 && k == 3)
    filter_row(rows, weight, bias, &to, out, count, channels, 3);
  else
    any_row(rows, weight, bias, scale, low, high, out, count, channels, k);
}
