/**
 * Bundles and minifies what pages load into `dist/`, and prints the sizes: `npm run build`.
 *
 * What only some pictures or browsers need (alpha, lossless files, colour profiles, JavaScript in
 * the place of WebAssembly) is in files of its own, which load when they are needed.
 */

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";
import { rollup } from "rollup";
import { minify } from "terser";

const ENTRIES = ["vaecodec.js", "page/vae-img.js", "page/workers.js", "page/worker.js"];
const FOLDER = "dist";

/** @param {string} input @returns {Promise<{ name: string, text: string }[]>} */
async function bundled(input) {
  const bundle = await rollup({ input, external: /^node:/ });
  const { output } = await bundle.generate({ chunkFileNames: "[name]-[hash].js" });
  return output.map((chunk) => ({
    name: chunk.fileName,
    text: /** @type {import("rollup").OutputChunk} */ (chunk).code,
  }));
}

/** @param {string} name @param {string | Uint8Array} data */
async function put(name, data) {
  await writeFile(`${FOLDER}/${name}`, data);
  const sizes = [Buffer.byteLength(data), brotliCompressSync(data).length];
  console.log(`${name}: ${sizes[0]} bytes, ${sizes[1]} with Brotli`);
}

await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER);
for (const entry of ENTRIES) {
  for (const { name, text } of await bundled(entry)) {
    const { code } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3 } });
    await put(name, /** @type {string} */ (code));
  }
}
await put("kernels.wasm", await readFile("kernels/kernels.wasm"));
