/** How far a program looks beyond an area; quadrants/SPEC.md, section 4. */

/**
 * @param {import("../exact/program.js").Program} program
 * @returns {number} in pixels
 */
export function reachOf(program) {
  /** @type {Map<string, number>} */
  const needed = new Map();
  for (const { op, out, sources, arrays } of [...program.operations].reverse()) {
    for (const source of sources) {
      const { pixels } = /** @type {import("../exact/facts.js").Facts} */ (
        program.facts.get(source)
      );
      const radius = op === "depthwise" ? arrays.weight.shape[1] >> 1 : 0;
      const around = (Math.ceil((needed.get(out) ?? 0) / pixels) + radius) * pixels;
      needed.set(source, Math.max(needed.get(source) ?? 0, around));
    }
  }
  return Math.max(...program.inputs.map(({ name }) => needed.get(name) ?? 0));
}
