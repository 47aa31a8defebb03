// Decodes batches of mutated files in a worker: each must be refused, or give the pixels of a
// file that is sound. Sends counts, and the numbers of files that did anything else.
import { Workers } from "/web/page/workers.js";

const MOST_MS = 20000; // for one file, on a machine that is busy
const MOST_PIXELS = 2 ** 22;
const workers = new Workers("/files/", 1);
const counts = { refused: 0, same: 0, wrong: [], slowest: 0 };

/** Files behind their lengths, as `tools.fuzz_browser` writes them. */
async function filesOf(name) {
  const data = new Uint8Array(await (await fetch(`/files/${name}`)).arrayBuffer());
  const view = new DataView(data.buffer);
  const files = [];
  for (let at = 0; at < data.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    files.push(data.slice(at + 4, end));
    at = end;
  }
  return files;
}

async function fingerprint({ data, width, height }) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return `${width}x${height} ${digest}`;
}

async function outcomeOf(file) {
  const { signal } = new AbortController();
  const late = new Promise((resolve) => setTimeout(resolve, MOST_MS, "late"));
  const decoded = workers
    .decode(file, { signal, maxPixels: MOST_PIXELS })
    .then(fingerprint, (error) => (error.name === "VaecodecError" ? "refused" : error.message));
  return Promise.race([decoded, late]);
}

const sound = new Set();
for (const file of await filesOf("sound.bin")) sound.add(await outcomeOf(file));
const { batches } = await (await fetch("/files/batches.json")).json();
let number = 0;
for (let batch = 0; batch < batches; batch++) {
  for (const file of await filesOf(`${batch}.bin`)) {
    const start = performance.now();
    const outcome = await outcomeOf(file);
    counts.slowest = Math.max(counts.slowest, performance.now() - start);
    if (outcome === "refused") counts.refused++;
    else if (sound.has(outcome)) counts.same++;
    else counts.wrong.push([number, outcome]);
    number++;
  }
  await fetch("/results/counts", { method: "POST", body: JSON.stringify(counts) });
}
await fetch("/results/done", { method: "POST", body: "" });
