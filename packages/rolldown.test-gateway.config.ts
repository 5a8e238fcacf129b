// The sources of the gateway in a few files, for tests that start it many times: it loads in two thirds of the time.
import { resolve } from "node:path";

import { defineConfig, type Plugin } from "rolldown";

/** Libraries stay as they are, where each package of the workspace finds them. */
const libraries: Plugin = {
  name: "libraries",
  async resolveId(source, importer, options) {
    if (/^(\.|\/|node:|@aivillage\/)/.test(source)) return null;
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    return found === null || found.external !== false ? found : { id: found.id, external: "absolute" };
  },
};

export default defineConfig({
  input: resolve(import.meta.dirname, "gateway/src/cli.ts"),
  platform: "node",
  resolve: { conditionNames: ["@aivillage/source", "node", "import"], mainFields: ["main"] },
  tsconfig: false,
  plugins: [libraries],
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
