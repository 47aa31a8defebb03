/** Model files, and the ids of what models do; FORMAT.md, section 6. */

import { modelError } from "../errors.js";
import { hex } from "../format/header.js";
import { readPart } from "./coded_part.js";
import { parseTensors } from "./tensor_file.js";

const RECEIVER = "receiver"; // the part that senders alone do without

/**
 * @typedef {object} ModelFile
 * @property {string} architecture
 * @property {Map<string, import("./tensor_file.js").Tensor>} tensors that receivers need
 * @property {string} streamId 16 hex digits
 * @property {string} painterId 8 hex digits
 * @property {{ stream: string[], painter: string[] }} names of the tensors that the ids stand for
 */

/**
 * Read the tensors of a model that its ids stand for.
 *
 * @param {Uint8Array} data the whole file
 * @returns {Promise<ModelFile>}
 * @throws {VaecodecError} it is damaged
 */
export async function parseModel(data) {
  const { tensors: plain, metadata } = parseTensors(data);
  const names = { stream: listed(metadata, "stream"), painter: listed(metadata, "painter") };
  const tensors = metadata.has("coded") ? unfolded(plain, metadata) : plain;
  const architecture = metadata.get("architecture") ?? "";
  const ids = [names.stream, names.painter].map((part) => idOf(architecture, part, tensors));
  const [stream, painter] = await Promise.all(ids);
  const [streamId, painterId] = [stream.slice(0, 16), painter.slice(0, 8)];
  return { architecture, tensors, names, streamId, painterId };
}

/**
 * @param {Map<string, string>} metadata
 * @param {string} part
 */
function listed(metadata, part) {
  const names = (metadata.get(part) ?? "").split(" ").filter((name) => name);
  if (!names.length || new Set(names).size < names.length) {
    throw modelError(`the model file does not say which tensors are its ${part}`);
  }
  return names;
}

/**
 * Tensors of a file with coded parts; a part for senders is left out.
 * @param {Map<string, import("./tensor_file.js").Tensor>} plain
 * @param {Map<string, string>} metadata
 */
function unfolded(plain, metadata) {
  const names = /** @type {string} */ (metadata.get("coded")).split(" ");
  const wanted = names.includes(RECEIVER) ? [RECEIVER] : names;
  for (const name of names) {
    if (!wanted.includes(name)) plain.delete(name);
  }
  for (const name of wanted) {
    const part = plain.get(name);
    if (part?.dtype !== "U8") throw modelError(`the model file has no coded part '${name}'`);
    plain.delete(name);
    for (const [key, tensor] of readPart(/** @type {any} */ (part.data))) {
      if (plain.has(key)) throw modelError(`the model file holds tensor '${key}' twice`);
      plain.set(key, tensor);
    }
  }
  return plain;
}

/**
 * @param {string} architecture
 * @param {string[]} names
 * @param {Map<string, import("./tensor_file.js").Tensor>} tensors
 */
async function idOf(architecture, names, tensors) {
  /** @type {Uint8Array[]} */
  const parts = [utf8(`${architecture}\0`)];
  for (const name of names) {
    const tensor = tensors.get(name);
    if (!tensor) throw modelError(`the model file has no tensor '${name}'`);
    const { dtype, shape, data } = tensor;
    parts.push(utf8(`${name}\0${dtype}\0${shape.join("x")}\0`));
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hex(await sha256(joined(parts)));
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array>} */
async function sha256(bytes) {
  // Browsers have it only for pages that came over https.
  const { subtle } = globalThis.crypto ?? {};
  if (subtle) return new Uint8Array(await subtle.digest("SHA-256", bytes));
  return (await import("./sha256.js")).sha256(bytes);
}

/** @param {Uint8Array[]} parts @returns {Uint8Array<ArrayBuffer>} */
function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param {string} text */
function utf8(text) {
  return new TextEncoder().encode(text);
}
