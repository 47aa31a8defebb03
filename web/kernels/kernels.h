/* What all kernels share. Pointers are addresses in the memory of the module. */
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

#define KERNEL(name) __attribute__((export_name(#name))) name
#define INLINE static inline __attribute__((always_inline))

/* Added to a number of magnitude below 2^22 it rounds to the nearest integer, halves to
   the even one, and leaves that in the low bits. */
#define ROUNDER 12582912.0f
#define ROUNDER_BITS 0x4B400000

/* rne(value * scale), limited; scale is a power of two, the limits are small integers, so
   limiting first makes no difference. */
INLINE v128_t narrowed4(v128_t value, v128_t scale, v128_t low, v128_t high) {
  v128_t real = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(value), scale);
  real = wasm_f32x4_pmin(wasm_f32x4_pmax(real, low), high);
  real = wasm_f32x4_add(real, wasm_f32x4_splat(ROUNDER));
  return wasm_i32x4_sub(real, wasm_i32x4_splat(ROUNDER_BITS));
}

INLINE int32_t narrowed1(int32_t value, float scale, float low, float high) {
  v128_t v = narrowed4(wasm_i32x4_splat(value), wasm_f32x4_splat(scale),
                       wasm_f32x4_splat(low), wasm_f32x4_splat(high));
  return wasm_i32x4_extract_lane(v, 0);
}

/* Four values of a tensor of 2 or 4 bytes a value. */
INLINE v128_t load4(const void *values, int bytes, int at) {
  return bytes == 2 ? wasm_i32x4_load16x4((const int16_t *)values + at)
                    : wasm_v128_load((const int32_t *)values + at);
}

INLINE int32_t load1(const void *values, int bytes, int at) {
  return bytes == 2 ? ((const int16_t *)values)[at] : ((const int32_t *)values)[at];
}
