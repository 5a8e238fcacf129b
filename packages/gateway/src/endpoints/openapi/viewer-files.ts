import { existsSync, readFileSync } from "node:fs";

/** The files of swagger-ui-dist that the viewer needs. */
const viewerFiles = {
  "swagger-ui.css": () => import.meta.resolve("swagger-ui-dist/swagger-ui.css"),
  "swagger-ui-bundle.js": () => import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js"),
};

/** Reads a file of the viewer: beside this module in the published package, from its own package in the repository. */
export function readViewerFile(name: keyof typeof viewerFiles): Buffer {
  const beside = new URL(`viewer/${name}`, import.meta.url);
  return readFileSync(existsSync(beside) ? beside : new URL(viewerFiles[name]()));
}
