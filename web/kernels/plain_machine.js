/** The machine of browsers without WebAssembly, which others never load. */

import { MOST_PAGES, Machine, PAGE } from "./machine.js";
import { plainKernels } from "./plain.js";

/** @returns {Machine} with kernels in JavaScript */
export function plainMachine() {
  return new Machine(new PlainMemory(2), plainKernels, "plain");
}

/** What `WebAssembly.Memory` is, where there is none. */
class PlainMemory {
  /** @param {number} pages */
  constructor(pages) {
    this.buffer = new ArrayBuffer(pages * PAGE);
  }

  /** @param {number} pages at least */
  grow(pages) {
    const before = this.buffer.byteLength / PAGE;
    const after = Math.min(MOST_PAGES, Math.max(before + pages, 2 * before));
    const larger = new ArrayBuffer(after * PAGE);
    new Uint8Array(larger).set(new Uint8Array(this.buffer));
    this.buffer = larger;
    return before;
  }
}
