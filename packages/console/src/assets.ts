import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { packageName } from "./package-name.ts";

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

/** The page, with `{title}` and `{nonce}` to fill in. @throws Error if its files are not beside this one */
export function readPage(): string {
  return read(() => pageFile("page.html")).toString();
}

/** All files that the page loads, by name. @throws Error if they are not beside this one */
export function readAssets(): ReadonlyMap<string, Asset> {
  const own = pageFiles.map(
    (name) =>
      [
        name,
        toAsset(
          name,
          read(() => pageFile(name)),
        ),
      ] as const,
  );
  const charts = Object.entries(chartFiles).map(
    ([name, file]) =>
      [
        name,
        toAsset(
          name,
          read(() => chartFile(file)),
        ),
      ] as const,
  );
  return new Map([...own, ...charts]);
}

/** The files are in `src` in the published package too, one folder above this file. */
function pageFile(name: string): URL {
  return new URL(`../src/page/${name}`, import.meta.url);
}

function chartFile(name: string): string {
  return createRequire(import.meta.url).resolve(name);
}

/** Bundlers take the code without the files that it reads, and leave it a wrong URL or none. */
function read(find: () => URL | string): Buffer {
  try {
    return readFileSync(find());
  } catch (cause) {
    const remedy = `In a bundle, leave ${packageName} external, as with --external:${packageName} of esbuild, and install it beside the bundle.`;
    throw new Error(`${packageName}: the files of the page are missing. ${remedy}`, { cause });
  }
}

function toAsset(name: string, content: Buffer): Asset {
  return { type: name.endsWith(".css") ? types.css : types.js, content };
}
