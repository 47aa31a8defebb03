/**
 * Memory, and kernels that work in it: those of WebAssembly, or their twins in JavaScript,
 * which give the same numbers.
 *
 * Memory is taken and given back like a stack: a model lies at the bottom, what decoding a
 * file needs on top of it.
 */

import { VaecodecError } from "../errors.js";

export const PAGE = 65536; // bytes
const RESERVED = PAGE; // at the bottom, for the stack of the WebAssembly module
export const MOST_PAGES = 16384; // 1 GiB
const ALIGNMENT = 16;

/** @typedef {ReturnType<typeof import("./plain.js").plainKernels>} Kernels */

export class Machine {
  // Views of the memory, made anew when it grows.
  u8 = new Uint8Array(0);
  i8 = new Int8Array(0);
  u16 = new Uint16Array(0);
  i16 = new Int16Array(0);
  i32 = new Int32Array(0);
  u32 = new Uint32Array(0);
  f32 = new Float32Array(0);

  /**
   * @param {{ readonly buffer: ArrayBuffer, grow(pages: number): number }} memory
   * @param {(machine: Machine) => Kernels} kernels
   * @param {"wasm" | "plain"} name of the kernels
   */
  constructor(memory, kernels, name) {
    this.memory = memory;
    this.name = name;
    this.top = RESERVED;
    this.look();
    this.kernels = kernels(this);
  }

  /** @param {WebAssembly.Module} module compiled kernels */
  static async webAssembly(module) {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: MOST_PAGES });
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    return new Machine(memory, () => /** @type {any} */ (exports), "wasm");
  }

  /** Take memory, filled with zeros. @param {number} bytes @returns {number} its address */
  take(bytes) {
    const start = this.top;
    this.top += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const missing = this.top + ALIGNMENT - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / PAGE));
    this.u8.fill(0, start, this.top);
    return start;
  }

  /** @param {number} pages */
  grow(pages) {
    try {
      if (this.memory.buffer.byteLength / PAGE + pages > MOST_PAGES) throw new RangeError();
      this.memory.grow(pages);
    } catch {
      throw new VaecodecError(`decoding needs more than ${this.memory.buffer.byteLength} bytes`);
    }
    this.look();
  }

  /** Give back all that was taken since. @param {number} top as it was then */
  giveBack(top) {
    this.top = top;
  }

  /**
   * Take memory for these numbers, and copy them there.
   * @param {Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Uint32Array
   *   | Float32Array} numbers
   * @returns {number} their address
   */
  keep(numbers) {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    const start = this.take(bytes.length);
    this.u8.set(bytes, start);
    return start;
  }

  look() {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
  }
}
