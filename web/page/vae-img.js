/**
 * `<vae-img src="photo.vaec" alt="..." width="600" height="400" loading="lazy">`: an element
 * that shows a picture, step by step while it arrives.
 *
 * Pictures are decoded with the models in the folder `models`, an attribute of the element or,
 * for all that have none, `VaeImage.models`. Events: `step`, `load` and `error`.
 */

import { Workers } from "./workers.js";

/** @typedef {import("../vaecodec.js").Picture} Picture */

const NEAR = "300px"; // of the window: pictures that are lazy begin to load
const SIZES = ["width", "height"];

/** @type {Map<string, Workers>} by the folder of their models */
const workers = new Map();

export class VaeImage extends HTMLElement {
  static models = "models/";
  static observedAttributes = ["src", "alt", ...SIZES];

  constructor() {
    super();
    this.canvas = document.createElement("canvas");
    this.canvas.style.cssText = "display: block; width: 100%; height: 100%";
    this.attachShadow({ mode: "open" }).append(this.canvas);
    this.controller = new AbortController();
    this.observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && this.begin(),
      { rootMargin: NEAR },
    );
  }

  connectedCallback() {
    this.style.display ||= "inline-block";
    this.setAttribute("role", "img");
    this.layOut(this.canvas.width, this.canvas.height);
    this.wait();
  }

  disconnectedCallback() {
    this.stop();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (name === "alt") this.setAttribute("aria-label", this.getAttribute("alt") ?? "");
    else if (SIZES.includes(name)) this.layOut(this.canvas.width, this.canvas.height);
    else if (this.isConnected) this.wait();
  }

  /** Load the picture now, or when it comes near the window. */
  wait() {
    this.stop();
    if (this.getAttribute("loading") === "lazy") this.observer.observe(this);
    else this.begin();
  }

  stop() {
    this.observer.disconnect();
    this.controller.abort();
  }

  async begin() {
    this.stop();
    const source = this.getAttribute("src");
    if (!source) return;
    const { signal } = (this.controller = new AbortController());
    try {
      const onStep = (/** @type {Picture} */ picture, /** @type {object} */ detail) => {
        this.paint(picture);
        this.dispatchEvent(new CustomEvent("step", { detail }));
      };
      const picture = await this.workers.decode(source, { signal, onStep });
      this.paint(picture);
      const { iccProfile, codePoints } = picture.metadata;
      if (iccProfile || codePoints) await this.paintWithProfile(picture);
      this.dispatchEvent(new CustomEvent("load", { detail: picture }));
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  get workers() {
    const folder = this.getAttribute("models") ?? VaeImage.models;
    const known = workers.get(folder) ?? new Workers(folder);
    workers.set(folder, known);
    return known;
  }

  /** @param {Picture} picture */
  paint({ data, width, height }) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.layOut(width, height);
    const pixels = new ImageData(/** @type {any} */ (data), width, height);
    this.canvas.getContext("2d")?.putImageData(pixels, 0, 0);
    this.shadowRoot?.replaceChildren(this.canvas);
  }

  /** Let the browser convert the colours; canvases know no profiles. @param {Picture} picture */
  async paintWithProfile(picture) {
    const { shownWithProfile } = await import("./profile.js");
    const image = await shownWithProfile(picture);
    if (!image) return;
    image.style.cssText = this.canvas.style.cssText;
    this.shadowRoot?.replaceChildren(image);
  }

  /**
   * Take the room that the attributes say, or else that of the picture.
   * @param {number} width
   * @param {number} height
   */
  layOut(width, height) {
    const [wide, high] = SIZES.map((name) => Number(this.getAttribute(name)));
    this.style.width = `${wide || (high ? (high * width) / height : width)}px`;
    this.style.maxWidth = "100%";
    this.style.aspectRatio = `${wide && high ? wide : width} / ${wide && high ? high : height}`;
  }

  /** Show the text that stands for the picture. @param {unknown} error */
  fail(error) {
    const text = document.createElement("span");
    text.textContent = this.getAttribute("alt");
    this.shadowRoot?.replaceChildren(text);
    this.dispatchEvent(new CustomEvent("error", { detail: error }));
  }
}

customElements.define("vae-img", VaeImage);
