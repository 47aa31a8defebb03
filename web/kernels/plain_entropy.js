/**
 * The asymmetric numeral system of FORMAT.md, section 5, in JavaScript; see `entropy.c`.
 *
 * The state has 64 bits, which no number here holds: it is kept as two halves.
 */

const CHUNK = 131072;
const ROWS = 64;
const LOOK_UP = 6;
const VALUE_LIMIT = 32767;
const TABLE_BYTES = 12;
const HALF = 2 ** 20; // of the bits above a quantile

/** @param {import("./machine.js").Machine} m */
export function plainEntropy(m) {
  /** @param {number} coder @param {number} words @param {number} count */
  function begin_coder(coder, words, count) {
    m.u32.set([0, 0, words, count], coder >> 2);
    refill(coder);
    refill(coder);
  }

  /** @param {number} coder */
  function refill(coder) {
    const { u32 } = m;
    const at = coder >> 2;
    if (!u32[at + 3]) return;
    u32[at + 1] = u32[at];
    u32[at] = u32[(u32[at + 2] >> 2) + --u32[at + 3]];
  }

  /** state = floor(state / 2^24) * width + rest @param {number} coder @param {number} start
   * @param {number} width */
  function consume(coder, start, width) {
    const { u32 } = m;
    const at = coder >> 2;
    const low = u32[at];
    const rounds = u32[at + 1] * 256 + (low >>> 24); // below 2^40
    // In two products, each below 2^53.
    const upper = Math.floor(rounds / HALF) * width;
    const lower = (rounds % HALF) * width + (low & 0xffffff) - start;
    const sum = (upper % 4096) * HALF + lower;
    u32[at] = sum % 2 ** 32;
    u32[at + 1] = Math.floor(upper / 4096) + Math.floor(sum / 2 ** 32);
    if (!u32[at + 1]) refill(coder);
  }

  /** @param {number} coder @param {number} table */
  function pop(coder, table) {
    const { u16, u32 } = m;
    const slot = (u32[coder >> 2] & 0xffffff) >> 8;
    const starts = u32[(table >> 2) + 1] >> 2;
    let entry = u16[(u32[(table >> 2) + 2] >> 1) + (slot >> LOOK_UP)];
    while (u32[starts + entry + 1] <= slot) entry++;
    const start = u32[starts + entry];
    consume(coder, start * 256, (u32[starts + entry + 1] - start) * 256);
    return entry;
  }

  /** @param {number} coder @param {number} width */
  function popBits(coder, width) {
    const shift = 24 - width;
    const value = (m.u32[coder >> 2] & 0xffffff) >> shift;
    consume(coder, value << shift, 1 << shift);
    return value;
  }

  /**
   * @param {number} tables @param {number} rows @param {number} start @param {number} count
   * @param {number} order
   */
  function orderChunk(tables, rows, start, count, order) {
    const { i32, u8, u32 } = m;
    const limits = Int32Array.from({ length: ROWS }, (_, row) => limitOf(tables, row));
    const counts = new Int32Array(ROWS);
    let end = start;
    for (let coded = 0; end < count && coded < CHUNK; end++) {
      const row = u8[rows + end];
      if (limits[row] > 0) {
        counts[row]++;
        coded++;
      }
    }
    const next = new Int32Array(ROWS + 1);
    for (let row = 0; row < ROWS; row++) next[row + 1] = next[row] + counts[row];
    const ends = next.slice(1);
    for (let i = start; i < end; i++) {
      const row = u8[rows + i];
      if (limits[row] > 0) u32[(order >> 2) + next[row]++] = i;
    }
    return { end, ends };
  }

  /** @param {number} tables @param {number} row */
  function limitOf(tables, row) {
    return m.i32[(tables + row * TABLE_BYTES) >> 2];
  }

  /**
   * @param {number} coder @param {number} tables @param {number} rows @param {number} values
   * @param {number} order @param {number} coded
   */
  function popExcess(coder, tables, rows, values, order, coded) {
    const { i16, u8, u32 } = m;
    const escaped = [];
    for (let i = 0; i < coded; i++) {
      const at = u32[(order >> 2) + i];
      if (Math.abs(i16[(values >> 1) + at]) === limitOf(tables, u8[rows + at])) escaped.push(at);
    }
    const classes = escaped.map(() => pop(coder, tables + ROWS * TABLE_BYTES));
    return escaped.every((at, i) => {
      const value = i16[(values >> 1) + at];
      const raw = classes[i] ? popBits(coder, classes[i]) : 0;
      const magnitude = Math.abs(value) + 2 ** classes[i] - 1 + raw;
      i16[(values >> 1) + at] = value < 0 ? -magnitude : magnitude;
      return magnitude <= VALUE_LIMIT;
    });
  }

  /**
   * @param {number} coder @param {number} tables @param {number} rows @param {number} count
   * @param {number} values @param {number} order @param {number} _classes
   */
  function pop_section(coder, tables, rows, count, values, order, _classes) {
    m.i16.fill(0, values >> 1, (values >> 1) + count);
    for (let start = 0; start < count;) {
      const { end, ends } = orderChunk(tables, rows, start, count, order);
      let i = 0;
      for (let row = 0; row < ROWS; row++) {
        const table = tables + row * TABLE_BYTES;
        for (const limit = limitOf(tables, row); i < ends[row]; i++) {
          m.i16[(values >> 1) + m.u32[(order >> 2) + i]] = pop(coder, table) - limit;
        }
      }
      if (!popExcess(coder, tables, rows, values, order, i)) return 0;
      start = end;
    }
    return 1;
  }

  return { begin_coder, pop_section };
}
