/** Bytes as a slow line brings them. */

const PIECES = 60;

/**
 * @param {Uint8Array} bytes
 * @param {number} ms how long it takes
 */
export async function* slowly(bytes, ms) {
  const length = Math.ceil(bytes.length / PIECES);
  for (let start = 0; start < bytes.length; start += length) {
    await new Promise((resolve) => setTimeout(resolve, ms / PIECES));
    yield bytes.subarray(start, start + length);
  }
}
