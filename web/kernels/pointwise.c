/* 1x1 layers: 16-bit values by 16-bit weights, sums of 32 bits.

   Weights are [O / 8][I / 2][8][2]: of eight outputs two inputs each, one after the
   other. O and I are multiples of 8 and 2. */
#include "kernels.h"

#define AT_ONCE 4 /* positions */

typedef struct {
  v128_t low, high; /* of eight outputs */
} Sums;

INLINE void multiply(const int16_t *x, int stride, const int16_t *weight, int inputs, Sums *sums,
                     int count) {
  for (int i = 0; i < inputs; i += 2, weight += 16) {
    v128_t low = wasm_v128_load(weight), high = wasm_v128_load(weight + 8);
#pragma unroll
    for (int p = 0; p < count; p++) {
      v128_t pair = wasm_v128_load32_splat(x + p * stride + i);
      sums[p].low = wasm_i32x4_add(sums[p].low, wasm_i32x4_dot_i16x8(pair, low));
      sums[p].high = wasm_i32x4_add(sums[p].high, wasm_i32x4_dot_i16x8(pair, high));
    }
  }
}

INLINE void begin(Sums *sums, const int32_t *bias, int count) {
  for (int p = 0; p < count; p++) {
    sums[p].low = wasm_v128_load(bias);
    sums[p].high = wasm_v128_load(bias + 4);
  }
}

INLINE void put_narrow(const Sums *sums, int count, const float *scale, v128_t low, v128_t high,
                       int16_t *out, int stride) {
  v128_t first = wasm_v128_load(scale), second = wasm_v128_load(scale + 4);
  for (int p = 0; p < count; p++) {
    v128_t a = narrowed4(sums[p].low, first, low, high);
    v128_t b = narrowed4(sums[p].high, second, low, high);
    wasm_v128_store(out + p * stride, wasm_i16x8_narrow_i32x4(a, b));
  }
}

INLINE void put_wide(const Sums *sums, int count, const int32_t *factor, int32_t *out, int stride) {
  v128_t first = wasm_v128_load(factor), second = wasm_v128_load(factor + 4);
  for (int p = 0; p < count; p++) {
    wasm_v128_store(out + p * stride, wasm_i32x4_mul(sums[p].low, first));
    wasm_v128_store(out + p * stride + 4, wasm_i32x4_mul(sums[p].high, second));
  }
}

/* rne(sum * scale[o]), limited, 16 bits: `count` positions of `outputs` values. */
void KERNEL(pointwise_narrow)(const int16_t *x, int x_stride, const int16_t *weight,
                              const int32_t *bias, const float *scale, float low, float high,
                              int16_t *out, int out_stride, int count, int inputs, int outputs) {
  v128_t lows = wasm_f32x4_splat(low), highs = wasm_f32x4_splat(high);
  for (int o = 0; o < outputs; o += 8, weight += 8 * inputs) {
    int p = 0;
    for (; p + AT_ONCE <= count; p += AT_ONCE) {
      Sums sums[AT_ONCE];
      begin(sums, bias + o, AT_ONCE);
      multiply(x + p * x_stride, x_stride, weight, inputs, sums, AT_ONCE);
      put_narrow(sums, AT_ONCE, scale + o, lows, highs, out + p * out_stride + o, out_stride);
    }
    for (; p < count; p++) {
      Sums sums[1];
      begin(sums, bias + o, 1);
      multiply(x + p * x_stride, x_stride, weight, inputs, sums, 1);
      put_narrow(sums, 1, scale + o, lows, highs, out + p * out_stride + o, out_stride);
    }
  }
}

/* sum * factor[o], 32 bits. */
void KERNEL(pointwise_wide)(const int16_t *x, int x_stride, const int16_t *weight,
                            const int32_t *bias, const int32_t *factor, int32_t *out,
                            int out_stride, int count, int inputs, int outputs) {
  for (int o = 0; o < outputs; o += 8, weight += 8 * inputs) {
    int p = 0;
    for (; p + AT_ONCE <= count; p += AT_ONCE) {
      Sums sums[AT_ONCE];
      begin(sums, bias + o, AT_ONCE);
      multiply(x + p * x_stride, x_stride, weight, inputs, sums, AT_ONCE);
      put_wide(sums, AT_ONCE, factor + o, out + p * out_stride + o, out_stride);
    }
    for (; p < count; p++) {
      Sums sums[1];
      begin(sums, bias + o, 1);
      multiply(x + p * x_stride, x_stride, weight, inputs, sums, 1);
      put_wide(sums, 1, factor + o, out + p * out_stride + o, out_stride);
    }
  }
}

/* Of any sizes, values of 2 or 4 bytes and weights [O, I]: sums of 32 bits. */
void KERNEL(pointwise_any)(const void *x, int bytes, int x_stride, const int16_t *weight,
                           const int32_t *bias, int32_t *out, int out_stride, int count,
                           int inputs, int outputs) {
  for (int p = 0; p < count; p++)
    for (int o = 0; o < outputs; o++) {
      int32_t sum = bias[o];
      for (int i = 0; i < inputs; i++)
        sum += weight[o * inputs + i] * load1(x, bytes, p * x_stride + i);
      out[p * out_stride + o] = sum;
    }
}
