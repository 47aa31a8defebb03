/** The demonstration: samples beside other codecs at equal sizes, and files of one's own. */

import { decode, loadModel } from "../vaecodec.js";
import { paintOn, textOfSize } from "./shown.js";
import { slowly } from "./slowly.js";

const REPLAY_MS = 3000;

/**
 * @typedef {object} Sample
 * @property {string} name
 * @property {string} file
 * @property {number} bytes
 * @property {{ name: string, file: string, bytes: number }[]} rivals
 */

const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const [choice, sample, rival, replay] = ["choice", "sample", "rival", "replay"].map(element);
const [ours, theirs, divider, stage] = ["ours", "theirs", "divider", "stage"].map(element);
const [left, right, facts, own] = ["left", "right", "facts", "own"].map(element);
const [file, address] = ["file", "address"].map(element);
const drop = /** @type {HTMLElement} */ (document.querySelector(".drop"));

/** @type {Map<string, Promise<import("../vaecodec.js").LoadedModel>>} */
const models = new Map();
let running = new AbortController();
/** @type {Sample[]} */
let samples = [];

/** @param {import("../vaecodec.js").Header} header */
function modelFor({ streamId, painterId }) {
  const name = `models/${streamId}-${painterId}.safetensors`;
  const known = models.get(name) ?? bytesAt(name).then((bytes) => loadModel(bytes));
  models.set(name, known);
  return known;
}

/** @param {string} place @returns {Promise<Uint8Array>} */
async function bytesAt(place) {
  const response = await fetch(place);
  if (!response.ok) throw new Error(`${place}: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Decode a file, show it, and say how long it took.
 * @param {() => Promise<Uint8Array>} read
 * @param {boolean} [isSlow] let it arrive slowly, and show every step
 */
async function open(read, isSlow = false) {
  running.abort();
  const { signal } = (running = new AbortController());
  facts.classList.remove("wrong");
  facts.textContent = "Loading.";
  try {
    const bytes = await read();
    if (isSlow) await openSlowly(bytes, signal);
    const start = performance.now();
    const picture = await decode(bytes, { model: modelFor, signal });
    const ms = performance.now() - start;
    paintOn(ours, picture);
    const size = `${picture.width} x ${picture.height} pixels, ${textOfSize(bytes.length)}`;
    const kernels = picture.header.streamId.match(/[^0]/)
      ? (await modelFor(picture.header)).kernels
      : "no model";
    facts.textContent = `${size}, decoded in ${ms.toFixed()} ms (${kernels})`;
  } catch (error) {
    if (signal.aborted) return;
    facts.classList.add("wrong");
    facts.textContent = String(/** @type {Error} */ (error).message);
  }
}

/** @param {Uint8Array} bytes @param {AbortSignal} signal */
async function openSlowly(bytes, signal) {
  await decode(slowly(bytes, REPLAY_MS), {
    model: modelFor,
    signal,
    onStep: (picture, { step, steps }) => {
      paintOn(ours, picture);
      facts.textContent = `Step ${step} of ${steps}`;
    },
  });
}

/** @param {boolean} [isSlow] */
function openSample(isSlow) {
  const { file: name, bytes, rivals } = samples[sample.selectedIndex];
  const beside = rivals[rival.selectedIndex];
  theirs.hidden = !beside;
  if (beside) theirs.src = beside.file;
  left.textContent = `vaecodec, ${textOfSize(bytes)}`;
  right.textContent = beside ? `${beside.name}, ${textOfSize(beside.bytes)}` : "";
  open(() => bytesAt(name), isSlow);
}

/** @param {() => Promise<Uint8Array>} read @param {string} name */
function openOwn(read, name) {
  theirs.hidden = true;
  left.textContent = name;
  right.textContent = "";
  open(read);
}

/** @param {File | undefined} given */
function openFile(given) {
  if (given) openOwn(async () => new Uint8Array(await given.arrayBuffer()), given.name);
}

async function begin() {
  samples = JSON.parse(new TextDecoder().decode(await bytesAt("samples.json")));
  sample.append(...samples.map(({ name }) => new Option(name)));
  rival.append(...samples[0].rivals.map(({ name }) => new Option(name)));
  openSample();
}

choice.addEventListener("change", () => openSample());
replay.addEventListener("click", () => openSample(true));
divider.addEventListener("input", () => stage.style.setProperty("--divided", `${divider.value}%`));
file.addEventListener("change", () => openFile(file.files[0]));
own.addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  if (address.value) openOwn(() => bytesAt(address.value), address.value);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop") openFile(/** @type {DragEvent} */ (event).dataTransfer?.files[0]);
  });
}
begin().catch((error) => (facts.textContent = error.message));
