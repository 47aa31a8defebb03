/** Inputs whose channels cannot all be large at the same position; exact/SPEC.md, section 4. */

import { EXACT_LIMIT, expect, expectArray } from "./facts.js";

const MOST_BUDGET = EXACT_LIMIT - 2 ** 16;

/**
 * Prices of the channels of an input, if it has a budget.
 * @param {import("./program.js").Input} given
 */
export function pricesOf({ channels, price, budget = 0 }) {
  expect(Boolean(price) === Boolean(budget), "only one of prices and a budget");
  if (!price) return undefined;
  const prices = expectArray("price", price, "I16", [channels]);
  expect(1 <= budget && budget <= MOST_BUDGET, `a budget beyond 1..${MOST_BUDGET}`);
  expect(!prices.some((one) => one < 1), "a price below 1");
  return prices;
}

/**
 * Halve the values of each position that is above the budget until it is not, in place.
 *
 * @param {import("./program.js").Input} given
 * @param {Int16Array | Int32Array} values [positions, channels]
 */
export function keepToBudget({ channels, price, budget = 0 }, values) {
  if (!price) return;
  for (let at = 0; at < values.length; at += channels) {
    while (spent(price.data, values, at) > budget) {
      for (let c = at; c < at + channels; c++) values[c] = Math.trunc(values[c] / 2);
    }
  }
}

/**
 * @param {import("../models/tensor_file.js").Numbers} prices
 * @param {Int16Array | Int32Array} values
 * @param {number} at
 */
function spent(prices, values, at) {
  let sum = 0;
  for (let c = 0; c < prices.length; c++) sum += Math.abs(values[at + c]) * prices[c];
  return sum;
}
