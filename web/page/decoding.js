/** One picture on its way: asked of one worker or, in bands, of several. */

import { VaecodecError } from "../errors.js";
import { joined } from "./bands.js";

/** @typedef {import("../codec/decode.js").Picture} Picture */
/** @typedef {(picture: Picture, progress: { step: number, steps: number }) => void} OnStep */

/**
 * @typedef {object} Answer of a worker
 * @property {number} id of the question
 * @property {number} [bands] how many there are, of which it only decodes the first
 * @property {Picture} [picture]
 * @property {number} [step] Infinity for the last picture
 * @property {number} [steps]
 * @property {{ name: string, message: string, kind: "format" | "model" }} [error]
 */

export class Decoding {
  /**
   * @param {(question: object, take: (answer: Answer) => void) => () => void} ask a worker;
   *   returns what calls it off
   * @param {OnStep} [onStep]
   */
  constructor(ask, onStep) {
    this.ask = ask;
    this.onStep = onStep;
    /** @type {Answer[]} the last ones, of each band */
    this.answers = [];
    this.shown = 0;
    /** @type {(() => void)[]} */
    this.stops = [];
    /** @type {Promise<Picture>} */
    this.picture = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** @param {number} first @param {number} end @param {number} bands how many there may be */
  askFor(first, end, bands) {
    for (let band = first; band < end; band++) {
      this.answers[band] = { id: -1, step: 0 };
      this.stops.push(this.ask({ band, bands }, (answer) => this.take(band, answer)));
    }
  }

  /** @param {number} band @param {Answer} answer */
  take(band, answer) {
    if (answer.error) this.reject?.(errorOf(answer.error));
    else if (answer.bands) this.askFor(1, answer.bands, answer.bands);
    else {
      this.answers[band] = answer;
      this.show(answer.steps ?? 0);
    }
  }

  /** Pass the picture on if all bands have come further. @param {number} steps */
  show(steps) {
    const step = Math.min(...this.answers.map((answer) => answer.step ?? 0));
    if (step <= this.shown) return;
    this.shown = step;
    const picture = joined(this.answers.map((answer) => /** @type {Picture} */ (answer.picture)));
    if (step === Infinity) this.resolve?.(picture);
    else this.onStep?.(picture, { step, steps });
  }

  /** Ask for nothing more. */
  stop() {
    for (const stop of this.stops) stop();
  }
}

/** @param {NonNullable<Answer["error"]>} error */
function errorOf({ name, message, kind }) {
  return name === "VaecodecError" ? new VaecodecError(message, kind) : new Error(message);
}
