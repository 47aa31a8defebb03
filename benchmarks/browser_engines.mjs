// Times the painter in kernels of `web/` and in onnxruntime-web; see browser_engines.py.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { loadModel } from "../web/vaecodec.js";

const [folder, modules] = process.argv.slice(2);
const runtime = pathToFileURL(`${modules}/onnxruntime-web/dist/`).href;
const ort = await import(`${runtime}ort.wasm.min.mjs`);
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = runtime;
const [WIDTH, HEIGHT, CELL, PATCH, QUALITY, TIMES] = [768, 512, 64, 16, 50, 8];

const { model } = await loadModel(readFileSync(`${folder}/model`));
const { machine, parameters, engines } = model;
const shape = [1, HEIGHT / PATCH, WIDTH / PATCH, parameters.channels];
const latents = Int16Array.from(
  { length: shape.reduce((all, side) => all * side) },
  (_, i) => ((Math.imul(i, 2654435761) >>> 16) % 120) - 60,
);

function ours() {
  const { top } = machine;
  const address = machine.keep(latents);
  const row = 2 * shape[2] * shape[3];
  const pixels = new Int16Array(3 * WIDTH * HEIGHT);
  const put = (y, from) =>
    pixels.set(machine.i16.subarray(from >> 1, (from >> 1) + 3 * WIDTH), 3 * y * WIDTH);
  const quality = { runs: (_, cells, use) => use(QUALITY, 0, cells) };
  const ends = { inputs: { latent: (y) => address + y * row }, outputs: { image: put } };
  const run = engines.painter.begin(HEIGHT / CELL, WIDTH / CELL, quality, ends);
  for (let y = 0; y < HEIGHT / CELL; y++) run.advance(y);
  machine.giveBack(top);
  return pixels;
}

async function theirs(session) {
  const feeds = { latent: new ort.Tensor("float32", Float32Array.from(latents), shape) };
  for (const name of session.inputNames.filter((one) => one.startsWith("quality/"))) {
    const sides = [HEIGHT, WIDTH].map((side) => side / Number(name.split("/")[1]));
    const qualities = new BigInt64Array(sides[0] * sides[1]).fill(BigInt(QUALITY));
    feeds[name] = new ort.Tensor("int64", qualities, sides);
  }
  return (await session.run(feeds))[session.outputNames[0]].data;
}

const ways = { "web/": ours };
for (const kind of ["float", "int8"]) {
  const session = await ort.InferenceSession.create(readFileSync(`${folder}/${kind}.onnx`));
  ways[`onnxruntime-web, ${kind}`] = () => theirs(session);
}
const best = {};
for (let time = 0; time < TIMES; time++) {
  for (const [name, paint] of Object.entries(ways)) {
    const start = process.cpuUsage();
    await paint();
    const { user, system } = process.cpuUsage(start);
    best[name] = Math.min(best[name] ?? Infinity, (user + system) / 1000);
  }
}
const expected = ours();
for (const [name, paint] of Object.entries(ways)) {
  const found = await paint();
  const different = expected.filter((sample, i) => sample !== Number(found[i])).length;
  console.log(`${name}: ${best[name].toFixed(1)} ms, ${different} samples differ`);
}
