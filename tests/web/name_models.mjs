// Prints the ids of each model file, or why it is refused.
import { readFileSync } from "node:fs";
import { VaecodecError, loadModel } from "../../web/vaecodec.js";

// Pages that came over http have none.
Object.defineProperty(globalThis, "crypto", { value: undefined });
for (const path of process.argv.slice(2)) {
  try {
    const { streamId, painterId } = await loadModel(readFileSync(path));
    console.log(`${streamId}-${painterId}`);
  } catch (error) {
    if (!(error instanceof VaecodecError) || error.kind !== "model") throw error;
    console.log(error.message);
  }
}
