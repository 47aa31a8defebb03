/** Prediction of pixels from their neighbours; RFC 9649, section 3.5.1. */

const BLACK = 0xff000000;

/** @typedef {(left: number, top: number, topLeft: number, topRight: number) => number} Predict */

/** @type {Predict[]} by mode */
const PREDICT = [
  () => BLACK,
  (l) => l,
  (_, t) => t,
  (_l, _t, _tl, tr) => tr,
  (_l, _t, tl) => tl,
  (l, t, _, tr) => average(average(l, tr), t),
  (l, _, tl) => average(l, tl),
  (l, t) => average(l, t),
  (_, t, tl) => average(tl, t),
  (_, t, _tl, tr) => average(t, tr),
  (l, t, tl, tr) => average(average(l, tl), average(t, tr)),
  select,
  (l, t, tl) => each((shift) => part(l, shift) + part(t, shift) - part(tl, shift)),
  (l, t, tl) => {
    const mean = average(l, t);
    return each((shift) => {
      const [one, other] = [part(mean, shift), part(tl, shift)];
      return one + Math.trunc((one - other) / 2);
    });
  },
];

/**
 * Add predictions to the pixels, in place.
 *
 * @param {Uint32Array} pixels
 * @param {number} width
 * @param {{ shift: number, columns: number, image: Uint32Array }} modes of blocks
 */
export function addPredictions(pixels, width, { shift, columns, image }) {
  for (let i = 0, y = 0; i < pixels.length; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [left, top] = [pixels[i - 1], pixels[i - width]];
      let predicted;
      if (!y) predicted = x ? left : BLACK;
      else if (!x) predicted = top;
      else {
        const mode = (image[(y >> shift) * columns + (x >> shift)] >> 8) & 15;
        const predict = PREDICT[mode] ?? PREDICT[0];
        predicted = predict(left, top, pixels[i - width - 1], pixels[i - width + 1]);
      }
      pixels[i] = added(pixels[i], predicted);
    }
  }
}

/** Sum of two pixels, each part by itself. @param {number} one @param {number} other */
export function added(one, other) {
  const upper = (one & 0xff00ff00) + (other & 0xff00ff00);
  const lower = (one & 0x00ff00ff) + (other & 0x00ff00ff);
  return (upper & 0xff00ff00) | (lower & 0x00ff00ff);
}

/** @param {number} one @param {number} other */
function average(one, other) {
  return (((one ^ other) & 0xfefefefe) >>> 1) + (one & other);
}

/** @type {Predict} */
function select(left, top, corner) {
  let closer = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    closer += Math.abs(part(top, shift) - part(corner, shift));
    closer -= Math.abs(part(left, shift) - part(corner, shift));
  }
  return closer < 0 ? left : top;
}

/** A pixel of limited parts. @param {(shift: number) => number} find */
function each(find) {
  let pixel = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    pixel |= Math.max(0, Math.min(255, find(shift))) << shift;
  }
  return pixel;
}

/** @param {number} pixel @param {number} shift */
function part(pixel, shift) {
  return (pixel >>> shift) & 255;
}
