// Regenerates what docs/ says about the settings: run it after a change of src/config/settings/schema.ts.
import { readFileSync, writeFileSync } from "node:fs";

import { generatedDocs } from "./generated-docs.ts";

const root = new URL("../../../", import.meta.url);
const page = readFileSync(new URL("docs/configuration.md", root), "utf8");
for (const [path, text] of Object.entries(generatedDocs(page))) {
  writeFileSync(new URL(path, root), text);
  process.stdout.write(`${path}\n`);
}
