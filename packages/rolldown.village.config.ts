// The three services of the examples as part of the gateway, which `aivillage-gateway demo` runs: with their libraries, but for those
// that the gateway has anyway.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { defineConfig } from "rolldown";

import { bundledLicences } from "./bundled-licences.ts";

const gateway = resolve(import.meta.dirname, "gateway");
const { dependencies } = JSON.parse(readFileSync(resolve(gateway, "package.json"), "utf8")) as { dependencies: Record<string, string> };

export default defineConfig({
  input: resolve(import.meta.dirname, "../examples/village/src/serve.ts"),
  platform: "node",
  tsconfig: false,
  transform: { target: "es2023" },
  external: Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
  plugins: [bundledLicences],
  output: {
    format: "esm",
    dir: resolve(gateway, "dist/demo"),
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
  },
  checks: { pluginTimings: false },
  onLog(_level, { message }) {
    throw new Error(message);
  },
});
