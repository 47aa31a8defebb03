/** Types of `workers.js`. */

import type { Options, Picture } from "../vaecodec.js";

/** Workers that decode pictures, or parts of a large one, side by side, so that the page goes on. */
export class Workers {
  /**
   * @param models Address of the folder that holds models, each as
   *   `STREAM_ID-PAINTER_ID.safetensors`; ends in a slash.
   * @param count How many there are; as many as processors, at most 4, if not given.
   */
  constructor(models: string | URL, count?: number);

  /** Decode a file, given by its address or its bytes; rejects as `decode` does. */
  decode(
    source: string | URL | Uint8Array,
    options?: Pick<Options, "signal" | "onStep" | "preview">,
  ): Promise<Picture>;

  /** End all workers; what they are asked for is never answered. */
  close(): void;
}
