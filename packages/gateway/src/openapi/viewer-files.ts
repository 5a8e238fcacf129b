import { existsSync, readFileSync } from "node:fs";

/** The files of swagger-ui-dist that the viewer needs. */
export const viewerFileNames = ["swagger-ui.css", "swagger-ui-bundle.js"] as const;

/** Reads a file of the viewer: beside this module in the published package, from its own package in the repository. */
export function readViewerFile(name: (typeof viewerFileNames)[number]): Buffer {
  const beside = new URL(`viewer/${name}`, import.meta.url);
  return readFileSync(existsSync(beside) ? beside : new URL(import.meta.resolve(`swagger-ui-dist/${name}`)));
}
