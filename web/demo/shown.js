/** What the demonstration shows of pictures. */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("../vaecodec.js").Picture} picture
 */
export function paintOn(canvas, { data, width, height }) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.putImageData(new ImageData(data, width, height), 0, 0);
}

/** @param {number} bytes */
export function textOfSize(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}
