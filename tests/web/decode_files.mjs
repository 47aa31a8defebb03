// Decodes every file of a folder with every kind of kernels: NAME.vaec -> NAME.KERNELS.rgba, or
// NAME.KERNELS.refused with the message.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { VaecodecError, decode, loadModel } from "../../web/vaecodec.js";

const [modelPath, folder] = process.argv.slice(2);
for (const kernels of ["wasm", "plain"]) {
  const model = await loadModel(readFileSync(modelPath), { kernels });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".vaec"))) {
    const out = `${folder}/${name.replace(".vaec", "")}.${kernels}`;
    try {
      const { data } = await decode(readFileSync(`${folder}/${name}`), { model });
      writeFileSync(`${out}.rgba`, data);
    } catch (error) {
      if (!(error instanceof VaecodecError)) throw error;
      writeFileSync(`${out}.refused`, error.message);
    }
  }
}
