/** Numbers of a model beside its programs; quadrants/SPEC.md, sections 2 and 3. */

import { modelError } from "../errors.js";
import { QUALITIES } from "../exact/facts.js";
import { ORDER, PLACES, byPlace } from "./order.js";

const MOST_SHIFT = 64;
const MOST_OFFSET = 2 ** 24;
const MOST_LATENT = 2 ** 14;

/** @typedef {import("../models/tensor_file.js").Tensor} Tensor */

/**
 * @typedef {object} StepParameters addresses of numbers for [4, M / 4], of all qualities where
 *   there is one for each
 * @property {number} unit of means
 * @property {number} offset
 * @property {number} limit
 * @property {number} shortLimit the same in 16 bits
 * @property {number} width
 * @property {number} normalUnit
 */

/**
 * @typedef {object} Parameters
 * @property {number} channels M
 * @property {number} hyperChannels Z
 * @property {Int16Array} limits of latents [M]
 * @property {Float32Array} hyperUnit of means [Z]
 * @property {Int32Array} hyperOffsets [2, 101, Z]
 * @property {StepParameters[]} steps
 * @property {number} magnitudes address
 */

/**
 * @param {import("../kernels/machine.js").Machine} machine takes memory that it keeps
 * @param {Map<string, Tensor>} tensors
 * @returns {Parameters}
 * @throws {VaecodecError} a tensor is missing, or of another type, shape or range
 */
export function takeParameters(machine, tensors) {
  const shifts = between(tensors, "hyper.mean_shifts", "I8", [null], MOST_SHIFT);
  const limits = between(tensors, "latent.limits", "I16", [null], MOST_LATENT, 0);
  const [hyperChannels, channels] = [shifts.length, limits.length];
  if (channels % PLACES) throw modelError(`${channels} latent channels are no multiple of 4`);
  const magnitudes = between(tensors, "latent.magnitudes", "I8", [16], 127, 128);
  return {
    channels,
    hyperChannels,
    limits: Int16Array.from(limits),
    hyperUnit: unitsOf(shifts),
    hyperOffsets: Int32Array.from(
      between(tensors, "hyper.offsets", "I32", [2, QUALITIES, hyperChannels], MOST_OFFSET),
    ),
    steps: stepsOf(machine, tensors, Int16Array.from(limits)),
    magnitudes: machine.keep(magnitudes),
  };
}

/**
 * @param {import("../kernels/machine.js").Machine} machine
 * @param {Map<string, Tensor>} tensors
 * @param {Int16Array} limits
 */
function stepsOf(machine, tensors, limits) {
  const channels = limits.length;
  const places = [ORDER.length, PLACES, channels / PLACES];
  const all = [ORDER.length, QUALITIES, channels];
  const meanUnits = unitsOf(between(tensors, "latent.mean_shifts", "I8", places, MOST_SHIFT));
  const offsets = Int32Array.from(between(tensors, "latent.offsets", "I32", all, MOST_OFFSET));
  const widths = between(tensors, "latent.widths", "I32", [QUALITIES, channels], 2 ** 31 - 1, 0);
  const normal = unitsOf(between(tensors, "latent.normal_shifts", "I8", [channels], MOST_SHIFT));
  return ORDER.map((_, step) => {
    const ordered = (/** @type {any} */ values) => machine.keep(byPlace(values, channels, step));
    const part = (/** @type {any} */ values) => {
      const size = values.length / ORDER.length;
      return values.subarray(step * size, (step + 1) * size);
    };
    return {
      unit: machine.keep(part(meanUnits)), // in this order already
      offset: ordered(part(offsets)),
      limit: ordered(Float32Array.from(limits)),
      shortLimit: ordered(limits),
      width: ordered(Int32Array.from(widths)),
      normalUnit: ordered(normal),
    };
  });
}

/** `2**-shift`, exactly. @param {import("../models/tensor_file.js").Numbers} shifts */
function unitsOf(shifts) {
  return Float32Array.from(shifts, (shift) => 2 ** -shift);
}

/**
 * The numbers of a tensor whose magnitudes are limited.
 *
 * @param {Map<string, Tensor>} tensors
 * @param {string} name
 * @param {string} dtype
 * @param {(number | null)[]} shape null for any size
 * @param {number} high
 * @param {number} [low] negative of the lowest
 */
function between(tensors, name, dtype, shape, high, low = high) {
  const tensor = tensors.get(name);
  const fits =
    tensor?.dtype === dtype &&
    tensor.shape.length === shape.length &&
    shape.every((size, axis) => size === null || size === tensor.shape[axis]);
  if (!fits) throw modelError(`the model has no tensor '${name}' of dtype ${dtype} and its shape`);
  if (tensor.data.some((value) => value > high || value < -low)) {
    throw modelError(`${name} holds numbers beyond ${-low}..${high}`);
  }
  return tensor.data;
}
