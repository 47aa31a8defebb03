/* The asymmetric numeral system of FORMAT.md, section 5. */
#include "kernels.h"

#define CHUNK 131072
#define ROWS 64
#define LOOK_UP 6 /* bits of 16 that a look-up leaves out */
#define VALUE_LIMIT 32767

typedef struct {
  uint64_t state;
  const uint32_t *words; /* oldest first */
  uint32_t count;        /* of words that are left */
} Coder;

typedef struct {
  int32_t limit;           /* L; such a row is coded if it is above 0 */
  const uint32_t *starts;  /* of all entries, and their sum 65536 */
  const uint16_t *look_up; /* an entry at or before that of 2^LOOK_UP slots */
} Table;

INLINE void refill(Coder *coder) {
  if (coder->count) coder->state = coder->state << 32 | coder->words[--coder->count];
}

INLINE void consume(Coder *coder, uint32_t start, uint32_t width) {
  uint64_t rest = (coder->state & 0xffffff) - start;
  coder->state = (coder->state >> 24) * width + rest;
  if (coder->state >> 32 == 0) refill(coder);
}

INLINE int32_t pop(Coder *coder, const Table *table) {
  uint32_t slot = (coder->state & 0xffffff) >> 8;
  uint32_t entry = table->look_up[slot >> LOOK_UP];
  while (table->starts[entry + 1] <= slot) entry++;
  uint32_t start = table->starts[entry];
  consume(coder, start << 8, (table->starts[entry + 1] - start) << 8);
  return entry;
}

INLINE int32_t pop_bits(Coder *coder, int width) {
  int shift = 24 - width;
  uint32_t value = (coder->state & 0xffffff) >> shift;
  consume(coder, value << shift, 1u << shift);
  return value;
}

void KERNEL(begin_coder)(Coder *coder, const uint32_t *words, int count) {
  *coder = (Coder){0, words, count};
  refill(coder);
  refill(coder);
}

/* Places of the symbols of a chunk, ordered by their rows; returns where it ends. */
static int order_chunk(const Table *tables, const uint8_t *rows, int start, int count,
                       uint32_t *order, int *ends) {
  int counts[ROWS] = {0}, coded = 0, end = start;
  for (; end < count && coded < CHUNK; end++) {
    int is_coded = tables[rows[end]].limit > 0;
    counts[rows[end]] += is_coded;
    coded += is_coded;
  }
  for (int row = 0, sum = 0; row < ROWS; row++) {
    ends[row] = sum;
    sum += counts[row];
  }
  for (int i = start; i < end; i++)
    if (tables[rows[i]].limit > 0) order[ends[rows[i]]++] = i;
  return end;
}

/* Values at or beyond the limits of their rows. Returns 0 if one is too large. */
static int pop_excess(Coder *coder, const Table *tables, const uint8_t *rows, int16_t *values,
                      const uint32_t *order, int coded, uint8_t *classes) {
  int escaped = 0;
  for (int i = 0; i < coded; i++) {
    int limit = tables[rows[order[i]]].limit, value = values[order[i]];
    if (value == limit || value == -limit) classes[escaped++] = pop(coder, &tables[ROWS]);
  }
  if (!escaped) return 1;
  escaped = 0;
  for (int i = 0; i < coded; i++) {
    int limit = tables[rows[order[i]]].limit, value = values[order[i]];
    if (value != limit && value != -limit) continue;
    int n = classes[escaped++];
    int magnitude = limit + (1 << n) - 1 + (n ? pop_bits(coder, n) : 0);
    if (magnitude > VALUE_LIMIT) return 0;
    values[order[i]] = value < 0 ? -magnitude : magnitude;
  }
  return 1;
}

/* The values of a section with these rows of the tables; `tables` has one more, of classes.
   `order` and `classes` have room for a chunk. Returns 0 if a value is too large. */
int KERNEL(pop_section)(Coder *coder, const Table *tables, const uint8_t *rows, int count,
                        int16_t *values, uint32_t *order, uint8_t *classes) {
  for (int i = 0; i < count; i++) values[i] = 0;
  for (int start = 0; start < count;) {
    int ends[ROWS], i = 0;
    start = order_chunk(tables, rows, start, count, order, ends);
    for (int row = 0; row < ROWS; row++)
      for (; i < ends[row]; i++)
        values[order[i]] = pop(coder, &tables[row]) - tables[row].limit;
    if (!pop_excess(coder, tables, rows, values, order, i, classes)) return 0;
  }
  return 1;
}
