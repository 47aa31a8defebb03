/** The front door: bytes in, pixels out. */

import { VaecodecError } from "../errors.js";
import { parseSignatureAndHeader } from "../format/beginning.js";
import { Container } from "../format/container.js";
import { hasAlpha, isLossless } from "../format/header.js";
import { STEPS } from "../quadrants/tile.js";
import { LoadedModel, loadModel } from "./model.js";
import { paint } from "./painting.js";
import { Arrival } from "./arrival.js";

const MOST_PIXELS = 2 ** 26;
const REDUCTION = 8; // of previews
const PATIENCE = 12; // ms without letting anything else happen

/** @typedef {import("../format/header.js").Header} Header */
/** @typedef {import("./painting.js").Area} Area */

/**
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {Uint8ClampedArray} data red, green, blue and alpha of each pixel
 * @property {Header} header
 * @property {import("../format/beginning.js").Metadata} metadata
 */

/**
 * @typedef {object} Options
 * @property {LoadedModel | Uint8Array | ArrayBuffer | ((header: Header) =>
 *   Promise<LoadedModel> | LoadedModel)} [model] or what finds the one that a header names;
 *   lossless files need none
 * @property {AbortSignal} [signal] calls the decoding off
 * @property {(picture: Picture, progress: { step: number, steps: number }) => void} [onStep] is
 *   given a coarser picture while bytes are still missing
 * @property {Area | ((header: Header) => Area)} [region] the part of the image that is wanted
 * @property {8} [preview] 8 for an image of an eighth of the width and height
 * @property {number} [maxPixels] larger images are refused
 */

/**
 * Read the header of a file; its first 64 bytes are enough.
 *
 * @param {Uint8Array} bytes
 * @returns {Header}
 * @throws {VaecodecError} they do not begin like a file
 */
export function inspect(bytes) {
  const found = parseSignatureAndHeader(bytes, true);
  return /** @type {{ header: Header }} */ (found).header;
}

/**
 * Decode a picture.
 *
 * @param {import("./arrival.js").Source} source
 * @param {Options} options
 * @returns {Promise<Picture>}
 * @throws {VaecodecError} the file or the model is damaged, or this program does not read it
 */
export async function decode(source, options = {}) {
  const { signal, maxPixels = MOST_PIXELS } = options;
  signal?.throwIfAborted();
  const arrival = new Arrival(source, new Container(maxPixels), signal);
  try {
    return await follow(arrival, options);
  } finally {
    arrival.cancel();
  }
}

/**
 * @param {Arrival} arrival
 * @param {Options} options
 */
async function follow(arrival, options) {
  const { container } = arrival;
  await arrival.until(() => container.beginning);
  const { header } = /** @type {import("../format/beginning.js").Beginning} */ (
    container.beginning
  );
  const area = options.preview ? previewOf(header, options) : areaOf(header, options.region);
  if (isLossless(header)) {
    await arrival.until(() => container.whole);
    const { paintLossless } = await import("./lossless.js");
    return painted(container, area, options.signal, paintLossless);
  }
  if (![1, STEPS].includes(header.rounds)) {
    throw new VaecodecError(`the file has ${header.rounds} rounds, its model ${STEPS}`);
  }
  const loaded = await modelFor(header, options.model);
  const paintWith = await painterOf(loaded.model, header, options);
  for (let shown = 0; ;) {
    const least = options.onStep ? shown + 1 : header.rounds;
    await arrival.until(() => container.rounds >= least || container.whole);
    shown = container.rounds;
    const isLast = shown === header.rounds;
    if (isLast) await arrival.until(() => container.whole);
    const work = () => painted(container, area, options.signal, paintWith);
    const picture = await loaded.inTurn(work);
    if (isLast) return picture;
    options.onStep?.(picture, { step: shown, steps: header.rounds });
  }
}

/**
 * What paints lossy files: only as much of the program as this one needs.
 * @param {import("../quadrants/model.js").Model} model
 * @param {Header} header
 * @param {Options} options
 * @returns {Promise<Paint>}
 */
async function painterOf(model, header, { preview }) {
  if (preview) {
    const { paintPreview } = await import("./preview.js");
    return (...given) => paintPreview(model, ...given);
  }
  const alpha = hasAlpha(header) && (await import("./alpha.js"));
  return function* (...given) {
    yield* paint(model, ...given);
    if (alpha) yield* alpha.placeAlpha(...given);
  };
}

/**
 * @typedef {(file: import("./tiles.js").File, area: Area, out: Uint8ClampedArray) =>
 *   Generator<void, void, void>} Paint
 */

/**
 * Paint what is there, and let other things happen meanwhile.
 * @param {Container} container
 * @param {Area} area
 * @param {AbortSignal | undefined} signal
 * @param {Paint} paintWith
 * @returns {Promise<Picture>}
 */
async function painted(container, area, signal, paintWith) {
  const beginning = /** @type {import("../format/beginning.js").Beginning} */ (container.beginning);
  const { rounds } = container;
  const payloads = container.payloads.map((all) => all.slice(0, rounds));
  const file = { beginning, payloads, alphas: container.alphas };
  const data = new Uint8ClampedArray(4 * area.width * area.height);
  let start = performance.now();
  for (const _ of paintWith(file, area, data)) {
    if (performance.now() - start < PATIENCE) continue;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    start = performance.now();
  }
  const { width, height } = area;
  return { width, height, data, header: beginning.header, metadata: beginning.metadata };
}

/**
 * @param {Header} header
 * @param {Options["model"]} given
 */
async function modelFor(header, given) {
  if (!given) throw new TypeError("no model is given");
  const found = typeof given === "function" ? await given(header) : given;
  const loaded = found instanceof LoadedModel ? found : await loadModel(found);
  for (const id of /** @type {const} */ (["streamId", "painterId"])) {
    if (loaded[id] !== header[id]) {
      throw new VaecodecError(
        `the file names a model with the ${id} ${header[id]}, not ${loaded[id]}`,
        "model",
      );
    }
  }
  return loaded;
}

/** @param {Header} header @param {Options} options @returns {Area} */
function previewOf(header, { region, preview }) {
  if (isLossless(header)) throw new RangeError("a lossless file has no preview");
  if (region) throw new RangeError("a preview shows the whole image and takes no region");
  if (preview !== REDUCTION) throw new RangeError(`preview ${preview}, allowed ${REDUCTION}`);
  const [columns, rows] = [header.width, header.height].map((side) => Math.ceil(side / REDUCTION));
  return { x: 0, y: 0, width: columns, height: rows };
}

/** @param {Header} header @param {Options["region"]} region @returns {Area} */
function areaOf(header, region) {
  const { width, height } = header;
  const whole = { x: 0, y: 0, width, height };
  const area = (typeof region === "function" ? region(header) : region) ?? whole;
  const sides = [area.x, area.y, area.width, area.height];
  const isInside =
    area.x >= 0 && area.y >= 0 && area.x + area.width <= width && area.y + area.height <= height;
  if (!sides.every(Number.isInteger) || area.width < 1 || area.height < 1 || !isInside) {
    throw new RangeError(`region ${sides} is empty or not inside of 0,0,${width},${height}`);
  }
  return area;
}
