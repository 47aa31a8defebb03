// Decodes the previews of all files of a folder: NAME.vaec -> NAME.preview.rgba, or
// NAME.preview.refused with the message.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { decode, loadModel } from "../../web/vaecodec.js";

const [modelPath, folder] = process.argv.slice(2);
const model = await loadModel(readFileSync(modelPath));
for (const name of readdirSync(folder).filter((file) => file.endsWith(".vaec"))) {
  const out = `${folder}/${name.replace(".vaec", "")}.preview`;
  try {
    const { data } = await decode(readFileSync(`${folder}/${name}`), { model, preview: 8 });
    writeFileSync(`${out}.rgba`, data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    writeFileSync(`${out}.refused`, error.message);
  }
}
