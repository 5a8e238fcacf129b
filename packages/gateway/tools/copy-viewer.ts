// Puts the viewer of the API into the build: its package would bring an install script to everybody who installs the gateway.
import { copyFileSync, mkdirSync } from "node:fs";

const source = new URL(".", import.meta.resolve("swagger-ui-dist/package.json"));
const target = new URL("../dist/viewer/", import.meta.url);
/** Under the name LICENSE it would be taken for that of the gateway when this package is packed, and the gateway's own would be missing. */
const renamed: Readonly<Record<string, string>> = { LICENSE: "swagger-ui-license.txt", NOTICE: "swagger-ui-notice.txt" };
mkdirSync(target, { recursive: true });
for (const name of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"])
  copyFileSync(new URL(name, source), new URL(renamed[name] ?? name, target));
