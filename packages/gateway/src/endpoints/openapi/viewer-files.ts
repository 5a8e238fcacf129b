import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { packageFolder } from "../../version.ts";

const require = createRequire(import.meta.url);

/** The files of swagger-ui-dist that the viewer needs. */
type ViewerFile = "swagger-ui.css" | "swagger-ui-bundle.js";

/** Reads a file of the viewer: from the build in the published package, from its own package in the repository. */
export function readViewerFile(name: ViewerFile): Buffer {
  const built = new URL(`dist/viewer/${name}`, packageFolder);
  return readFileSync(existsSync(built) ? built : require.resolve(`swagger-ui-dist/${name}`));
}
