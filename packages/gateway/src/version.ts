import { readFileSync } from "node:fs";

/** The folder that holds the manifest of this package, and its build. */
export const packageFolder = new URL("..", import.meta.url);

const manifest = JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")) as { version: string };

/** The version of this package, as published. */
export const version = manifest.version;
