/* Operations on each value of a row by itself. Arrays of one number for each channel hold
   `channels` of them; values have 2 or 4 bytes where `bytes` says so. */
#include "kernels.h"

/* rne(x * scale[c]), limited, 16 bits. */
void KERNEL(narrow)(const void *x, int bytes, const float *scale, float low, float high,
                    int16_t *out, int count, int channels) {
  v128_t lows = wasm_f32x4_splat(low), highs = wasm_f32x4_splat(high);
  for (int p = 0; p < count; p++) {
    int c = 0, at = p * channels;
    for (; c + 8 <= channels; c += 8) {
      v128_t a = narrowed4(load4(x, bytes, at + c), wasm_v128_load(scale + c), lows, highs);
      v128_t b =
          narrowed4(load4(x, bytes, at + c + 4), wasm_v128_load(scale + c + 4), lows, highs);
      wasm_v128_store(out + at + c, wasm_i16x8_narrow_i32x4(a, b));
    }
    for (; c < channels; c++)
      out[at + c] = narrowed1(load1(x, bytes, at + c), scale[c], low, high);
  }
}

/* x * factor[c], 32 bits. */
void KERNEL(scaled)(const void *x, int bytes, const int32_t *factor, int32_t *out, int count,
                    int channels) {
  for (int p = 0; p < count; p++) {
    int c = 0, at = p * channels;
    for (; c + 4 <= channels; c += 4) {
      v128_t value = wasm_i32x4_mul(load4(x, bytes, at + c), wasm_v128_load(factor + c));
      wasm_v128_store(out + at + c, value);
    }
    for (; c < channels; c++) out[at + c] = load1(x, bytes, at + c) * factor[c];
  }
}

/* x + y * factor[c], 32 bits. */
void KERNEL(add_scaled)(const int32_t *x, const void *y, int bytes, const int32_t *factor,
                        int32_t *out, int count, int channels) {
  for (int p = 0; p < count; p++) {
    int c = 0, at = p * channels;
    for (; c + 4 <= channels; c += 4) {
      v128_t value = wasm_i32x4_mul(load4(y, bytes, at + c), wasm_v128_load(factor + c));
      wasm_v128_store(out + at + c, wasm_i32x4_add(wasm_v128_load(x + at + c), value));
    }
    for (; c < channels; c++) out[at + c] = x[at + c] + load1(y, bytes, at + c) * factor[c];
  }
}

/* x + y, of 4 bytes each. */
void KERNEL(add)(const int32_t *x, const int32_t *y, int32_t *out, int count) {
  int i = 0;
  for (; i + 4 <= count; i += 4)
    wasm_v128_store(out + i, wasm_i32x4_add(wasm_v128_load(x + i), wasm_v128_load(y + i)));
  for (; i < count; i++) out[i] = x[i] + y[i];
}

/* Limited to low..high, 32 bits. */
void KERNEL(limit)(const int32_t *x, int32_t low, int32_t high, int32_t *out, int count) {
  for (int i = 0; i < count; i++) out[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

/* One of the `by` rows that a row of `count` positions of by * by * channels values becomes. */
void KERNEL(shuffle)(const void *x, int bytes, void *out, int count, int channels, int by,
                     int row) {
  for (int p = 0; p < count; p++)
    for (int column = 0; column < by; column++)
      for (int c = 0; c < channels; c++) {
        int from = (p * channels + c) * by * by + row * by + column;
        int to = (p * by + column) * channels + c;
        if (bytes == 2) ((int16_t *)out)[to] = ((const int16_t *)x)[from];
        else ((int32_t *)out)[to] = ((const int32_t *)x)[from];
      }
}

/* Three values of 16 bits, 0..255 -> red, green, blue and an opaque alpha in a byte each; of
   a gray image the mean of the three. */
void KERNEL(to_rgba)(const int16_t *x, int gray, uint8_t *out, int count) {
  for (int p = 0; p < count; p++, x += 3, out += 4) {
    int mean = (x[0] + x[1] + x[2] + 1) / 3;
    for (int c = 0; c < 3; c++) out[c] = gray ? mean : x[c];
    out[3] = 255;
  }
}
