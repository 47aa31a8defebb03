/** Types of `vae-img.js`, which defines the element `<vae-img>`. */

import type { Picture } from "../vaecodec.js";

/**
 * Shows the picture of its attribute `src`, with `alt`, `width`, `height` and `loading` as of
 * `<img>`, decoded with the models in the folder `models`.
 */
export class VaeImage extends HTMLElement {
  /** Folder of the models of elements without the attribute; ends in a slash. */
  static models: string;
}

/** Its events; `error` has what went wrong. */
export interface VaeImageEventMap {
  step: CustomEvent<{ step: number; steps: number }>;
  load: CustomEvent<Picture>;
  error: CustomEvent<Error>;
}

declare global {
  interface HTMLElementTagNameMap {
    "vae-img": VaeImage;
  }
}
