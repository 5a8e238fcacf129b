import { make } from "./dom.js";
import { none } from "./format.js";

/** What means well, ill, or neither: a mark beside each word, so that the colour says nothing alone. */
const marks = { good: "●", bad: "✕", neutral: "◐" };

/** @param {"good" | "bad" | "neutral"} mood @param {string} text */
export function badge(mood, text) {
  return make("span", { class: `badge ${mood}` }, make("span", { "aria-hidden": "true" }, `${marks[mood]} `), text);
}

/**
 * Shows a share of a limit as text and as a bar.
 *
 * @param {HTMLElement} cell
 * @param {number | undefined} used
 * @param {number | undefined} limit
 * @param {string} text
 */
export function fillShare(cell, used, limit, text) {
  cell.append(used === undefined || limit === undefined ? none : text);
  if (used === undefined || limit === undefined || limit === 0) return;
  cell.append(
    make("meter", { min: "0", max: String(limit), high: String(limit * 0.8), optimum: "0", value: String(used), "aria-label": text }),
  );
}
