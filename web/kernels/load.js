/** Finds the kernels that work here. */

import { Machine } from "./machine.js";

/** A module of one function that uses SIMD. */
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** Whether WebAssembly with SIMD works here. */
export function hasSimd() {
  return typeof WebAssembly === "object" && WebAssembly.validate(PROBE);
}

/**
 * @param {"auto" | "wasm" | "plain"} kernels
 * @returns {Promise<Machine>} with those of WebAssembly, or else in JavaScript
 */
export async function makeMachine(kernels = "auto") {
  if (kernels === "plain" || (kernels === "auto" && !hasSimd())) return plainMachine();
  compiled ??= compile();
  try {
    return await Machine.webAssembly(await compiled);
  } catch (error) {
    // A security policy may forbid to compile.
    if (kernels === "wasm") throw error;
    return plainMachine();
  }
}

async function plainMachine() {
  return (await import("./plain_machine.js")).plainMachine();
}

async function compile() {
  return WebAssembly.compile(await bytesOf(new URL("./kernels.wasm", import.meta.url)));
}

/** @param {URL} url */
async function bytesOf(url) {
  if (url.protocol === "file:") return (await import("node:fs/promises")).readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}
