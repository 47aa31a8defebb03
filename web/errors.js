/**
 * What can go wrong with the data that a decoder was given.
 *
 * Messages are one line. A mistake in calling a function is a TypeError or RangeError; a
 * decoding that was called off rejects with the reason of its signal.
 */
export class VaecodecError extends Error {
  /**
   * @param {string} message
   * @param {"format" | "model"} [kind] what is damaged or cannot be read: a .vaec file, or
   *   a model file
   */
  constructor(message, kind = "format") {
    super(message);
    this.name = "VaecodecError";
    this.kind = kind;
  }
}

/**
 * @param {string} message
 * @returns {VaecodecError} about a model file
 */
export function modelError(message) {
  return new VaecodecError(message, "model");
}
