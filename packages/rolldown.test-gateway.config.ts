// The gateway and its libraries in a few files, for tests that start it many times: it loads in half of the processor time.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { defineConfig, type Plugin } from "rolldown";

/** Modules find the files of their package from where they were. */
const ownFiles: Plugin = {
  name: "own-files",
  transform(code, id) {
    if (!id.startsWith(import.meta.dirname) || id.includes("/node_modules/") || id.includes("/gateway/src/")) return null;
    return code.includes("import.meta.url") ? code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)) : null;
  },
};

export default defineConfig({
  input: resolve(import.meta.dirname, "gateway/src/cli.ts"),
  platform: "node",
  resolve: { conditionNames: ["@aivillage/source", "node"], mainFields: ["main"] },
  tsconfig: false,
  plugins: [ownFiles],
  output: {
    format: "esm",
    dir: resolve(import.meta.dirname, "gateway/.test-build"),
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
  },
  checks: { pluginTimings: false },
  onLog(_level, { message }) {
    throw new Error(message);
  },
});
