import { make, setText } from "./dom.js";
import { duration, none, rate, time } from "./format.js";

/** @typedef {import("../hub/traffic.ts").Point} Point */

/** @type {typeof import("uplot")} */
const Plot = Reflect.get(globalThis, "uPlot");

/**
 * A line of a chart. Lines differ in their dashes too, so that nobody has to distinguish colours.
 *
 * @typedef {{ label: string, color: string, dash?: number[], fill?: string, value: (point: Point) => number | null }} Line
 */

/** @type {readonly { title: string, unit: (value: number | null) => string, lines: readonly Line[] }[]} */
const charts = [
  {
    title: "Requests per second",
    unit: (value) => (value === null ? none : `${rate(value)} /s`),
    lines: [{ label: "all", color: "--blue", fill: "--blue-fill", value: ([, done, refused, failed]) => done + refused + failed }],
  },
  {
    title: "Latency",
    unit: duration,
    lines: [
      { label: "p50", color: "--blue", value: (point) => point[4] },
      { label: "p95", color: "--violet", dash: [6, 3], value: (point) => point[5] },
      { label: "p99", color: "--text-soft", dash: [2, 2], value: (point) => point[6] },
    ],
  },
  {
    title: "Errors per second",
    unit: (value) => (value === null ? none : `${rate(value)} /s`),
    lines: [
      { label: "4xx", color: "--amber", dash: [6, 3], value: ([, , refused]) => refused },
      { label: "5xx", color: "--red", fill: "--red-fill", value: ([, , , failed]) => failed },
    ],
  },
];

/** @type {Point[]} */
let points = [];
let slotMs = 5_000;
/** @type {(() => void)[]} */
const draws = [];

/** Makes the charts, each with its newest values above it. @returns {HTMLElement[]} */
export function makeCharts() {
  const figures = charts.map(makeChart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const draw of draws) draw();
  });
  return figures;
}

/** @param {readonly Point[]} all @param {number} msPerSlot */
export function setPoints(all, msPerSlot) {
  points = [...all];
  slotMs = msPerSlot;
}

/** Adds the newest points, or replaces those that have grown since. @param {readonly Point[]} newest */
export function addPoints(newest) {
  const first = newest[0]?.[0] ?? Infinity;
  const length = Math.max(points.length, newest.length);
  points = [...points.filter(([at]) => at < first), ...newest].slice(-length);
  for (const draw of draws) draw();
}

/** Whether a request is on the charts. */
export function hasTraffic() {
  return points.some(([, done, refused, failed]) => done + refused + failed > 0);
}

/** @param {(typeof charts)[number]} chart */
function makeChart({ title, unit, lines }) {
  const values = lines.map(() => make("b"));
  const legend = lines.map((line, index) => {
    const swatch = make("span", { class: `swatch${line.dash === undefined ? "" : " dashed"}`, "aria-hidden": "true" });
    swatch.style.setProperty("--line", `var(${line.color})`);
    return make("span", { class: "key" }, ...(lines.length > 1 ? [swatch, `${line.label} `] : []), /** @type {Element} */ (values[index]));
  });
  const at = make("span", { class: "at" });
  const canvas = make("div", { class: "plot", role: "img" });
  const figure = make(
    "figure",
    { class: "chart" },
    make("figcaption", {}, make("h3", {}, title), at, make("div", { class: "keys" }, ...legend)),
    canvas,
  );

  /** @type {import("uplot") | undefined} */
  let plot;
  let theme = "";

  /** @param {Point | undefined} point */
  function showValues(point) {
    for (const [index, line] of lines.entries())
      setText(/** @type {Element} */ (values[index]), point === undefined ? none : unit(line.value(point)));
  }

  function draw() {
    // The slot under way has few requests yet, and the one before is whole.
    const newest = points.findLast(([start]) => Date.now() - start >= slotMs) ?? points.at(-1);
    const hovered = plot?.cursor.idx;
    const shown = hovered === null || hovered === undefined ? newest : points[hovered];
    showValues(shown);
    setText(at, shown === newest || shown === undefined ? "" : time(shown[0]));
    const spoken = lines.map((line) => `${line.label} ${newest === undefined ? none : unit(line.value(newest))}`);
    canvas.setAttribute("aria-label", `${title} over the last 15 minutes, now ${spoken.join(", ")}`);
    const current = getComputedStyle(document.documentElement).getPropertyValue("--text");
    if (current !== theme) {
      plot?.destroy();
      plot = undefined;
    }
    theme = current;
    const data = /** @type {import("uplot").AlignedData} */ ([
      points.map(([start]) => start / 1_000),
      ...lines.map((line) => points.map(line.value)),
    ]);
    if (plot === undefined && canvas.clientWidth > 0) plot = new Plot(optionsOf(lines, unit, canvas, draw), data, canvas);
    else plot?.setData(data);
  }

  draws.push(draw);
  new ResizeObserver(() => {
    if (plot === undefined) draw();
    else plot.setSize({ width: canvas.clientWidth, height: canvas.clientHeight });
  }).observe(canvas);
  return figure;
}

/**
 * @param {readonly Line[]} lines
 * @param {(value: number | null) => string} unit
 * @param {HTMLElement} canvas
 * @param {() => void} onMove
 * @returns {import("uplot").Options}
 */
function optionsOf(lines, unit, canvas, onMove) {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--text-soft"),
    font: "11px system-ui, sans-serif",
    ticks: { show: false },
    grid: { stroke: color("--grid"), width: 1 },
  };
  return {
    width: canvas.clientWidth,
    height: canvas.clientHeight,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    hooks: { setCursor: [onMove] },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, size: 24, space: 70, values: (_plot, splits) => splits.map((at) => time(at * 1_000).slice(0, 5)) },
      {
        ...axis,
        size: 58,
        space: 28,
        values: (_plot, splits) => splits.map((value) => (value === 0 ? "0" : unit(value).replace(" /s", ""))),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, color: name, dash, fill }) => ({
        label,
        stroke: color(name),
        width: dash === undefined ? 1.5 : 2,
        ...(dash !== undefined && { dash }),
        ...(fill !== undefined && { fill: color(fill) }),
        points: { size: 4 },
      })),
    ],
  };
}
