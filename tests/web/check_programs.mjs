// Computes the known answers of all programs in a file of tensors, with every kind of kernels.
import { readFileSync } from "node:fs";
import { Engine } from "../../web/exact/engine.js";
import { checkAnswer } from "../../web/exact/known_answer.js";
import { parseProgram } from "../../web/exact/program.js";
import { makeMachine } from "../../web/kernels/load.js";
import { parseTensors } from "../../web/models/tensor_file.js";

const { tensors } = parseTensors(readFileSync(process.argv[2]));
const names = [...tensors.keys()].filter((name) => !name.includes("."));
for (const kernels of ["wasm", "plain"]) {
  for (const name of names) {
    const machine = await makeMachine(kernels);
    checkAnswer(name, new Engine(machine, parseProgram(name, tensors)), tensors);
  }
}
console.log(names.length);
