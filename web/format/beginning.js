/** What stands before the tiles of a file; FORMAT.md, sections 2 and 3. */

import { VaecodecError } from "../errors.js";
import { isRequired, parseChunk } from "./chunks.js";
import { checkReadable, isLossless, parseHeader } from "./header.js";
import { inflate } from "./inflate.js";

const SIGNATURE = [0x8b, 0x56, 0x41, 0x45, 0x43, 0x0d, 0x0a];
export const FORMAT_VERSION = 2;
export const CELL = 64;
const MOST_METADATA = 2 ** 24; // bytes
const MASTERING_BYTES = 32;
const MOST_QUALITY = 100;

/** @type {Record<string, [keyof Metadata, string]>} */
const METADATA = {
  I: ["iccProfile", "ICC profile"],
  e: ["exif", "Exif"],
  x: ["xmp", "XMP"],
};
const KNOWN = "HQIexPmgc";
/** @type {Record<string, string>} */
const NOT_READ = { C: "list of channels", R: "receiver patch" };

/**
 * @typedef {object} Metadata what a file says beside the samples, byte for byte
 * @property {Uint8Array} [iccProfile]
 * @property {Uint8Array} [exif]
 * @property {Uint8Array} [xmp]
 * @property {Uint8Array} [codePoints] what the colours mean, as in the chunk cICP of PNG
 * @property {Uint8Array} [mastering] as in the chunks mDCV and cLLI of PNG
 */

/**
 * @typedef {object} Beginning
 * @property {import("./header.js").Header} header
 * @property {Metadata} metadata
 * @property {Uint8Array | null} qualityMap one quality for each cell of 64 x 64 pixels
 * @property {number} end where the tiles begin
 */

/**
 * @param {Uint8Array} file as far as it is there
 * @param {boolean} whole nothing follows these bytes
 * @returns {{ header: import("./header.js").Header, end: number } | null} null if bytes are missing
 */
export function parseSignatureAndHeader(file, whole) {
  if (!checkSignature(file, whole)) return null;
  const chunk = parseChunk(file, SIGNATURE.length + 1, whole);
  if (!chunk) return null;
  if (chunk.type !== "H") {
    throw new VaecodecError(`chunk '${chunk.type}' in the place of the header`);
  }
  return { header: parseHeader(chunk.data), end: chunk.end };
}

/**
 * @param {Uint8Array} file as far as it is there
 * @param {boolean} whole nothing follows these bytes
 * @param {number} mostPixels
 * @returns {Beginning | null} null if bytes are missing that may follow
 * @throws {VaecodecError} it is damaged, or this program cannot read the file
 */
export function parseBeginning(file, whole, mostPixels) {
  const first = parseSignatureAndHeader(file, whole);
  if (!first) return null;
  checkReadable(first.header, mostPixels);
  /** @type {Map<string, Uint8Array>} */
  const found = new Map([["H", first.header.bytes]]);
  let position = first.end;
  while (position >= file.length || !"ATL".includes(String.fromCharCode(file[position]))) {
    const chunk = parseChunk(file, position, whole);
    if (!chunk) return null;
    keepKnown(chunk, found);
    position = chunk.end;
  }
  return {
    header: first.header,
    metadata: parseMetadata(found),
    qualityMap: parseQualityMap(found.get("Q"), first.header),
    end: position,
  };
}

/**
 * @param {Uint8Array} file
 * @param {boolean} whole
 */
function checkSignature(file, whole) {
  if (SIGNATURE.some((byte, i) => i < file.length && file[i] !== byte)) {
    throw new VaecodecError("not a .vaec file: it does not begin like one");
  }
  if (file.length <= SIGNATURE.length) {
    if (whole) throw new VaecodecError(`the file ends after ${file.length} bytes`);
    return false;
  }
  const version = file[SIGNATURE.length];
  if (version !== FORMAT_VERSION) {
    const own = `this program reads version ${FORMAT_VERSION}`;
    throw new VaecodecError(`the file has format version ${version}, ${own}`);
  }
  return true;
}

/**
 * @param {import("./chunks.js").Chunk} chunk
 * @param {Map<string, Uint8Array>} found
 */
function keepKnown(chunk, found) {
  const { type, start, data } = chunk;
  const name = `at byte ${start}: chunk '${type}'`;
  if (found.has(type)) throw new VaecodecError(`${name} is there twice`);
  if (KNOWN.includes(type)) found.set(type, data);
  else if (isRequired(type)) {
    throw new VaecodecError(
      NOT_READ[type]
        ? `${name} (${NOT_READ[type]}) is part of the format, but not read by this program`
        : `${name} is required and not known to this program`,
    );
  }
}

/** @param {Map<string, Uint8Array>} found */
function parseMetadata(found) {
  /** @type {Metadata} */
  const metadata = {};
  for (const [type, [field, name]] of Object.entries(METADATA)) {
    const data = found.get(type);
    if (data) metadata[field] = inflate(data, MOST_METADATA, `chunk '${type}' (${name})`);
  }
  const codePoints = found.get("P");
  if (codePoints && (codePoints.length !== 4 || codePoints[2] || codePoints[3] > 1)) {
    throw new VaecodecError("chunk 'P' (colour code points) is not as described");
  }
  if (codePoints) metadata.codePoints = codePoints.slice();
  const mastering = found.get("m");
  if (mastering?.length === MASTERING_BYTES) metadata.mastering = mastering.slice();
  return metadata;
}

/**
 * @param {Uint8Array | undefined} data
 * @param {import("./header.js").Header} header
 */
function parseQualityMap(data, header) {
  if (!data) return null;
  const name = "chunk 'Q' (quality map)";
  if (isLossless(header)) throw new VaecodecError(`${name} in a lossless file`);
  const cells = Math.ceil(header.height / CELL) * Math.ceil(header.width / CELL);
  const map = inflate(data, cells, name);
  if (map.length !== cells) {
    throw new VaecodecError(`${name} holds ${map.length} bytes, not ${cells}, one per cell`);
  }
  if (map.some((quality) => quality > MOST_QUALITY)) {
    throw new VaecodecError(`${name} holds a quality that is not in 0..${MOST_QUALITY}`);
  }
  return map;
}
