// Decodes every file of a folder with every kind of kernels: NAME.vaec -> NAME.KERNELS.rgba, or
// NAME.KERNELS.refused with the message. With another decoder if its path is given.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const [modelPath, folder, decoder = "../../web/vaecodec.js"] = process.argv.slice(2);
const { VaecodecError, decode, loadModel } = await import(decoder);
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
