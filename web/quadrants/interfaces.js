/** What the programs of a model must take and put out; quadrants/SPEC.md, section 5. */

import { modelError } from "../errors.js";
import { CELL } from "../format/beginning.js";

const PATCH = 16; // pixels of a latent position
const SQUARE = 32;
const HYPER_LIMIT = 31;

/** @typedef {import("../exact/program.js").Program} Program */
/** @typedef {[name: string, channels: number, pixels: number, kind: string]} Shape */

/**
 * Pass programs that fit together.
 *
 * @param {Record<string, Program>} programs
 * @param {import("./parameters.js").Parameters} parameters
 * @returns {number} P, the number of features
 */
export function checkPrograms(programs, { hyperChannels, channels, limits }) {
  const { hyper, painter, step0, ...others } = programs;
  check(
    "hyper",
    hyper,
    [["first", hyperChannels, CELL, "signed"]],
    [["both", 2 * hyperChannels, CELL, "wide"]],
  );
  checkTakes("hyper", hyper, "first", () => HYPER_LIMIT);
  const features = step0.facts.get("context")?.low.length ?? 0;
  /** @type {Shape} */
  const base = ["base", 4 * features, SQUARE, "signed"];
  /** @type {Shape[]} */
  const outputs = [
    ["context", features, PATCH, "wide"],
    ["both", 2 * channels, SQUARE, "wide"],
  ];
  check("step0", step0, [["hyper", hyperChannels, CELL, "signed"]], [...outputs, base]);
  checkTakes("step0", step0, "hyper", () => HYPER_LIMIT);
  for (const [name, program] of Object.entries(others)) {
    const known = /** @type {Shape} */ (["known", 2 * channels, SQUARE, "signed"]);
    check(name, program, [["features", features, PATCH, "wide"], known, base], outputs);
    for (const tensor of ["base", "known"])
      checkTakes(
        name,
        program,
        tensor,
        () => 127,
        () => 128,
      );
    const { low, high } = between(program);
    checkTakes(
      name,
      program,
      "features",
      () => high,
      () => -low,
    );
  }
  /** @type {Shape[]} */
  const given = [
    ["latent", channels, PATCH, "wide"],
    ["hyper", hyperChannels, CELL, "signed"],
  ];
  check("painter", painter, given, [["image", 3, 1, "unsigned"]]);
  checkTakes("painter", painter, "hyper", () => HYPER_LIMIT);
  checkTakes("painter", painter, "latent", (c) => limits[c]);
  return features;
}

/** What the features of a program are limited to. @param {Program} program */
export function between(program) {
  const [{ low, high }] = program.inputs.filter(({ name }) => name === "features");
  return { low, high };
}

/**
 * @param {string} name
 * @param {Program} program
 * @param {Shape[]} inputs
 * @param {Shape[]} outputs
 */
function check(name, program, inputs, outputs) {
  const names = (/** @type {Shape[]} */ shapes) =>
    shapes
      .map(([tensor]) => tensor)
      .sort()
      .join();
  const found = [program.inputs.map((given) => given.name), program.outputs].map((all) =>
    [...all].sort().join(),
  );
  const shapesFit = [...inputs, ...outputs].every(([tensor, channels, pixels, kind]) => {
    const facts = program.facts.get(tensor);
    return facts?.low.length === channels && facts.pixels === pixels && facts.kind === kind;
  });
  if (
    found[0] !== names(inputs) ||
    found[1] !== names(outputs) ||
    !shapesFit ||
    program.cell > CELL
  ) {
    throw modelError(`program '${name}' has other inputs or outputs than it should have`);
  }
}

/**
 * @param {string} name
 * @param {Program} program
 * @param {string} tensor
 * @param {(channel: number) => number} high that it must take
 * @param {(channel: number) => number} [low] negative of the lowest
 */
function checkTakes(name, program, tensor, high, low = high) {
  const facts = /** @type {import("../exact/facts.js").Facts} */ (program.facts.get(tensor));
  if (facts.low.some((value, c) => value > -low(c) || facts.high[c] < high(c))) {
    throw modelError(`program '${name}': '${tensor}' does not take all values that there are`);
  }
}
