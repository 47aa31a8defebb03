/* Between the programs of latent steps: quadrants/SPEC.md, section 3. A square has four
   places of `each` channels. */
#include "kernels.h"

#define ROW_SHIFT 9 /* bits of a log scale below a row */
#define MOST_ROW 63

/* Sums [count][4][2][each] -> means and rows [count][4][each]. */
void KERNEL(predict)(const int32_t *both, const float *unit, const float *limit,
                     const int32_t *offset, int16_t *means, uint8_t *rows, int count, int each) {
  for (int square = 0; square < count; square++)
    for (int place = 0; place < 4; place++, both += 2 * each, means += each, rows += each)
      for (int j = 0; j < each; j++) {
        int at = place * each + j;
        means[j] = narrowed1(both[j], unit[at], -limit[at], limit[at]);
        int row = (both[each + j] + offset[at]) >> ROW_SHIFT;
        rows[j] = row < 0 ? 0 : row > MOST_ROW ? MOST_ROW : row;
      }
}

INLINE int64_t moved(int32_t symbol, int32_t width) {
  int64_t product = (int64_t)symbol * width; /* in 1/512 */
  return (product + 255 + (product >> 9 & 1)) >> 9;
}

/* Symbols [count][4][each] -> latents in their places, and what the next step is told of
   them, [count][4][2][each]. `latents` are rows of `stride` positions of 4 * each channels. */
void KERNEL(settle)(const int16_t *symbols, const int16_t *means, const int32_t *width,
                    const int16_t *limit, const float *unit, const int8_t *magnitudes,
                    int order, int16_t *latents, int stride, int16_t *known, int count,
                    int each) {
  for (int square = 0; square < count; square++)
    for (int place = 0; place < 4; place++) {
      int16_t *out = latents + ((place / 2) * stride + 2 * square + place % 2) * 4 * each;
      out += place ^ order;
      for (int j = 0; j < each; j++) {
        int at = place * each + j, symbol = *symbols++;
        int64_t value = *means++ + (symbol ? moved(symbol, width[at]) : 0);
        value = value < -limit[at] ? -limit[at] : value > limit[at] ? limit[at] : value;
        out[4 * j] = value;
        known[j] = narrowed1(value, unit[at], -128, 127);
        int magnitude = symbol < 0 ? -symbol : symbol;
        known[each + j] = magnitudes[magnitude < 15 ? magnitude : 15];
      }
      known += 2 * each;
    }
}
