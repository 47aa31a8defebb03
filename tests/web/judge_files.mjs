// Prints which of some files are sound as far as that can be told without a model.
import { readFileSync } from "node:fs";
import { VaecodecError } from "../../web/errors.js";
import { decodeAlpha } from "../../web/format/alpha.js";
import { Container } from "../../web/format/container.js";
import { isLossless } from "../../web/format/header.js";
import { paintLossless } from "../../web/codec/lossless.js";
import { tileOf } from "../../web/codec/tiles.js";

function isSound(data) {
  const container = new Container(2 ** 28);
  try {
    for (let at = 0; at < data.length; at += 7) {
      container.push(data.subarray(at, at + 7));
      container.parse();
    }
    container.end();
    container.parse();
    const { beginning } = container;
    if (isLossless(beginning.header)) decodeAll(container, beginning.header);
    container.alphas.forEach((alpha, number) => {
      const { width, height } = tileOf(beginning.header, number);
      decodeAlpha(alpha, width, height);
    });
  } catch (error) {
    if (!(error instanceof VaecodecError)) throw error;
    return false;
  }
  return true;
}

function decodeAll(container, { width, height }) {
  const out = new Uint8ClampedArray(4 * width * height);
  for (const _ of paintLossless(container, { x: 0, y: 0, width, height }, out));
}

for (const path of process.argv.slice(2)) if (isSound(readFileSync(path))) console.log(path);
