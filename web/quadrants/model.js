/** A model of the architecture `quadrants`, checked and ready to decode with; see its SPEC.md. */

import { keepTables } from "../entropy/frequency_tables.js";
import { modelError } from "../errors.js";
import { Engine } from "../exact/engine.js";
import { checkAnswer } from "../exact/known_answer.js";
import { parseProgram } from "../exact/program.js";
import { CELL } from "../format/beginning.js";
import { parseModel } from "../models/model_file.js";
import { checkPrograms } from "./interfaces.js";
import { reachOf } from "./reach.js";
import { takeParameters } from "./parameters.js";

export const NAME = "quadrants";
const PROGRAMS = ["hyper", "step0", "step1", "step2", "step3", "painter"];
const STREAM = ["hyper", "step0", "step1", "step2", "step3", "latent", "tables"];
const PAINTER = ["painter"];

/**
 * @typedef {object} Model
 * @property {import("../kernels/machine.js").Machine} machine that it lies in
 * @property {string} streamId
 * @property {string} painterId
 * @property {number} tables address of the frequency tables
 * @property {import("./parameters.js").Parameters} parameters
 * @property {Record<string, Engine>} engines of all programs
 * @property {number} features P
 * @property {number} reach of the painter, in cells of 64 x 64 pixels
 */

/**
 * @param {import("../kernels/machine.js").Machine} machine takes memory that it keeps
 * @param {Uint8Array} data a model file
 * @returns {Promise<Model>}
 * @throws {VaecodecError} it is damaged, or of another architecture
 */
export async function loadModel(machine, data) {
  const { architecture, tensors, streamId, painterId, names } = await parseModel(data);
  if (architecture !== NAME) {
    throw modelError(`a model of the architecture '${architecture}': this program reads ${NAME}`);
  }
  checkListed(names.stream, tensors, STREAM);
  checkListed(names.painter, tensors, PAINTER);
  const parameters = takeParameters(machine, tensors);
  const programs = PROGRAMS.map((name) => parseProgram(name, tensors));
  const features = checkPrograms(
    Object.fromEntries(PROGRAMS.map((n, i) => [n, programs[i]])),
    parameters,
  );
  const tables = keepTables(machine, tensors);
  const engines = Object.fromEntries(
    PROGRAMS.map((name, i) => {
      const engine = new Engine(machine, programs[i]);
      checkAnswer(name, engine, tensors);
      return [name, engine];
    }),
  );
  const reach = Math.ceil(reachOf(programs[PROGRAMS.indexOf("painter")]) / CELL);
  return { machine, streamId, painterId, tables, parameters, engines, features, reach };
}

/**
 * Refuse ids that stand for other tensors than those that decoding depends on.
 * @param {string[]} listed
 * @param {Map<string, unknown>} tensors
 * @param {string[]} parts
 */
function checkListed(listed, tensors, parts) {
  const needed = [...tensors.keys()].filter((name) => parts.includes(name.split(".")[0])).sort();
  if (needed.join(" ") !== listed.join(" ")) {
    throw modelError("the model file lists other tensors than its architecture has");
  }
}
