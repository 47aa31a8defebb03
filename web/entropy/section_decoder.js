/** Payload bytes -> sections of symbols; FORMAT.md, section 5. */

import { VaecodecError } from "../errors.js";
import { crc32 } from "../format/crc32.js";

const CHUNK = 131072;
const MOST_BYTES_PER_SYMBOL = 6;
const CHECKSUM_BYTES = 4;
const CODER_BYTES = 16;

export class SectionDecoder {
  /**
   * @param {import("../kernels/machine.js").Machine} machine from which memory is taken that
   *   the owner of the decoder gives back
   * @param {number} tables address of those of `keepTables`
   * @param {Uint8Array} payload
   * @param {number} symbolCount how many symbols it holds at most
   * @param {number} checksum CRC-32 of what the payload is bound to
   * @throws {VaecodecError} the payload cannot belong to that many symbols
   */
  constructor(machine, tables, payload, symbolCount, checksum) {
    const most = CHECKSUM_BYTES + MOST_BYTES_PER_SYMBOL * symbolCount;
    if (!payload.length || payload.length > most) {
      throw new VaecodecError(`a tile payload of ${payload.length} bytes, allowed 1..${most}`);
    }
    if (!payload[payload.length - 1]) throw new VaecodecError("a tile payload ends in a zero byte");
    this.machine = machine;
    this.tables = tables;
    this.checksum = checksum;
    const words = machine.take(payload.length);
    machine.u8.set(payload, words);
    this.coder = machine.take(CODER_BYTES);
    const room = Math.min(CHUNK, symbolCount);
    this.order = machine.take(4 * room);
    this.classes = machine.take(room);
    machine.kernels.begin_coder(this.coder, words, Math.ceil(payload.length / 4));
  }

  /**
   * Decode a section.
   *
   * @param {number} rows address of the row of each symbol
   * @param {number} count
   * @param {number} values address where to put them, 16 bits each
   * @throws {VaecodecError} a value is out of range; other damage shows in `finish`
   */
  get(rows, count, values) {
    const { machine, coder, tables, order, classes } = this;
    if (!machine.kernels.pop_section(coder, tables, rows, count, values, order, classes)) {
      throw new VaecodecError("a tile payload has a symbol beyond +-32767");
    }
    this.checksum = crc32(machine.u8.subarray(values, values + 2 * count), this.checksum);
  }

  /** @throws {VaecodecError} what was decoded is wrong */
  finish() {
    const [low, high, , left] = this.machine.u32.subarray(this.coder >> 2, (this.coder >> 2) + 4);
    if (low !== (this.checksum || 1) || high || left) {
      throw new VaecodecError("a tile payload is damaged: its checksum does not match");
    }
  }
}
