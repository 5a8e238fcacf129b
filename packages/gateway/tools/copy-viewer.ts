// Puts the viewer of the API into the build: its package would bring an install script to everybody who installs the gateway.
import { copyFileSync, mkdirSync } from "node:fs";

import { viewerFileNames } from "../src/openapi/viewer-files.ts";

const target = new URL("../dist/openapi/viewer/", import.meta.url);
mkdirSync(target, { recursive: true });
for (const name of [...viewerFileNames, "LICENSE", "NOTICE"]) {
  copyFileSync(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)), new URL(name, target));
}
