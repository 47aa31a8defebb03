/** Types of `vaecodec.js`. */

/** What a file says of its image. */
export interface Header {
  /** Pixels in a row. */
  width: number;
  /** Rows of pixels. */
  height: number;
  /** 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. */
  channels: number;
  /** 0 (smallest file) to 100 (best image). */
  quality: number;
  /** Side of a tile, in pixels. */
  tileSize: number;
  /** Payloads of a tile: 1, or one for each step of the model. */
  rounds: number;
  /** Which models decode the symbols, 16 hex digits. */
  streamId: string;
  /** Which painter the sender meant, 8 hex digits. */
  painterId: string;
  /** Bits of a sample. */
  bitDepth: number;
}

/** What a file says beside the samples, byte for byte. */
export interface Metadata {
  iccProfile?: Uint8Array;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  /** What the colours mean, as in the chunk cICP of PNG; goes before the profile. */
  codePoints?: Uint8Array;
  /** As in the chunks mDCV and cLLI of PNG, one after the other. */
  mastering?: Uint8Array;
}

/** A rectangle, in pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Picture {
  width: number;
  height: number;
  /** Red, green, blue and alpha of each pixel; colours are not multiplied by alpha. */
  data: Uint8ClampedArray<ArrayBuffer>;
  header: Header;
  metadata: Metadata;
}

/** A model in memory; decodes one picture at a time. */
export interface LoadedModel {
  readonly streamId: string;
  readonly painterId: string;
  /** WebAssembly with SIMD, or JavaScript, which gives the same pixels and is slower. */
  readonly kernels: "wasm" | "plain";
}

export type Source =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export interface Options {
  /** The model, its file, or what finds the one that a header names; lossless files need none. */
  model?:
    | LoadedModel
    | Uint8Array
    | ArrayBuffer
    | ((header: Header) => LoadedModel | Promise<LoadedModel>);
  /** Calls the decoding off; the promise is then rejected with the reason. */
  signal?: AbortSignal;
  /** Is given coarser pictures while bytes are still missing. */
  onStep?: (picture: Picture, progress: { step: number; steps: number }) => void;
  /** The part of the image that is wanted, or what says so of a header; all if not given. */
  region?: Area | ((header: Header) => Area);
  /** 8 for an eighth of the width and height, much faster; of lossy files, without a region. */
  preview?: 8;
  /** Larger images are refused; 67108864 if not given. */
  maxPixels?: number;
}

/**
 * Decode a picture.
 *
 * Rejects with a `VaecodecError` if the file or the model is damaged or cannot be read, and with
 * a `RangeError` if the region is not inside of the image, or there is no such preview.
 */
export function decode(source: Source, options?: Options): Promise<Picture>;

/** Read the header of a file; its first 64 bytes are enough. Throws a `VaecodecError`. */
export function inspect(bytes: Uint8Array): Header;

/** Read a model file. Rejects with a `VaecodecError`. */
export function loadModel(
  data: Uint8Array | ArrayBuffer,
  options?: { kernels?: "auto" | "wasm" | "plain" },
): Promise<LoadedModel>;

/** The data that a decoder was given is damaged, or cannot be read. */
export class VaecodecError extends Error {
  /** Whether that is said of a .vaec file or of a model file. */
  readonly kind: "format" | "model";
}
