/** Decodes pictures in a worker; see `workers.js` for the other side. */

import { decode } from "../codec/decode.js";
import { loadModel } from "../codec/model.js";
import { modelError } from "../errors.js";
import { bandsOf } from "./bands.js";

/** @typedef {import("../codec/decode.js").Picture} Picture */

/** @type {Map<string, Promise<import("../codec/model.js").LoadedModel>>} by their addresses */
const models = new Map();
/** @type {Map<number, AbortController>} */
const running = new Map();

self.onmessage = ({ data }) => {
  if (data.stop) running.get(data.id)?.abort();
  else answer(data);
};

/**
 * @param {object} task
 * @param {number} task.id
 * @param {string | Uint8Array} task.source address of a file, or its bytes
 * @param {string} task.models address of the folder of models
 * @param {boolean} task.steps whether coarser pictures are wanted
 * @param {8} [task.preview]
 * @param {number} task.band which is wanted of a large picture
 * @param {number} task.bands how many there may be
 */
async function answer({ id, source, models: folder, steps, preview, band, bands }) {
  const controller = new AbortController();
  const { signal } = controller;
  running.set(id, controller);
  const send = (/** @type {Picture} */ picture, /** @type {object} */ progress) =>
    self.postMessage({ id, picture, ...progress }, { transfer: [picture.data.buffer] });
  try {
    const file = typeof source === "string" ? await fetched(source, signal) : source;
    const model = (/** @type {import("../format/header.js").Header} */ header) =>
      modelIn(folder, header);
    const onStep = steps ? send : undefined;
    const region = (/** @type {import("../format/header.js").Header} */ header) => {
      const all = bandsOf(header, bands);
      if (!band && all.length > 1) self.postMessage({ id, bands: all.length });
      return all[band];
    };
    const options = { model, signal, onStep, ...(preview ? { preview } : { region }) };
    send(await decode(file, options), { step: Infinity });
  } catch (error) {
    const { name, message, kind } = /** @type {any} */ (error);
    self.postMessage({ id, error: { name, message, kind } });
  } finally {
    running.delete(id);
  }
}

/**
 * The model that a header names, as a file of its folder.
 * @param {string} folder
 * @param {import("../format/header.js").Header} header
 */
function modelIn(folder, { streamId, painterId }) {
  const address = new URL(`${streamId}-${painterId}.safetensors`, folder).href;
  const known = models.get(address);
  if (known) return known;
  const loaded = load(address);
  models.set(address, loaded);
  loaded.catch(() => models.delete(address));
  return loaded;
}

/** @param {string} address */
async function load(address) {
  // Never another one under the same ids: no need to ask the server again.
  const response = await fetch(address, { cache: "force-cache" });
  if (!response.ok) throw modelError(`no model: ${address}: the server answers ${response.status}`);
  return loadModel(await response.arrayBuffer());
}

/** @param {string} address @param {AbortSignal} signal */
async function fetched(address, signal) {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${address}: the server answers ${response.status}`);
  return response;
}
