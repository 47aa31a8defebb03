// Decodes files in workers and with the element, and sends what came out to the server.
import { VaeImage } from "/web/page/vae-img.js";
import { Workers } from "/web/page/workers.js";

VaeImage.models = "/files/";
const workers = new Workers("/files/", 1);
const LARGE = "large"; // enough for two workers

function send(name, body) {
  return fetch(`/results/${name}`, { method: "POST", body });
}

async function decodeInWorker(name) {
  let steps = 0;
  try {
    const { data } = await workers.decode(`/files/${name}.vaec`, { onStep: () => steps++ });
    await send(`${name}.rgba`, data);
    await send(`${name}.steps`, String(steps));
  } catch (error) {
    await send(`${name}.refused`, `${error.name}: ${error.message}`);
  }
}

async function decodeInBands(name) {
  const two = new Workers("/files/", 2);
  let steps = 0;
  const onStep = () => steps++;
  const { data, height } = await two.decode(`/files/${name}.vaec`, { onStep });
  await send(`${name}.rgba`, data);
  await send(`${name}.bands`, JSON.stringify({ workers: two.all.length, height }));
  const asked = two.decode(`/files/${name}.vaec`, { signal: AbortSignal.timeout(20) });
  await send(`${name}.stopped`, await asked.then(() => "done", ({ name }) => name));
  two.close();
}

async function decodeInElement(name) {
  const element = document.createElement("vae-img");
  element.setAttribute("src", `/files/${name}.vaec`);
  element.setAttribute("alt", "a cup");
  const result = await new Promise((resolve) => {
    element.addEventListener("load", () => resolve("load"));
    element.addEventListener("error", ({ detail }) => resolve(detail.message));
    document.body.append(element);
  });
  const shown = element.shadowRoot.firstChild;
  const { width, height } = element.getBoundingClientRect();
  const facts = { result, shown: shown.localName, text: shown.textContent, width, height };
  if (shown.localName === "canvas") {
    const { data } = shown.getContext("2d").getImageData(0, 0, shown.width, shown.height);
    await send(`${name}.canvas`, data);
  }
  await send(`${name}.element`, JSON.stringify(facts));
}

const names = await (await fetch("/files/names.json")).json();
await decodeInBands(LARGE);
// The first one alone, so that the model is there when a file arrives slowly.
await decodeInWorker(names[0]);
await Promise.all(names.slice(1).map(decodeInWorker));
for (const name of names) await decodeInElement(name);
await send("done", "");
