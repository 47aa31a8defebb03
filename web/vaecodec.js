/** Opens .vaec pictures: see README.md. */

export { decode, inspect } from "./codec/decode.js";
export { VaecodecError } from "./errors.js";
export { loadModel } from "./codec/model.js";
