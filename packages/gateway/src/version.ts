import { readFileSync } from "node:fs";

/** The folder that holds the manifest of this package, and its build. */
export const packageFolder = new URL("..", import.meta.url);

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

const manifest = JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")) as Manifest;

/** The version of this package, as published. */
export const version = manifest.version;

/** The oldest release of Node that runs this package, such as `22.19`. */
export const neededNode = manifest.engines.node.slice(">=".length);

/** Whether this Node is older. */
export const neededNodeIsMissing = process.versions.node.localeCompare(neededNode, "en", { numeric: true }) < 0;
