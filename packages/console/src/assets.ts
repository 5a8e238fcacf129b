import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** A file that the page loads. */
interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

const types = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8" } as const;

const pageFiles = [
  "badges.js",
  "caller-panels.js",
  "charts.js",
  "clear-penalty.js",
  "connect.js",
  "console.css",
  "console.js",
  "dom.js",
  "event-stream.js",
  "format.js",
  "key.js",
  "process-panels.js",
  "refusals.js",
  "tables.js",
  "traffic-panels.js",
] as const;

const chartFiles = { "uplot.js": "uplot/dist/uPlot.iife.min.js", "uplot.css": "uplot/dist/uPlot.min.css" } as const;

/** The page, with `{title}` and `{nonce}` to fill in. The files are in `src` in the published package too, one folder above this file. */
export function readPage(): string {
  return readFileSync(pageFile("page.html"), "utf8");
}

/** All files that the page loads, by name. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const own = pageFiles.map((name) => [name, toAsset(name, readFileSync(pageFile(name)))] as const);
  const charts = Object.entries(chartFiles).map(([name, file]) => [name, toAsset(name, readFileSync(require.resolve(file)))] as const);
  return new Map([...own, ...charts]);
}

function pageFile(name: string): URL {
  return new URL(`../src/page/${name}`, import.meta.url);
}

function toAsset(name: string, content: Buffer): Asset {
  return { type: name.endsWith(".css") ? types.css : types.js, content };
}
